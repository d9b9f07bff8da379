use super::*;
use crate::base::ids::Ident;
use crate::base::rfc3339;
use crate::base::run::RunIdentity;
use crate::base::time::NS_PER_MS;
use crate::measure::failures::FailureCounts;
use crate::measure::ingest::{ClosedRun, LabelCounts, RequestCounts, Strays};
use crate::measure::ledger::{SampleAccount, SourceBook};
use crate::node::command::NodeAddress;
use crate::run::flood::{FloodSettings, Stage};
use crate::run::receipt::DeliveryAccount;
use crate::run::verdict::Verdict;
use crate::trace::redact::RunRedactors;
use crate::wire::sump::LedgerMark;
use serde_json::{Value, json};
use std::sync::Arc;

mod ends;
mod events;
mod hung_disk;
mod messages;

const WALL: &str = "2026-03-01T09:30:00Z";

/// A node, a clock, and a disk that stores everything at once unless told otherwise.
struct Bench {
    node: Node,
    now: Now,
    disk_works: bool,
    /// It does not answer; what it would have.
    hung: Option<Vec<u64>>,
}

fn settings() -> NodeSettings {
    let ident = Ident::near;
    NodeSettings {
        address: NodeAddress { node: ident("n1"), grid: Some(ident("9")), region: None },
        agent_version: "0".into(),
        nonce: "0a1b".into(),
        incarnation: 1,
        runs_max: 1,
        tools: vec![ident("jmeter")],
        file_uris: false,
        receipt_store: true,
        verify_keys: Vec::new(),
        flood: FloodSettings::default(),
        shutdown_ms: 90_000,
        redactors: Arc::new(RunRedactors::new(b"key", &[])),
        seed: 1,
    }
}

impl Bench {
    fn new(settings: NodeSettings) -> Self {
        let now = Now { mono: Mono(NS_PER_S), wall: rfc3339::parse(WALL).unwrap() };
        let node = Node::new(settings, Restored::default(), now);
        let mut bench = Self { node, now, disk_works: true, hung: None };
        bench.settle();
        bench
    }

    /// Empties the outputs, answering the disk's; what is left is what is to be done.
    fn settle(&mut self) -> Vec<Output> {
        let mut outputs = Vec::new();
        while let Some(output) = self.node.poll_output() {
            match (output, &mut self.hung) {
                (Output::Persist { seq, .. } | Output::Rewrite { seq, .. }, Some(hung)) => hung.push(seq),
                (Output::Persist { seq, .. } | Output::Rewrite { seq, .. }, None) if self.disk_works => {
                    self.node.handle(self.now, Input::Stored { seq });
                }
                (Output::Persist { seq, .. } | Output::Rewrite { seq, .. }, None) => {
                    self.node.handle(self.now, Input::StoreFailed { seq, why: "full".into() });
                }
                (other, _) => outputs.push(other),
            }
        }
        outputs
    }

    fn tell(&mut self, input: Input) -> Vec<Output> {
        self.node.handle(self.now, input);
        self.settle()
    }

    /// The disk answers everything that it owes.
    fn thaw(&mut self) -> Vec<Output> {
        let owed = self.hung.take().unwrap_or_default();
        owed.into_iter().flat_map(|seq| self.tell(Input::Stored { seq })).collect()
    }

    fn send(&mut self, command: &Value) -> Vec<Output> {
        self.tell(Input::Message { body: command.to_string().into_bytes(), receipt_handle: "h".into() })
    }

    fn wait_ms(&mut self, ms: u64) -> Vec<Output> {
        self.now = self.now.plus_ns(ms * NS_PER_MS);
        self.tell(Input::Tick)
    }

    /// Publishes whatever there is.
    fn publish(&mut self, mut outputs: Vec<Output>) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(output) = outputs.pop() {
            if let Output::Publish { event } = output {
                outputs.extend(self.tell(Input::EventPublished { id: event.id.clone() }));
                events.push(*event);
            }
        }
        events
    }

    /// The word with which a command is refused.
    fn refusal(&mut self, command: &Value) -> String {
        let outputs = self.send(command);
        let events = self.publish(outputs);
        match events.last().map(|event| &event.body) {
            Some(EventBody::CommandRefused { reason, .. }) => reason.clone(),
            other => panic!("not refused: {other:?}"),
        }
    }

    /// A tool that runs, from its command on.
    fn running(&mut self) {
        self.running_by(&start(1));
    }

    fn running_by(&mut self, command: &Value) {
        let outputs = self.send(command);
        self.publish(outputs);
        self.tell(Input::Fetched { run: run(1) });
        self.tell(Input::Prepared { run: run(1), changes: vec![] });
        let outputs = self.tell(Input::ToolStarted { run: run(1), at_ns: self.now.wall.0 });
        self.publish(outputs);
    }

    /// The end of a tool that runs, up to the receipt.
    fn over(&mut self, closed: ClosedRun) -> Vec<Output> {
        self.tell(Input::TreeEmpty { run: run(1), end: None });
        let (closed, verdict) = (Some(Box::new(closed)), Verdict::Completed);
        let notes = RunNotes { warnings: vec![WARNING.to_owned()], ..RunNotes::default() };
        self.tell(Input::RunClosed { run: run(1), closed, verdict, notes });
        let account = DeliveryAccount { delivered: 10, spooled: 1, ..DeliveryAccount::default() };
        self.tell(Input::DeliverySettled { run: run(1), account, traces: None })
    }
}

const WARNING: &str = "`cart` was sent 3 times less than planned";

fn run(run: u64) -> RunKey {
    RunKey { id: Ident::near("7"), run }
}

fn start(run: u64) -> Value {
    json!({
        "version": 1, "id": format!("start-{run}"), "type": "flood.start", "route": {"grids": ["9"]},
        "issued_at": WALL, "valid_until": "2026-03-01T09:45:00Z",
        "flood": {
            "id": "7", "run": run, "tool": "jmeter", "plan": "a.jmx", "users": 1, "max_runtime_s": 600,
            "files": [{"name": "a.jmx", "uri": "s3://bucket/a.jmx", "sha256": "00".repeat(32)}],
        },
    })
}

fn stop(run: u64) -> Value {
    json!({
        "version": 1, "id": format!("stop-{run}"), "type": "flood.stop", "route": {"grids": ["9"]},
        "issued_at": WALL, "valid_until": WALL, "flood": {"id": "7", "run": run}, "grace_s": 8,
    })
}

fn closed(sources: usize) -> ClosedRun {
    let identity = RunIdentity {
        account: None,
        flood: Ident::near("7"),
        project: None,
        grid: None,
        region: None,
        run: 1,
    };
    let mut book = SourceBook::default();
    for n in 0..sources {
        let name = format!("{n}{}", "x".repeat(8_000));
        let mark =
            LedgerMark { tags: b"", source: name.as_bytes(), seq: 1, samples: 1, truncated: 0, last: true };
        let _ = book.check(&mark, 0);
    }
    ClosedRun {
        run: 0,
        identity: Arc::new(identity),
        account: SampleAccount { received: 12, aggregated: 12, ..SampleAccount::default() },
        sent_exact: true,
        sources: book.sources().cloned().collect(),
        sources_beyond: 0,
        strays: Strays::default(),
        sample_span_ns: None,
        users_max: 1,
        requests: Some(RequestCounts { requests: 12, failed: 0 }),
        labels: LabelCounts::default(),
        failures: FailureCounts::default(),
        totals: None,
    }
}
