//! The data side of the agent: a datagram goes in, closed windows come out.
//!
//! One value of [`Ingest`] lives on the ingest thread and owns everything up to the closed window. It serves several
//! sockets: a *controlled* socket belongs to one run, and identity comes from the command that started it; an *open*
//! socket (`collect`) takes any flood, and each identity in the tags is a run of its own.
//!
//! The shell calls [`Ingest::datagram`] for what has arrived and [`Ingest::tick`] at [`Ingest::next_deadline`], and
//! empties [`Ingest::poll_output`] after each.

mod ahead;
mod closed;
mod implicit;
mod open_socket;
mod output;
mod progress;
mod rejected;
mod run;
mod slots;
mod snapshot;
mod tag_cache;
mod trace_lines;

pub use closed::{
    AccountSnapshot, ClosedRun, ClosedWindow, LabelCounts, RequestCounts, SeriesWindow, Strays,
};
pub use open_socket::OpenSettings;
pub use output::{IngestOutput, Remark, TraceText};
pub use progress::RunProgress;
pub use snapshot::{Piece, Snapshot, WindowKey, read as read_snapshot};

use crate::base::limits::{LABELS_DEFAULT, REJECTS_SHOWN_MAX};
use crate::base::time::{Mono, Now};
use crate::measure::RunSettings;
use crate::measure::accumulator::METRIC_KIND;
use crate::measure::ledger::{SampleAccount, SourceMark, Verdict};
use crate::measure::window::UsedParts;
use crate::wire::line::{EmptyTags, head, lines};
use crate::wire::sump::{
    Kind, LedgerMark, MetricValue, Record, Reject, Tags, is_known_measurement, is_sample_line, peek_ledger,
};
use ahead::Ahead;
use open_socket::OpenSocket;
use run::RunIngest;
use slots::Slots;
use std::collections::VecDeque;
use std::sync::Arc;
use tag_cache::{Route, TagCache, Wanted};

/// A socket of the sump, numbered by the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SocketId(pub u32);

/// Totals of a run while it goes on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    /// Its account so far.
    pub account: SampleAccount,
    /// Requests, transactions left out.
    pub requests: u64,
    /// Of them, failed.
    pub failed_requests: u64,
    /// Active users.
    pub users: u64,
    /// Distinct labels.
    pub labels: u64,
    /// Heap of its series and open windows, and of the tag caches, bytes.
    pub heap_bytes: u64,
    /// How often the senders' tags were too many to remember (they are decoded again then, at some cost).
    pub tag_cache_resets: u64,
    /// Whether every source that was heard of has said its last word.
    pub all_closed: bool,
    /// Sources heard of.
    pub sources: u64,
}

/// See the module's head.
pub struct Ingest {
    seed: u64,
    sockets: Vec<Socket>,
    runs: Slots,
    outputs: VecDeque<IngestOutput>,
    /// Lines that belong to no run.
    stray: SampleAccount,
    /// Of runs whose `trace` lines somebody takes.
    trace_lines: VecDeque<TraceText>,
    ahead: Ahead,
    /// See [`Self::take_closing`].
    closing: Vec<RunProgress>,
}

struct Socket {
    id: SocketId,
    mode: Mode,
    cache: TagCache,
}

enum Mode {
    Controlled(u32),
    Open(Box<OpenSocket>),
}

