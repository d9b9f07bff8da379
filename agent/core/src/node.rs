//! The control side of a node: one machine that takes commands, runs and ends what they ask for, and reports.
//!
//! ```text
//! message ─▶ read, route, dedupe ─▶ one journal line ─▶ durable ─▶ delete the message, act, publish
//!                                                                              │
//!                    Flood (one a run): fetch ─▶ prepare ─▶ start ─▶ stop ─▶ close ─▶ flush ─▶ receipt
//! ```
//!
//! Use: [`Node::new`] with what [`journal_text::read`] gave, then for every input [`Node::handle`], then
//! [`Node::poll_output`] until it is empty, then wait for the next input or [`Node::next_deadline`]. Outputs are to be
//! carried out in order; those that take time are answered by an input.
//!
//! Rules that hold through duplicates, reordering and crashes at any point (`tests/simulator.rs` tries):
//! - Nothing is acted on, deleted or published before it is durable. Only a stop does not wait for a broken disk, nor
//!   for more than 2 s for one that does not answer.
//! - A run's tool is started once at most, ever. A run of an earlier agent is ended and reported, never run again.
//! - A stop that was taken is obeyed: what it names does not start any more, or ends within 2 s and the grace.
//! - Every run that was accepted has one receipt, the same in every copy.
//! - A run ends by itself: every phase has a deadline.
//!
//! The message is deleted before the act, but the act does not wait for the deletion: a message that comes again is a
//! repeat of what the journal knows, and a stop must not wait for a queue that is away.

mod admission;
pub mod command;
mod ending;
pub mod event;
pub mod follow;
pub mod health;
mod journal;
pub mod journal_text;
mod live_run;
mod outbox;
mod runs;
mod shutdown;
mod state;
mod types;

pub use state::{Change, OutboxEntry, RunRecord, State};
pub use types::{
    CHANGES_MAX, Input, LOG_TAIL_LINES_MAX, NodeCounters, NodePhase, NodeSettings, Output, RunNotes,
    StopRequest,
};

use crate::base::backoff::{Jitter, Pauses};
use crate::base::run::RunKey;
use crate::base::time::{Mono, NS_PER_MS, NS_PER_S, Now};
use crate::node::event::{Event, EventBody};
use crate::run::progress::Progress;
use journal::{Act, Journal};
use journal_text::Restored;
use live_run::LiveRun;
use outbox::{OTHERS_MAX, Outbox};
use serde::Serialize;
use shutdown::{Shutdown, Step};
use std::collections::{BTreeMap, VecDeque};

/// Old ids and tombstones are looked for this often.
const PRUNE_NS: u64 = 60 * NS_PER_S;

/// Pauses, ns, after an event that could not be published or a line that could not be written.
const PAUSES_NS: Pauses = Pauses { base: 500 * NS_PER_MS, cap: 60 * NS_PER_S, jitter: Jitter::Half };

/// See the module's head.
#[derive(Debug)]
pub struct Node {
    settings: NodeSettings,
    state: State,
    live: BTreeMap<RunKey, LiveRun>,
    journal: Journal,
    outbox: Outbox,
    shutdown: Option<Shutdown>,
    outputs: VecDeque<Output>,
    counters: NodeCounters,
    events_made: u64,
    recovered_runs: u64,
    prune_at: Mono,
}

/// One run, for people who look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunStatus {
    /// Which run.
    pub run: RunKey,
    /// Its phase.
    pub phase: &'static str,
    /// When the tool was started, wall clock, ns.
    pub tool_started_ns: Option<i64>,
}

impl Node {
    /// A node that goes on from what its journal says. Its first output writes the journal anew; runs of an earlier
    /// agent are ended at once.
    #[must_use]
    pub fn new(settings: NodeSettings, restored: Restored, now: Now) -> Self {
        let mut node = Self {
            journal: Journal::new(settings.seed),
            outbox: Outbox::new(settings.seed ^ 0x5EED),
            state: restored.state,
            live: BTreeMap::new(),
            shutdown: None,
            outputs: VecDeque::new(),
            counters: NodeCounters::default(),
            events_made: 0,
            recovered_runs: 0,
            prune_at: now.mono.plus_ns(PRUNE_NS),
            settings,
        };
        node.state.prune(now.wall.0);
        node.journal.rewrite(&node.state, &mut node.outputs);
        let address = &node.settings.address;
        for record in node.state.runs.values() {
            let identity = record.identity(address.grid.as_ref(), address.region.as_ref());
            let live = LiveRun::recovered(record, identity, node.settings.flood, now.mono);
            node.live.insert(record.run.clone(), live);
        }
        node.recovered_runs = node.live.len() as u64;
        node.advance(now);
        node
    }

