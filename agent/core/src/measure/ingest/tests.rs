//! Datagrams in, closed windows and accounts out. [`Bench`] keeps what comes out and checks what always holds.

mod accounts;
mod failures;
mod gauges;
mod open_sockets;
mod random;
mod rejects;
mod units;

use super::*;
use crate::base::ids::Ident;
use crate::base::run::RunIdentity;
use crate::base::time::{NS_PER_S, Wall};
use crate::measure::window::WindowSettings;
use crate::wire::label::OTHER;
use crate::wire::sump::TimeUnit;
use std::collections::{BTreeMap, HashSet};

/// 2023-11-14 22:13:30 UTC, the start of a 15 s window.
const START_S: u64 = 1_700_000_010;
const SOCKET: SocketId = SocketId(1);

struct Bench {
    ingest: Ingest,
    now: Now,
    windows: Vec<ClosedWindow>,
    closed: Vec<ClosedRun>,
    rejected: Vec<(Reject, String)>,
    warnings: u32,
    units: Vec<TimeUnit>,
}

/// Count, passed, failed and the response times' count, sum, smallest and largest of one (label, kind), all windows.
type LabelTotals = BTreeMap<(String, Kind), [u64; 7]>;

impl Bench {
    fn empty() -> Self {
        let wall = Wall(START_S as i64 * NS_PER_S as i64);
        let now = Now { mono: Mono(7 * NS_PER_S), wall };
        let (windows, closed, rejected) = (Vec::new(), Vec::new(), Vec::new());
        Self { ingest: Ingest::new(42), now, windows, closed, rejected, warnings: 0, units: Vec::new() }
    }

    /// One run with a socket of its own, slot 0.
    fn controlled(labels_max: usize) -> Self {
        let mut bench = Self::empty();
        let window = WindowSettings { period_s: 15, grace_ms: 2_000 };
        let settings = RunSettings { identity: identity("7"), window, labels_max };
        assert_eq!(bench.ingest.open_run(bench.now, SOCKET, settings), 0);
        bench
    }

    /// A socket that takes any flood.
    fn open() -> Self {
        let mut bench = Self::empty();
        let window = WindowSettings { period_s: 15, grace_ms: 2_000 };
        let settings = OpenSettings {
            grid: Some(ident("9")),
            region: None,
            run: 3,
            window,
            labels_max: LABELS_DEFAULT,
            earlier: Vec::new(),
        };
        bench.ingest.open_socket(SOCKET, settings);
        bench
    }

    fn send(&mut self, datagram: &str) {
        self.ingest.datagram(self.now, SOCKET, datagram.as_bytes());
        self.collect();
    }

    /// A sample of `label` that ends now.
    fn sample(&mut self, flood: &str, label: &str) {
        let now_ns = self.now.wall.0;
        self.send(&format!("sample,flood={flood},label={label} rt=1.5,ok=t {now_ns}"));
    }

