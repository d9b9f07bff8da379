//! Rendered windows are read back with another parser, and every value is compared with what was put in.

mod random;

use super::*;
use crate::measure::accumulator::Accumulator;
use crate::measure::ingest::{AccountSnapshot, SeriesWindow};
use crate::measure::ledger::SampleAccount;
use crate::measure::series::{SeriesIndex, SeriesInfo};
use crate::measure::users::GaugeWindow;
use crate::rollup::timestamp::DEFAULT_KEY;
use crate::wire::sump::{Code, Kind, MetricValue, Sample};
use influxdb_line_protocol::{FieldValue, parse_lines};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

const START_NS: i64 = 1_700_000_010_000_000_000;
const PERIOD_NS: u64 = 15_000_000_000;

/// A point as another parser reads it.
#[derive(Debug, Clone, PartialEq)]
struct Point {
    measurement: String,
    tags: Vec<(String, String)>,
    fields: BTreeMap<String, Field>,
    time_ns: i64,
}

#[derive(Debug, Clone, PartialEq)]
enum Field {
    Int(i64),
    Float(f64),
    Bool(bool),
    Text(String),
}

impl Point {
    fn float(&self, field: &str) -> f64 {
        match self.fields.get(field) {
            Some(Field::Float(value)) => *value,
            other => panic!("{field} of {} is {other:?}", self.measurement),
        }
    }

    fn int(&self, field: &str) -> u64 {
        match self.fields.get(field) {
            Some(Field::Int(value)) => u64::try_from(*value).unwrap(),
            other => panic!("{field} of {} is {other:?}", self.measurement),
        }
    }

    fn text(&self, field: &str) -> &str {
        match self.fields.get(field) {
            Some(Field::Text(value)) => value,
            other => panic!("{field} of {} is {other:?}", self.measurement),
        }
    }

    fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }
}

/// Renders a window; checks what holds for every batch.
fn render(settings: &RollupSettings, window: &ClosedWindow) -> Vec<Point> {
    let mut rollup = Rollup::new(settings, window);
    let (mut points, mut samples) = (Vec::new(), 0);
    while let Some(batch) = rollup.next_batch() {
        assert!(batch.points as usize <= BATCH_POINTS_MAX && batch.body.len() <= BATCH_BYTES_MAX);
        assert_eq!(batch.body.iter().filter(|&&b| b == b'\n').count(), batch.points as usize);
        let read = read(std::str::from_utf8(&batch.body).unwrap());
        assert_eq!(read.len(), batch.points as usize);
        let counted = |point: &&Point| point.measurement == "transaction_rate_mean";
        assert_eq!(read.iter().filter(counted).map(|point| point.int("count")).sum::<u64>(), batch.samples);
        samples += batch.samples;
        points.extend(read);
    }
    assert_eq!(samples, window.samples, "each sample travels once");
    points.iter().for_each(check_types);
    points
}

fn read(body: &str) -> Vec<Point> {
    let point = |line: Result<influxdb_line_protocol::ParsedLine<'_>, _>| {
        let line = line.unwrap();
        let field = |value: &FieldValue<'_>| match value {
            FieldValue::I64(value) => Field::Int(*value),
            FieldValue::F64(value) => Field::Float(*value),
            FieldValue::Boolean(value) => Field::Bool(*value),
            FieldValue::String(value) => Field::Text(value.to_string()),
            other => panic!("{other:?}"),
        };
        let tags = line.series.tag_set.iter().flatten();
        Point {
            measurement: line.series.measurement.to_string(),
            tags: tags.map(|(key, value)| (key.to_string(), value.to_string())).collect(),
            fields: line.field_set.iter().map(|(key, value)| (key.to_string(), field(value))).collect(),
            time_ns: line.timestamp.unwrap(),
        }
    };
    parse_lines(body).map(point).collect()
}

