//! How far a ratio of sums (failed samples of all, times over their number) may be off by noise alone.
//!
//! The samples of a load test are not independent: a slow second makes all of its samples slow. So what varies is looked at from
//! window to window, not from sample to sample, and what neighbouring windows have in common is looked for, too: twice, in the
//! windows as they are and in pairs, fours and so on of them, as long as [`BLOCKS_MIN`] are left. The larger noise counts.

use super::student::{quantile, two_sided};

/// Fewer blocks say too little of what they have in common.
const BLOCKS_MIN: usize = 16;
/// What neighbours can have in common: above, nothing could be told from a few windows at all.
const CORRELATION_MAX: f64 = 0.9;
/// The interval that is shown has the true difference in 19 of 20 cases.
pub(super) const INTERVAL_CHANCE: f64 = 0.05;

/// A window's part of both sums: failed samples and all samples, say.
pub(super) type Parts = (f64, f64);

/// What two sides differ by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Difference {
    /// Of B less that of A.
    pub(super) value: f64,
    /// How often noise alone would differ so much.
    pub(super) chance: f64,
    /// Half the width of the interval.
    pub(super) half_width: f64,
    /// The same of each side alone.
    pub(super) half_widths: [f64; 2],
}

/// One side, cut into blocks.
struct Cut {
    ratio: f64,
    below: f64,
    /// Of each block: how far it is from what the ratio says.
    rests: Vec<f64>,
}

/// `None` where a side has nothing at all. `is_share`: the ratio is a share of samples; its noise is not less than that of
/// drawing lots, however even the windows are.
pub(super) fn difference(a: &[Parts], b: &[Parts], is_share: bool) -> Option<Difference> {
    let mut worst: Option<Difference> = None;
    let mut block = 1;
    loop {
        let found = of_blocks(&Cut::of(a, block)?, &Cut::of(b, block)?, is_share);
        if worst.is_none_or(|worst| found.chance >= worst.chance) {
            worst = Some(found);
        }
        block *= 2;
        if a.len().min(b.len()) / block < BLOCKS_MIN {
            return worst;
        }
    }
}

fn of_blocks(a: &Cut, b: &Cut, is_share: bool) -> Difference {
    let common = correlation([&a.rests, &b.rests]);
    let [mut noise_a, mut noise_b] = [a, b].map(|side| side.noise(common));
    if is_share {
        let share = (a.ratio * a.below + b.ratio * b.below) / (a.below + b.below);
        let lots = |side: &Cut| (share * (1.0 - share)).max(0.0) / side.below;
        noise_a = noise_a.max(lots(a));
        noise_b = noise_b.max(lots(b));
    }
    let [free_a, free_b] = [a, b].map(|side| side.freedom(common));
    let both = noise_a + noise_b;
    // Welch and Satterthwaite's rule: sides may differ in length and in noise.
    let apart = noise_a * noise_a / free_a + noise_b * noise_b / free_b;
    let freedom = if apart > 0.0 { both * both / apart } else { free_a.min(free_b) };
    let value = b.ratio - a.ratio;
    let error = both.sqrt();
    let chance = if value == 0.0 { 1.0 } else { two_sided(value / error, freedom) };
    let times = quantile(INTERVAL_CHANCE, freedom);
    let half_widths = [(noise_a, free_a), (noise_b, free_b)]
        .map(|(noise, freedom): (f64, f64)| quantile(INTERVAL_CHANCE, freedom) * noise.sqrt());
    Difference { value, chance, half_width: times * error, half_widths }
}

impl Cut {
    /// A rest of windows that fills no block joins the last one.
    fn of(parts: &[Parts], block: usize) -> Option<Self> {
        let (above, below) = parts.iter().fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        if below <= 0.0 {
            return None;
        }
        let (ratio, blocks) = (above / below, (parts.len() / block).max(1));
        let mut rests = vec![0.0; blocks];
        for (at, (above, below)) in parts.iter().enumerate() {
            rests[(at / block).min(blocks - 1)] += above - ratio * below;
        }
        Some(Self { ratio, below, rests })
    }

    /// Square of the ratio's standard error.
    fn noise(&self, common: f64) -> f64 {
        let n = self.rests.len() as f64;
        let squares: f64 = self.rests.iter().map(|rest| rest * rest).sum();
        let few = n / (n - 1.0).max(1.0);
        squares * few / (self.below * self.below) * (1.0 + common) / (1.0 - common)
    }

