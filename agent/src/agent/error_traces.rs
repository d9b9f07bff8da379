//! Error traces of a run, from whoever takes them to the session, and what its receipt says of them.

use super::driver::Driver;
use super::task_report::TaskReport;
use crate::data::ingest::{IngestThread, IngestThreadError};
use crate::tool::{ObjectSink, Prepared, TraceSettings, TraceTo};
use gridnode_core::base::run::{RunKey, RunName};
use gridnode_core::node::Input;
use gridnode_core::run::trace_index::TraceIndex;
use gridnode_core::trace::{Pointer, TraceAccount};
use std::sync::Arc;

/// The lines of published clients go to whoever takes the traces.
pub(super) fn with_lines(ingest: &IngestThread, slot: u32, settings: TraceSettings) -> TraceSettings {
    let failed = |error: &IngestThreadError| {
        tracing::warn!("traces that come as lines are not taken: {error}");
    };
    TraceSettings { lines: ingest.take_trace_lines(slot).inspect_err(failed).ok(), ..settings }
}

impl Driver {
    /// How traces of a run are taken; `None` where they are not.
    pub(super) fn trace_settings(&self, key: &RunKey, prepared: &Prepared) -> Option<TraceSettings> {
        let store = self.settings.traces.as_ref()?;
        let run = self.runs.get(key)?;
        let (identity, window_s) = (run.identity.as_ref()?, run.start.as_ref()?.window_s);
        let (key, done) = (key.clone(), self.done.clone());
        let take = move |pointer, json| {
            done.blocking_send(TaskReport::Trace(key.clone(), Box::new(pointer), json)).is_ok()
        };
        let sink =
            ObjectSink { identity: identity.clone(), window_s, prefix: store.uri(""), take: Arc::new(take) };
        Some(TraceSettings::of(
            &self.settings.trace_options,
            (identity, &self.settings.address.node),
            &prepared.files.final_dir,
            TraceTo::Objects(sink),
        ))
    }

    pub(super) fn trace(&mut self, key: &RunKey, pointer: &Pointer, json: &[u8]) {
        let Some(slot) = self.runs.get(key).and_then(|run| run.slot) else { return };
        if !self.session.take_trace(slot, pointer, json) {
            // Its account says so, too.
            tracing::warn!(flood = %key.id, run = key.run, "a trace is lost: the disk takes nothing");
        }
    }

    pub(super) fn traces_taken(&mut self, key: RunKey, traces: Option<Box<TraceIndex>>) {
        let Some(run) = self.runs.get_mut(&key) else { return };
        if traces.is_none() {
            let detail = "the run's error traces cannot be had: their directory does not answer".to_owned();
            self.tell(Input::Warning { run: key, warning: "tool", detail });
        } else {
            run.traces = traces;
        }
    }

    /// Of a run of an earlier agent: what that had taken, and what became of it.
    pub(super) fn traces_before(&self, run: &RunKey) -> Option<Box<TraceIndex>> {
        let account = self.session.trace_account_of(&run.id, run.run)?;
        let (uploaded, waiting) = (account.delivered, account.spooled);
        let captured = account.total();
        let lost = captured - uploaded - waiting;
        let (uploaded, waiting) = (Some(uploaded), Some(waiting));
        let account = TraceAccount { captured, lost, uploaded, waiting, ..TraceAccount::default() };
        Some(Box::new(TraceIndex::of(account)))
    }

    /// For the receipt: what is in the store, what waits, what is lost; of reasons only those whose object is there.
    pub(super) fn traces_of(&mut self, key: &RunKey, name: &RunName) -> Option<Box<TraceIndex>> {
        let run = self.runs.get_mut(key)?;
        let mut index = run.traces.take()?;
        let account = self.session.trace_account(name)?;
        let taken = &mut index.account;
        let (uploaded, waiting) = (account.delivered, account.spooled);
        (taken.uploaded, taken.waiting) = (Some(uploaded), Some(waiting));
        taken.lost += taken.captured.saturating_sub(uploaded + waiting);
        let session = &self.session;
        index.keep_examples(|location| {
            let id = location.rsplit('/').next().and_then(|file| file.strip_suffix(".json.gz"));
            id.is_some_and(|id| session.has_object(name, id))
        });
        Some(index)
    }
}
