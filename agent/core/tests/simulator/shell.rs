//! A shell that carries out what the node wants, badly.

use crate::disk::Write;
use crate::world::{Happening, World};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::{RunIdentity, RunKey};
use gridnode_core::base::time::{NS_PER_MS, NS_PER_S};
use gridnode_core::measure::failures::FailureCounts;
use gridnode_core::measure::ingest::{ClosedRun, LabelCounts, Strays};
use gridnode_core::measure::ledger::SampleAccount;
use gridnode_core::node::{Input, Output, RunNotes};
use gridnode_core::run::flood::Stage;
use gridnode_core::run::receipt::{DeliveryAccount, ToolEnd};
use gridnode_core::run::verdict::Verdict;
use std::sync::Arc;

/// From SIGKILL to an empty tree.
const KILL_MS: u64 = 500;

impl World {
    pub fn perform(&mut self, output: Output) {
        match output {
            Output::Persist { seq, line } => self.write(seq, Write::Append(line)),
            Output::Rewrite { seq, text } => self.write(seq, Write::Replace(text)),
            Output::DeleteMessage { receipt_handle } => self.delete(&receipt_handle),
            Output::Fetch { start } => {
                let run = start.key();
                self.checker.acts_on(&run, &self.disk.durable);
                self.checker.starts_at(&start);
                self.slow((0, 4_000), &run, |run| Input::Fetched { run });
            }
            Output::Prepare { start, .. } => {
                self.slow((100, 900), &start.key(), |run| Input::Prepared { run, changes: Vec::new() });
            }
            Output::StartTool { run } => self.start_tool(run),
            Output::StopTool { run, stage } => self.stop_tool(&run, stage),
            Output::CloseRun { run } => self.close(run),
            Output::Flush { run, until } => {
                if !self.lost() {
                    let most_ms = (until.since_ns(self.now.mono) / NS_PER_MS).min(10_000);
                    let account = DeliveryAccount { delivered: 10, ..DeliveryAccount::default() };
                    self.answer((0, most_ms), Input::DeliverySettled { run, account, traces: None });
                }
            }
            Output::Publish { event } => self.publish_event(*event),
            Output::StoreReceipt { id, .. } => {
                self.answer((10, 500), Input::ReceiptStored { id, location: "s3://b/k".into() });
            }
            Output::LeaveQueue => self.answer((10, 2_000), Input::QueueLeft),
            Output::Exit { clean, .. } => {
                self.checker.exits(clean, &self.disk.durable, &self.tools);
                let arrived = self.disk.crash(&mut self.random);
                self.checker.durable(&arrived);
                self.down();
            }
            Output::Discard { run } => self.checker.discarded(&run, &self.disk.durable),
            Output::CancelFetch { .. } | Output::StopListening => {}
        }
    }

    /// A shell that dies over an act is a crash; one that forgets it is a fault of its own that must not hold a run up.
    fn lost(&mut self) -> bool {
        self.is_wild() && self.random.chance(20)
    }

    fn write(&mut self, seq: u64, write: Write) {
        self.disk.push(seq, write);
        // A disk in trouble is slow as well, and meanwhile things go on.
        let slow = self.disk.is_refusing() || self.random.chance(30);
        let delay_ms = if slow { self.random.within(0, 3_000) } else { self.random.within(0, 8) };
        self.at(delay_ms * NS_PER_MS, Happening::DiskWorks);
    }

    fn delete(&mut self, handle: &str) {
        let message = handle.parse().expect("a handle of this queue");
        if let Some(published) = self.queue.get(&message) {
            self.checker.deletes(published, &self.disk.durable);
        }
        if !(self.is_wild() && self.random.chance(100)) {
            self.queue.remove(&message);
        }
    }

    fn slow(&mut self, ms: (u64, u64), run: &RunKey, done: impl FnOnce(RunKey) -> Input) {
        if self.lost() {
            return;
        }
        let fails = self.is_wild() && self.random.chance(50);
        let run = run.clone();
        let input = if fails { Input::NotReady { run, why: "404".into() } } else { done(run) };
        self.answer(ms, input);
    }

    fn start_tool(&mut self, run: RunKey) {
        let told = (self.incarnation, run.clone());
        self.checker.starts_tool(&told, &self.disk.durable, self.now);
        if self.is_wild() && self.random.chance(40) {
            let why = "no java".to_owned();
            return self.answer((1, 100), Input::ToolNotStarted { run, why });
        }
        // Seldom so late that the node has given it up.
        let most_ms = if self.random.chance(20) { 30_000 } else { 300 };
        let delay_ms = self.random.within(1, most_ms);
        let incarnation = self.incarnation;
        self.tools.pending.insert(run.clone(), false);
        self.at(delay_ms * NS_PER_MS, Happening::ToolStarts { incarnation, run });
    }

