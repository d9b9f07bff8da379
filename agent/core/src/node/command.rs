//! Commands: what comes in through the queue, as values that were checked once.
//!
//! ```text
//! body ─▶ SNS envelope, or raw ─▶ signed wrapper, or plain ─▶ strict JSON ─▶ version, route ─▶ fields ─▶ Command
//! ```
//!
//! Limits: [`BODY_BYTES_MAX`] for a message, [`json::DEPTH_MAX`] levels; every list and text has a bound of its own.
//! Whatever is not known (a field, a type, a version) is refused with a sentence that names it: a command that is
//! half understood must not start a load test. The route is read before the rest, so that a command for another grid
//! that this agent cannot read is none of its business.
//!
//! The same types write commands ([`Command`] is `Serialize`); `schemas/command.schema.json` describes them to others.

mod action;
mod envelope;
mod error;
mod fields;
mod file_name;
pub mod json;
mod read;
mod refusal;
mod route;
mod signature;
mod uri;
mod value;
mod wrapping;

pub use action::{Action, FileRef, Sha256, StartFlood};
pub use error::CommandError;
pub use file_name::{FileName, FileNameError};
pub use refusal::Refusal;
pub use route::{NodeAddress, Route};
pub use signature::{VerifyKey, VerifyKeyError, sign_text, verify};
pub use uri::{FileUri, FileUriError};

use crate::base::ids::Ident;
use crate::base::time::Wall;
use serde::{Serialize, Serializer};

/// The largest message; SNS delivers none that is larger.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// The version that this agent reads and writes.
pub const VERSION: u64 = 1;

/// One command.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Command {
    /// Layout; always [`VERSION`].
    pub version: u64,
    /// Chosen by the sender; the same on every delivery of the same command.
    pub id: Ident,
    /// When it was made.
    #[serde(serialize_with = "rfc3339")]
    pub issued_at: Wall,
    /// Until when it may take effect.
    #[serde(serialize_with = "rfc3339")]
    pub valid_until: Wall,
    /// Whom it is for.
    pub route: Route,
    /// What is to be done.
    #[serde(flatten)]
    pub action: Action,
}

/// A message that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// First 8 bytes of SHA-256, 16 hex digits, that tell a repeat from another command of the same id: of the id, of whom
    /// it is for and of what it asks for, not of when it was made; of the text where that is no command.
    pub digest: String,
    /// The command, or why there is none.
    pub command: Result<Command, Box<Refusal>>,
}

/// Reads a message's body. With `keys` only commands pass that one of them has signed; without one a signature is not
/// looked at.
#[must_use]
pub fn read(body: &[u8], keys: &[VerifyKey]) -> Message {
    let (text, opened) = match envelope::open(body, keys) {
        Ok((text, json)) => (Some(text), Ok(json)),
        Err(error) => (None, Err(error)),
    };
    let command = match opened {
        Ok(json) => read::command(json),
        Err(error) => Err(Box::new(Refusal::of(error))),
    };
    let asked = command.as_ref().ok().and_then(asked);
    let text = text.as_deref().map_or(body, str::as_bytes);
    Message { digest: digest(asked.as_deref().unwrap_or(text)), command }
}

/// A command without its times: who sends it again, because nothing was heard of it, makes them anew. How often its run is to
/// be told of is no part of what is to be done, and who sends it again may ask for it otherwise.
fn asked(command: &Command) -> Option<Vec<u8>> {
    let mut action = command.action.clone();
    if let Action::Start { flood } = &mut action {
        flood.progress_s = None;
    }
    serde_json::to_vec(&(&command.id, &command.route, &action)).ok()
}

fn digest(text: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text);
    digest.as_ref().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

fn rfc3339<S: Serializer>(time: &Wall, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&crate::base::rfc3339::format(*time))
}

fn rfc3339_option<S: Serializer>(time: &Option<Wall>, to: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => rfc3339(time, to),
        None => to.serialize_none(),
    }
}

#[cfg(test)]
mod tests;
