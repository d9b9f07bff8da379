//! What an earlier process has left in memory.

use crate::data::carry::{Carried, Carry};
use crate::data::spool::{SpoolContents, holds};
use gridnode_core::measure::ingest::RunProgress;
use gridnode_core::rollup::RollupSettings;
use std::path::Path;

/// What a process that was killed has left in memory, where there is such a place.
pub(super) fn take_carry(nonce: &str, incarnation: u32, is_wanted: bool) -> Option<Carry> {
    let failed = |error: &std::io::Error| {
        if !is_wanted {
            return;
        }
        tracing::warn!(
            "there is no place in memory for open windows ({error}): should this process be killed, what is in them is lost, \
             counted; mend it, or set windows.snapshots = false"
        );
    };
    Carry::open(nonce, incarnation).inspect_err(failed).ok()
}

/// What is to be delivered, and how far sources were that may come again.
pub(super) fn taken_over(
    carry: &Carry,
    rollup: &RollupSettings,
    state_dir: &Path,
    found: &mut SpoolContents,
) -> (Vec<Carried>, Vec<RunProgress>) {
    let listing = &found.start.listing;
    let taken = carry.take_over(rollup, |run, packed| holds(state_dir, listing, run, packed));
    for (run, aggregated) in taken.aggregated {
        found.start.carried.entry(run).or_default().aggregated = aggregated;
    }
    for carried in &taken.batches {
        found.start.carried.entry(carried.run.clone()).or_default().samples += carried.packed.samples;
    }
    found.remarks.extend(taken.remarks);
    (taken.batches, taken.progress)
}
