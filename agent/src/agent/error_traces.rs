//! Error traces of a run, from whoever takes them to the session, and what its receipt says of them.

use super::driver::Driver;
use super::run_dir::tool_dir;
use super::task_report::TaskReport;
use crate::data::ingest::{IngestThread, IngestThreadError};

use crate::base::file_threads::FILES;
use crate::tool::{self, Left, ObjectSink, Prepared, TraceOptions, TraceSettings, TraceTo, left_in};
use gridnode_core::base::run::{RunKey, RunName};
use gridnode_core::node::Input;
use gridnode_core::run::receipt::DeliveryAccount;
use gridnode_core::run::trace_index::TraceIndex;
use gridnode_core::trace::{Pointer, TraceAccount};
use std::fs;
use std::sync::Arc;
use std::time::Duration;

/// For a count of what an earlier agent has left of a run's traces.
const COUNT_WAIT: Duration = Duration::from_secs(5);

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
        let account_file = Some(self.settings.places.trace_account(key));
        let (key, done) = (key.clone(), self.done.clone());
        let take = move |pointer, json| {
            done.blocking_send(TaskReport::Trace(key.clone(), Box::new(pointer), json)).is_ok()
        };
        let sink =
            ObjectSink { identity: identity.clone(), window_s, prefix: store.uri(""), take: Arc::new(take) };
        let whose = (identity, &self.settings.address.node);
        let to = TraceTo::Objects(sink);
        let key = Some(self.settings.trace_key(identity));
        let options = TraceOptions { key, ..self.settings.trace_options.clone() };
        let settings = TraceSettings::of(&options, whose, &prepared.files, to);
        Some(TraceSettings { account_file, ..settings })
    }

    pub(super) fn trace(&mut self, key: &RunKey, pointer: &Pointer, json: &[u8]) {
        let Some(slot) = self.runs.get(key).and_then(|run| run.slot) else { return };
        if !self.session.take_trace(slot, pointer, json) {
            // Its account says so, too.
            tracing::warn!(flood = %key.id, run = key.run, "a trace is lost: the disk takes nothing");
        }
    }

    pub(super) fn traces_taken(&mut self, key: RunKey, traces: Box<TraceIndex>) {
        let Some(run) = self.runs.get_mut(&key) else { return };
        let doubts = traces.doubts.clone();
        run.traces = Some(traces);
        for detail in doubts {
            self.tell(Input::Warning { run: key.clone(), warning: "tool", detail });
        }
    }

    /// Of a run of an earlier agent: what that had taken, and what became of it; what lay there for it to take is lost.
    pub(super) fn settle_before(&self, run: RunKey) {
        let account = self.session.account_of(&run.id, run.run);
        let before = self.session.trace_account_of(&run.id, run.run);
        let (places, done) = (self.settings.places.clone(), self.done.clone());
        let takes_any = self.settings.traces.is_some();
        tokio::spawn(async move {
            let of = run.clone();
            let count = move || {
                let noted = fs::read(places.trace_account(&of)).ok();
                let noted = noted.and_then(|json| serde_json::from_slice::<TraceAccount>(&json).ok());
                (left_in(&tool::traces_dir(&tool_dir(&places.find(&of).dir))), noted.unwrap_or_default())
            };
            let (left, noted) = if takes_any {
                FILES.within(COUNT_WAIT, count).await.unwrap_or_default()
            } else {
                Default::default()
            };
            let samples = if takes_any { account.total() } else { 0 };
            let traces = traces_before(before, left, noted, samples).map(Box::new);
            for detail in traces.iter().flat_map(|traces| traces.doubts.clone()) {
                let warning = Input::Warning { run: run.clone(), warning: "tool", detail };
                let _ = done.send(TaskReport::Input(warning)).await;
            }
            let _ = done.send(TaskReport::Input(Input::DeliverySettled { run, account, traces })).await;
        });
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

/// `noted`: what the earlier agent had counted beside those that it kept. Of the run's samples no more is known than how many there
/// were.
fn traces_before(
    before: Option<DeliveryAccount>,
    left: Left,
    noted: TraceAccount,
    samples: u64,
) -> Option<TraceIndex> {
    if before.is_none() && left == Left::default() && noted == TraceAccount::default() && samples == 0 {
        return None;
    }
    let account = before.unwrap_or_default();
    let (uploaded, waiting) = (account.delivered, account.spooled);
    let lost = account.total() - uploaded - waiting + left.traces + left.unwritten.traces + noted.lost;
    let mut index = TraceIndex::of(TraceAccount {
        captured: account.total(),
        slow: noted.slow,
        suppressed: noted.suppressed.saturating_add(left.suppressed),
        refused: noted.refused,
        lost,
        uploaded: Some(uploaded),
        waiting: Some(waiting),
    });
    if left.traces > 0 {
        let Left { traces, .. } = left;
        index.doubts.push(format!(
            "{traces} error traces were not taken, and count as lost: the agent ended before it had seen them"
        ));
    }
    // Which of them have failed has gone with the agent: with the samples that are in no count the most is known, and nothing more.
    let unknown = samples.saturating_sub(index.account.counted());
    if unknown > 0 {
        index.doubts.push(format!(
            "how many failed requests have no trace is not known: the agent was killed; {unknown} of {samples} samples, failed or not, are \
             in no count of error traces"
        ));
    }
    Some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_agent_had_not_taken_is_lost() {
        let none = TraceAccount::default();
        assert!(traces_before(None, Left::default(), none, 0).is_none());
        let noted = TraceAccount { captured: 2, suppressed: 20, refused: 4, lost: 1, ..none };
        let unwritten = serde_json::from_str(r#"{"unwritten":2}"#).unwrap();
        let TraceIndex { account, doubts, .. } =
            traces_before(None, Left { traces: 3, suppressed: 9, unwritten }, noted, 0).unwrap();
        assert_eq!((account.captured, account.lost, account.suppressed, account.refused), (0, 6, 29, 4));
        assert!(doubts[0].starts_with("3 error traces were not taken"), "{doubts:?}");
        let before = DeliveryAccount { delivered: 2, spooled: 1, evicted: 4, ..DeliveryAccount::default() };
        let TraceIndex { account, .. } =
            traces_before(Some(before), Left { traces: 3, ..Left::default() }, none, 0).unwrap();
        assert_eq!(
            (account.captured, account.lost, account.uploaded, account.waiting),
            (7, 7, Some(2), Some(1))
        );
    }

    #[test]
    fn what_failed_under_a_killed_agent_is_not_known_and_said_to_be() {
        let none = TraceAccount::default();
        let of = |samples| {
            let before = DeliveryAccount { delivered: 200, ..DeliveryAccount::default() };
            let noted = TraceAccount { suppressed: 60_540, ..none };
            traces_before(Some(before), Left::default(), noted, samples).unwrap()
        };
        let TraceIndex { account, doubts, .. } = of(71_027);
        assert_eq!((account.captured, account.suppressed, account.lost), (200, 60_540, 0));
        assert!(
            doubts.len() == 1
                && doubts[0].starts_with("how many failed requests have no trace is not known")
                && doubts[0].contains("10287 of 71027 samples"),
            "{doubts:?}"
        );
        assert_eq!(of(60_740).doubts, Vec::<String>::new(), "each is in a count");
        // Not even a count was left.
        let doubts = traces_before(None, Left::default(), none, 5).unwrap().doubts;
        assert!(doubts.len() == 1 && doubts[0].contains("5 of 5 samples"), "{doubts:?}");
    }
}
