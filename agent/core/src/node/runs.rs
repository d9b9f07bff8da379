//! What happens to runs: inputs on their way to a run's machine, and a run's last word.

use super::Node;
use super::journal::Act;
use super::live_run::LiveRun;
use super::state::Change;
use super::types::{CHANGES_MAX, Input, Output};
use crate::base::run::RunKey;
use crate::base::time::{Now, Wall};
use crate::node::event::{EventBody, clip};
use crate::run::flood::{FloodInput, Phase, Stage};
use crate::run::outcome::Outcome;

/// Warnings of one run that become events.
const WARNINGS_MAX: u32 = 32;

impl Node {
    pub(super) fn run_input(&mut self, now: Now, input: Input) {
        match input {
            Input::Fetched { run } => self.flood(now, &run, FloodInput::Fetched),
            Input::Prepared { run, changes } => {
                self.with(&run, |live| {
                    live.changes = changes.iter().take(CHANGES_MAX).map(|change| clip(change)).collect();
                });
                self.flood(now, &run, FloodInput::Prepared);
            }
            Input::NotReady { run, why } => {
                self.with(&run, |live| {
                    // A fetch that was cancelled also ends without files: that is not its fault.
                    if live.flood.phase() < Phase::Starting {
                        live.fault(clip(&why));
                    }
                });
                self.flood(now, &run, FloodInput::NotReady);
            }
            Input::ToolStarted { run, at_ns } => self.tool_started(now, &run, at_ns),
            Input::ToolNotStarted { run, why } => {
                self.with(&run, |live| live.fault(clip(&format!("the tool could not be started: {why}"))));
                self.flood(now, &run, FloodInput::ToolNotStarted);
            }
            Input::ToolExpired { run } => self.flood(now, &run, FloodInput::Expired),
            Input::TreeEmpty { run, end } => {
                self.with(&run, |live| {
                    live.times.tree_empty_ns.get_or_insert(now.wall.0);
                    live.tool_end = live.tool_end.or(end);
                });
                self.flood(now, &run, FloodInput::TreeEmpty);
            }
            Input::RunClosed { run, closed, verdict, notes } => {
                self.with(&run, |live| {
                    (live.closed, live.verdict, live.notes) = (closed, Some(verdict), notes);
                });
                self.flood(now, &run, FloodInput::IngestClosed);
            }
            Input::DeliverySettled { run, account, traces } => {
                self.with(&run, |live| (live.account, live.traces) = (Some(account), traces));
                self.flood(now, &run, FloodInput::DeliverySettled);
            }
            Input::Warning { run, warning, detail } => self.warning(now, &run, warning, &detail),
            _ => {}
        }
    }

    pub(super) fn with(&mut self, run: &RunKey, change: impl FnOnce(&mut LiveRun)) {
        if let Some(live) = self.live.get_mut(run) {
            change(live);
        }
    }

    fn flood(&mut self, now: Now, run: &RunKey, input: FloodInput) {
        self.with(run, |live| live.flood.handle(now.mono, input));
    }

    fn tool_started(&mut self, now: Now, run: &RunKey, at_ns: i64) {
        let Some(live) = self.live.get_mut(run).filter(|live| !live.is_past_tools()) else {
            // It was given up: whatever came after all has to go.
            self.outputs.push_back(Output::StopTool { run: run.clone(), stage: Stage::Kill });
            return;
        };
        if live.times.tool_started_ns.replace(at_ns).is_some() {
            return;
        }
        live.flood.handle(now.mono, FloodInput::ToolStarted);
        let body = EventBody::FloodRunning {
            tool_started_at: crate::base::rfc3339::format(Wall(at_ns)),
            start_skew_ms: live.start_skew_ms(),
            changes: live.changes.clone(),
        };
        let event = self.run_event(now, run, body);
        self.write([Change::ToolStarted { run: run.clone(), at_ns }].into_iter().chain(event).collect());
    }

    fn warning(&mut self, now: Now, run: &RunKey, warning: &str, detail: &str) {
        let Some(live) = self.live.get_mut(run) else { return };
        live.warnings += 1;
        if live.warnings > WARNINGS_MAX {
            self.counters.events_dropped += 1;
            return;
        }
        let body = EventBody::FloodWarning {
            warning: warning.to_owned(),
            detail: clip(&self.settings.redactors.of(run.id.as_str(), run.run).text(detail)),
        };
        let event = self.run_event(now, run, body);
        self.write(event.into_iter().collect());
    }

    /// The run is over: its receipt and its end are one line, so that there is never one without the other.
    pub(super) fn finish(&mut self, now: Now, run: &RunKey) {
        let Some(mut live) = self.live.remove(run) else { return };
        self.counters.finished += 1;
        let redactor = self.settings.redactors.of(run.id.as_str(), run.run);
        let receipt = live.receipt(&self.settings.address.node, &redactor);
        let (outcome, reason) = match &receipt.outcome {
            Outcome::Completed => ("completed", None),
            Outcome::Stopped(why) => ("stopped", Some(clip(why))),
            Outcome::Failed(why) => ("failed", Some(clip(why))),
            Outcome::Expired(why) => ("expired", Some(clip(why))),
            Outcome::AssertionsFailed(why) => ("assertions_failed", Some(clip(why))),
        };
        let body = EventBody::FloodFinished {
            outcome: outcome.to_owned(),
            reason,
            // Numbers, texts and lists of them: there is nothing that JSON could not say.
            receipt: serde_json::to_value(&receipt).ok(),
            receipt_location: None,
            sources_omitted: None,
        };
        let event = self.event(now, body, |event| {
            event.command_id = Some(live.command_id);
            event.flood = Some(live.key.id);
            event.run = Some(live.key.run);
        });
        self.write([Change::RunFinished { run: run.clone() }].into_iter().chain(event).collect());
        self.journal.after(Act::Discard(run.clone()));
    }
}
