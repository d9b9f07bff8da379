//! What an answer's number makes of it: delays and failures that look random and are the same every time.

use gridnode_core::base::random::SplitMix64;

/// Of 100 answers of the slow page, this many are in its long tail.
const TAIL_PERCENT: u64 = 8;
/// Of 100 answers of the flaky page, this many are errors.
const FAILURE_PERCENT: u64 = 5;

const SLOW_SEED: u64 = 0x5eed_0000_0000_0001;
const FLAKY_SEED: u64 = 0x5eed_0000_0000_0002;

/// How long the `nth` answer of the slow page takes, ms: 40–80, or 200–900 in the tail, where long ones are rarer.
pub fn slow_ms(nth: u64) -> u64 {
    let roll = SplitMix64::nth(SLOW_SEED, nth);
    // Different bits for the choice and for the value, or the tail would have few distinct values.
    let choice = roll % 100;
    let value = (roll >> 32) % 1_000;
    if choice < TAIL_PERCENT { 200 + 700 * value * value / 998_001 } else { 40 + 40 * value / 999 }
}

/// Whether the `nth` answer of the flaky page is an error.
pub fn flaky_fails(nth: u64) -> bool {
    SplitMix64::nth(FLAKY_SEED, nth) % 100 < FAILURE_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_answers_have_a_body_and_a_tail() {
        let all: Vec<u64> = (0..10_000).map(slow_ms).collect();
        let (body, tail): (Vec<u64>, Vec<u64>) = all.iter().partition(|&&ms| ms < 100);
        assert!(body.iter().all(|ms| (40..=80).contains(ms)));
        assert!(tail.iter().all(|ms| (200..=900).contains(ms)));
        assert!((700..900).contains(&tail.len()), "{} in the tail", tail.len());
        assert!(tail.iter().any(|&ms| ms > 800) && tail.iter().any(|&ms| ms < 250));
    }

    #[test]
    fn failures_are_about_one_in_twenty() {
        let failed = (0..10_000).filter(|&nth| flaky_fails(nth)).count();
        assert!((430..570).contains(&failed), "{failed}");
    }

    #[test]
    fn the_sequence_never_changes() {
        assert_eq!((0..6).map(slow_ms).collect::<Vec<_>>(), [69, 64, 67, 48, 60, 62]);
        assert_eq!((0..100).filter(|&nth| flaky_fails(nth)).collect::<Vec<_>>(), [12, 17, 66, 80, 84, 89]);
    }
}
