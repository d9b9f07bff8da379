//! Runs whose samples hang together, as those of a load test do: how often is noise called a change, and a change noise?
//!
//! `COMPARE_SIMULATIONS=200` runs as many as the documentation speaks of.

use super::*;
use crate::base::random::SplitMix64;

/// How the target sways from window to window.
#[derive(Clone, Copy)]
struct Target {
    /// Of all labels together.
    sway: f64,
    /// Of each label alone.
    own_sway: f64,
    /// What a window has of it from the one before.
    kept: f64,
}

const CALM: Target = Target { sway: 0.02, own_sway: 0.015, kept: 0.5 };
const RESTLESS: Target = Target { sway: 0.05, own_sway: 0.04, kept: 0.7 };
const WINDOWS: usize = 40;
const LABELS: usize = 100;
const SPREAD: f64 = 0.4;

fn simulations() -> u64 {
    std::env::var("COMPARE_SIMULATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(6)
}

/// Nearly normal: twelve even numbers.
fn normal(random: &mut SplitMix64) -> f64 {
    (0..12).map(|_| random.up_to(1 << 20) as f64 / f64::from(1 << 20)).sum::<f64>() - 6.0
}

/// What swings around 0 by about `sway`, and keeps a part of where it was.
struct Swing(f64);

impl Swing {
    fn next(&mut self, random: &mut SplitMix64, sway: f64, kept: f64) -> f64 {
        self.0 = kept * self.0 + (1.0 - kept * kept).sqrt() * normal(random);
        self.0 * sway
    }
}

/// The labels' windows of a run. `slower`: label 0's upper tenth takes so much longer.
fn run(seed: u64, slower: f64, target: Target) -> Vec<Vec<WindowNumbers>> {
    let mut random = SplitMix64::new(seed);
    let times: Vec<f64> = {
        let mut fixed = SplitMix64::new(1);
        let mut times: Vec<f64> = (0..4_096).map(|_| (normal(&mut fixed) * SPREAD).exp()).collect();
        times.sort_by(f64::total_cmp);
        times
    };
    let Target { sway, own_sway, kept } = target;
    let mut all = Swing(normal(&mut random));
    let swings: Vec<f64> = (0..WINDOWS).map(|_| all.next(&mut random, sway, kept)).collect();
    let label = |label: usize| {
        let mut own = Swing(normal(&mut random));
        let mut window = |swing: f64| {
            let factor =
                (swing + own.next(&mut random, own_sway, kept)).exp() * (20_000.0 + 500.0 * label as f64);
            let mut window = WindowNumbers::default();
            let many = if label == 0 { 400 } else { 60 } + random.up_to(20);
            for _ in 0..many {
                let at = random.up_to(4_095);
                let tail = if label == 0 && at > 3_686 { slower } else { 1.0 };
                let us = (times[usize::try_from(at).unwrap()] * factor * tail) as u64;
                window.sketch.record(us);
                window.sum_us += u128::from(us);
            }
            window.failed = (0..many).filter(|_| random.up_to(199) == 0).count() as u64;
            (window.count, window.measured, window.span_us) = (many, many, Some((0, u64::MAX)));
            window
        };
        swings.iter().map(|swing| window(*swing)).collect::<Vec<WindowNumbers>>()
    };
    (0..LABELS).map(label).collect()
}

fn rows(a: &[Vec<WindowNumbers>], b: &[Vec<WindowNumbers>]) -> Vec<Row> {
    let blank = flood(&lines(&[("x", vec![(1, 1, 0)])])).labels.remove(0);
    let covered_s = 15 * WINDOWS as u64;
    let pairs = a.iter().zip(b);
    let mut rows: Vec<Row> =
        pairs.map(|(a, b)| Row::of(&blank, &Side::new(a, covered_s), &Side::new(b, covered_s))).collect();
    judge(
        rows.iter_mut(),
        &CompareSettings { least_percent: 0.0, least_failed_percent: 0.0, ..CompareSettings::default() },
    );
    rows
}

fn is_change(row: &Row) -> bool {
    row.is(Finding::Worse) || row.is(Finding::Better)
}

fn false_alarms(target: Target) {
    let wrong: Vec<u64> = (0..simulations())
        .filter(|seed| {
            rows(&run(2 * seed, 1.0, target), &run(2 * seed + 1, 1.0, target)).iter().any(is_change)
        })
        .collect();
    println!("{} of {} comparisons call noise a change: {wrong:?}", wrong.len(), simulations());
    // One in twenty, and what chance adds to it in few.
    let most = simulations() as f64 * 0.05 + if simulations() < 100 { 1.0 } else { 0.0 };
    assert!(wrong.len() as f64 <= most, "{wrong:?} of {}", simulations());
}

#[test]
fn noise_is_rarely_called_a_change() {
    false_alarms(CALM);
}

#[test]
fn noise_that_hangs_together_is_rarely_called_a_change() {
    false_alarms(RESTLESS);
}

fn found(target: Target, slower: f64) -> (usize, u64) {
    let p95 = Measure::ALL.iter().position(|measure| *measure == Measure::P95Ms).unwrap();
    let is_found = |seed: &u64| {
        let rows = rows(&run(2 * seed, 1.0, target), &run(2 * seed + 1, slower, target));
        rows[0].changes[p95].finding == Finding::Worse
    };
    let n = simulations();
    let times = (0..n).filter(is_found).count();
    println!("{times} of {n} comparisons find the 95th percentile {slower} times as long");
    (times, n)
}

#[test]
fn a_change_of_one_label_is_found() {
    let (times, n) = found(CALM, 1.1);
    assert!(times as f64 >= n as f64 * 0.6 - 1.0, "{times} of {n}");
}

#[test]
fn a_larger_one_is_found_where_noise_is_large() {
    let (times, n) = found(RESTLESS, 1.4);
    assert!(times as f64 >= n as f64 * 0.6 - 1.0, "{times} of {n}");
}
