//! Delivery: decides when which spooled batch is posted to the Drain and what every answer means.
//!
//! A pure machine: [`Delivery::handle`] one [`Input`], then [`Delivery::poll_output`] until it is empty, then sleep
//! until [`Delivery::next_deadline`] and hand in [`Input::Tick`]. Retries are decided here and nowhere else; the HTTP
//! client's own are off.
//!
//! - **Answers**: one rule each, in `answer`. A batch is destroyed by 204, by the spool's bounds, or never.
//! - **Breaker**: an answer that speaks about the Drain and not about the batch (refused, 5xx, 401, …) stops all posts
//!   but one probe at a time, after full jitter. A probe is a batch that has not failed yet, where there is one, and those
//!   that have take half of the posts at most: a few that always fail cannot hold up the rest.
//! - **Bounds**: bytes, batches and age; the oldest is evicted first, never one that is in flight.
//! - **Accounts**: `entered = delivered + spooled + evicted + quarantined + uncertain + set_aside + unexplained`, in
//!   batches and in samples, for each run and in all, after every input.
//!
//! Age is measured on the monotonic clock from the moment a batch is handed in, so that a step of the wall clock evicts
//! nothing; how old what a scan found was by then is the caller's word.

mod account;
mod answer;
mod breaker;
mod delays;
mod evicted;
mod flush;
mod object_store;
mod retry_after;
mod settings;
mod store;
#[cfg(test)]
mod tests;
mod types;
mod warn;

pub use account::{Amount, BatchAccount};
pub use answer::excerpt;
pub use delays::phase_ns;
pub use retry_after::retry_after_s;
pub use settings::{Destination, Settings};
pub use types::{Answer, BatchId, HttpAnswer, Input, Output, QuarantineReason, SpooledBatch, TransportKind};

use crate::base::run::RunName;
use crate::base::time::{Mono, NS_PER_S, Now};
use account::BatchAccounts;
use answer::{Verdict, judge};
use breaker::Breaker;
use delays::Delays;
use evicted::{Evicted, Why};
use flush::Flush;
use std::collections::VecDeque;
use store::{Room, State, Store};
use warn::Warnings;

/// For how long what an earlier start has left is tried at least, however old it is, ns.
const TRIED_FOR_NS: u64 = 3_600 * NS_PER_S;

/// For how long the Drain may be away until what an earlier start has left beyond the bounds is given up, ns.
const BESIDE_WHILE_AWAY_NS: u64 = 60 * NS_PER_S;

/// The decision machine for one Drain.
#[derive(Debug)]
pub struct Delivery {
    settings: Settings,
    store: Store,
    accounts: BatchAccounts,
    breaker: Breaker,
    delays: Delays,
    warnings: Warnings,
    flush: Flush,
    quarantine_full: bool,
    /// What may be there beyond the bounds, and until when.
    beside: Room,
    beside_until: Mono,
    /// Or until then, while the Drain takes nothing.
    beside_until_away: Option<Mono>,
    evicted: Evicted,
    outputs: VecDeque<Output>,
}

impl Delivery {
    /// A machine with an empty spool; hand in what a scan found as [`Input::Found`].
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            delays: Delays::new(&settings),
            warnings: Warnings::new(settings.warn_every_ns),
            settings,
            store: Store::default(),
            accounts: BatchAccounts::default(),
            breaker: Breaker::default(),
            flush: Flush::default(),
            quarantine_full: false,
            beside: Room::default(),
            beside_until: Mono(0),
            beside_until_away: None,
            evicted: Evicted::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes one input; its consequences wait in [`Self::poll_output`].
    pub fn handle(&mut self, now: Now, input: Input) {
        // A start says in one sentence what of all that it found goes.
        let is_scan = matches!(input, Input::Found { .. });
        match input {
            Input::Spooled(batch) => self.spooled(now, batch, None),
            Input::Found { batch, age_ns } => self.spooled(now, batch, Some(age_ns)),
            Input::Answer { batch, answer } => self.answered(now, batch, &answer),
            Input::SplitDone { batch, into } => self.split_done(now, batch, into),
            Input::SplitFailed { batch } => self.split_failed(now, batch),
            Input::Corrupt { batch } => self.corrupt(now, batch),
            Input::ReadFailed { batch } => self.read_failed(now, batch),
            Input::MakeRoom { bytes } => self.make_room(bytes),
            Input::GiveUp { batch } => self.give_up(now, batch),
            Input::Withdraw { batch } => self.withdraw(now, batch),
            Input::Hurry => self.hurry(now),
            Input::Flush { deadline } => self.start_flush(now, deadline),
            Input::Resume => self.flush = Flush::Off,
            Input::Tick => {}
        }
        self.enforce_bounds(now.mono);
        if !is_scan
            && let Some(sentence) =
                self.evicted.say(now.mono, self.settings.warn_every_ns, self.settings.destination)
        {
            self.outputs.push_back(Output::Warn { sentence });
        }
        self.post_what_is_due(now.mono);
        if self.flush.ends(now.mono, &self.store, &self.breaker) {
            self.outputs.push_back(Output::Flushed { spooled_batches: self.store.len() });
        }
    }

