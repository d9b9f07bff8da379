//! One run while it lives: its phase, its times, and what its receipt will say.

use super::state::RunRecord;
use super::types::{LOG_TAIL_LINES_MAX, Output, RunNotes};
use crate::base::ids::Ident;
use crate::base::run::{RunIdentity, RunKey};
use crate::base::tags::Tags;
use crate::base::time::{Mono, NS_PER_MS, NS_PER_S, Now, Wall};
use crate::measure::failures::FailureCounts;
use crate::measure::ingest::{ClosedRun, LabelCounts, Strays};
use crate::measure::ledger::SampleAccount;
use crate::node::command::StartFlood;
use crate::node::event::clip;
use crate::run::flood::{Flood, FloodInput, FloodOutput, FloodSettings, Phase, Stage, StopReason};
use crate::run::outcome::{Ending, Outcome};
use crate::run::receipt::{DeliveryAccount, Receipt, RunTimes, ToolEnd};
use crate::run::silence::drops_what_is_under_way;
use crate::run::trace_index::TraceIndex;
use crate::run::verdict::Verdict;
use crate::trace::redact::Redactor;
use std::collections::VecDeque;
use std::sync::Arc;

/// A clock that is set back must not make a run wait for ever.
const READY_NS_MAX: u64 = 2 * 3_600 * NS_PER_S;
const ASKED: StopReason = StopReason::Asked { signal: None };

#[derive(Debug)]
pub(super) struct LiveRun {
    pub(super) key: RunKey,
    pub(super) command_id: Ident,
    pub(super) flood: Flood,
    pub(super) times: RunTimes,
    pub(super) tool_end: Option<ToolEnd>,
    pub(super) closed: Option<Box<ClosedRun>>,
    pub(super) verdict: Option<Verdict>,
    pub(super) notes: RunNotes,
    pub(super) account: Option<DeliveryAccount>,
    pub(super) traces: Option<Box<TraceIndex>>,
    /// What was changed in the plan.
    pub(super) changes: Vec<String>,
    /// Warnings that were made into events.
    pub(super) warnings: u32,
    /// Its tool says nothing of requests that are under way at its end.
    drops_under_way: bool,
    identity: RunIdentity,
    tags: Tags,
    /// What to run; `None` for what an earlier agent left.
    start: Option<Arc<StartFlood>>,
    /// The command is durable: the run may act.
    begun: bool,
    /// A stop that came before that.
    stop_wanted: Option<(u64, String)>,
    /// A stop is on its way to the disk: the tool must not be started any more.
    held: bool,
    stop_why: Option<String>,
    /// The first thing that went wrong.
    fault: Option<String>,
    valid_until: Option<Wall>,
    ready_by: Option<Mono>,
    start_due: Option<Mono>,
}

impl LiveRun {
    pub(super) fn new(
        record: &RunRecord,
        identity: RunIdentity,
        start: Arc<StartFlood>,
        valid_until: Wall,
        settings: FloodSettings,
    ) -> Self {
        let runtime_max_ms = Some(start.max_runtime_s.saturating_mul(1_000));
        let flood = Flood::new(FloodSettings { runtime_max_ms, ..settings });
        let drops_under_way = drops_what_is_under_way(start.tool.as_str());
        Self {
            drops_under_way,
            start: Some(start),
            valid_until: Some(valid_until),
            ..Self::of(record, identity, flood)
        }
    }

    /// What an earlier agent left.
    pub(super) fn recovered(
        record: &RunRecord,
        identity: RunIdentity,
        settings: FloodSettings,
        now: Mono,
    ) -> Self {
        let flood = Flood::recovered(settings, now);
        let was = match record.tool_started_ns {
            Some(_) => "while the tool was running",
            None => "before the tool was seen running",
        };
        let fault = format!(
            "lost in a restart: the agent ended {was}; the ledger has what it had counted until a moment before, and what the \
             tool sent afterwards is in no count"
        );
        Self { begun: true, fault: Some(fault), ..Self::of(record, identity, flood) }
    }

