//! What a plan runs in, and what it may have left behind: a tree of processes that cannot outlive its run, files in
//! directories that a hostile plan has written to, and their removal.

pub mod canary;
pub mod empty_out;
pub(crate) mod foreign_file;
mod hand_over;
pub(crate) mod removal;
pub mod short_path;
pub mod slot;
pub mod supervise;
pub(crate) mod tail;

use slot::Slot;
use supervise::{LEASE_MS, OutOfReach};

/// Where the processes of one run are.
#[derive(Debug, Clone, Default)]
pub struct Cage {
    /// Marks them; unique to the run on this machine.
    pub marker: String,
    /// The unit and its user; `None` for below the agent, as its user.
    pub slot: Option<Slot>,
    /// What they must not be able to reach; only in a slot.
    pub out_of_reach: Option<OutOfReach>,
}

impl Cage {
    /// Below this process and as its user.
    #[must_use]
    pub fn here(marker: impl Into<String>) -> Self {
        Self { marker: marker.into(), ..Self::default() }
    }

    /// How long a run may go on without a word of the agent: in a slot. Elsewhere a person may have stopped this process, and means
    /// the run to go on.
    #[must_use]
    pub fn lease_ms(&self) -> Option<u64> {
        self.slot.is_some().then_some(LEASE_MS)
    }
}
