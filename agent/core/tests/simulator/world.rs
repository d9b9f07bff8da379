//! The world around one node: time, the queue, crashes and restarts.

use crate::checker::{Checker, Coverage};
use crate::commands::{self, Published};
use crate::disk::{Disk, Done};
use crate::random::Random;
use crate::tools::Tools;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunKey;
use gridnode_core::base::time::{Mono, NS_PER_MS, NS_PER_S, Now, Wall};
use gridnode_core::node::command::NodeAddress;
use gridnode_core::node::{Input, Node, NodeSettings, StopRequest};
use gridnode_core::run::flood::FloodSettings;
use gridnode_core::trace::redact::RunRedactors;
use std::collections::BTreeMap;
use std::sync::Arc;

const WALL_START_NS: i64 = 1_780_000_000_000_000_000;
/// Commands come and things break this long; then the world is kind and has time to come to rest.
const WILD_NS: u64 = 200 * NS_PER_S;
const REST_NS: u64 = 4 * 3_600 * NS_PER_S;
/// Nobody waits longer for a disk that never answers before they kill the agent and see to it.
const HANGS_NS_MAX: u64 = 1_800 * NS_PER_S;
/// What a stop waits for a disk, and for the kill to be seen.
const OBEYED_MS: u64 = 2_000 + 1_000;
const VISIBILITY_NS: u64 = 30 * NS_PER_S;

/// What happens at some time.
pub enum Happening {
    Command,
    Deliver {
        message: u64,
    },
    DiskWorks,
    DiskHangs,
    /// The disk answers again; or the agent is shot because it never does.
    DiskAnswers {
        never: bool,
    },
    /// An answer to the agent of this incarnation; a later one does not get it.
    Answer {
        incarnation: u64,
        input: Box<Input>,
    },
    ToolStarts {
        incarnation: u64,
        run: RunKey,
    },
    ToolEnds {
        run: RunKey,
    },
    Restart,
    Terminate,
    ClockSteps,
    MustBeDead {
        run: RunKey,
        by_ns: u64,
    },
    /// An agent that took a stop has obeyed it by now, durable or not.
    MustHaveObeyed {
        incarnation: u64,
        run: RunKey,
    },
}

pub struct World {
    pub random: Random,
    pub node: Option<Node>,
    pub incarnation: u64,
    pub now: Now,
    pub disk: Disk,
    pub tools: Tools,
    pub queue: BTreeMap<u64, Published>,
    pub checker: Checker,
    pub runs_max: usize,
    agenda: BTreeMap<(u64, u64), Happening>,
    scheduled: u64,
    published: u64,
    started: (u64, u64),
    crash_permille: u64,
    log: Vec<String>,
    /// Formatting every value takes longer than everything else.
    logs: bool,
    seed: u64,
}

impl World {
    pub fn new(seed: u64, logs: bool) -> Self {
        let mut random = Random::new(seed ^ 0x6A09_E667_F3BC_C908);
        let runs_max = random.pick(&[1, 1, 2, 3]);
        let crash_permille = random.pick(&[0, 0, 5, 30]);
        let mut world = Self {
            random,
            node: None,
            incarnation: 0,
            now: Now { mono: Mono(NS_PER_S), wall: Wall(WALL_START_NS) },
            disk: Disk::default(),
            tools: Tools::default(),
            queue: BTreeMap::new(),
            checker: Checker::default(),
            runs_max,
            agenda: BTreeMap::new(),
            scheduled: 0,
            published: 0,
            started: (1, 1),
            crash_permille,
            log: Vec::new(),
            logs,
            seed,
        };
        world.at(0, Happening::Restart);
        for _ in 0..world.random.within(3, 25) {
            let delay = world.random.within(0, WILD_NS);
            world.at(delay, Happening::Command);
        }
        for _ in 0..world.random.within(0, 2) {
            let delay = world.random.within(0, WILD_NS);
            world.at(delay, Happening::ClockSteps);
        }
        if world.random.chance(300) {
            let delay = world.random.within(0, WILD_NS);
            world.at(delay, Happening::Terminate);
        }
        if world.random.chance(300) {
            let delay = world.random.within(0, WILD_NS);
            world.at(delay, Happening::DiskHangs);
        }
        world
    }

    /// Whether things may still go wrong.
    pub fn is_wild(&self) -> bool {
        self.now.mono.0 < WILD_NS
    }

