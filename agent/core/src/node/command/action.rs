//! What a command asks for.

use super::{FileName, FileUri, rfc3339_option};
use crate::base::ids::Ident;
use crate::base::run::{RunIdentity, RunKey};
use crate::base::tags::Tags;
use crate::base::time::Wall;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// See the module's head.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type")]
pub enum Action {
    /// Run a load test.
    #[serde(rename = "flood.start")]
    Start {
        /// The test.
        flood: Box<StartFlood>,
    },
    /// End a run, whether it is there already or not.
    #[serde(rename = "flood.stop")]
    Stop {
        /// Which one.
        flood: RunKey,
        /// From the stop to an empty process tree, s.
        grace_s: u32,
    },
    /// End all runs and the agent.
    #[serde(rename = "node.stop")]
    NodeStop,
}

/// One run of one load test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StartFlood {
    /// The load test.
    pub id: Ident,
    /// Number of this execution; grows with every one.
    pub run: u64,
    /// Customer account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Ident>,
    /// Project of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<Ident>,
    /// `jmeter`, `gatling`, …: what is installed decides.
    pub tool: Ident,
    /// Its version; any that is there when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_version: Option<Ident>,
    /// The file that the tool is given: one of `files`, or one that comes out of a `.zip` among them.
    pub plan: FileName,
    /// What the run needs.
    pub files: Vec<FileRef>,
    /// Virtual users of this node; the plan's own where absent.
    pub users: Option<u32>,
    /// Until all users are active, s; the plan's own where absent.
    pub ramp_up_s: Option<u64>,
    /// How long, s; the plan's own where absent.
    pub duration_s: Option<u64>,
    /// How often each user goes through the plan; the plan's own where absent.
    pub iterations: Option<u64>,
    /// The plan's parameters.
    pub parameters: BTreeMap<String, String>,
    /// Free tags, for the receipt. Left out where there are none: an older agent refuses a command with them.
    #[serde(skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// All nodes start the tool at this moment; at once where absent.
    #[serde(serialize_with = "rfc3339_option", skip_serializing_if = "Option::is_none")]
    pub start_at: Option<Wall>,
    /// Aggregation period, s.
    pub window_s: u32,
    /// The tool runs no longer than this, whatever the plan says, s.
    pub max_runtime_s: u64,
    /// How often, s, the node is to say how its run goes; not at all where absent. Left out then: an older agent refuses a command
    /// with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress_s: Option<u32>,
}

/// One file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileRef {
    /// Where it is put, below the run's directory. A `.zip` is unpacked there and not kept.
    pub name: FileName,
    /// Where it comes from.
    pub uri: FileUri,
    /// What it must hash to.
    pub sha256: Sha256,
}

/// A SHA-256 digest; 64 hex digits outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

impl StartFlood {
    /// What tells this run from any other on this node.
    #[must_use]
    pub fn key(&self) -> RunKey {
        RunKey { id: self.id.clone(), run: self.run }
    }

    /// What its rollups carry.
    #[must_use]
    pub fn identity(&self, grid: Option<&Ident>, region: Option<&Ident>) -> RunIdentity {
        RunIdentity {
            account: self.account.clone(),
            flood: self.id.clone(),
            project: self.project.clone(),
            grid: grid.cloned(),
            region: region.cloned(),
            run: self.run,
        }
    }
}

impl Sha256 {
    /// Reads 64 hex digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
