//! A command as it goes out: written, signed, and read back as a node reads it.

use super::build;
use super::settings::SendSettings;
use super::sign::SignKey;
use anyhow::bail;
use gridnode_core::node::command::{Action, Command, read};
use std::path::Path;

/// A command that nodes take, and its text.
#[derive(Debug)]
pub struct Message {
    command: Command,
    text: String,
}

impl Message {
    /// A command without files, made now.
    ///
    /// # Errors
    /// When no node would take it.
    pub fn new(action: Action, send: &SendSettings) -> anyhow::Result<Self> {
        Self::write(build::command(action, send)?, send.sign_key.as_deref())
    }

    /// Writes `command`, signed with the key in `sign_key`. It is read back with the very code that nodes read with.
    ///
    /// # Errors
    /// When no node would take it, or the key cannot be read.
    pub(super) fn write(command: Command, sign_key: Option<&Path>) -> anyhow::Result<Self> {
        let plain = serde_json::to_string(&command)?;
        let key = sign_key.map(SignKey::read).transpose()?;
        let text = key.as_ref().map_or_else(|| plain.clone(), |key| key.sign(&plain));
        let verify_key = key.as_ref().and_then(SignKey::verify_key);
        let back = match read(text.as_bytes(), verify_key.as_slice()).command {
            Ok(back) => back,
            Err(refusal) => bail!("no node would take this command: {}", refusal.error),
        };
        // Times are written to the millisecond.
        let same = serde_json::to_string(&back)? == plain;
        anyhow::ensure!(
            same,
            "the command reads differently from what was written: this is a fault of gridnode"
        );
        Ok(Self { command, text })
    }

    /// What nodes are asked for.
    #[must_use]
    pub fn command(&self) -> &Command {
        &self.command
    }

    /// What goes out.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}
