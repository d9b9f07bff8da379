//! Accounts that must survive although the files they speak of do not.

use super::SpoolError;
use super::durable::write_durably;
use gridnode_core::outbound::delivery::BatchAccount;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Content of `counters.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedAccounts {
    /// By run (`<flood>.<run>`).
    pub runs: BTreeMap<String, BatchAccount>,
    /// Batches that are about to leave the spool and are counted above as gone.
    #[serde(default)]
    pub leaving: Vec<Leaving>,
}

/// A batch that leaves undelivered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    /// Its file name as a batch that is not a part.
    pub batch: String,
    /// Set: to the quarantine. Not set: for good.
    pub quarantine_reason: Option<String>,
}

impl SavedAccounts {
    /// None or an unreadable one is an empty one: accounts of the past are no reason not to start.
    pub(super) fn load(state_dir: &Path, remarks: &mut Vec<String>) -> Self {
        let path = state_dir.join("counters.json");
        let Ok(text) = std::fs::read(&path) else { return Self::default() };
        serde_json::from_slice(&text).unwrap_or_else(|error| {
            remarks.push(format!("{} is unreadable ({error}); counting starts anew", path.display()));
            Self::default()
        })
    }

    pub(super) fn store(&self, state_dir: &Path) -> Result<(), SpoolError> {
        let path = state_dir.join("counters.json");
        let text = serde_json::to_vec(self).map_err(|e| SpoolError::io("encode", &path, e.into()))?;
        write_durably(&path, &text)
    }
}
