//! The job of a duel: the same samples for the same seed, so that what was sent can be told again after it was sent.
//!
//! Nothing is remembered while it is sent; the reference is made by drawing the same samples once more.

use anyhow::{Result, bail};
use gridnode_core::base::random::SplitMix64;
use std::io::Write;
use std::str::FromStr;

/// Of the lognormal distribution of every label's response times.
const SIGMA: f64 = 0.6;
/// Where the medians of the labels lie, µs.
const MEDIAN_US_MIN: u64 = 5_000;
const MEDIAN_US_SPAN: u64 = 400_000;
/// A response time is cut there: a minute.
const RT_US_MAX: f64 = 60e6;
/// Every such sample has failed.
const FAILED_EVERY: u64 = 100;
/// 53 bits of a number are a fraction.
const FRACTION_STEPS: f64 = (1_u64 << 53) as f64;

/// How samples are spread over the labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// All the same.
    Uniform,
    /// The nth label has the nth part of what the first one has, as on most sites.
    Zipf,
}

impl FromStr for Spread {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "uniform" => Ok(Self::Uniform),
            "zipf" => Ok(Self::Zipf),
            _ => bail!("{text} is no spread; there are: uniform, zipf"),
        }
    }
}

/// One sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Its place in the job, from 0.
    pub number: u64,
    /// Which label, from 0.
    pub label: usize,
    /// Response time.
    pub rt_us: u64,
}

/// Draws samples, without end.
#[derive(Debug, Clone)]
pub struct Job {
    random: SplitMix64,
    number: u64,
    labels: u64,
    /// What the labels up to each have together, of 1; empty when all have the same.
    shares: Vec<f64>,
}

impl Job {
    /// From its first sample on.
    #[must_use]
    pub fn new(seed: u64, labels: u32, spread: Spread) -> Self {
        let labels = labels.max(1);
        let shares = match spread {
            Spread::Uniform => Vec::new(),
            Spread::Zipf => zipf_shares(labels),
        };
        Self { random: SplitMix64::new(seed), number: 0, labels: u64::from(labels), shares }
    }

    fn label(&mut self) -> usize {
        if self.shares.is_empty() {
            return self.random.up_to(self.labels - 1) as usize;
        }
        let at = self.fraction();
        // The last share may be a rounding error below 1.
        self.shares.partition_point(|share| *share <= at).min(self.shares.len() - 1)
    }

    /// Above 0, up to 1.
    fn fraction(&mut self) -> f64 {
        ((self.random.next_u64() >> 11) + 1) as f64 / FRACTION_STEPS
    }

    /// Standard normal, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let (radius, turn) = (self.fraction(), self.fraction());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()
    }
}

impl Iterator for Job {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        let label = self.label();
        let median_us = MEDIAN_US_MIN + (label as u64 * 7_919) % MEDIAN_US_SPAN;
        let rt_us = (median_us as f64 * (SIGMA * self.normal()).exp()).clamp(1.0, RT_US_MAX) as u64;
        let number = self.number;
        self.number += 1;
        Some(Sample { number, label, rt_us })
    }
}

fn zipf_shares(labels: u32) -> Vec<f64> {
    let mut sum = 0.0;
    let mut shares: Vec<f64> = (1..=labels)
        .map(|rank| {
            sum += 1.0 / f64::from(rank);
            sum
        })
        .collect();
    shares.iter_mut().for_each(|share| *share /= sum);
    shares
}

impl Sample {
    /// A line of the sample dialect, some 211 bytes, with its line break.
    ///
    /// # Errors
    /// When `out` takes no more, which a buffer always does.
    pub fn write(&self, out: &mut Vec<u8>, wall_ns: u128) -> std::io::Result<()> {
        let (ok, code) = if self.number % FAILED_EVERY == FAILED_EVERY - 1 { ('f', 500) } else { ('t', 200) };
        writeln!(
            out,
            "sample,account=1,flood=7,project=5,grid=9,region=us-east-1,node=3,label=GET+%2Fshop%2Fitems%2F{:05}%2Freviews%2Flatest \
             rt={}.{:03},ok={ok},code=\"{code}\",lat={}.{},conn=2.0,rx={}i,tx=321i {wall_ns}",
            self.label,
            self.rt_us / 1_000,
            self.rt_us % 1_000,
            self.rt_us / 4_000,
            self.number % 10,
            1_234 + self.number % 5_000
        )
    }
}

