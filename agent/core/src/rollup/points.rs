//! The measurements, one function each: contract, section 3.

use crate::measure::codes::Codes;
use crate::measure::ingest::{AccountSnapshot, SeriesWindow};
use crate::measure::stat::{Stat, ms, stddev_ms};
use crate::measure::users::GaugeWindow;
use crate::wire::encode::PointWriter;
use crate::wire::sump::{Code, Kind};

/// Percentiles that are written, with their permille.
const PERCENTILES: [(&str, u32); 6] =
    [("p50", 500), ("p75", 750), ("p90", 900), ("p95", 950), ("p99", 990), ("p999", 999)];

/// All points of one label in one window; gives how many.
pub(super) fn label_points(
    out: &mut PointWriter,
    tags: &[u8],
    series: &SeriesWindow,
    (run, covered_ns): (u64, u64),
    stamp_ns: i64,
) -> u32 {
    let numbers = &series.numbers;
    let mut points = 0;
    let mut done = |out: &mut PointWriter| {
        out.end(stamp_ns);
        points += 1;
    };
    if numbers.rt.count > 0 {
        response_time(out, tags, series);
        done(out);
        percentiles(out, tags, series);
        done(out);
        out.start("response_time_sketch", tags);
        out.text("value", &numbers.sketch.to_base64());
        done(out);
    }
    for (name, stat) in [("latency_mean", &numbers.latency), ("connect_time_mean", &numbers.connect)] {
        if stat.count > 0 {
            out.start(name, tags);
            mean_fields(out, stat);
            out.int("count", stat.count);
            done(out);
        }
    }
    // Also where all counts are 0: only here does a reader learn which text the label_id stands for.
    transaction_rate(out, tags, series, run, covered_ns);
    done(out);
    for (name, value) in [("passed_count", numbers.passed), ("failed_count", numbers.failed)] {
        if value > 0 {
            out.start(name, tags);
            out.int("value", value);
            done(out);
        }
    }
    if !numbers.codes.is_empty() {
        codes(out, tags, &numbers.codes);
        done(out);
    }
    if numbers.rx_bytes.is_some() || numbers.tx_bytes.is_some() {
        out.start("throughput_sum", tags);
        for (key, bytes) in [("rx", numbers.rx_bytes), ("tx", numbers.tx_bytes)] {
            if let Some(bytes) = bytes {
                out.int(key, bytes);
            }
        }
        done(out);
    }
    points
}

pub(super) fn concurrency(
    out: &mut PointWriter,
    tags: &[u8],
    users: &GaugeWindow,
    node: &str,
    run: u64,
    stamp_ns: i64,
) {
    out.start("concurrency_max", tags);
    out.float("value", users.max as f64);
    out.float("mean", users.mean());
    out.float("last", users.last as f64);
    out.text("node", node);
    out.int("run", run);
    out.end(stamp_ns);
}

/// What was added since the close before: the points of a run add up to its receipt.
pub(super) fn ledger(
    out: &mut PointWriter,
    tags: &[u8],
    account: &AccountSnapshot,
    node: &str,
    run: u64,
    more: &[(&'static str, u64)],
    stamp_ns: i64,
) {
    out.start("ledger_sum", tags);
    for (name, added) in account.total.since(&account.before) {
        out.int(name, added);
    }
    for (name, value) in more {
        out.int(name, *value);
    }
    out.int("labels", account.labels);
    out.int("series", account.series);
    out.text("node", node);
    out.int("run", run);
    out.end(stamp_ns);
}

fn response_time(out: &mut PointWriter, tags: &[u8], series: &SeriesWindow) {
    let numbers = &series.numbers;
    out.start("response_time_mean", tags);
    mean_fields(out, &numbers.rt);
    out.float("stddev", stddev_ms(numbers.rt.count, numbers.rt.sum_us, numbers.rt_squares_us2));
    out.int("count", numbers.rt.count);
}

fn mean_fields(out: &mut PointWriter, stat: &Stat) {
    out.float("value", stat.mean_ms());
    out.ms("sum", stat.sum_us);
    out.ms("min", stat.min_us);
    out.ms("max", stat.max_us);
}

fn percentiles(out: &mut PointWriter, tags: &[u8], series: &SeriesWindow) {
    let (sketch, rt) = (&series.numbers.sketch, &series.numbers.rt);
    out.start("response_time_percentiles", tags);
    for (name, permille) in PERCENTILES {
        out.ms(name, sketch.percentile_us(permille, rt.min_us, rt.max_us));
    }
    out.int("count", rt.count);
}

fn transaction_rate(out: &mut PointWriter, tags: &[u8], series: &SeriesWindow, run: u64, covered_ns: u64) {
    let numbers = &series.numbers;
    let window_s = ms(covered_ns / 1_000) / 1_000.0;
    out.start("transaction_rate_mean", tags);
    out.float("value", numbers.count as f64 / window_s);
    out.int("count", numbers.count);
    out.int("passed", numbers.passed);
    out.int("failed", numbers.failed);
    out.float("window_s", window_s);
    out.text("label", &series.info.label);
    out.text("kind", kind_name(series.info.kind));
    out.int("run", run);
}

fn codes(out: &mut PointWriter, tags: &[u8], codes: &Codes) {
    out.start("response_codes_count", tags);
    for (code, n) in codes.iter() {
        match code {
            Code::Http(code) => out.int(&format!("c{code}"), n),
            Code::Other => out.int("cother", n),
        }
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Request => "request",
        Kind::Transaction => "transaction",
    }
}
