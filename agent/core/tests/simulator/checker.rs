//! The rules of a node, watched from outside: by what it does and what is on the disk, never by what it says of itself.

use crate::commands::Published;
use crate::tools::{Tool, Tools};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunKey;
use gridnode_core::base::time::{Mono, NS_PER_S, Now};
use gridnode_core::node::command::StartFlood;
use gridnode_core::node::event::{Event, EventBody};
use gridnode_core::node::{Change, State};
use std::collections::{BTreeMap, BTreeSet};

/// The stages of a stop that nobody set a grace for, a second for the kill, and what the disk takes.
const STAGES_NS: u64 = 22 * NS_PER_S;

#[derive(Default)]
pub struct Checker {
    pub coverage: Coverage,
    pub up_since_ns: u64,
    /// Stops that an agent of this incarnation was told of, durable or not.
    pub heard_stops: BTreeSet<(u64, RunKey)>,
    /// Runs whose stop was ever durable.
    stopped: BTreeSet<RunKey>,
    /// What was said of a command: accepted or refused, once.
    verdicts: BTreeMap<Ident, String>,
    /// Runs that were ever durable.
    accepted: BTreeSet<RunKey>,
    /// What was published, by id.
    events: BTreeMap<String, Event>,
    receipts: BTreeMap<RunKey, BTreeSet<String>>,
    start_at_ns: BTreeMap<RunKey, i64>,
    runtime_max_ns: BTreeMap<RunKey, u64>,
}

/// What was seen to happen.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    pub crashes: u64,
    pub disk_failures: u64,
    pub tools: u64,
    pub repeated_events: u64,
    pub clean_exits: u64,
    pub hurried_exits: u64,
    pub stops_checked: u64,
    pub hangs: u64,
    /// Stops that were obeyed, or had nothing to end, while the disk did not answer.
    pub obeyed_in_hang: u64,
    pub outcomes: BTreeMap<String, u64>,
    pub refusals: BTreeMap<String, u64>,
    pub lost_in_restart: u64,
}

impl Coverage {
    pub fn add(&mut self, other: &Self) {
        self.crashes += other.crashes;
        self.disk_failures += other.disk_failures;
        self.tools += other.tools;
        self.repeated_events += other.repeated_events;
        self.clean_exits += other.clean_exits;
        self.hurried_exits += other.hurried_exits;
        self.stops_checked += other.stops_checked;
        self.hangs += other.hangs;
        self.obeyed_in_hang += other.obeyed_in_hang;
        self.lost_in_restart += other.lost_in_restart;
        for (own, others) in [(&mut self.outcomes, &other.outcomes), (&mut self.refusals, &other.refusals)] {
            others.iter().for_each(|(name, n)| *own.entry(name.clone()).or_default() += n);
        }
    }

    pub fn assert_whole(&self) {
        let numbers = [
            self.crashes,
            self.disk_failures,
            self.tools,
            self.repeated_events,
            self.clean_exits,
            self.stops_checked,
            self.hangs,
            self.obeyed_in_hang,
            self.lost_in_restart,
        ];
        assert!(numbers.iter().all(|n| *n > 10), "some things hardly happened");
        for outcome in ["completed", "stopped", "failed", "expired"] {
            assert!(self.outcomes.contains_key(outcome), "no run has {outcome}");
        }
        for reason in [
            "busy",
            "stale_run",
            "stopped",
            "expired",
            "syntax",
            "unknown_type",
            "bad_value",
            "node_stopping",
        ] {
            assert!(self.refusals.contains_key(reason), "nothing was refused as {reason}");
        }
    }
}

impl Checker {
    /// These changes are durable now. Returns the stops among them with their grace in ms.
    pub fn durable(&mut self, changes: &[Change]) -> Vec<(RunKey, u64)> {
        let mut stops = Vec::new();
        for change in changes {
            match change {
                Change::RunOpened(record) => drop(self.accepted.insert(record.run.clone())),
                // The longest grace that the commands here have.
                Change::Tombstone { run, .. } => {
                    self.stopped.insert(run.clone());
                    stops.push((run.clone(), 30_000));
                }
                _ => {}
            }
        }
        stops
    }

    pub fn restarted(&mut self, restored: &State) {
        for record in restored.runs() {
            assert!(self.accepted.contains(&record.run), "{} came from nowhere", record.run);
        }
    }

    pub fn deletes(&mut self, published: &Published, durable: &State) {
        let Some(name) = &published.seen_as else { return };
        assert!(durable.seen(name).is_some(), "a message was deleted before `{name}` was durable");
    }

    pub fn acts_on(&mut self, run: &RunKey, durable: &State) {
        let known = durable.runs().any(|record| record.run == *run);
        assert!(known, "{run} was acted on before it was durable");
    }

    pub fn starts_at(&mut self, start: &StartFlood) {
        let run = start.key();
        self.runtime_max_ns.insert(run.clone(), start.max_runtime_s * NS_PER_S);
        if let Some(at) = start.start_at {
            self.start_at_ns.insert(run, at.0);
        }
    }

