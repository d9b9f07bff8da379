//! The data side of one run: its series, windows, users and account.

use super::closed::{
    AccountSnapshot, ClosedRun, ClosedWindow, LabelCounts, RequestCounts, SeriesWindow, Strays,
};
use super::progress::RunProgress;
use super::snapshot::{Head, WindowKey};
use super::tag_cache::Route;
use crate::base::limits::IMPLICIT_RUN_IDLE_S;
use crate::base::run::RunIdentity;
use crate::base::time::{Mono, NS_PER_S, Now, Wall};
use crate::measure::RunSettings;
use crate::measure::accumulator::Accumulator;
use crate::measure::failures::Failures;
use crate::measure::ledger::{Rejected, SampleAccount, SourceBook, SourceMark};
use crate::measure::series::{SeriesIndex, SeriesTable};
use crate::measure::users::UserGauge;
use crate::measure::window::{OpenWindow, Timing, UsedParts, Windows};
use crate::wire::sump::{Kind, Metric, MetricValue, Sample, Tags, TimeUnit, Users};
use std::sync::Arc;

/// The source of users that are said in `sample` lines; no tag value holds a line break.
const IN_SAMPLES: &[u8] = b"\n";

/// What is left of a run at its end.
pub(super) struct LastWord {
    pub(super) windows: Vec<ClosedWindow>,
    pub(super) run: ClosedRun,
    pub(super) used_parts: UsedParts,
    pub(super) source_marks: Vec<SourceMark>,
    /// Of what is said in `run`: until somebody has heard it, it is owed.
    pub(super) owed: Vec<SourceMark>,
    /// How far it has come, without its sources.
    pub(super) progress: RunProgress,
}

/// One run that takes samples.
pub(super) struct RunIngest {
    pub(super) identity: Arc<RunIdentity>,
    pub(super) account: SampleAccount,
    pub(super) book: SourceBook,
    pub(super) series: SeriesTable,
    pub(super) last_seen: Mono,
    /// Somebody takes its `trace` lines.
    pub(super) takes_trace_lines: bool,
    /// Rejected lines since the last close: of each reason the first ones are shown.
    pub(super) rejected: Rejected,
    /// In which unit timestamps are that should be ns: the first time that one was seen.
    pub(super) unit_to_tell: Option<TimeUnit>,
    unit_told: bool,
    slot: u32,
    /// When the count of samples was last told, and what it was.
    told: (Mono, u64),
    before: SampleAccount,
    windows: Windows,
    users: UserGauge,
    users_max: u64,
    /// Total of users at the end of the last window that has closed.
    users_before: Option<u64>,
    /// Whether there are `users` lines.
    users_said: bool,
    requests: RequestCounts,
    /// Samples of each series.
    samples: Vec<u64>,
    failures: Failures,
    span_ns: Option<(i64, i64)>,
    strays: Strays,
}

impl RunIngest {
    pub(super) fn new(slot: u32, settings: RunSettings, seed: u64, now: Now, used: UsedParts) -> Self {
        Self {
            identity: Arc::new(settings.identity),
            account: SampleAccount::default(),
            book: SourceBook::default(),
            series: SeriesTable::new(settings.labels_max, seed),
            last_seen: now.mono,
            takes_trace_lines: false,
            rejected: Rejected::default(),
            unit_to_tell: None,
            unit_told: false,
            slot,
            told: (now.mono, 0),
            before: SampleAccount::default(),
            windows: Windows::resume(settings.window, now.wall, used),
            users: UserGauge::default(),
            users_max: 0,
            users_before: None,
            users_said: false,
            requests: RequestCounts::default(),
            samples: Vec::new(),
            failures: Failures::new(seed),
            span_ns: None,
            strays: Strays::default(),
        }
    }

    /// Goes on from where its sources had come.
    pub(super) fn with_sources(self, earlier: Vec<SourceMark>) -> Self {
        Self { book: SourceBook::resume(earlier), ..self }
    }

    /// Finds or makes the series of decoded tags; `None` when there is no label.
    pub(super) fn route(&mut self, tags: &Tags, kind: Kind) -> Option<Route> {
        let label = tags.label.as_deref()?;
        let placed = self.series.place(label, kind);
        Some(Route::Series { run: self.slot, series: placed.series, folded: placed.folded })
    }

    pub(super) fn sample(&mut self, now: Now, sample: &Sample<'_>, series: SeriesIndex, folded: bool) {
        let (window, timing) = self.windows.window_for(now.wall, Some(sample.time_ns));
        window.accumulator(series).add_sample(sample);
        self.counted(1, timing, folded);
        self.seen_at(now, Some(sample.time_ns), timing);
        self.look_at_unit(now, Some(sample.time_ns), timing);
        let failed = u64::from(!sample.ok);
        self.count_requests(series, 1, failed);
        if failed > 0 {
            self.failures.add(series, sample.code, sample.error, failed);
        }
        if let Some(active) = sample.users {
            self.users_in_sample(now, active);
        }
    }