    /// Schedules something this many ns from now.
    pub fn at(&mut self, delay_ns: u64, happening: Happening) {
        self.scheduled += 1;
        self.agenda.insert((self.now.mono.0 + delay_ns, self.scheduled), happening);
    }

    /// Answers the present agent, later.
    pub fn answer(&mut self, ms: (u64, u64), input: Input) {
        let delay_ms = self.random.within(ms.0, ms.1);
        let incarnation = self.incarnation;
        self.at(delay_ms * NS_PER_MS, Happening::Answer { incarnation, input: Box::new(input) });
    }

    /// Until nothing happens any more.
    pub fn live(&mut self) {
        loop {
            let next = self.agenda.keys().next().map(|(ns, _)| *ns);
            let due = self.node.as_ref().and_then(Node::next_deadline).map(|due| due.0);
            let then = match (next, due) {
                (Some(next), Some(due)) => next.min(due),
                (Some(next), None) => next,
                // With nothing on the agenda only the node's own deadlines are left; at rest it has but one.
                (None, Some(due)) if !self.at_rest() => due,
                (None, _) => break,
            };
            assert!(then < REST_NS, "the world does not come to rest");
            let passed = then.saturating_sub(self.now.mono.0);
            self.now = self.now.plus_ns(passed);
            match self.agenda.first_entry() {
                Some(first) if first.key().0 <= then => {
                    let happening = first.remove();
                    self.happen(happening);
                }
                _ => self.tell(Input::Tick),
            }
        }
    }

    /// The last checks; what was seen in this world.
    pub fn end(&mut self) -> Coverage {
        self.checker.end(&self.tools);
        self.checker.coverage.clone()
    }

    pub fn log(&self) -> Vec<String> {
        self.log.clone()
    }

    pub fn note(&mut self, text: impl FnOnce() -> String) {
        if !self.logs {
            return;
        }
        self.log.push(format!("{:>9} ms  {}", self.now.mono.0 / NS_PER_MS, text()));
    }