    /// Blocks that have something in common count as fewer.
    fn freedom(&self, common: f64) -> f64 {
        (self.rests.len() as f64 * (1.0 - common) / (1.0 + common) - 1.0).max(1.0)
    }
}

/// What a block has in common with the next one, of both sides together; from 0 up.
fn correlation(sides: [&Vec<f64>; 2]) -> f64 {
    let squares: f64 = sides.iter().flat_map(|rests| rests.iter()).map(|rest| rest * rest).sum();
    let products: f64 = sides.iter().flat_map(|rests| rests.windows(2)).map(|pair| pair[0] * pair[1]).sum();
    let n = sides.map(Vec::len).iter().sum::<usize>() as f64 / 2.0;
    if squares <= 0.0 || n <= 4.0 {
        return 0.0;
    }
    // It comes out too low by (1 + 4ρ)/n, for the mean is the windows' own.
    let likely = ((products / squares * n + 1.0) / (n - 4.0)).clamp(0.0, CORRELATION_MAX);
    if likely <= 0.0 {
        return 0.0;
    }
    // It is known from a few windows only, and where it is thought too small, noise looks like a change: its own standard error goes on top.
    let off = ((1.0 - likely * likely) / (2.0 * n)).sqrt();
    (likely + off).min(CORRELATION_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(value: f64, n: usize) -> Vec<Parts> {
        (0..n).map(|at| (value * 100.0 + if at % 4 < 2 { 1.0 } else { -1.0 }, 100.0)).collect()
    }

    #[test]
    fn a_difference_above_the_noise_is_found_and_one_below_is_not() {
        let far = difference(&even(0.10, 40), &even(0.20, 40), false).unwrap();
        assert!((far.value - 0.1).abs() < 1e-9 && far.chance < 1e-9, "{far:?}");
        let near = difference(&even(0.10, 40), &even(0.1001, 40), false).unwrap();
        assert!(near.chance > 0.5 && near.half_width > near.value, "{near:?}");
    }

    #[test]
    fn what_neighbours_have_in_common_is_no_information() {
        let slow = |n: usize| -> Vec<Parts> {
            (0..n).map(|at| (if at % 20 < 10 { 9.0 } else { 11.0 }, 100.0)).collect()
        };
        let quick = |n: usize| -> Vec<Parts> {
            (0..n).map(|at| (if at % 2 < 1 { 9.0 } else { 11.0 }, 100.0)).collect()
        };
        let up = |parts: Vec<Parts>| -> Vec<Parts> { parts.into_iter().map(|(x, n)| (x + 1.0, n)).collect() };
        let common = difference(&slow(40), &up(slow(40)), false).unwrap();
        let alone = difference(&quick(40), &up(quick(40)), false).unwrap();
        assert!(common.half_width > 2.5 * alone.half_width, "{common:?} {alone:?}");
        assert!(alone.chance < 1e-3 && common.chance > 1e-3, "{common:?} {alone:?}");
    }

    #[test]
    fn windows_without_any_noise_are_as_noisy_as_lots() {
        let all = vec![(0.0, 10.0); 10];
        let none = vec![(10.0, 10.0); 10];
        assert!(difference(&all, &none, true).unwrap().chance < 1e-6);
        let one = [
            (1.0, 10.0),
            (0.0, 10.0),
            (0.0, 10.0),
            (0.0, 10.0),
            (0.0, 10.0),
            (0.0, 10.0),
            (0.0, 10.0),
            (0.0, 10.0),
        ];
        assert!(difference(&all, &one, true).unwrap().chance > 0.1, "one failure in 80");
        assert_eq!(difference(&all, &all, true).unwrap().chance, 1.0);
        assert_eq!(difference(&all, &all, false).unwrap().half_width, 0.0);
    }

    #[test]
    fn nothing_is_no_side() {
        assert_eq!(difference(&[], &even(0.1, 9), true), None);
        assert_eq!(difference(&even(0.1, 9), &[(0.0, 0.0)], false), None);
        assert!(difference(&[(1.0, 2.0)], &[(2.0, 2.0)], true).unwrap().chance.is_finite());
    }
}