/// The contract's table: which fields there are, and of which type.
#[track_caller]
fn check_types(point: &Point) {
    let name = point.measurement.as_str();
    for (key, value) in &point.fields {
        let code = key.strip_prefix('c').filter(|rest| rest.len() == 3 && rest.parse::<u16>().is_ok());
        let expected = match (name, key.as_str()) {
            ("response_time_mean", "value" | "sum" | "min" | "max" | "stddev") => "float",
            ("response_time_percentiles", "p50" | "p75" | "p90" | "p95" | "p99" | "p999") => "float",
            ("latency_mean" | "connect_time_mean", "value" | "sum" | "min" | "max") => "float",
            (
                "response_time_mean" | "response_time_percentiles" | "latency_mean" | "connect_time_mean",
                "count",
            ) => "int",
            ("response_time_sketch", "value") => "text",
            ("transaction_rate_mean", "value" | "window_s") => "float",
            ("transaction_rate_mean", "count" | "passed" | "failed" | "run") => "int",
            ("transaction_rate_mean", "label" | "kind") => "text",
            ("passed_count" | "failed_count", "value") => "int",
            ("response_codes_count", "cother") => "int",
            ("response_codes_count", _) if code.is_some() => "int",
            ("throughput_sum", "rx" | "tx") => "int",
            ("concurrency_max", "value" | "mean" | "last") => "float",
            ("concurrency_max" | "ledger_sum", "node") => "text",
            ("concurrency_max", "run") | ("ledger_sum", _) => "int",
            _ => "not in the contract",
        };
        let found = match value {
            Field::Int(_) => "int",
            Field::Float(_) => "float",
            Field::Bool(_) => "bool",
            Field::Text(_) => "text",
        };
        assert_eq!(found, expected, "{name} {key}");
    }
    let fields: Vec<&str> = point.fields.keys().map(String::as_str).collect();
    let all: &[&str] = match name {
        "response_time_mean" => &["count", "max", "min", "stddev", "sum", "value"],
        "response_time_percentiles" => &["count", "p50", "p75", "p90", "p95", "p99", "p999"],
        "latency_mean" | "connect_time_mean" => &["count", "max", "min", "sum", "value"],
        "transaction_rate_mean" => {
            &["count", "failed", "kind", "label", "passed", "run", "value", "window_s"]
        }
        "concurrency_max" => &["last", "mean", "node", "run", "value"],
        _ => &fields,
    };
    assert_eq!(fields, all, "{name}: all of its fields, always");
    let keys: Vec<&str> = point.tags.iter().map(|(key, _)| key.as_str()).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    let of_run = matches!(name, "concurrency_max" | "ledger_sum");
    assert_eq!(keys.contains(&"label_id"), !of_run, "{name}");
    let known = |key: &&str| {
        ["account", "flood", "grid", "label_id", "label_name", "project", "region"].contains(key)
    };
    assert!(keys.iter().all(known), "{keys:?}");
}

fn settings() -> RollupSettings {
    let node = Ident::new("node-1").unwrap();
    RollupSettings { node, incarnation: 3, timestamp_key: DEFAULT_KEY.to_vec(), label_tag: false }
}

fn window(series: Vec<SeriesWindow>) -> ClosedWindow {
    let ident = |text: &str| Some(Ident::new(text).unwrap());
    let identity = RunIdentity {
        account: ident("1"),
        flood: Ident::new("7").unwrap(),
        project: ident("5"),
        grid: ident("9"),
        region: ident("us-east-1"),
        run: 2,
    };
    ClosedWindow {
        run: 0,
        identity: Arc::new(identity),
        start_ns: START_NS,
        period_ns: PERIOD_NS,
        part_n: 0,
        samples: series.iter().map(|series| series.numbers.count).sum(),
        series,
        users: None,
        account: None,
        degraded: 0,
        covers: Vec::new(),
    }
}

fn series(index: u32, label: &str, kind: Kind, alternate: bool, numbers: Accumulator) -> SeriesWindow {
    let info = SeriesInfo { label: label.into(), label_id: LabelId::of(label), kind, alternate };
    SeriesWindow { index: SeriesIndex(index), info: Arc::new(info), numbers }
}