    fn at_rest(&self) -> bool {
        self.node.as_ref().is_none_or(|node| node.runs().is_empty() && node.events_waiting() == 0)
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Command => self.publish(),
            Happening::Deliver { message } => self.deliver(message),
            Happening::DiskWorks => self.disk_works(),
            Happening::DiskHangs => self.disk_hangs(),
            Happening::DiskAnswers { never } => self.disk_answers(never),
            Happening::Answer { incarnation, input } if incarnation == self.incarnation => self.tell(*input),
            Happening::Answer { .. } => {}
            Happening::ToolStarts { incarnation, run } => self.tool_starts(incarnation, run),
            Happening::ToolEnds { run } => self.tool_ends(&run),
            Happening::Restart => self.restart(),
            Happening::Terminate => {
                let for_good = self.random.chance(500);
                let by = self.random.chance(500).then(|| {
                    let left_ms = self.random.within(0, 120_000);
                    self.now.mono.plus_ns(left_ms * NS_PER_MS)
                });
                self.tell(Input::Stop(StopRequest { reason: "SIGTERM".into(), for_good, by }));
            }
            Happening::ClockSteps => {
                let step_ms = self.random.within(0, 4_000) as i64 - 2_000;
                self.now.wall.0 += step_ms * NS_PER_MS as i64;
            }
            Happening::MustBeDead { run, by_ns } => self.must_be_dead(run, by_ns),
            Happening::MustHaveObeyed { incarnation, run } => {
                if incarnation == self.incarnation && self.node.is_some() {
                    self.checker.must_have_obeyed(&run, &self.tools, self.disk.hangs);
                }
            }
        }
    }

    /// One command, as up to ten copies that arrive whenever they like.
    fn publish(&mut self) {
        self.published += 1;
        let command = commands::random(&mut self.random, self.published, self.now.wall, &mut self.started);
        let copies = if self.random.chance(300) { 10 } else { self.random.within(1, 2) };
        self.note(|| format!("published {copies} times: {}", command.body));
        for copy in 0..copies {
            let message = self.published * 100 + copy;
            self.queue.insert(message, command.clone());
            let delay_ms = self.random.pick(&[5, 50, 500, 5_000, 40_000]);
            let delay_ms = self.random.within(0, delay_ms);
            self.at(delay_ms * NS_PER_MS, Happening::Deliver { message });
        }
    }

    fn deliver(&mut self, message: u64) {
        let Some(published) = self.queue.get(&message) else { return };
        let body = published.body.clone().into_bytes();
        if self.node.is_some() {
            let incarnation = self.incarnation;
            if let Some((run, grace_ms)) = published.stops.clone() {
                self.checker.heard_stops.insert((incarnation, run.clone()));
                let delay_ns = (grace_ms + OBEYED_MS) * NS_PER_MS;
                self.at(delay_ns, Happening::MustHaveObeyed { incarnation, run });
            }
        }
        self.at(VISIBILITY_NS, Happening::Deliver { message });
        self.tell(Input::Message { body, receipt_handle: message.to_string() });
    }

    fn disk_works(&mut self) {
        if self.disk.hangs {
            return;
        }
        let wild = self.is_wild();
        match self.disk.work(&mut self.random, wild) {
            Some(Done::Stored { seq, changes }) => {
                let stops = self.checker.durable(&changes);
                self.expect_dead(stops);
                self.tell(Input::Stored { seq });
            }
            Some(Done::Failed { seq }) => {
                self.checker.coverage.disk_failures += 1;
                self.tell(Input::StoreFailed { seq, why: "no space".into() });
            }
            None => {}
        }
    }

    fn disk_hangs(&mut self) {
        let never = self.random.chance(300);
        let longest_ns = self.random.pick(&[5 * NS_PER_S, 300 * NS_PER_S]);
        let delay_ns = if never { HANGS_NS_MAX } else { self.random.within(0, longest_ns) };
        self.note(|| "the disk hangs".to_owned());
        self.disk.hangs = true;
        self.at(delay_ns, Happening::DiskAnswers { never });
    }

    fn disk_answers(&mut self, never: bool) {
        self.note(|| "the disk answers".to_owned());
        self.checker.coverage.hangs += 1;
        if never && self.node.is_some() {
            return self.crash();
        }
        self.disk.hangs = false;
        for _ in 0..self.disk.owes() {
            self.disk_works();
        }
    }

    /// The agent is told something, and carries out what follows, unless it dies over it.
    pub fn tell(&mut self, input: Input) {
        let Some(mut node) = self.node.take() else { return };
        self.note(|| match &input {
            Input::Message { receipt_handle, .. } => format!("◀ message {receipt_handle}"),
            other => format!("◀ {other:?}"),
        });
        node.handle(self.now, input);
        self.node = Some(node);
        self.carry_out();
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.node.as_mut().and_then(Node::poll_output) {
            if self.is_wild() && self.random.chance(self.crash_permille) {
                return self.crash();
            }
            self.note(|| format!("  ▶ {output:?}"));
            self.perform(output);
        }
    }

    fn crash(&mut self) {
        self.note(|| "crash".to_owned());
        self.checker.coverage.crashes += 1;
        let arrived = self.disk.crash(&mut self.random);
        self.checker.durable(&arrived);
        self.down();
    }

    /// The agent is gone; tools, disk and queue are not.
    pub fn down(&mut self) {
        self.node = None;
        self.incarnation += 1;
        let delay_ms = self.random.within(10, 20_000);
        self.at(delay_ms * NS_PER_MS, Happening::Restart);
    }

    fn restart(&mut self) {
        if self.node.is_some() {
            return;
        }
        let restored = self.disk.read();
        self.incarnation += 1;
        let ident = Ident::near;
        let settings = NodeSettings {
            address: NodeAddress { node: ident("n1"), grid: Some(ident("9")), region: Some(ident("r")) },
            agent_version: "0".into(),
            nonce: "0a1b".into(),
            incarnation: self.incarnation,
            runs_max: self.runs_max,
            tools: vec![ident("jmeter")],
            file_uris: false,
            receipt_store: true,
            verify_keys: Vec::new(),
            flood: FloodSettings {
                fetch_ms: 20_000,
                prepare_ms: 10_000,
                start_ms: Some(8_000),
                close_ms: Some(10_000),
                ..FloodSettings::default()
            },
            shutdown_ms: 90_000,
            redactors: Arc::new(RunRedactors::new(b"key", &[])),
            seed: self.seed,
        };
        self.checker.restarted(&restored.state);
        let incarnation = self.incarnation;
        self.note(|| format!("start {incarnation}"));
        self.node = Some(Node::new(settings, restored, self.now));
        self.checker.up_since_ns = self.now.mono.0;
        self.carry_out();
        self.answer((1, 3_000), Input::QueueReady);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.log.iter().for_each(|line| eprintln!("{line}"));
            eprintln!("GRIDNODE_SEED={} makes this world again and shows all of it", self.seed);
        }
    }
}
