//! One label's numbers, merged.

use super::MergeError;
use super::fields::{Fields, as_count};
use crate::measure::sketch::Sketch;
use std::collections::BTreeMap;

/// Measurements with one point a label.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    ResponseTime,
    Sketch,
    Latency,
    ConnectTime,
    Transactions,
    Codes,
    Throughput,
    /// Says again what another one says, or what cannot be merged (percentiles).
    Redundant,
}

impl What {
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"response_time_mean" => Self::ResponseTime,
            b"response_time_sketch" => Self::Sketch,
            b"latency_mean" => Self::Latency,
            b"connect_time_mean" => Self::ConnectTime,
            b"transaction_rate_mean" => Self::Transactions,
            b"response_codes_count" => Self::Codes,
            b"throughput_sum" => Self::Throughput,
            b"response_time_percentiles" | b"passed_count" | b"failed_count" => Self::Redundant,
            _ => return None,
        })
    }
}

/// What one point adds, read and checked before anything is changed.
#[derive(Debug)]
pub(super) enum Change {
    ResponseTime(Times),
    Sketch(Sketch),
    Latency(Times),
    ConnectTime(Times),
    Transactions {
        count: u64,
        passed: u64,
        failed: u64,
        window_s: u64,
        label: String,
        kind: String,
        run: Option<i64>,
    },
    Codes(Vec<(String, u64)>),
    Throughput {
        rx: u64,
        tx: u64,
    },
    Nothing,
}

impl Change {
    pub(super) fn read(what: What, fields: &Fields<'_>) -> Result<Self, MergeError> {
        Ok(match what {
            What::ResponseTime => Self::ResponseTime(Times::read(fields)?),
            What::Latency => Self::Latency(Times::read(fields)?),
            What::ConnectTime => Self::ConnectTime(Times::read(fields)?),
            What::Sketch => Self::Sketch(Sketch::from_base64(fields.text("value")?.as_bytes())?),
            What::Transactions => Self::Transactions {
                count: fields.count("count")?,
                passed: fields.count_or_0("passed")?,
                failed: fields.count_or_0("failed")?,
                window_s: fields.number("window_s").map(|s| s.clamp(1.0, 3_600.0) as u64)?,
                label: fields.text("label")?,
                kind: fields.text("kind").unwrap_or_default(),
                run: fields.run()?,
            },
            What::Codes => Self::Codes(
                fields
                    .iter()
                    .filter(|(key, _)| is_code(key))
                    .filter_map(|(key, v)| {
                        Some((String::from_utf8_lossy(&key[1..]).into_owned(), as_count(v)?))
                    })
                    .collect(),
            ),
            What::Throughput => {
                Self::Throughput { rx: fields.count_or_0("rx")?, tx: fields.count_or_0("tx")? }
            }
            What::Redundant => Self::Nothing,
        })
    }
}

/// `c100` … `c599`, `cother`.
fn is_code(key: &[u8]) -> bool {
    let number = key.strip_prefix(b"c").and_then(|rest| std::str::from_utf8(rest).ok());
    number
        .is_some_and(|n| n == "other" || (n.len() == 3 && n.parse().is_ok_and(|c| (100..=599).contains(&c))))
}

/// Count, sum, extremes and spread of a time, ms.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Times {
    pub(super) count: u64,
    /// Whole µs, as they were before they were written in ms: adding in any order gives the same.
    pub(super) sum_us: u128,
    pub(super) min_ms: f64,
    pub(super) max_ms: f64,
    /// Sum of squared differences from the mean, ms².
    pub(super) squares: f64,
}

impl Times {
    fn read(fields: &Fields<'_>) -> Result<Self, MergeError> {
        let count = fields.count("count")?;
        let stddev = if fields.get("stddev").is_some() { fields.number("stddev")? } else { 0.0 };
        Ok(Self {
            count,
            sum_us: (fields.number("sum")?.max(0.0) * 1_000.0).round() as u128,
            min_ms: fields.number("min")?,
            max_ms: fields.number("max")?,
            squares: stddev * stddev * count as f64,
        })
    }

    /// Chan's rule for the squares: stable, unlike a difference of large sums.
    pub(super) fn add(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (n, m) = (self.count as f64, other.count as f64);
        let apart = other.mean_ms() - self.mean_ms();
        self.squares += other.squares + apart * apart * (n * m / (n + m));
        self.count = self.count.saturating_add(other.count);
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
        self.min_ms = self.min_ms.min(other.min_ms);
        self.max_ms = self.max_ms.max(other.max_ms);
    }

    pub(super) fn sum_ms(&self) -> f64 {
        self.sum_us as f64 / 1_000.0
    }

    pub(super) fn mean_ms(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum_ms() / self.count as f64 }
    }

    pub(super) fn stddev_ms(&self) -> f64 {
        if self.count == 0 { 0.0 } else { (self.squares / self.count as f64).sqrt() }
    }
}

/// One label's merged numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Label {
    pub(super) text: Option<String>,
    pub(super) kind: String,
    pub(super) count: u64,
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) times: Times,
    pub(super) sketch: Sketch,
    pub(super) latency: Times,
    pub(super) connect: Times,
    pub(super) rx: u64,
    pub(super) tx: u64,
    /// At most 501 keys.
    pub(super) codes: BTreeMap<String, u64>,
}

impl Label {
    pub(super) fn change(&mut self, change: Change) {
        match change {
            Change::ResponseTime(times) => self.times.add(&times),
            Change::Latency(times) => self.latency.add(&times),
            Change::ConnectTime(times) => self.connect.add(&times),
            Change::Sketch(sketch) => self.sketch.merge(&sketch),
            Change::Transactions { count, passed, failed, label, kind, .. } => {
                self.count = self.count.saturating_add(count);
                self.passed = self.passed.saturating_add(passed);
                self.failed = self.failed.saturating_add(failed);
                self.text = Some(label);
                self.kind = kind;
            }
            Change::Codes(codes) => codes.into_iter().for_each(|(code, n)| add_to(&mut self.codes, code, n)),
            Change::Throughput { rx, tx } => {
                self.rx = self.rx.saturating_add(rx);
                self.tx = self.tx.saturating_add(tx);
            }
            Change::Nothing => {}
        }
    }

    /// Adds another label's numbers, for the total.
    pub(super) fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.passed = self.passed.saturating_add(other.passed);
        self.failed = self.failed.saturating_add(other.failed);
        self.times.add(&other.times);
        self.sketch.merge(&other.sketch);
        self.latency.add(&other.latency);
        self.connect.add(&other.connect);
        self.rx = self.rx.saturating_add(other.rx);
        self.tx = self.tx.saturating_add(other.tx);
        other.codes.iter().for_each(|(code, n)| add_to(&mut self.codes, code.clone(), *n));
    }
}

fn add_to(codes: &mut BTreeMap<String, u64>, code: String, n: u64) {
    let sum = codes.entry(code).or_default();
    *sum = sum.saturating_add(n);
}
