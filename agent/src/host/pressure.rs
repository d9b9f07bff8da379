//! Pressure stall information, from `/proc/pressure/{cpu,memory,io}`. Absent before Linux 4.20 and where it is switched
//! off.
//!
//! ```text
//! some avg10=2.68 avg60=1.44 avg300=1.96 total=4713607860        (total: µs since boot)
//! full avg10=0.00 avg60=0.00 avg300=0.00 total=0                 (absent for cpu before 5.13)
//! ```
//!
//! The totals are used: their difference is of the very window, while the averages know only 10, 60 and 300 s.

use super::source::lines;
use gridnode_core::node::health::Stalled;

/// µs stalled since boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pressure {
    some_us: u64,
    full_us: u64,
}

impl Pressure {
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        Some(Self { some_us: total(text, "some")?, full_us: total(text, "full").unwrap_or(0) })
    }

    /// The share of the time since `before`.
    pub(super) fn since(&self, before: &Self, elapsed_s: f64) -> Stalled {
        let percent = |now: u64, before: u64| {
            let stalled_s = now.saturating_sub(before) as f64 / 1e6;
            // The kernel adds up a little later than it happened, so a share may seem to be more than all.
            (100.0 * stalled_s / elapsed_s).min(100.0)
        };
        Stalled {
            some_percent: percent(self.some_us, before.some_us),
            full_percent: percent(self.full_us, before.full_us),
        }
    }
}

fn total(text: &[u8], kind: &str) -> Option<u64> {
    lines(text).find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        (words.next()? == kind).then(|| words.find_map(|word| word.strip_prefix("total="))?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_of_the_time_between() {
        let before =
            Pressure::parse(b"some avg10=0.09 total=1000000\nfull avg10=0.09 total=300000\n").unwrap();
        let after =
            Pressure::parse(b"some avg10=0.09 total=4000000\nfull avg10=0.09 total=300000\n").unwrap();
        let stalled = after.since(&before, 15.0);
        assert_eq!(stalled, Stalled { some_percent: 20.0, full_percent: 0.0 });
        assert_eq!(after.since(&before, 1.0).some_percent, 100.0);
        assert_eq!(before.since(&after, 15.0).some_percent, 0.0);
    }

    #[test]
    fn an_old_kernel_has_no_full_for_the_processor() {
        let pressure = Pressure::parse(b"some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");
        assert_eq!(pressure, Some(Pressure { some_us: 7, full_us: 0 }));
        for text in [&b""[..], b"some\n", b"some total=x\n", b"full total=7\n"] {
            assert_eq!(Pressure::parse(text), None);
        }
    }

    proptest! {
        #[test]
        fn any_text(text in proptest::collection::vec(any::<u8>(), 0..200), tail in "[ a-z0-9=.\n]{0,60}") {
            let _ = Pressure::parse(&text);
            let _ = Pressure::parse(format!("some {tail}").as_bytes());
        }
    }
}