    pub(super) fn metric(&mut self, now: Now, metric: &Metric<'_>, series: SeriesIndex, folded: bool) {
        let (window, timing) = self.windows.window_for(now.wall, metric.time_ns);
        let transactions = window.accumulator(series).add_metric(metric.what, metric.code);
        self.look_at_unit(now, metric.time_ns, timing);
        if transactions > 0 {
            self.account.unattributed += transactions;
            self.counted(transactions, timing, folded);
            self.seen_at(now, metric.time_ns, timing);
        }
        let failed = if let MetricValue::Failed(n) = metric.what { n } else { 0 };
        self.count_requests(series, transactions, failed);
        self.failures.add(series, metric.code, b"", failed);
    }

    /// `concurrency` of dialect 1a: one gauge for the node.
    pub(super) fn concurrency(&mut self, now: Now, metric: &Metric<'_>) {
        if let MetricValue::Concurrency(active) = metric.what {
            self.observe_users(now, b"", active);
        }
    }

    pub(super) fn users(&mut self, now: Now, users: &Users<'_>) {
        if !self.users_said {
            self.users_said = true;
            self.users.close(IN_SAMPLES);
        }
        self.observe_users(now, users.source, users.active);
    }

    pub(super) fn source_closed(&mut self, name: &[u8]) {
        self.users.close(name);
    }

    /// Reads what is kept of a series, and where its accumulator in the newest window is.
    #[inline]
    pub(super) fn touch_series(&self, series: SeriesIndex) -> (Option<usize>, u64) {
        let at = self.windows.open().last().and_then(|window| window.place(series));
        let count = self.samples.get(series.0 as usize).copied().unwrap_or_default();
        (at, count ^ self.series.kind(series) as u64)
    }

    /// The accumulator at that place.
    #[inline]
    pub(super) fn newest(&self, series: SeriesIndex, at: usize) -> Option<&Accumulator> {
        self.windows.open().last()?.at(series, at)
    }

    /// Windows that are due by the clock.
    pub(super) fn close_due(&mut self, now: Now) -> Vec<ClosedWindow> {
        let closed = self.windows.close_due(now.wall);
        self.hand_over(now, closed)
    }

    /// The end: everything still open, and the final account.
    pub(super) fn close(mut self, now: Now) -> LastWord {
        self.account = self.account_now();
        self.account.lost =
            (self.account.sent + self.account.unattributed).saturating_sub(self.account.received);
        let closed = self.windows.close_all(now.wall);
        let windows = self.hand_over(now, closed);
        let used_parts = self.windows.used_parts();
        let labels = self.label_counts();
        let (source_marks, owed) = (self.book.last_marks(), self.book.owed());
        let progress = RunProgress {
            identity: RunIdentity::clone(&self.identity),
            slot: Some(self.slot),
            aggregated: self.account.aggregated,
            sources: Vec::new(),
        };
        let run = ClosedRun {
            run: self.slot,
            identity: self.identity,
            account: self.account,
            sent_exact: self.book.exact(),
            sources: self.book.told(),
            sources_beyond: self.book.beyond(),
            strays: self.strays,
            sample_span_ns: self.span_ns,
            users_max: self.users_max,
            requests: Some(self.requests),
            labels,
            failures: self.failures.into_counts(|index| self.series.info(index)),
            totals: None,
        };
        LastWord { windows, run, used_parts, source_marks, owed, progress }
    }

    /// The account with what the book and the series table keep for it.
    pub(super) fn account_now(&self) -> SampleAccount {
        SampleAccount {
            sent: self.book.sent(),
            truncated: self.book.truncated(),
            folded_labels: self.series.folded_labels(),
            ..self.account
        }
    }

    pub(super) fn slot(&self) -> u32 {
        self.slot
    }

    /// Samples counted so far, those in open windows included: the first at once, then when there are new ones, once a second.
    pub(super) fn count_to_tell(&mut self, now: Mono) -> Option<u64> {
        let (at, told) = self.told;
        let aggregated = self.account.aggregated;
        let due = aggregated > told && (told == 0 || now.since_ns(at) >= NS_PER_S);
        due.then(|| {
            self.told = (now, aggregated);
            aggregated
        })
    }

    /// Requests so far.
    pub(super) fn requests(&self) -> RequestCounts {
        self.requests
    }

    pub(super) fn next_close(&self) -> Wall {
        self.windows.next_close()
    }

    pub(super) fn idle(&self, now: Now) -> bool {
        now.mono.since_ns(self.last_seen) > IMPLICIT_RUN_IDLE_S * NS_PER_S
    }

    pub(super) fn users_now(&self, now: Mono) -> u64 {
        self.users.total(now)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let windows: usize = self.windows.open().iter().map(OpenWindow::heap_bytes).sum();
        windows
            + self.samples.capacity() * size_of::<u64>()
            + self.series.heap_bytes()
            + self.failures.heap_bytes()
    }

    /// Its open windows, with their emission numbers.
    pub(super) fn open_windows(&self) -> &[OpenWindow] {
        self.windows.open()
    }

