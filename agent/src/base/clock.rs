//! The only place in this crate that reads a clock; everything else takes [`Now`] as an argument.

use gridnode_core::base::time::{Mono, NS_PER_MS, Now, Wall};
use std::sync::OnceLock;
use std::time::{Instant, SystemTime};

/// The first reading of this process: where [`Mono`] counts from.
static ORIGIN: OnceLock<Instant> = OnceLock::new();

/// Both clocks, read one right after the other. A wall clock before 1970 reads as negative nanoseconds.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clocks")]
pub fn now() -> Now {
    let mono = Instant::now();
    let wall = SystemTime::now();
    let since_origin = mono.saturating_duration_since(*ORIGIN.get_or_init(|| mono));
    Now { mono: Mono(u64::try_from(since_origin.as_nanos()).unwrap_or(u64::MAX)), wall: wall_ns(wall) }
}

/// A number for a run that starts at `time`: milliseconds, for two runs may start within a second. Always above the
/// seconds that were taken before.
#[must_use]
pub fn run_number(time: Wall) -> u64 {
    time.0.max(0).unsigned_abs() / NS_PER_MS
}

/// `time` as nanoseconds since the epoch, saturating in the years 1677 and 2262.
fn wall_ns(time: SystemTime) -> Wall {
    Wall(match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |ns| -ns),
    })
}

/// Sleeps until a point of the monotonic clock; for good when there is none.
pub async fn sleep_until(deadline: Option<Mono>) {
    match deadline {
        Some(at) => tokio::time::sleep(std::time::Duration::from_nanos(at.since_ns(now().mono))).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn order_never_goes_back() {
        let readings: Vec<Now> = (0..1_000).map(|_| now()).collect();
        assert!(readings.windows(2).all(|pair| pair[0].mono <= pair[1].mono));
    }

    #[test]
    fn runs_of_the_same_second_have_numbers_of_their_own_above_all_seconds() {
        let at = |ms: i64| run_number(Wall(1_795_690_828_000_000_000 + ms * 1_000_000));
        assert!(at(0) < at(1) && at(1) < at(1_000));
        assert!(at(0) > u64::from(u32::MAX));
        assert_eq!(run_number(Wall(-5)), 0);
    }

    #[test]
    fn wall_time_before_the_epoch_is_negative() {
        assert_eq!(wall_ns(SystemTime::UNIX_EPOCH - Duration::from_nanos(5)), Wall(-5));
        assert_eq!(wall_ns(SystemTime::UNIX_EPOCH + Duration::from_secs(2)), Wall(2_000_000_000));
    }
}
