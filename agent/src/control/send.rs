//! The other side of the control plane: makes a command, uploads what it names, publishes it, and follows what the nodes
//! make of it.
//!
//! ```text
//! StartSettings ─▶ gather ─▶ hash ─▶ message ─▶ upload ─▶ message ─▶ Following ─▶ GridVerdict
//!                  (pack)            (checked)            (times)    (or publish)
//! ```
//!
//! What is sent is made of the same types that nodes read, and read back before it goes out, so a command that no node
//! would take is refused here. Nothing is written to a terminal: what happens is told to a [`Listener`].

mod beside;
mod build;
mod data_files;
mod files;
mod following;
mod inbox;
mod length;
mod message;
mod named;
mod news;
mod packages;
mod plan;
mod publish;
mod receipt;
mod settings;
mod sign;
mod start;
mod upload;

pub use following::{Following, Order, expected, patience};
pub use message::Message;
pub use news::{Listener, Misplaced, News};
pub use publish::publish;
pub use receipt::fetch_receipts;
pub use settings::{Along, Detect, FileSettings, FloodSettings, SendSettings, StartSettings, Starts};
pub use start::{Gathered, Start, gather};

#[cfg(test)]
mod tests;