/// What is true of one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// Which label.
    pub label: usize,
    /// Its samples.
    pub count: usize,
    /// All their response times.
    pub sum_us: u64,
    /// The 95th percentile of them, by nearest rank.
    pub p95_us: u64,
}

/// What is true of the labels that `samples` have.
pub fn truths(samples: impl Iterator<Item = Sample>, labels: u32) -> Vec<Truth> {
    let mut times_us = vec![Vec::new(); labels as usize];
    for sample in samples {
        if let Some(of_label) = times_us.get_mut(sample.label) {
            of_label.push(sample.rt_us);
        }
    }
    let mut truths = Vec::new();
    for (label, mut of_label) in times_us.into_iter().enumerate() {
        of_label.sort_unstable();
        let rank = (of_label.len() * 95).div_ceil(100);
        if let Some(&p95_us) = rank.checked_sub(1).and_then(|at| of_label.get(at)) {
            truths.push(Truth { label, count: of_label.len(), sum_us: of_label.iter().sum(), p95_us });
        }
    }
    truths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_says_everything() {
        let first: Vec<Sample> = Job::new(7, 50, Spread::Zipf).take(1_000).collect();
        assert_eq!(first, Job::new(7, 50, Spread::Zipf).take(1_000).collect::<Vec<_>>());
        assert_ne!(first, Job::new(8, 50, Spread::Zipf).take(1_000).collect::<Vec<_>>());
        assert_eq!(first[999].number, 999);
    }

    #[test]
    fn spreads_are_what_their_names_say() {
        let count = |spread| {
            let mut counts = [0_u32; 100];
            Job::new(3, 100, spread).take(100_000).for_each(|sample| counts[sample.label] += 1);
            counts
        };
        let uniform = count(Spread::Uniform);
        assert!(uniform.iter().all(|n| (850..1_150).contains(n)), "{uniform:?}");
        let zipf = count(Spread::Zipf);
        let ratio = f64::from(zipf[0]) / f64::from(zipf[9]);
        assert!((8.5..11.5).contains(&ratio), "{ratio}");
        assert!(zipf[99] > 0);
    }

    #[test]
    fn one_label_and_none_are_one() {
        for labels in [0, 1] {
            assert!(Job::new(1, labels, Spread::Zipf).take(10).all(|sample| sample.label == 0));
            assert!(Job::new(1, labels, Spread::Uniform).take(10).all(|sample| sample.label == 0));
        }
    }

    #[test]
    fn times_are_lognormal() {
        let mut times_us: Vec<u64> =
            Job::new(5, 1, Spread::Uniform).take(100_000).map(|sample| sample.rt_us).collect();
        times_us.sort_unstable();
        let (median, p95) = (times_us[50_000] as f64, times_us[95_000] as f64);
        assert!((median / MEDIAN_US_MIN as f64 - 1.0).abs() < 0.02, "{median}");
        // exp(1.645 σ)
        assert!((p95 / median - 2.683).abs() < 0.1, "{}", p95 / median);
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let samples = |n: u64| (1..=n).map(|rt_us| Sample { number: rt_us, label: 1, rt_us });
        let p95 = |n| truths(samples(n), 2).pop().map(|truth| truth.p95_us);
        assert_eq!([p95(1), p95(19), p95(20), p95(21), p95(100)], [1, 19, 19, 20, 95].map(Some));
        assert_eq!(truths(samples(3), 2), [Truth { label: 1, count: 3, sum_us: 6, p95_us: 3 }]);
        assert_eq!(truths(samples(0), 2), []);
    }

    #[test]
    fn a_line_is_as_long_as_those_of_the_field() {
        let mut line = Vec::new();
        Sample { number: 99, label: 42, rt_us: 123_456 }.write(&mut line, 1_700_000_000_123_000_000).unwrap();
        assert_eq!(
            String::from_utf8(line).unwrap(),
            "sample,account=1,flood=7,project=5,grid=9,region=us-east-1,node=3,\
             label=GET+%2Fshop%2Fitems%2F00042%2Freviews%2Flatest \
             rt=123.456,ok=f,code=\"500\",lat=30.9,conn=2.0,rx=1333i,tx=321i 1700000000123000000\n"
        );
    }
}