    pub fn starts_tool(&mut self, told: &(u64, RunKey), durable: &State, now: Now) {
        let run = &told.1;
        self.acts_on(run, durable);
        assert!(!self.heard_stops.contains(told), "{run} is started after its stop was heard");
        assert!(!self.stopped.contains(run), "{run} is started after its stop was durable");
        let at_ns = self.start_at_ns.get(run);
        assert!(at_ns.is_none_or(|at_ns| *at_ns <= now.wall.0), "{run} is started before start_at");
    }

    pub fn tool_started(&mut self, run: &RunKey, tools: &Tools, runs_max: usize) {
        self.coverage.tools += 1;
        assert_eq!(tools.starts[run], 1, "the tool of {run} was started again");
        // One that not even SIGKILL ends is reported and must not block the node.
        let alive = tools.alive.values().filter(|tool| !tool.stuck && !tool.late).count();
        assert!(alive <= runs_max, "{alive} tools at once, but runs_max is {runs_max}");
    }

    /// An agent that is away, or was, cannot end a tool in time.
    pub fn tool_ended(&mut self, run: &RunKey, tool: &Tool, now: Now, is_up: bool) {
        let since_ns = now.mono.since_ns(Mono(tool.started_ns));
        let max_ns = self.runtime_max_ns.get(run).copied().unwrap_or(0) + STAGES_NS;
        let watched = is_up && tool.started_ns >= self.up_since_ns && !tool.stuck;
        assert!(!watched || since_ns <= max_ns, "{run} outlived max_runtime_s");
    }

    pub fn must_be_dead(&mut self, run: &RunKey, tools: &Tools) {
        self.coverage.stops_checked += 1;
        let alive = tools.alive.get(run).is_some_and(|tool| !tool.stuck);
        assert!(!alive, "{run} lives on although it was stopped");
    }

    pub fn must_have_obeyed(&mut self, run: &RunKey, tools: &Tools, disk_hangs: bool) {
        self.coverage.stops_checked += 1;
        self.coverage.obeyed_in_hang += u64::from(disk_hangs);
        let alive = tools.alive.get(run).is_some_and(|tool| !tool.stuck && !tool.late);
        assert!(!alive, "{run} lives on although its stop was taken");
    }

    pub fn publishes(&mut self, event: &Event, durable: &State) {
        let known = durable.outbox().any(|entry| entry.event.id == event.id);
        assert!(known, "{} was published before it was durable", event.id);
        if let Some(before) = self.events.insert(event.id.clone(), event.clone()) {
            assert_eq!(before, *event, "two copies of an event differ");
            self.coverage.repeated_events += 1;
            return;
        }
        let verdict =
            matches!(event.body, EventBody::FloodAccepted { .. } | EventBody::CommandRefused { .. });
        if let Some(id) = event.command_id.clone().filter(|_| verdict) {
            let before = self.verdicts.insert(id, event.to_json());
            assert_eq!(before, None, "a second verdict on one command: {}", event.to_json());
        }
        match &event.body {
            EventBody::FloodFinished { outcome, reason, receipt, .. } => {
                assert!(receipt.is_some());
                let lost = reason.as_ref().is_some_and(|reason| reason.starts_with("lost in a restart"));
                self.coverage.lost_in_restart += u64::from(lost);
                *self.coverage.outcomes.entry(outcome.clone()).or_default() += 1;
                let flood = event.flood.clone().expect("a receipt names its flood");
                let run = RunKey { id: flood, run: event.run.expect("a receipt names its run") };
                self.receipts.entry(run).or_default().insert(event.to_json());
            }
            EventBody::CommandRefused { reason, .. } => {
                *self.coverage.refusals.entry(reason.clone()).or_default() += 1;
            }
            _ => {}
        }
    }

    pub fn discarded(&mut self, run: &RunKey, durable: &State) {
        let open = durable.runs().any(|record| record.run == *run);
        assert!(!open, "the directory of {run} went before its receipt was durable");
    }

    pub fn exits(&mut self, clean: bool, durable: &State, tools: &Tools) {
        if clean {
            self.coverage.clean_exits += 1;
            assert_eq!(
                (durable.runs().count(), durable.outbox().count()),
                (0, 0),
                "left over at a clean exit"
            );
            let alive = tools.alive.values().filter(|tool| !tool.stuck && !tool.late).count();
            assert_eq!(alive, 0, "tools live on after a clean exit");
        } else {
            self.coverage.hurried_exits += 1;
        }
    }

    /// The world is at rest: everything that was promised has been kept.
    pub fn end(&mut self, tools: &Tools) {
        for run in &self.accepted {
            let receipts = self.receipts.get(run).map_or(0, BTreeSet::len);
            assert_eq!(receipts, 1, "{run} was accepted and has {receipts} different receipts");
        }
        for run in self.receipts.keys() {
            assert!(self.accepted.contains(run), "{run} has a receipt and was never accepted");
        }
        for run in tools.starts.keys() {
            assert!(self.accepted.contains(run), "{run} had a tool and was never accepted");
        }
        let alive: Vec<&RunKey> = tools.alive.keys().collect();
        assert!(alive.is_empty(), "tools live on: {alive:?}");
    }
}
