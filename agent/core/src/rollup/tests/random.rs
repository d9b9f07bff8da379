//! Random windows: every value of every point is computed again from the samples.

use super::*;
use crate::measure::sketch::Sketch;
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Given {
    label: String,
    kind: Kind,
    samples: Vec<(u64, bool, Option<u16>, Option<u64>)>,
}

fn given() -> impl Strategy<Value = Given> {
    let rt = prop_oneof![0_u64..3, 0_u64..2_000_000, 3_500_000_000_u64..=86_400_000_000];
    let one = (rt, any::<bool>(), prop::option::of(95_u16..610), prop::option::of(0_u64..1_000_000_000));
    let kind = prop_oneof![Just(Kind::Request), Just(Kind::Transaction)];
    ("\\PC{1,40}", kind, prop::collection::vec(one, 1..200)).prop_map(|(label, kind, samples)| Given {
        label,
        kind,
        samples,
    })
}

fn sample_of(&(rt_us, ok, code, measured): &(u64, bool, Option<u16>, Option<u64>)) -> Sample<'static> {
    let code = code.map(|code| if (100..600).contains(&code) { Code::Http(code) } else { Code::Other });
    let (lat_us, conn_us, rx_bytes) = (measured, measured.map(|us| us / 3), measured);
    Sample { code, lat_us, conn_us, rx_bytes, tx_bytes: None, ..sample(rt_us, ok) }
}

/// Nearest rank in the sorted values, then the highest value of its bucket within the extremes.
fn percentile_ms(sorted: &[u64], permille: usize) -> f64 {
    let rank = (sorted.len() * permille).div_ceil(1_000).max(1);
    let index = crate::measure::sketch::layout::bucket_index(
        sorted[rank - 1].min(crate::base::limits::SKETCH_US_MAX),
    );
    let highest = crate::measure::sketch::layout::highest_equivalent_us(index);
    highest.clamp(sorted[0], sorted[sorted.len() - 1]) as f64 / 1_000.0
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-3)
}

fn check(points: &[Point], given: &Given) -> Result<(), TestCaseError> {
    let n = given.samples.len() as u64;
    let mut rts: Vec<u64> = given.samples.iter().map(|sample| sample.0).collect();
    rts.sort_unstable();
    let sum: u64 = rts.iter().sum();
    let mean_us = sum as f64 / n as f64;
    let passed = given.samples.iter().filter(|sample| sample.1).count() as u64;

    let rt = only(points, "response_time_mean");
    let [min, max] = [rts[0], rts[rts.len() - 1]].map(|us| us as f64 / 1_000.0);
    prop_assert_eq!((rt.int("count"), rt.float("min"), rt.float("max")), (n, min, max));
    prop_assert_eq!(rt.float("sum"), sum as f64 / 1_000.0);
    prop_assert!(close(rt.float("value"), mean_us / 1_000.0));
    let variance = rts.iter().map(|&us| (us as f64 - mean_us).powi(2)).sum::<f64>() / n as f64;
    prop_assert!((rt.float("stddev") - variance.sqrt() / 1_000.0).abs() <= 1e-6 * max.max(1.0));

    let percentiles = only(points, "response_time_percentiles");
    for (name, permille) in
        [("p50", 500), ("p75", 750), ("p90", 900), ("p95", 950), ("p99", 990), ("p999", 999)]
    {
        prop_assert_eq!(percentiles.float(name), percentile_ms(&rts, permille), "{}", name);
    }
    let sketch = Sketch::from_base64(only(points, "response_time_sketch").text("value").as_bytes());
    let mut same = Sketch::new();
    rts.iter().for_each(|&us| same.record(us));
    prop_assert_eq!(sketch, Ok(same));

    let rate = only(points, "transaction_rate_mean");
    prop_assert_eq!((rate.int("count"), rate.int("passed"), rate.int("failed")), (n, passed, n - passed));
    prop_assert_eq!((rate.float("value"), rate.float("window_s")), (n as f64 / 15.0, 15.0));
    prop_assert_eq!(rate.text("label"), given.label.as_str());
    for (name, value) in [("passed_count", passed), ("failed_count", n - passed)] {
        let found: Vec<_> = points.iter().filter(|p| p.measurement == name).map(|p| p.int("value")).collect();
        prop_assert_eq!(found, if value > 0 { vec![value] } else { vec![] });
    }
    check_measured(points, given)
}

/// What not every sample has.
fn check_measured(points: &[Point], given: &Given) -> Result<(), TestCaseError> {
    let mut codes = BTreeMap::<String, Field>::new();
    for code in given.samples.iter().filter_map(|sample| sample.2) {
        let name = if (100..600).contains(&code) { format!("c{code}") } else { "cother".to_owned() };
        let Field::Int(n) = codes.entry(name).or_insert(Field::Int(0)) else { unreachable!() };
        *n += 1;
    }
    let found: Vec<_> = points.iter().filter(|p| p.measurement == "response_codes_count").collect();
    prop_assert_eq!(found.len(), usize::from(!codes.is_empty()));
    prop_assert!(found.iter().all(|point| point.fields == codes));

    let measured: Vec<u64> = given.samples.iter().filter_map(|sample| sample.3).collect();
    if measured.is_empty() {
        let optional = ["latency_mean", "connect_time_mean", "throughput_sum"];
        prop_assert!(points.iter().all(|point| !optional.contains(&point.measurement.as_str())));
        return Ok(());
    }
    let (latency, connect) = (only(points, "latency_mean"), only(points, "connect_time_mean"));
    prop_assert_eq!([latency.int("count"), connect.int("count")], [measured.len() as u64; 2]);
    prop_assert_eq!(latency.float("sum"), measured.iter().sum::<u64>() as f64 / 1_000.0);
    let longest = measured.iter().map(|us| us / 3).max().unwrap_or(0);
    prop_assert_eq!(connect.float("max"), longest as f64 / 1_000.0);
    let throughput = only(points, "throughput_sum");
    prop_assert_eq!(throughput.int("rx"), measured.iter().sum::<u64>());
    prop_assert!(!throughput.fields.contains_key("tx"));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn every_value_is_that_of_the_samples(
        given in prop::collection::vec(given(), 1..6),
        part_n in 0_u32..1_000,
        incarnation in 0_u64..1 << 40,
    ) {
        let mut labels = HashSet::new();
        let given: Vec<Given> = given.into_iter().filter(|given| labels.insert(given.label.clone())).collect();
        let of = |(i, given): (usize, &Given)| {
            let samples: Vec<_> = given.samples.iter().map(sample_of).collect();
            series(i as u32, &given.label, given.kind, false, numbers(&samples))
        };
        let mut window = window(given.iter().enumerate().map(of).collect());
        window.part_n = part_n;
        let points = render(&RollupSettings { incarnation, ..settings() }, &window);
        let range = START_NS..START_NS + PERIOD_NS as i64;
        prop_assert!(points.iter().all(|point| range.contains(&point.time_ns)));
        for given in &given {
            let id = LabelId::of(&given.label).to_string();
            let own: Vec<Point> =
                points.iter().filter(|point| point.tag("label_id") == Some(&id)).cloned().collect();
            check(&own, given)?;
        }
    }
}
