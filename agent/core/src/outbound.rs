//! What becomes of a batch once it is rendered, until the Drain has it or an account says why not.
//!
//! One machine, [`Outbound`], decides it all: what is held in memory, what is written when, what is posted, what is given
//! up, and what the accounts say, durably. A shell carries out [`spool::Job`]s and posts, and answers. Inside it,
//! [`delivery`] has the rules of posts and answers, [`spool`] those of files.

pub mod delivery;
mod machine;
pub mod pack;
pub mod spool;

pub use machine::{Input, Origin, Outbound, OutboundSettings, Output, Posting, Start};
