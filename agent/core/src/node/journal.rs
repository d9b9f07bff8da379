//! Writing the journal: numbers, what waits for them, and what happens when the disk refuses.
//!
//! Lines are written in order; whatever must not happen before a line is durable waits under its number. After a
//! failure nothing more is appended (the file may end in half a line): when the pause is over, the whole state is
//! written anew, and with it everything that was waiting. A stop does not wait for a broken disk, and not for long for
//! one that does not answer at all ([`STOP_WAIT_NS`]); what it says becomes durable when the disk comes back.

use super::PAUSES_NS;
use super::journal_text;
use super::state::{Change, State};
use super::types::Output;
use crate::base::backoff::Backoff;
use crate::base::run::RunKey;
use crate::base::time::{Mono, NS_PER_S};
use std::collections::VecDeque;

/// The journal is written anew after this many lines, so that a start never reads for long.
const LINES_MAX: u64 = 2_000;
/// And after this many bytes.
const BYTES_MAX: usize = 8 << 20;
/// Acts that wait; as many messages as a queue hands out in a minute of a slow disk. More are left in the queue.
const WAITING_MAX: usize = 1_024;
/// Room beyond that for stops: a queue full of starts must not keep one out.
const STOPS_MAX: usize = 256;
/// A stop waits so long to be durable: a disk that works needs less, and nobody knows when one that hangs comes back.
const STOP_WAIT_NS: u64 = 2 * NS_PER_S;

/// What waits for a line to be durable.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    Delete(String),
    Begin(RunKey),
    StopRun { run: RunKey, grace_ms: u64, why: String },
    StopNode { why: String },
    Discard(RunKey),
}

/// An act, the line that it waits for, and for how long it does.
#[derive(Debug)]
struct Waiting {
    seq: u64,
    act: Act,
    /// For stops.
    until: Option<Mono>,
}

#[derive(Debug)]
pub(super) struct Journal {
    last_seq: u64,
    durable_seq: u64,
    mode: Mode,
    waiting: VecDeque<Waiting>,
    lines: u64,
    bytes: usize,
    backoff: Backoff,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    Fine,
    Pausing {
        until: Mono,
    },
    /// The whole state is on its way to the disk under this number.
    Repairing {
        seq: u64,
    },
}

impl Journal {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            last_seq: 0,
            durable_seq: 0,
            mode: Mode::Fine,
            waiting: VecDeque::new(),
            lines: 0,
            bytes: 0,
            backoff: Backoff::new(seed),
        }
    }

    /// The number of the next line.
    pub(super) fn next_seq(&self) -> u64 {
        self.last_seq + 1
    }

    pub(super) fn is_durable(&self, seq: u64) -> bool {
        seq <= self.durable_seq
    }

    pub(super) fn is_broken(&self) -> bool {
        self.mode != Mode::Fine
    }

    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < WAITING_MAX
    }

    pub(super) fn has_room_for_stop(&self) -> bool {
        self.waiting.len() < WAITING_MAX + STOPS_MAX
    }

    pub(super) fn is_idle(&self) -> bool {
        self.mode == Mode::Fine && self.durable_seq == self.last_seq
    }

    /// Makes the changes and writes them as one line.
    pub(super) fn write(&mut self, state: &mut State, changes: Vec<Change>, outputs: &mut VecDeque<Output>) {
        self.last_seq += 1;
        let line = journal_text::line(&changes);
        changes.into_iter().for_each(|change| state.apply(change));
        if self.is_broken() {
            return;
        }
        self.lines += 1;
        self.bytes += line.len();
        if self.lines > LINES_MAX || self.bytes > BYTES_MAX {
            self.rewrite(state, outputs);
        } else {
            outputs.push_back(Output::Persist { seq: self.last_seq, line });
        }
    }

    /// Writes everything anew; also what a start begins with.
    pub(super) fn rewrite(&mut self, state: &State, outputs: &mut VecDeque<Output>) {
        self.last_seq += 1;
        let mut text = journal_text::header();
        state.changes().for_each(|change| text.push_str(&journal_text::line(&[change])));
        (self.lines, self.bytes) = (0, 0);
        outputs.push_back(Output::Rewrite { seq: self.last_seq, text });
    }

    /// Does it when everything written so far is durable.
    pub(super) fn after(&mut self, act: Act) {
        self.waiting.push_back(Waiting { seq: self.last_seq, act, until: None });
    }

    /// Does it when everything written so far is durable, or [`Self::overdue_stops`] has it before.
    pub(super) fn after_or_soon(&mut self, act: Act, now: Mono) {
        let until = Some(now.plus_ns(STOP_WAIT_NS));
        self.waiting.push_back(Waiting { seq: self.last_seq, act, until });
    }

    /// Stops that have waited long enough for a disk that does not answer.
    pub(super) fn overdue_stops(&mut self, now: Mono) -> Vec<Act> {
        self.take_stops(|until| until <= now)
    }

    /// What may be done now.
    pub(super) fn next_act(&mut self) -> Option<Act> {
        match self.waiting.front() {
            Some(first) if first.seq <= self.durable_seq => self.waiting.pop_front().map(|first| first.act),
            _ => None,
        }
    }

    pub(super) fn stored(&mut self, seq: u64, state: &State, outputs: &mut VecDeque<Output>) {
        match self.mode {
            Mode::Fine => self.durable_seq = self.durable_seq.max(seq.min(self.last_seq)),
            Mode::Repairing { seq: wanted } if seq == wanted => {
                self.durable_seq = seq;
                self.mode = Mode::Fine;
                self.backoff.reset();
                if self.last_seq > seq {
                    // What happened meanwhile was not appended.
                    self.repair(state, outputs);
                }
            }
            // The answer to a line before the failure.
            Mode::Repairing { .. } | Mode::Pausing { .. } => {}
        }
    }

    /// Pauses, and hands out the stops that need not wait for a disk.
    pub(super) fn failed(&mut self, seq: u64, now: Mono) -> Vec<Act> {
        let news = match self.mode {
            Mode::Fine => seq > self.durable_seq,
            Mode::Repairing { seq: wanted } => seq == wanted,
            Mode::Pausing { .. } => false,
        };
        if news {
            self.mode = Mode::Pausing { until: now.plus_ns(self.backoff.fail(&PAUSES_NS)) };
        }
        self.take_stops(|_| true)
    }

    pub(super) fn tick(&mut self, now: Mono, state: &State, outputs: &mut VecDeque<Output>) {
        if matches!(self.mode, Mode::Pausing { until } if until <= now) {
            self.repair(state, outputs);
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Mono> {
        let pause = match self.mode {
            Mode::Pausing { until } => Some(until),
            Mode::Fine | Mode::Repairing { .. } => None,
        };
        self.waiting.iter().filter_map(|waiting| waiting.until).chain(pause).min()
    }

    fn take_stops(&mut self, which: impl Fn(Mono) -> bool) -> Vec<Act> {
        let (stops, others): (VecDeque<_>, _) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting: &Waiting| waiting.until.is_some_and(&which));
        self.waiting = others;
        stops.into_iter().map(|stop| stop.act).collect()
    }

    fn repair(&mut self, state: &State, outputs: &mut VecDeque<Output>) {
        self.rewrite(state, outputs);
        self.mode = Mode::Repairing { seq: self.last_seq };
    }
}