    fn of(record: &RunRecord, identity: RunIdentity, flood: Flood) -> Self {
        let times = RunTimes {
            command_received_ns: Some(record.received_ns),
            start_at_ns: record.start_at_ns,
            tool_started_ns: record.tool_started_ns,
            ..RunTimes::default()
        };
        Self {
            key: record.run.clone(),
            command_id: record.command_id.clone(),
            flood,
            times,
            tool_end: None,
            closed: None,
            verdict: None,
            notes: RunNotes::default(),
            account: None,
            traces: None,
            changes: Vec::new(),
            warnings: 0,
            drops_under_way: false,
            tags: record.tags.clone(),
            identity,
            start: None,
            begun: false,
            stop_wanted: None,
            held: false,
            stop_why: None,
            fault: None,
            valid_until: None,
            ready_by: None,
            start_due: None,
        }
    }

    /// The command is durable.
    pub(super) fn begin(&mut self, now: Now) {
        self.begun = true;
        self.ready_by = Some(now.mono.plus_ns(READY_NS_MAX));
        self.flood.handle(now.mono, FloodInput::Fetch);
        if self.valid_until.is_some_and(|until| until < now.wall) {
            self.fault("the command could not be made durable before valid_until".to_owned());
            self.flood.handle(now.mono, FloodInput::NotReady);
        }
        if let Some((grace_ms, why)) = self.stop_wanted.take() {
            self.stop(now, grace_ms, &why);
        }
    }

    pub(super) fn hold(&mut self) {
        self.held = true;
    }

    pub(super) fn stop(&mut self, now: Now, grace_ms: u64, why: &str) {
        self.held = true;
        self.times.stop_asked_ns.get_or_insert(now.wall.0);
        if !self.begun {
            self.stop_wanted.get_or_insert((grace_ms, why.to_owned()));
            return;
        }
        self.stop_why.get_or_insert_with(|| why.to_owned());
        self.flood.handle(now.mono, FloodInput::StopWithin(ASKED, grace_ms));
    }

    /// Notes what went wrong, the first time.
    pub(super) fn fault(&mut self, why: String) {
        self.fault.get_or_insert(why);
    }

    /// Whether a tool of this run, seen now, has no business to be there.
    pub(super) fn is_past_tools(&self) -> bool {
        self.flood.phase() >= Phase::Closing
    }

