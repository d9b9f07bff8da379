//! In which window a sample counts, by the contract (section 2), written down a second time and apart from the core, so that
//! clocks may step however they like and the store can still be held to the window.
//!
//! - A sample counts in the window of its time; one from the future in that of now.
//! - A window that has had its close is opened once more for what is late: at most 8 of those at once, and only the last 1,024.
//!   What is older counts in the oldest window that is open, or, where none is, in the one that closes next.
//! - Windows close `grace` after their end, late ones with the next of those. When the clock is found behind the start of the
//!   window that would close next, all close at once, and closing begins anew at that time.

use gridnode_core::base::time::NS_PER_S;
use std::collections::BTreeMap;

const LATE_MAX: usize = 8;
const REOPENED_MAX: i64 = 1_024;
pub const GRACE_MS: u64 = 2_000;
const GRACE_NS: i64 = GRACE_MS as i64 * 1_000_000;

/// What a run's account and receipt must say of this process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    pub aggregated: u64,
    pub late: u64,
    pub restamped: u64,
    pub ahead_ms: u64,
    pub behind_ms: u64,
}

pub struct Rule {
    period_ns: i64,
    /// The window that closes next.
    next: i64,
    /// And whether they are late ones.
    open: BTreeMap<i64, bool>,
    pub said: Said,
}

impl Rule {
    pub fn new(period_s: u32, now_ns: i64) -> Self {
        let period_ns = i64::from(period_s) * NS_PER_S as i64;
        let next = (now_ns - GRACE_NS).div_euclid(period_ns);
        Self { period_ns, next, open: BTreeMap::new(), said: Said::default() }
    }

    /// Start of the window in which a sample counts, s.
    pub fn sample(&mut self, now_ns: i64, time_ns: i64) -> i64 {
        let (index, is_late, fits) = self.place(now_ns, time_ns);
        self.said.aggregated += 1;
        let is_ahead = time_ns.div_euclid(self.period_ns) > now_ns.div_euclid(self.period_ns);
        if is_ahead || !fits {
            self.said.restamped += 1;
            let off_ms = now_ns.abs_diff(time_ns) / 1_000_000;
            let most = if time_ns > now_ns { &mut self.said.ahead_ms } else { &mut self.said.behind_ms };
            *most = off_ms.max(*most);
        } else if is_late {
            self.said.late += 1;
        }
        index * self.period_ns / NS_PER_S as i64
    }

    /// A gauge is read.
    pub fn gauge(&mut self, now_ns: i64) {
        self.place(now_ns, now_ns);
    }

    /// Window, whether it is a late one, and whether it is the sample's own.
    fn place(&mut self, now_ns: i64, time_ns: i64) -> (i64, bool, bool) {
        let own = time_ns.min(now_ns).div_euclid(self.period_ns);
        let is_open = self.open.contains_key(&own);
        let late_ones = self.open.values().filter(|is_late| **is_late).count();
        let fits = is_open || own >= self.next || (late_ones < LATE_MAX && own >= self.next - REOPENED_MAX);
        let index = if fits { own } else { self.open.keys().next().copied().unwrap_or(self.next) };
        let is_late = *self.open.entry(index).or_insert(index < self.next);
        (index, is_late, fits)
    }

    /// Starts of the windows that close now, s; an empty one may come with them.
    pub fn tick(&mut self, now_ns: i64) -> Vec<i64> {
        let due = (now_ns - GRACE_NS).div_euclid(self.period_ns);
        if now_ns < self.next * self.period_ns {
            self.next = due;
            self.close()
        } else if due > self.next {
            self.next = due;
            let (closed, open): (BTreeMap<i64, bool>, BTreeMap<i64, bool>) =
                self.open.iter().partition(|(index, is_late)| **is_late || **index < due);
            self.open = open;
            self.starts_s(&closed)
        } else {
            Vec::new()
        }
    }

    /// The run ends: those of all that are open.
    pub fn close(&mut self) -> Vec<i64> {
        let closed = std::mem::take(&mut self.open);
        self.starts_s(&closed)
    }

    fn starts_s(&self, windows: &BTreeMap<i64, bool>) -> Vec<i64> {
        windows.keys().map(|index| index * self.period_ns / NS_PER_S as i64).collect()
    }
}