    /// Takes one input; empty [`Self::poll_output`] afterwards.
    pub fn handle(&mut self, now: Now, input: Input) {
        match input {
            Input::Message { body, receipt_handle } => self.message(now, &body, receipt_handle),
            Input::QueueReady => self.ready(now),
            Input::Stored { seq } => self.journal.stored(seq, &self.state, &mut self.outputs),
            Input::StoreFailed { seq, .. } => self.store_failed(now, seq),
            Input::EventPublished { id } => self.published(&id),
            Input::EventFailed { id } => self.publish_failed(now, &id),
            Input::ReceiptStored { id, location } => self.receipt_stored(&id, location),
            Input::Stop(request) => self.stop(now, &request),
            Input::QueueLeft => self.queue_left(),
            Input::Tick => {}
            of_a_run => self.run_input(now, of_a_run),
        }
        self.advance(now);
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Tick`] is wanted.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        let runs = self.live.values().filter_map(LiveRun::next_deadline).min();
        let shutdown = self.shutdown.as_ref().and_then(Shutdown::next_deadline);
        let over = self.phase() == NodePhase::Stopped;
        let others = [runs, shutdown, self.journal.next_deadline(), self.outbox.next_deadline(&self.state)];
        others.into_iter().flatten().chain([self.prune_at]).min().filter(|_| !over)
    }

    /// Where the node is.
    #[must_use]
    pub fn phase(&self) -> NodePhase {
        match self.shutdown.as_ref().map(|shutdown| shutdown.step) {
            None => NodePhase::Accepting,
            Some(Step::Runs) => NodePhase::Stopping,
            Some(Step::Goodbye { .. }) => NodePhase::Leaving,
            Some(Step::Over) => NodePhase::Stopped,
        }
    }

    /// What has been counted.
    #[must_use]
    pub fn counters(&self) -> NodeCounters {
        NodeCounters { evicted: self.state.evicted(), ..self.counters }
    }

    /// The runs that are there.
    #[must_use]
    pub fn runs(&self) -> Vec<RunStatus> {
        let status = |live: &LiveRun| RunStatus {
            run: live.key.clone(),
            phase: live.flood.phase().as_str(),
            tool_started_ns: live.times.tool_started_ns,
        };
        self.live.values().map(status).collect()
    }

    /// The longest time from the start of a run's tool to the kill of its tree, ms, for whoever ends it should nobody else do.
    #[must_use]
    pub fn longest_ms(&self, run: &RunKey) -> Option<u64> {
        self.live.get(run)?.flood.longest_ms()
    }

    /// Whether the journal cannot be written at the moment.
    #[must_use]
    pub fn journal_is_broken(&self) -> bool {
        self.journal.is_broken()
    }

    /// Events that wait to be published.
    #[must_use]
    pub fn events_waiting(&self) -> usize {
        self.state.outbox.len()
    }

    fn ready(&mut self, now: Now) {
        let body = EventBody::NodeReady {
            agent_version: self.settings.agent_version.clone(),
            incarnation: self.settings.incarnation,
            recovered_runs: self.recovered_runs,
        };
        let event = self.event(now, body, |_| {});
        self.write(event.into_iter().collect());
    }

    fn store_failed(&mut self, now: Now, seq: u64) {
        self.counters.store_failures += 1;
        for act in self.journal.failed(seq, now.mono) {
            self.act(now, act);
        }
    }

    fn published(&mut self, id: &str) {
        if self.outbox.answered(id) {
            self.write(vec![Change::EventPublished { id: id.to_owned() }]);
        }
    }

    fn publish_failed(&mut self, now: Now, id: &str) {
        if self.outbox.failed(id, now.mono, &mut self.state) {
            self.counters.publish_failures += 1;
        }
    }

    fn receipt_stored(&mut self, id: &str, location: String) {
        if self.outbox.answered(id)
            && let Some(entry) = self.state.outbox.iter_mut().find(|entry| entry.event.id == id)
        {
            entry.event.point_to(location);
            entry.document = None;
        }
    }

    fn act(&mut self, now: Now, act: Act) {
        match act {
            Act::Delete(receipt_handle) => self.outputs.push_back(Output::DeleteMessage { receipt_handle }),
            Act::Begin(run) => self.with(&run, |live| live.begin(now)),
            Act::StopRun { run, grace_ms, why } => self.with(&run, |live| live.stop(now, grace_ms, &why)),
            Act::StopNode { why } => self.stop(now, &StopRequest { reason: why, for_good: true, by: None }),
            Act::Discard(run) => self.outputs.push_back(Output::Discard { run }),
        }
    }

    /// Everything that follows from an input and from the time.
    fn advance(&mut self, now: Now) {
        if self.prune_at <= now.mono {
            self.prune_at = now.mono.plus_ns(PRUNE_NS);
            self.state.prune(now.wall.0);
        }
        self.journal.tick(now.mono, &self.state, &mut self.outputs);
        for stop in self.journal.overdue_stops(now.mono) {
            self.act(now, stop);
        }
        while let Some(act) = self.journal.next_act() {
            self.act(now, act);
        }
        let mut over = Vec::new();
        for live in self.live.values_mut() {
            live.advance(now);
            if live.drain(now, &mut self.outputs) {
                over.push(live.key.clone());
            }
        }
        over.iter().for_each(|run| self.finish(now, run));
        self.leave(now);
        if let Some(id) = self.outbox.overdue(now.mono) {
            self.publish_failed(now, &id);
        }
        let journal = &self.journal;
        self.outbox.advance(now.mono, &self.state, |seq| journal.is_durable(seq), &mut self.outputs);
    }

    fn receipts_waiting(&self) -> usize {
        self.state.outbox.iter().filter(|entry| entry.event.is_receipt()).count()
    }

    fn run_event(&mut self, now: Now, run: &RunKey, body: EventBody) -> Option<Change> {
        let command_id = self.live.get(run).map(|live| live.command_id.clone());
        self.event(now, body, |event| {
            event.command_id = command_id;
            event.flood = Some(run.id.clone());
            event.run = Some(run.run);
        })
    }

    /// An event on how a run goes, made for nobody to wait for it: it is neither in the journal nor tried again.
    pub fn progress_event(&mut self, now: Now, run: &RunKey, progress: Box<Progress>) -> Event {
        let command = self.live.get(run).map(|live| live.command_id.clone());
        let mut event = self.bare_event(now, EventBody::FloodProgress(progress));
        (event.flood, event.run, event.command_id) = (Some(run.id.clone()), Some(run.run), command);
        self.events_made += 1;
        event
    }

    fn bare_event(&self, now: Now, body: EventBody) -> Event {
        let NodeSettings { address, nonce, incarnation, .. } = &self.settings;
        Event {
            version: event::VERSION,
            id: format!("{}-{nonce}-{incarnation}-{}", address.node, self.events_made),
            time: crate::base::rfc3339::format(now.wall),
            node: address.node.clone(),
            grid: address.grid.clone(),
            region: address.region.clone(),
            flood: None,
            run: None,
            command_id: None,
            body,
        }
    }

    /// The change that queues an event; `None` when there is no room for one that is not a receipt.
    fn event(&mut self, now: Now, body: EventBody, about: impl FnOnce(&mut Event)) -> Option<Change> {
        let mut event = self.bare_event(now, body);
        about(&mut event);
        let others = self.state.outbox.len() - self.receipts_waiting();
        if !event.is_receipt() && others >= OTHERS_MAX {
            self.counters.events_dropped += 1;
            return None;
        }
        self.events_made += 1;
        self.counters.events += 1;
        let mut document = None;
        if !event.fits() {
            match self.settings.receipt_store {
                true => (event, document) = event.without_receipt(),
                false => event.shorten(),
            }
        }
        let seq = self.journal.next_seq();
        Some(Change::EventQueued(Box::new(OutboxEntry { event, document, seq })))
    }

    /// One line of the journal; nothing for nothing.
    fn write(&mut self, changes: Vec<Change>) {
        if !changes.is_empty() {
            self.journal.write(&mut self.state, changes, &mut self.outputs);
        }
    }
}

#[cfg(test)]
mod tests;
