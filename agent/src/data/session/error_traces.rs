//! Error traces on their way beside the batches: each stored object's pointer is a batch of this session, and the object is
//! delivered when that is durable.

use super::{Phase, Session};
use crate::base::clock;
use crate::data::run_name::run_name;
use crate::data::spool::SpoolError;
use crate::data::traces::{TraceStoreSettings, TraceWay};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::{RunIdentity, RunName};
use gridnode_core::base::time::Mono;
use gridnode_core::run::receipt::DeliveryAccount;
use gridnode_core::trace::Pointer;

impl Session {
    /// From here on traces are taken, and those that an earlier start has left are sent; gives what is to be said of them.
    ///
    /// # Errors
    /// When their directory is unusable.
    pub fn open_traces(&mut self, settings: TraceStoreSettings) -> Result<Vec<String>, SpoolError> {
        let (traces, remarks) = TraceWay::start(&self.state_dir, self.rollup.clone(), settings)?;
        self.traces = Some(traces);
        Ok(remarks)
    }

    /// Takes a trace of the run in a slot. False when there is no room for it, or nobody takes any.
    pub fn take_trace(&mut self, slot: u32, pointer: &Pointer, json: &[u8]) -> bool {
        let name = self.name_of(&pointer.identity, slot);
        self.traces.as_mut().is_some_and(|traces| traces.take(&name, pointer, json))
    }

    /// What became of a run's traces, one "sample" each; `None` where nobody takes any.
    #[must_use]
    pub fn trace_account(&self, name: &RunName) -> Option<DeliveryAccount> {
        Some(self.traces.as_ref()?.account(name))
    }

    /// What became of the traces of a run of an earlier start; `None` where nobody takes any, or it had none.
    #[must_use]
    pub fn trace_account_of(&self, flood: &Ident, run: u64) -> Option<DeliveryAccount> {
        let account = self.traces.as_ref()?.fate_of(flood, run);
        (account.total() > 0).then_some(account)
    }

    /// Whether the object of a trace of this start is in the store.
    #[must_use]
    pub fn has_object(&self, name: &RunName, id: &str) -> bool {
        self.traces.as_ref().is_some_and(|traces| traces.has(name, id))
    }

    /// Traces that wait for the store, of all runs.
    #[must_use]
    pub fn waiting_traces(&self) -> u64 {
        self.traces.as_ref().map_or(0, TraceWay::waiting)
    }

    /// What keeps traces from the store, while they wait for it.
    #[must_use]
    pub fn traces_hindrance(&self) -> Option<&str> {
        self.traces.as_ref().and_then(TraceWay::hindrance)
    }

    fn name_of(&self, identity: &RunIdentity, slot: u32) -> RunName {
        run_name(identity, u64::from(self.incarnation), slot)
    }

    pub(super) fn last_chance(&mut self, deadline: Mono) {
        self.outbound.last_chance(clock::now(), deadline);
        self.traces.iter_mut().for_each(|traces| traces.last_chance(deadline));
    }

    /// Hands on what the two ways out have for each other, and what there is to say.
    pub(super) fn point_to_objects(&mut self) {
        let Some(traces) = &mut self.traces else { return };
        let stored = traces.stored();
        let any = !stored.is_empty();
        for stored in stored {
            let is_over = !traces.goes_on(&stored.run);
            self.outbound.pointer(clock::now(), stored, is_over);
        }
        for batch in self.outbound.pointed() {
            traces.kept(batch);
        }
        self.pending.extend(traces.told().into_iter().map(super::SessionEvent::Outbound));
        if any && self.phase == Phase::Flushing {
            // The flush may have been over; now there is more.
            self.outbound.flush(clock::now(), self.flush_until);
        }
    }

    /// Whether nothing more comes of the flush.
    pub(super) fn is_flushed(&self) -> bool {
        self.outbound.flushed() && self.traces.as_ref().is_none_or(TraceWay::flushed)
    }
}

/// Moves traces on; for good where there are none.
pub(super) async fn next_of(traces: &mut Option<TraceWay>) {
    match traces {
        Some(traces) => traces.next().await,
        None => std::future::pending().await,
    }
}