    /// Time goes by, second by second, as the shell would see it.
    fn wait_s(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.now = self.now.plus_ns(NS_PER_S);
            self.ingest.tick(self.now);
            self.collect();
        }
    }

    fn close(&mut self) -> &ClosedRun {
        self.ingest.close_all(self.now);
        self.collect();
        self.check();
        self.closed.last().expect("a run was open")
    }

    fn collect(&mut self) {
        while let Some(output) = self.ingest.poll_output() {
            match output {
                IngestOutput::Window(window) => self.windows.push(*window),
                IngestOutput::Closed(run) => self.closed.push(*run),
                IngestOutput::Counted { .. } => {}
                IngestOutput::Remark(Remark::Rejected { reason, excerpt, .. }) => {
                    self.rejected.push((reason, excerpt))
                }
                IngestOutput::Remark(Remark::HalfOfLabels { .. }) => self.warnings += 1,
                IngestOutput::Remark(Remark::TimeUnit { unit, .. }) => self.units.push(unit),
            }
        }
    }

    /// What holds for every run that has closed.
    #[track_caller]
    fn check(&self) {
        let mut seen = HashSet::new();
        for window in &self.windows {
            assert_eq!(window.start_ns.rem_euclid(window.period_ns as i64), 0, "windows are aligned");
            assert_eq!(window.samples, window.series.iter().map(|s| s.numbers.count).sum::<u64>());
            let place = (window.identity.clone(), window.start_ns, window.part_n);
            assert!(seen.insert((place.clone(), None)), "one emission of a (window, part): {place:?}");
            for SeriesWindow { info, .. } in &window.series {
                let point = (place.clone(), Some((info.label_id, info.alternate)));
                assert!(
                    seen.insert(point),
                    "one point a (window, part, label, alternate): {place:?}, {info:?}"
                );
            }
            assert!(window.users.is_none() || window.part_n == 0, "gauges have part 0 only");
        }
        for run in &self.closed {
            self.check_account(run);
        }
        assert!(self.ingest.stray().balances(), "{:?}", self.ingest.stray());
    }

    #[track_caller]
    fn check_account(&self, run: &ClosedRun) {
        let account = &run.account;
        assert!(account.balances(), "{account:?}");
        let own = || self.windows.iter().filter(|window| window.run == run.run);
        assert_eq!(own().map(|window| window.samples).sum::<u64>(), account.aggregated);
        assert!(account.late + account.restamped <= account.aggregated);
        assert!(account.folded_samples <= account.aggregated);
        self.check_failures(run);
        let mut added = BTreeMap::<&str, u64>::new();
        for snapshot in own().filter_map(|window| window.account.as_ref()) {
            for (name, n) in snapshot.total.since(&snapshot.before) {
                *added.entry(name).or_default() += n;
            }
        }
        assert_eq!(
            added,
            account.fields().into_iter().collect(),
            "what the windows say adds up to the receipt"
        );
    }

    /// What is said of failures is what the windows have of them.
    #[track_caller]
    fn check_failures(&self, run: &ClosedRun) {
        let own = || self.windows.iter().filter(|window| window.run == run.run).flat_map(|w| &w.series);
        assert_eq!(run.failures.total(), own().map(|s| s.numbers.failed).sum::<u64>());
        let requests = || own().filter(|s| s.info.kind == Kind::Request);
        let expected = RequestCounts {
            requests: requests().map(|s| s.numbers.count).sum(),
            failed: requests().map(|s| s.numbers.failed).sum(),
        };
        assert_eq!(run.requests, Some(expected));
        // A user's own `__other__` is another label, so nobody can ask for the folded ones.
        for label in own().map(|s| &s.info.label).filter(|label| ***label != *OTHER) {
            let samples = own().filter(|s| s.info.label == *label).map(|s| s.numbers.count).sum();
            assert_eq!(run.labels.of(label), Some(samples), "{label}");
        }
        let whole = run.account.folded_labels == 0;
        assert_eq!(run.labels.of("nobody has sent this"), whole.then_some(0), "what was folded is not known");
    }

    fn totals(&self) -> LabelTotals {
        let mut totals = LabelTotals::new();
        for SeriesWindow { info, numbers: n, .. } in self.windows.iter().flat_map(|window| &window.series) {
            let new = [0, 0, 0, 0, 0, u64::MAX, 0];
            let t = totals.entry((info.label.to_string(), info.kind)).or_insert(new);
            let [count, passed, failed, rt, sum, min, max] = t;
            (*count, *passed, *failed) = (*count + n.count, *passed + n.passed, *failed + n.failed);
            (*rt, *sum) = (*rt + n.rt.count, *sum + n.rt.sum_us);
            (*min, *max) = ((*min).min(n.rt.min_us), (*max).max(n.rt.max_us));
            assert_eq!(n.sketch.count(), n.rt.count);
        }
        totals
    }
}

fn ident(text: &str) -> Ident {
    Ident::new(text).expect("an identifier")
}

fn identity(flood: &str) -> RunIdentity {
    RunIdentity { account: None, flood: ident(flood), project: None, grid: None, region: None, run: 1 }
}
