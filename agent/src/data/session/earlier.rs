//! What an earlier process has left in memory.

use super::lost::Lost;
use crate::data::carry::{Carried, Carry, Earlier};
use crate::data::spool::{SpoolContents, SpoolError, holds};
use gridnode_core::outbound::pack::Packed;
use gridnode_core::rollup::RollupSettings;
use std::io::ErrorKind;
use std::path::Path;

/// What a process that was killed has left in memory, where there is such a place.
///
/// # Errors
/// When a process that lives works there.
pub(super) fn take_carry(
    nonce: &str,
    incarnation: u32,
    is_wanted: bool,
    state_dir: &Path,
) -> Result<Option<Carry>, SpoolError> {
    match Carry::open(state_dir, nonce, incarnation) {
        Ok(carry) => Ok(Some(carry)),
        Err(error) if error.kind() == ErrorKind::ResourceBusy => {
            Err(SpoolError::Copy { dir: state_dir.to_owned() })
        }
        // What an earlier process had counted is missed here, whether or not new files are wanted.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            tracing::warn!("{error}");
            Ok(None)
        }
        Err(error) => {
            if is_wanted {
                tracing::warn!(
                    "there is no place in memory for open windows ({error}): should this process be killed, what is in them is \
                     lost, counted; mend it, or, for an agent, set windows.snapshots = false"
                );
            }
            Ok(None)
        }
    }
}

/// What an earlier start has left is taken over in any case; whether there is more to come is another question.
pub(super) fn kept(carry: Option<Carry>, is_wanted: bool) -> Option<Carry> {
    if !is_wanted {
        carry.iter().for_each(Carry::close);
    }
    carry.filter(|_| is_wanted)
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

/// What the accounts have as lost, or aside.
pub(super) fn lost_in(found: &SpoolContents) -> Lost {
    let runs = found.start.saved.runs.values();
    runs.fold(Lost::default(), |sum, run| sum.plus(Lost::of(&run.account, run.lost_restart)))
}