fn sample(rt_us: u64, ok: bool) -> Sample<'static> {
    Sample {
        tags: b"",
        rt_us,
        ok,
        code: Some(Code::Http(200)),
        lat_us: Some(rt_us / 2),
        conn_us: Some(1),
        rx_bytes: Some(rt_us),
        tx_bytes: Some(3),
        users: None,
        kind: Kind::Request,
        error: b"",
        time_ns: START_NS,
    }
}

fn numbers(samples: &[Sample<'_>]) -> Accumulator {
    let mut numbers = Accumulator::default();
    samples.iter().for_each(|sample| numbers.add_sample(sample));
    numbers
}

#[track_caller]
fn only<'a>(points: &'a [Point], measurement: &str) -> &'a Point {
    let found: Vec<_> = points.iter().filter(|point| point.measurement == measurement).collect();
    assert_eq!(found.len(), 1, "{measurement}");
    found[0]
}

#[test]
fn labels_reach_the_reader_as_they_are() {
    for label in [
        r#"say "hi""#,
        r"C:\temp\",
        r#"\""#,
        r#"a\"b\\"#,
        "a,b=c d",
        "Überweisung € 🦀",
        "\u{fffd}",
        "__empty__",
        &"é".repeat(256),
        &r#"\""#.repeat(256),
    ] {
        let window = window(vec![series(0, label, Kind::Request, false, numbers(&[sample(1, true)]))]);
        let points = render(&settings(), &window);
        assert_eq!(only(&points, "transaction_rate_mean").text("label"), label);
        let id = LabelId::of(label).to_string();
        assert!(points.iter().all(|point| point.tag("label_id") == Some(&id)));
    }
}

#[test]
fn a_label_of_both_kinds_is_two_points_of_one_series() {
    let both = vec![
        series(0, "login", Kind::Request, false, numbers(&[sample(5, true)])),
        series(1, "login", Kind::Transaction, true, numbers(&[sample(9, true)])),
    ];
    let mut window = window(both);
    for part_n in [0, 4] {
        window.part_n = part_n;
        let points = render(&settings(), &window);
        let rates: Vec<_> = points.iter().filter(|p| p.measurement == "transaction_rate_mean").collect();
        assert_eq!([rates[0].text("kind"), rates[1].text("kind")], ["request", "transaction"]);
        assert_eq!(rates[0].tags, rates[1].tags);
        let mut stamper = Stamper::new(DEFAULT_KEY, "node-1", Some("7"), Some(2));
        let label = Some(LabelId::of("login"));
        for (rate, n) in rates.iter().zip([0, 32_768]) {
            let part = 3 * 65_536 + n + u64::from(part_n);
            assert_eq!(rate.time_ns, stamper.stamp_ns(label, START_NS, PERIOD_NS, part));
        }
    }
}

#[test]
fn gauges_are_stamped_at_part_0_whatever_the_incarnation() {
    let mut window = window(Vec::new());
    let mut users = GaugeWindow::default();
    [3, 8, 4].into_iter().for_each(|total| users.observe(total));
    window.users = Some(users);
    let total = SampleAccount { received: 5, aggregated: 4, ..SampleAccount::default() };
    window.account = Some(AccountSnapshot { total, before: SampleAccount::default(), labels: 2, series: 3 });
    let stamps = [0, 7].map(|incarnation| {
        let points = render(&RollupSettings { incarnation, ..settings() }, &window);
        let (gauge, ledger) = (only(&points, "concurrency_max"), only(&points, "ledger_sum"));
        assert_eq!([gauge.float("value"), gauge.float("mean"), gauge.float("last")], [8.0, 5.0, 4.0]);
        assert_eq!((gauge.text("node"), gauge.int("run")), ("node-1", 2));
        assert_eq!((ledger.int("received"), ledger.int("labels"), ledger.int("series")), (5, 2, 3));
        (gauge.time_ns, ledger.time_ns)
    });
    assert_eq!(stamps[0].0, stamps[1].0);
    assert_ne!(stamps[0].1, stamps[1].1, "a restart adds to the ledger, it does not replace");
}

