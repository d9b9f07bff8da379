//! A run at one moment, as JSON has it: of this machine, or of all nodes of a grid.

use gridnode_core::live::Figures;
use serde::Serialize;

/// Names and units are part of the interface; new fields may come.
#[derive(Debug, Serialize)]
pub(super) struct Moment<'a> {
    flood: &'a str,
    /// Since the tool was started.
    elapsed_s: u64,
    /// By the plan, or the command; `null` where nobody knows.
    remaining_s: Option<u64>,
    /// Active now.
    users: u64,
    /// Requests, in the time since the object before, or in the latest period.
    rate_per_s: f64,
    /// Requests since the start, without transactions.
    passed: u64,
    failed: u64,
    /// Of the latest window, or period, that had any; `null` before.
    p50_ms: Option<f64>,
    p95_ms: Option<f64>,
    p99_ms: Option<f64>,
}

impl<'a> Moment<'a> {
    pub(super) fn of(figures: &'a Figures) -> Self {
        let ms = |us: u64| us as f64 / 1_000.0;
        Self {
            flood: &figures.flood,
            elapsed_s: figures.elapsed_s,
            remaining_s: figures.remaining_s(),
            users: figures.users,
            rate_per_s: (figures.rate_per_s * 10.0).round() / 10.0,
            passed: figures.passed,
            failed: figures.failed,
            p50_ms: figures.latest.map(|latest| ms(latest.p50_us)),
            p95_ms: figures.latest.map(|latest| ms(latest.p95_us)),
            p99_ms: figures.latest.map(|latest| ms(latest.p99_us)),
        }
    }
}
