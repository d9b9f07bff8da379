//! Timestamps in the wrong unit: ns are due, and most languages have ms or s at hand.

use crate::base::time::Wall;
use std::fmt;

/// 2001-01-01, ns: there was no load test of ours before.
const OLDEST_NS: i128 = 978_307_200_000_000_000;
/// Clocks differ, but not by more.
const AHEAD_NS: i128 = 24 * 3_600 * 1_000_000_000;

/// The unit that a timestamp must be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
}

impl TimeUnit {
    /// The unit of a timestamp that cannot be ns, if it is unmistakable: as ns it is in January 1970, in that unit between
    /// 2001 and tomorrow. The ranges are a factor of 1,000 apart, so there is never more than one.
    #[must_use]
    pub fn mistaken_for_ns(time: i64, now: Wall) -> Option<Self> {
        let plausible = |unit: &Self| {
            let time_ns = i128::from(time) * i128::from(unit.ns());
            (OLDEST_NS..=i128::from(now.0) + AHEAD_NS).contains(&time_ns)
        };
        [Self::Seconds, Self::Millis, Self::Micros].into_iter().find(plausible)
    }

    /// What a timestamp in this unit is to be multiplied by.
    #[must_use]
    pub fn ns(self) -> u32 {
        match self {
            Self::Seconds => 1_000_000_000,
            Self::Millis => 1_000_000,
            Self::Micros => 1_000,
        }
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seconds => "seconds",
            Self::Millis => "milliseconds",
            Self::Micros => "microseconds",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_unmistakable() {
        let now = Wall(1_790_000_000_123_456_789);
        for (time, unit) in [
            (1_790_000_000, Some(TimeUnit::Seconds)),
            (1_790_000_000_123, Some(TimeUnit::Millis)),
            (1_790_000_000_123_456, Some(TimeUnit::Micros)),
            (1_790_000_000_123_456_789, None),
            (1_700_000_000_123, Some(TimeUnit::Millis)), // an old file, sent again
            (978_307_200, Some(TimeUnit::Seconds)),
            (978_307_199, None),
            (1_790_086_400, Some(TimeUnit::Seconds)), // a clock that is a day ahead
            (1_790_086_401, None),
            (978_307_199_999, None),
            (0, None),
            (17, None),
            (-1_790_000_000, None),
            (i64::MAX, None),
            (i64::MIN, None),
        ] {
            assert_eq!(TimeUnit::mistaken_for_ns(time, now), unit, "{time}");
        }
    }
}