#[test]
fn the_caller_may_add_to_the_ledger() {
    let mut window = window(Vec::new());
    let (total, before) = (SampleAccount::default(), SampleAccount::default());
    window.account = Some(AccountSnapshot { total, before, labels: 0, series: 0 });
    let settings = settings();
    let mut rollup = Rollup::new(&settings, &window).with_ledger_fields(vec![("delivered", 5)]);
    let batch = rollup.next_batch().unwrap();
    let points = read(std::str::from_utf8(&batch.body).unwrap());
    assert_eq!(only(&points, "ledger_sum").int("delivered"), 5);
}

#[test]
fn what_was_not_measured_is_not_written() {
    let mut numbers = Accumulator::default();
    numbers.add_metric(MetricValue::Passed(0), None);
    let points = render(&settings(), &window(vec![series(0, "a", Kind::Request, false, numbers)]));
    assert_eq!(points.len(), 1);
    assert_eq!(only(&points, "transaction_rate_mean").text("label"), "a", "the reader learns the label");
    assert!(render(&settings(), &window(Vec::new())).is_empty());
}

#[test]
fn a_window_that_took_others_in_covers_their_time() {
    let mut window = window(vec![series(0, "a", Kind::Request, false, numbers(&[sample(1, true); 60]))]);
    window.degraded = 1;
    let points = render(&settings(), &window);
    let rate = only(&points, "transaction_rate_mean");
    assert_eq!((rate.float("value"), rate.float("window_s")), (2.0, 30.0));
}

#[test]
fn the_largest_possible_label_fits_a_batch() {
    let mut numbers = numbers(&[sample(1, true), sample(1, false)]);
    for index in 0..=crate::measure::sketch::layout::BUCKET_INDEX_MAX {
        numbers.sketch.record_n(crate::measure::sketch::layout::lowest_equivalent_us(index), u64::MAX >> 20);
    }
    let codes = (100..600).map(Code::Http).chain([Code::Other]);
    numbers.codes = codes.map(|code| (code, u64::MAX >> 1)).collect();
    let label = r#"\""#.repeat(256);
    let one = window(vec![series(0, &label, Kind::Request, false, numbers.clone())]);
    let settings = RollupSettings { label_tag: true, ..settings() };
    let bytes = Rollup::new(&settings, &one).next_batch().unwrap().body.len();
    assert!(bytes + 4_096 < LABEL_BYTES_RESERVE, "{bytes} bytes, and tags may be 320 a point longer");
    let many = (0..100).map(|i| series(i, &format!("{i}{label}"), Kind::Request, false, numbers.clone()));
    render(&settings, &window(many.collect()));
}

#[test]
fn many_labels_are_cut_into_batches() {
    let many = (0..5_000)
        .map(|i| series(i, &format!("label {i}"), Kind::Request, false, numbers(&[sample(7, true)])));
    let points = render(&settings(), &window(many.collect()));
    let labels: HashSet<_> = points.iter().map(|point| point.tag("label_id").unwrap().to_owned()).collect();
    assert_eq!((labels.len(), points.len()), (5_000, 5_000 * 9));
}

#[test]
fn a_labels_text_is_a_tag_where_somebody_asks_for_it() {
    let settings = RollupSettings { label_tag: true, ..settings() };
    for (label, tag) in [
        ("GET /a b,c=d", "GET /a b,c=d"),
        ("ends\\\\", "ends//"),
        ("C:\\dir", "C:\\dir"),
        ("two\nlines", "two lines"),
        ("ümlaut", "ümlaut"),
    ] {
        let points = render(
            &settings,
            &window(vec![series(0, label, Kind::Request, false, numbers(&[sample(7, true)]))]),
        );
        assert!(
            points.len() > 5 && points.iter().all(|point| point.tag("label_name") == Some(tag)),
            "{label}: {points:?}"
        );
    }
    let without =
        render(&settings, &window(vec![series(0, "", Kind::Request, false, numbers(&[sample(7, true)]))]));
    assert!(without.iter().all(|point| point.tag("label_name").is_none()), "an empty tag is none");
}
