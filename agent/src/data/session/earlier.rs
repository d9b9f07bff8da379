//! What an earlier process has left in memory.

use crate::data::carry::{Carried, Carry, Earlier};
use crate::data::spool::{SpoolContents, holds};
use gridnode_core::outbound::pack::Packed;
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

/// What is to be delivered, and what is noted of how far runs and sources were.
pub(super) fn taken_over(
    carry: Option<&Carry>,
    (incarnation, is_wanted): (u32, bool),
    rollup: &RollupSettings,
    state_dir: &Path,
    found: &mut SpoolContents,
) -> (Vec<Carried>, Earlier) {
    let (listing, released) = (&found.start.listing, &found.start.saved.released);
    let is_known = |run: &_, packed: &Packed| {
        holds(state_dir, listing, run, packed) || released.contains(&packed.content())
    };
    let taken = carry.map(|carry| carry.take_over(rollup, is_known)).unwrap_or_default();
    let mut earlier = Earlier::take(carry, is_wanted, state_dir, incarnation, &mut found.remarks);
    earlier.files.extend(taken.said);
    for (run, aggregated) in taken.aggregated.into_iter().chain(std::mem::take(&mut earlier.aggregated)) {
        let counted = &mut found.start.carried.entry(run).or_default().aggregated;
        *counted = aggregated.max(*counted);
    }
    for carried in &taken.batches {
        found.start.carried.entry(carried.run.clone()).or_default().samples += carried.packed.samples;
    }
    found.remarks.extend(taken.remarks);
    (taken.batches, earlier)
}
