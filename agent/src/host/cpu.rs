//! The machine's processors, from `/proc/stat`.
//!
//! ```text
//! cpu  user nice system idle iowait irq softirq steal guest guest_nice      (ticks; guests are within user and nice)
//! cpu0 …
//! ```

use super::source::lines;

/// Columns that add up to all the time there is.
const COLUMNS: usize = 8;
const IDLE: usize = 3;
const IOWAIT: usize = 4;
const STEAL: usize = 7;

/// Ticks since boot, by column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CpuTimes {
    ticks: [u64; COLUMNS],
    /// Processors that are online.
    pub(super) processors: u32,
}

/// How the machine's processor time was spent; 100 is all of it on all processors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CpuShare {
    /// At work.
    pub busy_percent: f64,
    /// Taken by the hypervisor while there was work to do.
    pub steal_percent: f64,
}

impl CpuTimes {
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let mut lines = lines(text);
        let mut words = lines.next()?.split_ascii_whitespace();
        if words.next()? != "cpu" {
            return None;
        }
        let mut ticks = [0; COLUMNS];
        for column in &mut ticks {
            *column = words.next()?.parse().ok()?;
        }
        let processors = lines.take_while(|line| line.starts_with("cpu")).count();
        Some(Self { ticks, processors: u32::try_from(processors.max(1)).ok()? })
    }

    /// What happened since `before`. None when no time has passed.
    pub(super) fn since(&self, before: &Self) -> Option<CpuShare> {
        // Single columns may go back a little (iowait does), and when a processor is taken away.
        let spent: [u64; COLUMNS] = std::array::from_fn(|i| self.ticks[i].saturating_sub(before.ticks[i]));
        let total: f64 = spent.iter().map(|ticks| *ticks as f64).sum();
        let share = |ticks: f64| 100.0 * ticks / total;
        let idle = spent[IDLE] as f64 + spent[IOWAIT] as f64;
        let steal = spent[STEAL] as f64;
        (total > 0.0).then(|| CpuShare {
            busy_percent: share((total - idle - steal).max(0.0)),
            steal_percent: share(steal),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BEFORE: &[u8] = b"cpu  100 0 50 800 40 0 10 0 5 0\ncpu0 1\ncpu1 1\nintr 7 8\nctxt 9\n";
    const AFTER: &[u8] = b"cpu  130 10 60 830 39 5 15 10 9 0\ncpu0 1\ncpu1 1\nintr 7 8\n";

    #[test]
    fn shares_of_the_time_between() {
        let before = CpuTimes::parse(BEFORE).unwrap();
        let after = CpuTimes::parse(AFTER).unwrap();
        assert_eq!(after.processors, 2);
        let share = after.since(&before).unwrap();
        // 60 busy, 30 idle (iowait went back), 10 stolen.
        assert_eq!(share, CpuShare { busy_percent: 60.0, steal_percent: 10.0 });
        assert_eq!(before.since(&before), None);
    }

    #[test]
    fn other_texts_are_none() {
        for text in [&b""[..], b"cpu", b"cpu 1 2 3", b"cpu0 1 2 3 4 5 6 7 8", b"cpu 1 2 3 4 5 6 7 x", b"\xff"]
        {
            assert_eq!(CpuTimes::parse(text), None);
        }
    }

    proptest! {
        #[test]
        fn shares_are_shares(a: [u64; COLUMNS], b: [u64; COLUMNS]) {
            let times = |ticks| CpuTimes { ticks, processors: 1 };
            if let Some(share) = times(a).since(&times(b)) {
                prop_assert!((0.0..=100.0001).contains(&share.busy_percent));
                prop_assert!((0.0..=100.0001).contains(&share.steal_percent));
            }
        }

        #[test]
        fn any_text(text in proptest::collection::vec(any::<u8>(), 0..200), tail in "[ 0-9a-z\n]{0,80}") {
            let _ = CpuTimes::parse(&text);
            let _ = CpuTimes::parse(format!("cpu {tail}").as_bytes());
        }
    }
}