    /// An open window as it would be if it closed now, without its series.
    pub(super) fn snapshot_head(&self, key: WindowKey) -> Option<Head> {
        let window = self.open_window(key)?;
        let gauge_once = window.part_n == 0 && window.users.count > 0;
        Some(Head {
            key,
            identity: RunIdentity::clone(&self.identity),
            period_ns: self.windows.period_ns(),
            users: gauge_once.then_some(window.users),
            account: self.account_snapshot(self.account_now()),
        })
    }

    pub(super) fn open_window(&self, key: WindowKey) -> Option<&OpenWindow> {
        self.windows
            .open()
            .iter()
            .find(|window| (window.start_ns, window.part_n) == (key.start_ns, key.part_n))
    }

    fn account_snapshot(&self, total: SampleAccount) -> AccountSnapshot {
        AccountSnapshot {
            total,
            before: self.before,
            labels: self.series.labels() as u64,
            series: self.series.len() as u64,
        }
    }

    fn count_requests(&mut self, series: SeriesIndex, finished: u64, failed: u64) {
        let at = series.0 as usize;
        if self.samples.len() <= at {
            self.samples.resize(at + 1, 0);
        }
        self.samples[at] += finished;
        if self.series.kind(series) == Kind::Request {
            self.requests.requests += finished;
            self.requests.failed += failed;
        }
    }

    fn label_counts(&self) -> LabelCounts {
        let info = |at: usize| u32::try_from(at).ok().map(|at| Arc::clone(self.series.info(SeriesIndex(at))));
        let counts = self.samples.iter().enumerate().filter_map(|(at, n)| Some((info(at)?, *n)));
        LabelCounts::new(counts, self.series.folded_labels() == 0)
    }

    fn counted(&mut self, samples: u64, timing: Timing, folded: bool) {
        self.account.received += samples;
        self.account.aggregated += samples;
        match timing {
            Timing::Regular => {}
            Timing::Late => self.account.late += samples,
            Timing::Restamped => self.account.restamped += samples,
        }
        if folded {
            self.account.folded_samples += samples;
        }
    }

    /// A time that could not be used says nothing; arrival does.
    fn seen_at(&mut self, now: Now, time_ns: Option<i64>, timing: Timing) {
        let usable = time_ns.filter(|_| timing != Timing::Restamped);
        if let (Timing::Restamped, Some(time_ns)) = (timing, time_ns) {
            self.strays.add(now.wall.0, time_ns);
        }
        let at = usable.unwrap_or(now.wall.0);
        let (first, last) = self.span_ns.unwrap_or((at, at));
        self.span_ns = Some((first.min(at), last.max(at)));
    }

    /// A whole run in the wrong unit loses nothing, and looks as if all of it had come in one window: that must be said.
    fn look_at_unit(&mut self, now: Now, time: Option<i64>, timing: Timing) {
        if timing == Timing::Restamped && !self.unit_told {
            self.unit_to_tell = time.and_then(|time| TimeUnit::mistaken_for_ns(time, now.wall));
            self.unit_told = self.unit_to_tell.is_some();
        }
    }

    /// A sender without `users` lines may say it in each sample; one with them must not be counted twice.
    fn users_in_sample(&mut self, now: Now, active: u64) {
        if !self.users_said {
            self.observe_users(now, IN_SAMPLES, active);
        }
    }

    fn observe_users(&mut self, now: Now, source: &[u8], active: u64) {
        let total = self.users.report(now.mono, source, active);
        self.users_max = self.users_max.max(total);
        self.windows.current(now.wall).users.observe(total);
    }

    fn hand_over(&mut self, now: Now, closed: Vec<OpenWindow>) -> Vec<ClosedWindow> {
        if closed.is_empty() {
            return Vec::new();
        }
        self.rejected = Rejected::default();
        self.account = self.account_now();
        let last = closed.len() - 1;
        let mut windows: Vec<_> = closed.into_iter().map(|window| self.closed(now, window)).collect();
        windows[last].account = Some(self.account_snapshot(self.account));
        self.before = self.account;
        windows
    }

    fn closed(&mut self, now: Now, window: OpenWindow) -> ClosedWindow {
        let mut users = window.users;
        if users.count == 0
            && !window.late
            && let Some(before) = self.users_before
        {
            // Nothing was said in this window: it goes on as it was, unless the sources have gone silent.
            users.observe(before.min(self.users.total(now.mono)));
        }
        if users.count > 0 && !window.late {
            self.users_before = Some(users.last);
        }
        let (start_ns, part_n) = (window.start_ns, window.part_n);
        let gauge_once = part_n == 0 && users.count > 0;
        let named =
            |(index, numbers)| SeriesWindow { index, info: Arc::clone(self.series.info(index)), numbers };
        let series: Vec<_> = window.into_accumulators().into_iter().map(named).collect();
        ClosedWindow {
            run: self.slot,
            identity: Arc::clone(&self.identity),
            start_ns,
            period_ns: self.windows.period_ns(),
            part_n,
            samples: series.iter().map(|series| series.numbers.count).sum(),
            series,
            users: gauge_once.then_some(users),
            account: None,
            degraded: 0,
            covers: Vec::new(),
        }
    }
}
