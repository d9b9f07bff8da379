//! Tumbling windows by event time, closed by the clock.
//!
//! A window `i` covers `[i·period, (i+1)·period)` of the wall clock, aligned to the Unix epoch, and closes `grace` after
//! its end whether or not anything arrives. The **frontier** is the oldest window that has not had its regular close.
//! A sample behind the frontier opens a *late part* of its window, which closes with the next regular close: one part
//! a window and close, at most [`LATE_WINDOWS_MAX`] of them open.
//!
//! The wall clock may step. Forward: the windows in between were empty and are skipped. Backward: what is open closes
//! at once, the frontier goes back with the clock, and windows that were emitted before get further parts. Part
//! numbers are never used twice for one window, so nothing that was delivered can be overwritten.

mod open;
mod parts;

pub use open::OpenWindow;
pub use parts::{ALTERNATE_PART, PARTS_PER_INCARNATION, UsedParts};

use crate::base::limits::LATE_WINDOWS_MAX;
use crate::base::time::{NS_PER_MS, NS_PER_S, Wall};
use parts::Parts;

/// How far behind the frontier a window may still be reopened, in windows; older samples are restamped.
pub const REOPEN_WINDOWS_MAX: i64 = 1_024;

/// How a run's windows are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowSettings {
    /// Length of a window, s; one of [`crate::base::limits::WINDOW_S_ALLOWED`].
    pub period_s: u32,
    /// Wait after a window's end for datagrams on their way, ms.
    pub grace_ms: u64,
}

/// The windows of one run.
pub struct Windows {
    period_ns: i64,
    grace_ns: i64,
    frontier: i64,
    /// The window that the run began in: before it there is no idle time to show.
    first: i64,
    open: Vec<OpenWindow>,
    parts: Parts,
}

/// What happened to the time of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// Its window was open.
    Regular,
    /// It opened or joined a late part.
    Late,
    /// Its time could not be used: from the future, or too old.
    Restamped,
}

impl Windows {
    /// Starts with the oldest window whose regular close is still to come: a run's first datagram may bring a sample
    /// of the window before.
    #[must_use]
    pub fn new(settings: WindowSettings, now: Wall) -> Self {
        let period_ns = i64::from(settings.period_s.max(1)) * NS_PER_S as i64;
        let grace_ns = i64::try_from(settings.grace_ms.saturating_mul(NS_PER_MS)).unwrap_or(i64::MAX / 4);
        let frontier = now.0.saturating_sub(grace_ns).div_euclid(period_ns);
        let first = now.0.div_euclid(period_ns);
        Self { period_ns, grace_ns, frontier, first, open: Vec::new(), parts: Parts::default() }
    }

    /// The same, for a run of which this process has emitted windows before.
    #[must_use]
    pub fn resume(settings: WindowSettings, now: Wall, used: UsedParts) -> Self {
        Self { parts: Parts::after(used), ..Self::new(settings, now) }
    }

    /// The part numbers taken so far, in brief: for [`Self::resume`].
    #[must_use]
    pub fn used_parts(&self) -> UsedParts {
        self.parts.used()
    }

    /// Length of a window, ns.
    #[must_use]
    pub fn period_ns(&self) -> u64 {
        self.period_ns.unsigned_abs()
    }