    /// Time has passed: deadlines, and the start that all nodes have in common.
    pub(super) fn advance(&mut self, now: Now) {
        self.flood.handle(now.mono, FloodInput::Tick);
        self.start_due = None;
        if self.flood.phase() != Phase::Ready || self.held {
            return;
        }
        if self.ready_by.is_some_and(|by| by <= now.mono) {
            self.fault("start_at did not come within two hours: was the clock set back?".to_owned());
            self.flood.handle(now.mono, FloodInput::NotReady);
            return;
        }
        let wait_ns = self.start.as_ref().and_then(|start| start.start_at).map_or(0, |at| at.0 - now.wall.0);
        match u64::try_from(wait_ns) {
            Ok(wait_ns) if wait_ns > 0 => self.start_due = Some(now.mono.plus_ns(wait_ns)),
            _ => self.flood.handle(now.mono, FloodInput::Start),
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Mono> {
        let waiting = self.flood.phase() == Phase::Ready;
        let ready_by = self.ready_by.filter(|_| waiting && !self.held);
        [self.flood.next_deadline(), self.start_due, ready_by].into_iter().flatten().min()
    }

    /// Turns what its machine wants into outputs; true when it is over.
    pub(super) fn drain(&mut self, now: Now, outputs: &mut VecDeque<Output>) -> bool {
        let mut over = false;
        while let Some(output) = self.flood.poll_output() {
            let run = self.key.clone();
            let output = match output {
                FloodOutput::Finished => {
                    over = true;
                    self.times.flushed_ns = Some(now.wall.0);
                    continue;
                }
                FloodOutput::Fetch => self.start.clone().map(|start| Output::Fetch { start }),
                FloodOutput::Prepare => {
                    let identity = self.identity.clone();
                    self.start.clone().map(|start| Output::Prepare { start, identity })
                }
                FloodOutput::CancelFetch => Some(Output::CancelFetch { run }),
                FloodOutput::Spawn => Some(Output::StartTool { run }),
                FloodOutput::AskToFinish => Some(Output::StopTool { run, stage: Stage::Finish }),
                FloodOutput::AskToStopNow => Some(Output::StopTool { run, stage: Stage::StopNow }),
                FloodOutput::Terminate => Some(Output::StopTool { run, stage: Stage::Terminate }),
                FloodOutput::KillTree => Some(Output::StopTool { run, stage: Stage::Kill }),
                FloodOutput::CloseIngest => Some(Output::CloseRun { run }),
                FloodOutput::FlushUntil(until) => Some(Output::Flush { run, until }),
            };
            outputs.extend(output);
        }
        if self.flood.stop_reason().is_some() {
            self.times.stop_asked_ns.get_or_insert(now.wall.0);
        }
        over
    }

    /// The achieved skew: when the tool started less when it should have, ms.
    pub(super) fn start_skew_ms(&self) -> Option<i64> {
        let (started, wanted) = (self.times.tool_started_ns?, self.times.start_at_ns?);
        Some((started - wanted) / NS_PER_MS as i64)
    }

    /// Its last word.
    pub(super) fn receipt(&mut self, node: &Ident, redactor: &Redactor) -> Receipt {
        let outcome = self.outcome();
        let mut account = self.account.unwrap_or_default();
        let closed = self.closed.take();
        let closed = closed.map_or_else(|| self.nothing_closed(account.total()), |closed| *closed);
        // Where delivery has spoken, its account stands as it is: should it not add up, the receipt says so.
        if self.account.is_none() {
            // It did not come in time: what it had not delivered is in the spool.
            account.spooled = closed.account.aggregated;
        }
        let mut receipt = Receipt::new(node.as_str(), closed, outcome, account);
        let (first, last) = (receipt.times.first_sample_ns, receipt.times.last_sample_ns);
        receipt.times = RunTimes { first_sample_ns: first, last_sample_ns: last, ..self.times };
        receipt.health = self.notes.health.take();
        let mut warnings = std::mem::take(&mut self.notes.warnings);
        if let Some(traces) = self.traces.take() {
            traces.tell(&mut receipt);
            // Most were said when the tool ended.
            receipt.warnings.retain(|doubt| !warnings.contains(doubt));
            warnings.append(&mut receipt.warnings);
        }
        receipt.changes.clone_from(&self.changes);
        receipt.tags.clone_from(&self.tags);
        receipt.warnings = warnings.iter().map(|warning| clip(warning)).collect();
        if self.drops_under_way {
            receipt.look_for_silence();
        }
        if matches!(receipt.outcome, Outcome::Failed(_)) {
            let lines = std::mem::take(&mut self.notes.log_tail);
            let skipped = lines.len().saturating_sub(LOG_TAIL_LINES_MAX);
            receipt.log_tail = lines.iter().skip(skipped).map(|line| clip(line)).collect();
        }
        let tree_empty = |end: ToolEnd| if self.flood.tree_gone() { end.tree_empty } else { Some(false) };
        // A later agent looks for what is left of a tool that may never have been started.
        let was_there = |end: &ToolEnd| {
            self.times.tool_started_ns.is_some() || ToolEnd { tree_empty: None, ..*end } != ToolEnd::default()
        };
        receipt.tool =
            self.tool_end.filter(was_there).map(|end| ToolEnd { tree_empty: tree_empty(end), ..end });
        receipt.hide_secrets(redactor);
        receipt
    }

    fn outcome(&self) -> Outcome {
        Outcome::of(Ending {
            fault: self.fault.clone(),
            flood: &self.flood,
            verdict: self.verdict.as_ref(),
            tool_started: self.times.tool_started_ns.is_some(),
            stop_why: self.stop_why.clone().unwrap_or_else(|| "asked to".to_owned()),
            expired_why: "the longest time that it may run was over".to_owned(),
        })
    }

    /// Where the account was lost in a restart, what delivery knows of is the least that there was.
    fn nothing_closed(&self, aggregated: u64) -> ClosedRun {
        ClosedRun {
            run: 0,
            identity: Arc::new(self.identity.clone()),
            account: SampleAccount {
                received: aggregated,
                unattributed: aggregated,
                aggregated,
                ..SampleAccount::default()
            },
            sent_exact: false,
            sources: Vec::new(),
            sources_beyond: 0,
            strays: Strays::default(),
            sample_span_ns: None,
            users_max: 0,
            requests: None,
            labels: LabelCounts::default(),
            failures: FailureCounts::default(),
            totals: None,
        }
    }

    /// When the command asked the tool to start.
    pub(super) fn start_at(&self) -> Option<Wall> {
        self.times.start_at_ns.map(Wall)
    }
}
