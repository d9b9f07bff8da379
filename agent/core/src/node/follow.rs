//! The sender's side of a command: who has answered it, and when waiting is over. A state machine without I/O: events
//! and times go in, a verdict comes out.
//!
//! Nobody knows how many nodes there are. So waiting ends when every node that took the command is done *and* there was
//! time for late ones to answer ([`Patience::settle_ms`]); or at once when those that were expected (by name or by
//! number) are done. Events may come twice and in any order; a node that is done stays done.

use crate::base::ids::Ident;
use crate::base::run::RunKey;
use crate::base::time::{Mono, NS_PER_MS};
use crate::node::command::{Action, Command};
use crate::node::event::{Event, EventBody};
use crate::run::receipt::doubts_of_json;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Nodes that are followed; events of further ones are counted.
const NODES_MAX: usize = 10_000;
/// Ids of events that are remembered to tell repeats; a repeat beyond them is shown twice and counted once.
const SEEN_MAX: usize = 100_000;

/// How long to wait for what, from the moment of sending, ms.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the first answer.
    pub answer_ms: u64,
    /// For late answers: a start waits so long after it was sent, a stop after the latest event.
    pub settle_ms: u64,
    /// For everything.
    pub timeout_ms: u64,
}

/// Nodes that have to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Whoever there is.
    Anybody,
    /// So many, whichever they are.
    Number(usize),
    /// These.
    Nodes(BTreeSet<Ident>),
}

/// How a node stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeState {
    /// It has taken the command.
    Taken,
    /// The tool runs.
    Running,
    /// Its run is over.
    Finished {
        /// `completed`, `stopped`, `assertions_failed`, `failed` or `expired`.
        outcome: String,
        /// Whether its receipt leaves nothing to doubt.
        trusted: bool,
    },
    /// It has refused the command, with this word.
    Refused(String),
    /// It goes away, as it was asked to.
    Leaving,
}

/// What came of a command on all nodes together; [`crate::run::verdict::Verdict`] is about one tool's run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GridVerdict {
    /// Every node did what the command asks for, and all samples are accounted for.
    Done,
    /// Every node did, but samples are lost, refused or not delivered.
    Doubtful,
    /// Every node ran the plan to its end, and on some its own assertions about the results do not hold.
    AssertionsFailed,
    /// Some nodes refused, failed, or ended otherwise than asked for.
    NotAll,
    /// Fewer nodes answered than were expected: so many.
    TooFew(usize),
    /// No node answered.
    Nobody,
    /// No node took it, and so many refused a command whose sender they could not trust.
    Distrusted(usize),
    /// The time is over, and these nodes are not done.
    TimedOut(Vec<Ident>),
}

/// See the module's head.
#[derive(Debug)]
pub struct Follow {
    command: Ident,
    asks: Asks,
    expected: Expected,
    patience: Patience,
    sent: Mono,
    latest: Mono,
    nodes: BTreeMap<Ident, NodeState>,
    seen: BTreeSet<String>,
    /// Nodes that refused a command without being able to say which.
    distrusting: BTreeSet<Ident>,
    overflow: u64,
    /// The sender itself ends the run that it has started.
    is_called_off: bool,
}

#[derive(Debug)]
enum Asks {
    Start(RunKey),
    Stop(RunKey),
    NodeStop,
}

impl Follow {
    /// Follows `command`, which is sent now.
    #[must_use]
    pub fn new(command: &Command, expected: Expected, patience: Patience, now: Mono) -> Self {
        let asks = match &command.action {
            Action::Start { flood } => Asks::Start(flood.key()),
            Action::Stop { flood, .. } => Asks::Stop(flood.clone()),
            Action::NodeStop => Asks::NodeStop,
        };
        Self {
            command: command.id.clone(),
            asks,
            expected,
            patience,
            sent: now,
            latest: now,
            nodes: BTreeMap::new(),
            seen: BTreeSet::new(),
            distrusting: BTreeSet::new(),
            overflow: 0,
            is_called_off: false,
        }
    }