    /// The open window that a sample of this time belongs to.
    pub fn window_for(&mut self, now: Wall, time_ns: Option<i64>) -> (&mut OpenWindow, Timing) {
        let time_ns = time_ns.unwrap_or(now.0);
        let current = now.0.div_euclid(self.period_ns);
        let claimed = time_ns.div_euclid(self.period_ns);
        // A clock some ms ahead changes nothing within one window; only a later window is a time that cannot be used.
        let from_future = claimed > current;
        let index = claimed.min(current);
        // The common case first: the newest window is the last of the list.
        if let Some(at) = self.open.iter().rposition(|window| window.index == index) {
            let timing = match (from_future, self.open[at].late) {
                (true, _) => Timing::Restamped,
                (false, true) => Timing::Late,
                (false, false) => Timing::Regular,
            };
            return (&mut self.open[at], timing);
        }
        let regular = index >= self.frontier;
        if regular || self.may_reopen(index) {
            let timing = match (from_future, regular) {
                (true, _) => Timing::Restamped,
                (false, true) => Timing::Regular,
                (false, false) => Timing::Late,
            };
            return (self.open_at(index), timing);
        }
        let oldest = self.open.iter().map(|window| window.index).min().unwrap_or(self.frontier);
        (self.open_at(oldest), Timing::Restamped)
    }

    /// The window that a gauge read at `now` belongs to.
    pub fn current(&mut self, now: Wall) -> &mut OpenWindow {
        self.window_for(now, None).0
    }

    /// When the next regular close is due by the wall clock.
    #[must_use]
    pub fn next_close(&self) -> Wall {
        Wall((self.frontier + 1).saturating_mul(self.period_ns).saturating_add(self.grace_ns))
    }

    /// Closes what is due, oldest first. Empty while no close is due. A regular close always yields at least one
    /// window, an empty one if need be, so that a reader sees an idle run; only before its first window there is none.
    pub fn close_due(&mut self, now: Wall) -> Vec<OpenWindow> {
        if now.0 < self.frontier.saturating_mul(self.period_ns) {
            return self.step_back(now);
        }
        if now < self.next_close() {
            return Vec::new();
        }
        let due = now.0.saturating_sub(self.grace_ns).div_euclid(self.period_ns);
        let last = due - 1;
        if last >= self.first && !self.open.iter().any(|window| window.index == last) {
            self.open_at(last);
        }
        self.frontier = due;
        self.take(|window, frontier| window.late || window.index < frontier)
    }

    /// Closes everything: the end of the run. Yields at least one window to carry the last accounts.
    pub fn close_all(&mut self, now: Wall) -> Vec<OpenWindow> {
        if self.open.is_empty() {
            let index = now.0.div_euclid(self.period_ns);
            self.open_at(index);
        }
        let closed = self.take(|_, _| true);
        if let Some(last) = closed.last() {
            self.frontier = self.frontier.max(last.index + 1);
        }
        closed
    }

    /// Open windows, late parts included.
    #[must_use]
    pub fn open(&self) -> &[OpenWindow] {
        &self.open
    }

    fn step_back(&mut self, now: Wall) -> Vec<OpenWindow> {
        let closed = self.take(|_, _| true);
        self.frontier = now.0.saturating_sub(self.grace_ns).div_euclid(self.period_ns);
        self.first = self.first.min(now.0.div_euclid(self.period_ns));
        closed
    }

    fn may_reopen(&self, index: i64) -> bool {
        let late = self.open.iter().filter(|window| window.late).count();
        late < LATE_WINDOWS_MAX
            && index >= self.frontier.saturating_sub(REOPEN_WINDOWS_MAX)
            && self.parts.room_for(index)
    }

    fn open_at(&mut self, index: i64) -> &mut OpenWindow {
        if let Some(at) = self.open.iter().position(|window| window.index == index) {
            return &mut self.open[at];
        }
        let late = index < self.frontier;
        let part_n = self.parts.take(index);
        let at = self.open.partition_point(|window| window.index < index);
        let start_ns = index.saturating_mul(self.period_ns);
        self.open.insert(at, OpenWindow::new(index, start_ns, part_n, late));
        &mut self.open[at]
    }

    fn take(&mut self, wanted: impl Fn(&OpenWindow, i64) -> bool) -> Vec<OpenWindow> {
        let frontier = self.frontier;
        let (closed, open) =
            std::mem::take(&mut self.open).into_iter().partition(|window| wanted(window, frontier));
        self.open = open;
        closed
    }
}

#[cfg(test)]
mod tests;