    /// Whoever was to start it may be gone, and then there is no tool.
    pub fn tool_starts(&mut self, incarnation: u64, run: RunKey) {
        if incarnation != self.incarnation || self.node.is_none() {
            self.tools.pending.remove(&run);
            return;
        }
        if !self.tools.start(&run, self.now.mono.0, &mut self.random) {
            return;
        }
        self.checker.tool_started(&run, &self.tools, self.runs_max);
        let longest_ms = self.random.pick(&[20, 2_000, 30_000, 300_000]);
        let lives_ms = self.random.within(1, longest_ms);
        self.at(lives_ms * NS_PER_MS, Happening::ToolEnds { run: run.clone() });
        self.tell(Input::ToolStarted { run, at_ns: self.now.wall.0 });
    }

    fn stop_tool(&mut self, run: &RunKey, stage: Stage) {
        let Some(tool) = self.tools.alive.get(run) else {
            if stage == Stage::Kill {
                self.call_off(run);
            }
            return;
        };
        if tool.obeys <= stage {
            let stuck_ms = if tool.stuck { 60_000 } else { 0 };
            let delay_ms = self.random.within(1, KILL_MS) + stuck_ms;
            self.at(delay_ms * NS_PER_MS, Happening::ToolEnds { run: run.clone() });
        }
    }

    /// Nothing is there, and after this answer nothing comes any more. A launcher that hangs does not answer.
    fn call_off(&mut self, run: &RunKey) {
        let hangs = self.random.chance(300);
        match self.tools.pending.get_mut(run).filter(|_| hangs) {
            Some(late) => *late = true,
            None => {
                self.tools.pending.remove(run);
                self.answer((0, 50), Input::TreeEmpty { run: run.clone(), end: None });
            }
        }
    }

    pub fn tool_ends(&mut self, run: &RunKey) {
        let Some(tool) = self.tools.alive.remove(run) else { return };
        let is_up = self.node.is_some();
        self.checker.tool_ended(run, &tool, self.now, is_up);
        let end = ToolEnd { code: Some(0), tree_empty: Some(true), ..ToolEnd::default() };
        self.answer((0, 20), Input::TreeEmpty { run: run.clone(), end: Some(end) });
    }

    fn close(&mut self, run: RunKey) {
        if self.lost() {
            return;
        }
        let closed = self.random.chance(900).then(|| Box::new(closed(&run)));
        let verdict = if self.random.chance(900) {
            Verdict::Completed
        } else {
            Verdict::Failed { reason: "no sample".to_owned() }
        };
        self.answer((0, 3_000), Input::RunClosed { run, closed, verdict, notes: RunNotes::default() });
    }

    fn publish_event(&mut self, event: gridnode_core::node::event::Event) {
        let id = event.id.clone();
        self.checker.publishes(&event, &self.disk.durable);
        match self.is_wild().then(|| self.random.within(0, 99)) {
            // It got through, and nobody knows.
            Some(0..10) => self.answer((10, 5_000), Input::EventFailed { id }),
            Some(10..12) => {}
            _ => self.answer((10, 300), Input::EventPublished { id }),
        }
    }

    /// Stops that became durable: their runs must be dead when their grace is over.
    pub fn expect_dead(&mut self, stops: Vec<(RunKey, u64)>) {
        for (run, grace_ms) in stops {
            let slack_ms = 3_000;
            let delay_ns = (grace_ms + slack_ms) * NS_PER_MS;
            let by_ns = self.now.mono.0 + delay_ns;
            self.at(delay_ns, Happening::MustBeDead { run, by_ns });
        }
    }

    /// An agent that was away in between has to be given the time to kill what it finds.
    pub fn must_be_dead(&mut self, run: RunKey, by_ns: u64) {
        let settled = self.checker.up_since_ns + 3 * NS_PER_S < self.now.mono.0;
        if self.node.is_none() || !settled {
            return self.at(NS_PER_S, Happening::MustBeDead { run, by_ns });
        }
        self.checker.must_be_dead(&run, &self.tools);
    }
}

fn closed(run: &RunKey) -> ClosedRun {
    let identity = RunIdentity {
        account: None,
        flood: run.id.clone(),
        project: None,
        grid: Some(Ident::near("9")),
        region: None,
        run: run.run,
    };
    let account = SampleAccount { sent: 12, received: 12, aggregated: 12, ..SampleAccount::default() };
    ClosedRun {
        run: 0,
        identity: Arc::new(identity),
        account,
        sent_exact: true,
        sources: Vec::new(),
        sources_beyond: 0,
        strays: Strays::default(),
        sample_span_ns: None,
        users_max: 1,
        requests: None,
        labels: LabelCounts::default(),
        failures: FailureCounts::default(),
        totals: None,
    }
}
