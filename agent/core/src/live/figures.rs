//! The figures of a run as a whole at one moment, and which of them should worry somebody.

use crate::measure::ledger::SampleAccount;

/// From here on a machine is worth a look, per cent.
const TIGHT_PERCENT: f64 = 80.0;
/// From here on its numbers may be its own, per cent.
const FULL_PERCENT: f64 = 95.0;

/// How much of something is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// There is room.
    Calm,
    /// Worth a look.
    Tight,
    /// Nothing is left.
    Full,
}

impl Level {
    /// Of a share in per cent.
    #[must_use]
    pub fn of(percent: f64) -> Self {
        match percent {
            _ if percent >= FULL_PERCENT => Self::Full,
            _ if percent >= TIGHT_PERCENT => Self::Tight,
            _ => Self::Calm,
        }
    }
}

/// Response times of the latest window, µs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Latest {
    /// Median.
    pub p50_us: u64,
    /// 95th percentile.
    pub p95_us: u64,
    /// 99th percentile.
    pub p99_us: u64,
}

/// A run at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// The flood's name.
    pub flood: String,
    /// Since the tool was started, s.
    pub elapsed_s: u64,
    /// How long it takes by its plan, s, where that is known.
    pub planned_s: Option<u64>,
    /// Users active now.
    pub users: u64,
    /// Requests finished a second, lately.
    pub rate_per_s: f64,
    /// Requests that have passed.
    pub passed: u64,
    /// Requests that have failed.
    pub failed: u64,
    /// The latest window with response times in it.
    pub latest: Option<Latest>,
    /// What became of the samples.
    pub account: SampleAccount,
    /// Distinct labels.
    pub labels: u64,
    /// Why this machine is saturated, if it was in the latest look at it.
    pub saturated: Option<String>,
    /// What else should worry somebody, in words.
    pub beside: Vec<String>,
    /// A remark on this second (`JMeter is starting`), or nothing.
    pub note: String,
}

impl Figures {
    /// What is left by the plan, s; `None` where nobody knows, or where it takes longer.
    #[must_use]
    pub fn remaining_s(&self) -> Option<u64> {
        self.planned_s?.checked_sub(self.elapsed_s)
    }

    /// What keeps the numbers from being the whole truth, by now, in words.
    #[must_use]
    pub fn alarms(&self) -> Vec<String> {
        let account = &self.account;
        let counts = [
            (account.lost, "samples lost"),
            (account.kernel_dropped, "datagrams dropped by the kernel"),
            (account.rejected.total(), "lines rejected"),
            (account.truncated, "samples that did not fit a datagram"),
        ];
        let mut alarms: Vec<String> =
            counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if let Some(why) = &self.saturated {
            alarms.push(format!("this machine is saturated ({why})"));
        }
        alarms.extend(self.beside.iter().cloned());
        alarms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_and_nothing_else() {
        let mut figures = Figures { planned_s: Some(60), elapsed_s: 12, ..Figures::default() };
        assert_eq!((figures.alarms(), figures.remaining_s()), (vec![], Some(48)));
        figures.elapsed_s = 61;
        figures.account.kernel_dropped = 3;
        figures.account.rejected.syntax = 2;
        figures.saturated = Some("cpu".to_owned());
        assert_eq!(
            figures.alarms(),
            ["3 datagrams dropped by the kernel", "2 lines rejected", "this machine is saturated (cpu)"]
        );
        assert_eq!(figures.remaining_s(), None);
    }

    #[test]
    fn levels() {
        assert_eq!(
            [0.0, 79.9, 80.0, 94.9, 95.0, 100.0, f64::NAN].map(Level::of),
            [Level::Calm, Level::Calm, Level::Tight, Level::Tight, Level::Full, Level::Full, Level::Calm]
        );
    }
}