    /// The next act, if any.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to hand in [`Input::Tick`] if nothing else happens; `None`: only another input changes anything.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        let post = self.store.first_due().filter(|_| !self.flush.is_done()).and_then(|due| {
            let gate = self.breaker.opens_at(self.store.in_flight(), self.settings.in_flight_max)?;
            Some(due.max(gate))
        });
        [post, self.store.first_expiry(), self.flush.deadline(), self.evicted.due(), self.beside_ends()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Accounts of one run; all zero for a run never seen.
    #[must_use]
    pub fn counters(&self, run: &RunName) -> BatchAccount {
        self.accounts.of(run)
    }

    /// Accounts of all runs, forgotten ones included.
    #[must_use]
    pub fn total(&self) -> BatchAccount {
        self.accounts.total()
    }

    /// Accounts of every run not forgotten, for the counters file.
    pub fn runs(&self) -> impl Iterator<Item = (&RunName, BatchAccount)> {
        self.accounts.runs()
    }

    /// Takes up what is known of a run's samples that are no longer spooled. What is, comes in as [`Input::Found`].
    pub fn restore(&mut self, run: &RunName, saved: BatchAccount) {
        self.accounts.restore(run, saved);
    }

    /// Counts a batch that never became durable as evicted.
    pub fn never_spooled(&mut self, run: &RunName, samples: u64) {
        self.accounts.never_spooled(run, samples);
    }

    /// While the quarantine has no room, a batch that belongs there stays where it is: nothing leaves uncounted.
    pub fn set_quarantine_full(&mut self, full: bool) {
        self.quarantine_full = full;
    }

    /// Drops a finished run's own accounts; refused (false) while a batch of it is spooled.
    pub fn forget_run(&mut self, run: &RunName) -> bool {
        self.accounts.forget(run)
    }

    /// Compressed bytes now spooled.
    #[must_use]
    pub fn spool_bytes(&self) -> u64 {
        self.store.bytes()
    }

    /// Posts waiting for an answer.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.store.in_flight()
    }

    /// Inputs about batches that did not expect them, such as a second answer: ignored.
    #[must_use]
    pub fn stray_inputs(&self) -> u64 {
        self.accounts.strays()
    }

    /// Whether the last word of the Drain was that it takes nothing.
    #[must_use]
    pub fn drain_is_away(&self) -> bool {
        self.breaker.is_open()
    }

    /// `found_age_ns`: an earlier start has left it.
    fn spooled(&mut self, now: Now, batch: SpooledBatch, found_age_ns: Option<u64>) {
        if self.store.has(batch.batch) {
            self.accounts.stray();
            return;
        }
        let phase_ns = if self.flush.is_on() { 0 } else { self.settings.phase_ns };
        let age_ns_max = self.settings.spool_age_ns_max;
        // However old it is: it was not this start's to deliver before.
        let left_ns = found_age_ns
            .map_or(age_ns_max, |age_ns| age_ns_max.saturating_sub(age_ns).max(TRIED_FOR_NS.min(age_ns_max)));
        if found_age_ns.is_some() {
            self.beside_until = self.beside_until.max(now.mono.plus_ns(TRIED_FOR_NS));
            self.beside.bytes = self.beside.bytes.saturating_add(batch.bytes);
            self.beside.batches += 1;
        }
        self.accounts.enter(&batch);
        let (due, expires) = (now.mono.plus_ns(phase_ns), now.mono.plus_ns(left_ns));
        self.store.insert(batch, due, expires, found_age_ns.is_some());
    }

    fn answered(&mut self, now: Now, id: BatchId, answer: &Answer) {
        let Some(State::InFlight { epoch }) = self.store.state(id) else {
            self.accounts.stray();
            return;
        };
        let mono = now.mono;
        let points = self.store.points(id);
        let verdict = judge(answer, points);
        self.beside_until_away = verdict
            .is_about_the_drain()
            .then(|| self.beside_until_away.unwrap_or(mono.plus_ns(BESIDE_WHILE_AWAY_NS)));
        if !verdict.is_about_the_drain()
            && let Some(away_ns) = self.breaker.close(mono)
        {
            let sentence = match self.settings.destination {
                Destination::Drain => warn::back_again(away_ns),
                Destination::ObjectStore => object_store::back_again(away_ns),
            };
            self.outputs.push_back(Output::Notice { sentence });
            self.warnings.recovered();
        }
        if let Some(advice) = verdict.advice(self.quarantine_full)
            && let Some(sentence) = self.warnings.say(mono, advice, || match self.settings.destination {
                Destination::Drain => advice.sentence(answer),
                Destination::ObjectStore => object_store::sentence(advice, answer),
            })
        {
            self.outputs.push_back(Output::Warn { sentence });
        }
        match verdict {
            Verdict::Stored => {
                self.settle(id, |c| &mut c.delivered);
                self.outputs.push_back(Output::Delete { batch: id });
            }
            Verdict::Split => {
                self.store.set_splitting(id);
                self.outputs.push_back(Output::Split { batch: id });
            }
            Verdict::Quarantine(_) if self.quarantine_full => self.wait_slowly(mono, id),
            Verdict::Quarantine(reason) => {
                if reason.is_uncertain() {
                    self.settle(id, |c| &mut c.uncertain);
                } else {
                    self.settle(id, |c| &mut c.quarantined);
                }
                self.outputs.push_back(Output::Quarantine { batch: id, reason });
            }
            Verdict::DrainSoon { retry_after_s, .. } => self.retry_soon(mono, id, epoch, retry_after_s),
            Verdict::DrainSlow(_) => {
                let delay_ns = self.delays.slow_ns();
                self.breaker.fail(mono, epoch, |_| delay_ns);
                self.wait_slowly(mono, id);
            }
            Verdict::BatchSlow(_) => self.wait_slowly(mono, id),
        }
    }

    fn retry_soon(&mut self, mono: Mono, id: BatchId, epoch: u64, retry_after_s: Option<u64>) {
        let quick = self.flush.is_on();
        let delays = &mut self.delays;
        self.breaker.fail(mono, epoch, |failures| delays.probe_ns(failures, retry_after_s, quick));
        let attempts = self.store.attempts(id);
        let delay_ns = self.delays.soon_ns(attempts, retry_after_s, quick);
        self.count_retry(id);
        self.store.set_waiting(id, mono.plus_ns(delay_ns));
    }

    fn wait_slowly(&mut self, mono: Mono, id: BatchId) {
        let delay_ns = self.delays.slow_ns();
        self.count_retry(id);
        self.store.set_waiting(id, mono.plus_ns(delay_ns));
    }

    fn split_done(&mut self, now: Now, id: BatchId, into: Vec<SpooledBatch>) {
        if self.store.state(id) != Some(State::Splitting) {
            self.accounts.stray();
            return;
        }
        if into.is_empty() || into.iter().any(|part| self.store.has(part.batch)) {
            self.accounts.stray();
            return self.wait_slowly(now.mono, id);
        }
        let is_left = self.store.left(id).is_some();
        let Some((parent, expires)) = self.store.remove(id) else { return };
        for part in self.accounts.split(&parent, into) {
            self.store.insert(part, now.mono, expires, is_left);
        }
    }

    fn split_failed(&mut self, now: Now, id: BatchId) {
        if self.store.state(id) == Some(State::Splitting) {
            self.wait_slowly(now.mono, id);
        } else {
            self.accounts.stray();
        }
    }

    /// Nothing was posted: the answer says nothing about the Drain.
    fn read_failed(&mut self, now: Now, id: BatchId) {
        let Some(State::InFlight { epoch }) = self.store.state(id) else { return self.accounts.stray() };
        self.breaker.probe_lost(now.mono, epoch);
        self.wait_slowly(now.mono, id);
    }

    /// The caller sets the file aside.
    fn corrupt(&mut self, now: Now, id: BatchId) {
        match self.store.state(id) {
            None => return self.accounts.stray(),
            Some(State::InFlight { epoch }) => self.breaker.probe_lost(now.mono, epoch),
            Some(State::Waiting { .. } | State::Splitting) => {}
        }
        self.settle(id, |c| &mut c.set_aside);
    }

    fn make_room(&mut self, bytes: u64) {
        let goal = self.store.bytes().saturating_sub(bytes);
        while self.store.bytes() > goal && self.evict_oldest() {}
    }

    fn enforce_bounds(&mut self, mono: Mono) {
        while let Some(id) = self.store.expired(mono) {
            self.evict(id, Why::Age);
        }
        if self.beside_ends().is_some_and(|at| at <= mono) {
            self.beside = Room::default();
        }
        while self.is_beyond_its_bounds() && self.evict_oldest() {}
    }

    /// When what an earlier start has left counts like all the rest, if there is some.
    fn beside_ends(&self) -> Option<Mono> {
        let at = self.beside_until.min(self.beside_until_away.unwrap_or(self.beside_until));
        (self.beside.batches > 0).then_some(at)
    }

    /// What an earlier start has left is beside the bounds, which may have been wider then, until it is delivered or the Drain has
    /// been away for a while.
    fn is_beyond_its_bounds(&self) -> bool {
        let Room { bytes, batches } = self.beside;
        self.store.bytes() > self.settings.spool_bytes_max.saturating_add(bytes)
            || self.store.len() > self.settings.spool_batches_max.saturating_add(batches)
    }

    fn evict_oldest(&mut self) -> bool {
        let oldest = self.store.oldest_waiting();
        oldest.inspect(|&id| self.evict(id, Why::Room)).is_some()
    }

    fn evict(&mut self, id: BatchId, why: Why) {
        self.evicted.add(self.store.samples(id), why);
        self.leave(id, |c| &mut c.evicted);
        self.outputs.push_back(Output::Evict { batch: id });
    }

    /// The Drain has spoken of it, or it is no batch any more.
    fn settle(&mut self, id: BatchId, account: impl Fn(&mut BatchAccount) -> &mut Amount) {
        if let Some(Room { bytes, batches }) = self.store.left(id) {
            self.beside.bytes = self.beside.bytes.saturating_sub(bytes);
            self.beside.batches = self.beside.batches.saturating_sub(batches);
        }
        self.leave(id, account);
    }

    fn leave(&mut self, id: BatchId, account: impl Fn(&mut BatchAccount) -> &mut Amount) {
        if let Some((batch, _)) = self.store.remove(id) {
            self.accounts.leave(&batch, account);
        }
    }

    fn count_retry(&mut self, id: BatchId) {
        if let Some(run) = self.store.run(id) {
            self.accounts.retry(run);
        }
    }

    fn start_flush(&mut self, now: Now, deadline: Mono) {
        self.flush.start(deadline);
        self.hurry(now);
    }

    fn hurry(&mut self, now: Now) {
        self.store.all_due(now.mono);
        self.breaker.probe_now(now.mono);
    }

    fn give_up(&mut self, now: Now, id: BatchId) {
        match self.store.state(id) {
            None => return self.accounts.stray(),
            Some(State::InFlight { epoch }) => {
                self.breaker.probe_lost(now.mono, epoch);
                self.settle(id, |c| &mut c.uncertain);
            }
            Some(State::Waiting { .. } | State::Splitting) => self.settle(id, |c| &mut c.evicted),
        }
        self.outputs.push_back(Output::Evict { batch: id });
    }

    fn withdraw(&mut self, now: Now, id: BatchId) {
        if let Some(State::InFlight { epoch }) = self.store.state(id) {
            self.breaker.probe_lost(now.mono, epoch);
        }
        match self.store.remove(id) {
            Some((batch, _)) => self.accounts.withdraw(&batch),
            None => self.accounts.stray(),
        }
    }

    fn post_what_is_due(&mut self, mono: Mono) {
        while self
            .breaker
            .opens_at(self.store.in_flight(), self.settings.in_flight_max)
            .is_some_and(|at| at <= mono)
            && self.flush.allows_post(mono)
            && let Some(id) = self.next_due(mono)
        {
            let epoch = self.breaker.posted();
            self.store.set_in_flight(id, epoch);
            self.outputs.push_back(Output::Post { batch: id });
        }
    }

    fn next_due(&self, mono: Mono) -> Option<BatchId> {
        if self.breaker.is_open() {
            self.store.due_probe(mono)
        } else {
            self.store.due(mono, self.settings.in_flight_max)
        }
    }
}
