//! Looking inside a running agent: one JSON document over a unix socket, `<state directory>/status.sock`.
//!
//! ```text
//! gridnode status ─connect─▶ server ─StatusRequest─▶ the agent's loop ─StatusDocument─▶ server ─one line, close─▶
//! ```
//!
//! Whoever connects gets the state of this moment; nothing is asked and nothing can be ordered. No TCP port is opened:
//! who may look is decided by the socket's mode (owner and group). The document is made by the agent's loop itself, so
//! a loop that is stuck shows as such, with the process that it is stuck in, and not as numbers that look fresh.

mod client;
mod concerns;
mod document;
mod server;
mod text;

pub use client::{StatusError, fetch};
pub use document::{
    DeliveryStatus, FetchStatus, HealthStatus, QueueStatus, RunView, ShownWarning, StatusDocument,
    WindowStatus,
};
pub use server::{StatusRequest, StatusServer, StatusServerError};

pub use text::render_status;

use std::path::{Path, PathBuf};

/// Layout that [`StatusDocument::version`] names.
pub const VERSION: u32 = 1;
/// The largest document: far above any (64 runs are some 64 KiB).
pub const DOCUMENT_BYTES_MAX: u64 = 1 << 20;
/// Warnings that are kept for the document; the log has all of them.
pub const WARNINGS_MAX: usize = 8;

/// Where the socket of an agent with this state directory is.
#[must_use]
pub fn socket_path(state_dir: &Path) -> PathBuf {
    state_dir.join("status.sock")
}

#[cfg(test)]
pub(crate) mod tests;