impl Ingest {
    /// Nothing open yet. `seed` is entropy for hash tables.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            sockets: Vec::new(),
            runs: Slots::default(),
            outputs: VecDeque::new(),
            stray: SampleAccount::default(),
            trace_lines: VecDeque::new(),
            ahead: Ahead::default(),
            closing: Vec::new(),
        }
    }

    /// A run with a socket of its own; gives its slot.
    pub fn open_run(&mut self, now: Now, socket: SocketId, settings: RunSettings) -> u32 {
        let cache = TagCache::new(settings.labels_max, self.seed);
        let slot = self.add_run(now, settings, UsedParts::default(), Vec::new());
        self.sockets.push(Socket { id: socket, mode: Mode::Controlled(slot), cache });
        slot
    }

    /// A socket that takes any flood.
    pub fn open_socket(&mut self, socket: SocketId, settings: OpenSettings) {
        let cache = TagCache::new(settings.labels_max.max(LABELS_DEFAULT), self.seed);
        self.sockets.push(Socket {
            id: socket,
            mode: Mode::Open(Box::new(OpenSocket::new(settings))),
            cache,
        });
    }

    /// Closes a run: all its windows, then its last word. Its socket goes with it.
    pub fn close_run(&mut self, now: Now, slot: u32) {
        let Some(run) = self.runs.remove(slot) else { return };
        let last_word = run.close(now);
        self.outputs.extend(last_word.windows.into_iter().map(Box::new).map(IngestOutput::Window));
        self.outputs.push_back(IngestOutput::Closed(Box::new(last_word.run)));
        self.sockets.retain(|socket| !matches!(socket.mode, Mode::Controlled(own) if own == slot));
        let mut owed = Vec::new();
        for socket in &mut self.sockets {
            if let Mode::Open(open) = &mut socket.mode
                && open.forget(slot, last_word.used_parts, &last_word.source_marks)
            {
                socket.cache.clear();
                owed.clone_from(&last_word.owed);
            }
        }
        self.closing.push(RunProgress { sources: owed, ..last_word.progress });
    }

    /// Closes every run.
    pub fn close_all(&mut self, now: Now) {
        self.open_those_that_owe(now);
        let open: Vec<u32> = self.open_runs().collect();
        for slot in open {
            self.close_run(now, slot);
        }
    }

    /// Makes memory ready for some datagrams that are handed to [`Self::datagram`] next: quicker with many labels, and nothing else.
    pub fn look_ahead<'a>(&mut self, socket: SocketId, datagrams: impl Iterator<Item = &'a [u8]>) {
        let Self { sockets, runs, ahead, .. } = self;
        if let Some(socket) = sockets.iter().find(|known| known.id == socket) {
            ahead.look(&socket.cache, runs, datagrams);
        }
    }

    /// Takes one datagram that has arrived on `socket`.
    pub fn datagram(&mut self, now: Now, socket: SocketId, bytes: &[u8]) {
        let Some(at) = self.sockets.iter().position(|known| known.id == socket) else { return };
        let mark = peek_ledger(bytes);
        let digest = self.sockets[at].cache.digest(bytes);
        let vouched_run = match mark.as_ref().map(|mark| self.check(now, at, mark, digest)) {
            Some(Some((run, Verdict::Duplicate))) => return self.count_duplicate(run),
            Some(Some((run, Verdict::Count))) => Some(run),
            Some(None) | None => None,
        };
        let mut vouched = 0;
        for line in lines(bytes) {
            let claims = vouched_run.is_some() && is_sample_line(line);
            let run = self.line(now, at, line, vouched_run);
            if claims && run == vouched_run {
                vouched += 1;
            } else if let (Some(run), true) = (run, is_sample_line(line)) {
                self.account(Some(run)).unattributed += 1;
            }
        }
        if let (Some(mark), Some(run)) = (mark, vouched_run.and_then(|run| self.run(run))) {
            run.book.enter(&mark, digest, vouched);
            if mark.last {
                run.source_closed(mark.source);
            }
        }
    }

    /// Closes what is due. Call at [`Self::next_deadline`], and once a second anyway: the wall clock may step.
    pub fn tick(&mut self, now: Now) {
        self.open_those_that_owe(now);
        for run in self.runs.iter_mut() {
            self.outputs.extend(run.close_due(now).into_iter().map(Box::new).map(IngestOutput::Window));
            if let Some(aggregated) = run.count_to_tell(now.mono) {
                let (run, identity) = (run.slot(), Arc::clone(&run.identity));
                self.outputs.push_back(IngestOutput::Counted { run, identity, aggregated });
            }
        }
        let idle: Vec<u32> = self.implicit_runs().filter(|&slot| self.is_idle(slot, now)).collect();
        for slot in idle {
            self.close_run(now, slot);
        }
    }

    /// When [`Self::tick`] has something to do, by the clock as it runs now.
    #[must_use]
    pub fn next_deadline(&self, now: Now) -> Option<Mono> {
        let next = self.runs.iter().map(|(_, run)| run.next_close()).min()?;
        let wait_ns = u64::try_from(next.0.saturating_sub(now.wall.0)).unwrap_or(0);
        Some(now.mono.plus_ns(wait_ns))
    }

    fn remark(&mut self, remark: Remark) {
        self.outputs.push_back(IngestOutput::Remark(remark));
    }

    /// The next thing to hand on.
    pub fn poll_output(&mut self) -> Option<IngestOutput> {
        self.outputs.pop_front()
    }

    /// Datagrams that the kernel has dropped on this socket since the last call.
    pub fn kernel_dropped(&mut self, socket: SocketId, datagrams: u64) {
        let run =
            self.sockets.iter().find(|known| known.id == socket).and_then(|socket| match &socket.mode {
                Mode::Controlled(run) => Some(*run),
                // Nobody can tell whose they were; with one run it is clear.
                Mode::Open(open) => open.only_run(),
            });
        self.account(run).kernel_dropped += datagrams;
    }

    /// How a run is doing; `None` when it is closed.
    #[must_use]
    pub fn totals(&self, now: Now, slot: u32) -> Option<Totals> {
        let run = self.runs.get(slot)?;
        let account = run.account_now();
        let RequestCounts { requests, failed } = run.requests();
        let caches: usize = self.sockets.iter().map(|socket| socket.cache.heap_bytes()).sum();
        Some(Totals {
            account,
            requests,
            failed_requests: failed,
            users: run.users_now(now.mono),
            labels: run.series.labels() as u64,
            heap_bytes: (run.heap_bytes() + caches) as u64,
            tag_cache_resets: self.sockets.iter().map(|socket| socket.cache.resets()).sum(),
            all_closed: run.book.all_closed(),
            sources: run.book.count(),
        })
    }

    /// Slots of the runs that are open.
    pub fn open_runs(&self) -> impl Iterator<Item = u32> + '_ {
        self.runs.iter().map(|(slot, _)| slot)
    }

    /// What arrived and belongs to no run.
    #[must_use]
    pub fn stray(&self) -> &SampleAccount {
        &self.stray
    }

    /// Counts one line; gives the run it belongs to, if any: see [`Self::owner_of_bad`] for those that cannot be used.
    fn line(&mut self, now: Now, at: usize, line: &[u8], vouched_run: Option<u32>) -> Option<u32> {
        let routed = match Record::parse(line) {
            Ok(record) => match self.route(now, at, &record) {
                Route::Rejected(reason) => Err(reason),
                route => Ok((record, route)),
            },
            Err(reason) => Err(reason),
        };
        match routed {
            Ok((record, route)) => {
                let run = self.count(now, &record, route);
                if let (Record::Trace(trace), Some(slot)) = (&record, run) {
                    self.keep_trace_line(now, slot, trace, line);
                }
                run
            }
            Err(reason) => {
                let run = self.owner_of_bad(now, at, reason, line, vouched_run);
                self.reject(run, reason, line);
                run
            }
        }
    }

    fn count(&mut self, now: Now, record: &Record<'_>, route: Route) -> Option<u32> {
        let (slot, series) = match route {
            Route::Series { run, series, folded } => (run, Some((series, folded))),
            Route::Run(run) => (run, None),
            Route::Rejected(_) => return None,
        };
        let run = self.run(slot)?;
        run.last_seen = now.mono;
        match (record, series) {
            (Record::Sample(sample), Some((series, folded))) => run.sample(now, sample, series, folded),
            (Record::Metric(metric), Some((series, folded))) => run.metric(now, metric, series, folded),
            (Record::Metric(metric), None) => run.concurrency(now, metric),
            (Record::Users(users), _) => run.users(now, users),
            (Record::Trace(_), _) => run.account.traces += 1,
            (Record::Ledger(_) | Record::Sample(_), _) => {}
        }
        if let Some(unit) = run.unit_to_tell.take() {
            self.remark(Remark::TimeUnit { run: slot, unit });
        }
        Some(slot)
    }

    #[inline]
    fn route(&mut self, now: Now, at: usize, record: &Record<'_>) -> Route {
        let (tags, wanted) = wanted(record);
        if let Some(route) = self.sockets[at].cache.get(tags, wanted) {
            return route;
        }
        let route = self.first_sight(now, at, record, wanted).unwrap_or_else(Route::Rejected);
        self.sockets[at].cache.put(tags, wanted, route);
        route
    }

    fn first_sight(
        &mut self,
        now: Now,
        at: usize,
        record: &Record<'_>,
        wanted: Wanted,
    ) -> Result<Route, Reject> {
        let tags = Tags::decode(record.tags());
        record.require(&tags)?;
        if self.is_foreign(at, record, &tags) {
            return Err(Reject::UnknownFlood);
        }
        let slot = self.run_of(now, at, &tags).ok_or(Reject::UnknownFlood)?;
        let kind = match (wanted, tags.kind) {
            (Wanted::Run, _) => return Ok(Route::Run(slot)),
            (Wanted::Transaction, _) | (_, Some(Kind::Transaction)) => Kind::Transaction,
            (Wanted::Metric, _) => METRIC_KIND,
            (Wanted::Request, _) => Kind::Request,
        };
        let run = self.runs.get_mut(slot).ok_or(Reject::UnknownFlood)?;
        let labels = run.series.labels();
        let route = run.route(&tags, kind).ok_or(Reject::MissingField)?;
        let (labels_now, labels_max) = (run.series.labels(), run.series.labels_max());
        if labels != labels_now && labels_now == labels_max.div_ceil(2) {
            self.remark(Remark::HalfOfLabels { run: slot, labels_max });
        }
        Ok(route)
    }

    /// Whether one of our own plug-ins names another flood than the one whose socket this is: it has outlived an earlier run on the
    /// same port. Published clients may say what they like, as who a run is comes from its command and not from a line.
    fn is_foreign(&self, at: usize, record: &Record<'_>, tags: &Tags) -> bool {
        let ours = matches!(record, Record::Sample(_) | Record::Users(_) | Record::Ledger(_));
        match (&self.sockets[at].mode, &tags.flood) {
            (Mode::Controlled(run), Some(flood)) if ours => {
                self.runs.get(*run).is_some_and(|run| run.identity.flood.as_str() != flood)
            }
            _ => false,
        }
    }

    fn check(&mut self, now: Now, at: usize, mark: &LedgerMark<'_>, digest: u64) -> Option<(u32, Verdict)> {
        let Route::Run(slot) = self.route(now, at, &Record::Ledger(*mark)) else { return None };
        let verdict = self.run(slot)?.book.check(mark, digest)?;
        Some((slot, verdict))
    }

    fn count_duplicate(&mut self, run: u32) {
        self.account(Some(run)).duplicate_datagrams += 1;
    }

    fn reject(&mut self, run: Option<u32>, reason: Reject, line: &[u8]) {
        let is_sample = is_sample_line(line);
        let account = self.account(run);
        account.received += 1;
        account.rejected.count(reason);
        // Sample lines are attributed, or not, by their datagram.
        account.unattributed += u64::from(!is_sample || run.is_none());
        let shown = match run.and_then(|run| self.run(run)) {
            Some(run) => run.rejected.count(reason) <= REJECTS_SHOWN_MAX,
            None => self.shows_stray(reason),
        };
        if shown {
            self.remark(rejected::example(reason, line));
        }
    }

    fn shows_stray(&self, reason: Reject) -> bool {
        let counts = self.stray.rejected.by_reason();
        let of_reason = counts.into_iter().find(|(name, _)| *name == reason.name()).map_or(0, |(_, n)| n);
        // Powers of two: the first ones of each reason are shown, then fewer and fewer.
        of_reason.is_power_of_two()
    }

    /// Whose a line is that cannot be used: the socket's run; on an open socket the run that the datagram's ledger
    /// line names, or the one that the line's own tags name, or the only one there is. A line of an unknown flood
    /// is nobody's, unless a source counts it as sent.
    fn owner_of_bad(
        &mut self,
        now: Now,
        at: usize,
        reason: Reject,
        line: &[u8],
        vouched_run: Option<u32>,
    ) -> Option<u32> {
        match &self.sockets[at].mode {
            Mode::Controlled(run) => return Some(*run),
            Mode::Open(_) if vouched_run.is_some() || reason == Reject::UnknownFlood => return vouched_run,
            Mode::Open(_) => {}
        }
        self.named_by_bad(now, at, line).or_else(|| match &self.sockets[at].mode {
            Mode::Controlled(run) => Some(*run),
            Mode::Open(open) => open.only_run(),
        })
    }

    /// The run that a bad line's tags name. A line of either dialect opens it: a run whose lines are all bad must have a
    /// receipt that says so.
    fn named_by_bad(&mut self, now: Now, at: usize, line: &[u8]) -> Option<u32> {
        let (measurement, tags) = head(line, EmptyTags::Taken)?;
        let tags = Tags::decode(tags);
        if is_known_measurement(measurement) {
            return self.run_of(now, at, &tags);
        }
        match &self.sockets[at].mode {
            Mode::Open(open) => match open.find(&tags) {
                open_socket::RunOf::Known(run) => Some(run),
                open_socket::RunOf::New(..) | open_socket::RunOf::Refused => None,
            },
            Mode::Controlled(run) => Some(*run),
        }
    }

    fn account(&mut self, run: Option<u32>) -> &mut SampleAccount {
        match run.and_then(|slot| self.runs.get_mut(slot)) {
            Some(run) => &mut run.account,
            None => &mut self.stray,
        }
    }

    fn run(&mut self, slot: u32) -> Option<&mut RunIngest> {
        self.runs.get_mut(slot)
    }

    fn add_run(
        &mut self,
        now: Now,
        settings: RunSettings,
        used_parts: UsedParts,
        sources: Vec<SourceMark>,
    ) -> u32 {
        let seed = self.seed;
        self.runs.add(|slot| RunIngest::new(slot, settings, seed, now, used_parts).with_sources(sources))
    }
}

fn wanted<'a>(record: &Record<'a>) -> (&'a [u8], Wanted) {
    match record {
        Record::Sample(sample) if sample.kind == Kind::Transaction => (sample.tags, Wanted::Transaction),
        Record::Sample(sample) => (sample.tags, Wanted::Request),
        Record::Metric(metric) if matches!(metric.what, MetricValue::Concurrency(_)) => {
            (metric.tags, Wanted::Run)
        }
        Record::Metric(metric) => (metric.tags, Wanted::Metric),
        Record::Users(users) => (users.tags, Wanted::Run),
        Record::Ledger(mark) => (mark.tags, Wanted::Run),
        Record::Trace(trace) => (trace.tags, Wanted::Run),
    }
}

#[cfg(test)]
mod tests;