    /// Takes an event; whether it is news about this command, to be shown.
    pub fn handle(&mut self, now: Mono, event: &Event) -> bool {
        if !self.concerns(event) || self.seen.contains(&event.id) {
            return false;
        }
        // Of those there are many, and each says all of the one before: a repeat does no harm.
        if self.seen.len() < SEEN_MAX && !matches!(event.body, EventBody::FloodProgress(_)) {
            self.seen.insert(event.id.clone());
        }
        self.latest = now;
        if is_distrust(event) && self.distrusting.len() < NODES_MAX {
            self.distrusting.insert(event.node.clone());
        }
        if self.nodes.len() >= NODES_MAX && !self.nodes.contains_key(&event.node) {
            self.overflow += 1;
            return true;
        }
        if let Some(state) = self.state_after(event) {
            self.nodes.insert(event.node.clone(), state);
        }
        true
    }

    /// The run that was started is stopped by whoever started it: nodes that stop it do what they should.
    pub fn call_off(&mut self) {
        self.is_called_off = true;
    }

    /// The verdict, as soon as there is one.
    #[must_use]
    pub fn verdict(&self, now: Mono) -> Option<GridVerdict> {
        let since_sent = now.since_ns(self.sent) / NS_PER_MS;
        let open: Vec<Ident> =
            self.nodes.iter().filter(|(_, state)| !state.is_over()).map(|(node, _)| node.clone()).collect();
        if open.is_empty() && self.all_expected() {
            return Some(self.judge());
        }
        if since_sent >= self.patience.timeout_ms {
            return Some(match (&self.expected, self.nodes.len()) {
                (_, 0) => self.nobody(),
                _ if !open.is_empty() => GridVerdict::TimedOut(open),
                (Expected::Anybody, _) => self.judge(),
                // All that answered are done.
                (_, n) => GridVerdict::TooFew(n),
            });
        }
        if !open.is_empty() {
            return None;
        }
        let settled = now >= self.settles_at();
        let waited = since_sent >= self.patience.answer_ms;
        match (self.nodes.is_empty(), &self.expected) {
            (true, _) => waited.then(|| self.nobody()),
            (false, Expected::Anybody) => settled.then(|| self.judge()),
            (false, _) => (waited && settled).then_some(GridVerdict::TooFew(self.nodes.len())),
        }
    }

    /// How long it still waits, though all nodes that answered are done: there may be others, ms.
    #[must_use]
    pub fn lingers_ms(&self, now: Mono) -> Option<u64> {
        let is_over = !self.nodes.is_empty() && self.nodes.values().all(NodeState::is_over);
        let left_ms = self.settles_at().since_ns(now) / NS_PER_MS;
        (is_over && self.expected == Expected::Anybody && left_ms > 0).then_some(left_ms)
    }

    fn settles_at(&self) -> Mono {
        let from = match self.asks {
            Asks::Start(_) => self.sent,
            Asks::Stop(_) | Asks::NodeStop => self.latest,
        };
        from.plus_ns(self.patience.settle_ms.saturating_mul(NS_PER_MS))
    }

    /// When [`Self::verdict`] may change although nothing comes.
    #[must_use]
    pub fn next_deadline(&self, now: Mono) -> Mono {
        let at = |from: Mono, ms: u64| from.plus_ns(ms.saturating_mul(NS_PER_MS));
        let Patience { answer_ms, settle_ms, timeout_ms } = self.patience;
        let times = [
            at(self.sent, answer_ms),
            at(self.sent, settle_ms),
            at(self.latest, settle_ms),
            at(self.sent, timeout_ms),
        ];
        times.into_iter().filter(|time| *time > now).min().unwrap_or(now)
    }

    /// The nodes that answered, by name.
    #[must_use]
    pub fn nodes(&self) -> &BTreeMap<Ident, NodeState> {
        &self.nodes
    }

    fn concerns(&self, event: &Event) -> bool {
        if event.command_id.as_ref() == Some(&self.command) {
            return true;
        }
        match (&self.asks, &event.body) {
            // Nobody can say whether it was this one.
            (_, EventBody::CommandRefused { .. }) => is_distrust(event),
            // A run's own events name the start that led to it.
            (Asks::Start(run) | Asks::Stop(run), _) => {
                event.flood.as_ref() == Some(&run.id) && event.run == Some(run.run)
            }
            (Asks::NodeStop, EventBody::NodeStopping { reason }) => reason.contains(self.command.as_str()),
            (Asks::NodeStop, _) => false,
        }
    }

    /// The node's new state; `None` where the event changes none.
    fn state_after(&self, event: &Event) -> Option<NodeState> {
        let ours = event.command_id.as_ref() == Some(&self.command);
        let before = self.nodes.get(&event.node);
        let new = match (&self.asks, &event.body) {
            (Asks::NodeStop, EventBody::NodeStopping { .. }) => NodeState::Leaving,
            (Asks::NodeStop, EventBody::CommandRefused { reason, .. }) if ours => {
                NodeState::Refused(reason.clone())
            }
            (Asks::NodeStop, _) => return None,
            (_, EventBody::CommandRefused { reason, .. }) if ours => NodeState::Refused(reason.clone()),
            // Another start of the same run was refused: no news of this one.
            (_, EventBody::CommandRefused { .. }) => return None,
            (_, EventBody::FloodAccepted { .. }) => NodeState::Taken,
            (_, EventBody::FloodRunning { .. } | EventBody::FloodProgress(_)) => NodeState::Running,
            (_, EventBody::FloodFinished { outcome, receipt, .. }) => NodeState::Finished {
                outcome: outcome.clone(),
                trusted: receipt.as_ref().is_none_or(trusted),
            },
            (
                _,
                EventBody::FloodWarning { .. } | EventBody::NodeStopping { .. } | EventBody::NodeReady { .. },
            ) => {
                return None;
            }
        };
        // Later words may arrive earlier: nothing takes back an end, or a run that was seen.
        (before.is_none_or(|before| before.rank() < new.rank())).then_some(new)
    }

    fn nobody(&self) -> GridVerdict {
        match self.distrusting.len() {
            0 => GridVerdict::Nobody,
            n => GridVerdict::Distrusted(n),
        }
    }

    fn all_expected(&self) -> bool {
        match &self.expected {
            Expected::Anybody => false,
            Expected::Number(n) => self.nodes.len() >= *n,
            Expected::Nodes(nodes) => nodes.iter().all(|node| self.nodes.contains_key(node)),
        }
    }

    fn judge(&self) -> GridVerdict {
        let wanted = match self.asks {
            Asks::Start(_) => "completed",
            Asks::Stop(_) | Asks::NodeStop => "stopped",
        };
        let fine = |state: &NodeState| match state {
            NodeState::Finished { outcome, .. } => {
                outcome == wanted || outcome == "completed" || self.is_called_off && outcome == "stopped"
            }
            NodeState::Leaving => true,
            NodeState::Taken | NodeState::Running | NodeState::Refused(_) => false,
        };
        // A stop asks for another end than this one.
        let is_start = matches!(self.asks, Asks::Start(_));
        let to_its_end = |state: &NodeState| {
            is_start && matches!(state, NodeState::Finished { outcome, .. } if outcome == "assertions_failed")
        };
        let doubtful = |state: &NodeState| matches!(state, NodeState::Finished { trusted: false, .. });
        if !self.nodes.values().all(|state| fine(state) || to_its_end(state)) || self.overflow > 0 {
            GridVerdict::NotAll
        } else if self.nodes.values().any(doubtful) {
            GridVerdict::Doubtful
        } else if self.nodes.values().any(to_its_end) {
            GridVerdict::AssertionsFailed
        } else {
            GridVerdict::Done
        }
    }
}

impl NodeState {
    /// Whether nothing more is awaited of the node.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.rank() > 1
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Taken => 0,
            Self::Running => 1,
            // An end beats a refusal: a repeat of the start is refused by the node that has run it.
            Self::Refused(_) => 2,
            Self::Leaving | Self::Finished { .. } => 3,
        }
    }
}

/// Whoever cannot trust a command says nothing about it, not even its id.
fn is_distrust(event: &Event) -> bool {
    let EventBody::CommandRefused { reason, .. } = &event.body else { return false };
    event.command_id.is_none() && matches!(reason.as_str(), "unsigned" | "bad_signature")
}

fn trusted(receipt: &Value) -> bool {
    doubts_of_json(receipt).is_empty()
}

#[cfg(test)]
mod tests;
