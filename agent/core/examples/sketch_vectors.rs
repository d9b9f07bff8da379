//! Speaks sketches with other HdrHistogram implementations; `tests/interop/run` is the other side.
//!
//!     sketch_vectors vectors   one JSON object a line: name, base64, count, buckets, percentiles
//!     sketch_vectors decode    base64 lines on stdin; for each one JSON object with count and buckets, or error
//!
//! A bucket is `[highest equivalent value in µs, count]`.

use gridnode_core::measure::sketch::Sketch;
use gridnode_core::measure::sketch::layout::{BUCKET_INDEX_MAX, highest_equivalent_us};
use serde_json::{Value, json};
use std::io::{self, BufRead as _, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match std::env::args().nth(1).as_deref() {
        Some("vectors") => vectors(),
        Some("decode") => decode(),
        _ => {
            eprintln!("usage: sketch_vectors vectors|decode");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sketch_vectors: {error}");
            ExitCode::FAILURE
        }
    }
}

fn vectors() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (name, sketch) in named_sketches() {
        let mut line = described(&sketch);
        line["name"] = name.into();
        line["v2"] = sketch.to_base64().into();
        line["percentiles"] = [1, 10, 500, 750, 900, 950, 990, 999, 1000]
            .map(|permille| json!([permille, sketch.percentile_us(permille, 0, u64::MAX)]))
            .to_vec()
            .into();
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn decode() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = match Sketch::from_base64(line?.trim().as_bytes()) {
            Ok(sketch) => described(&sketch),
            Err(error) => json!({ "error": error.to_string() }),
        };
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn described(sketch: &Sketch) -> Value {
    let buckets: Vec<Value> =
        sketch.buckets().map(|(index, count)| json!([highest_equivalent_us(index), count])).collect();
    json!({ "count": sketch.count(), "buckets": buckets })
}

fn named_sketches() -> Vec<(&'static str, Sketch)> {
    let every_bucket = |n: fn(u64) -> u64| {
        let mut sketch = Sketch::new();
        for index in 0..=BUCKET_INDEX_MAX {
            sketch.record_n(highest_equivalent_us(index), n(u64::from(index)));
        }
        sketch
    };
    let mut wide = Sketch::new();
    for bits in 0..60 {
        wide.record_n(1 << (bits / 2), 1 << bits);
    }
    let mut widest = Sketch::new();
    widest.record_n(77, (1 << 62) + 1);
    vec![
        ("empty", Sketch::new()),
        ("zero", of([0])),
        ("one", of([1])),
        ("exact values up to 255", of(0..256)),
        ("one gap, two gaps, a long gap", of([0, 2, 5, 5, 5, 3_000_000])),
        (
            "edges of powers of two",
            of((0..32).flat_map(|bits| [(1 << bits) - 1, 1 << bits, (1 << bits) + 1])),
        ),
        ("the highest value and beyond", of([3_600_000_000, 3_600_000_001, 86_400_000_000, u64::MAX])),
        ("pseudo-random, sparse", of(pseudo_random(40))),
        ("pseudo-random, dense", of(pseudo_random(20_000))),
        ("every bucket once", every_bucket(|_| 1)),
        (
            "every third bucket, growing counts",
            every_bucket(|index| if index % 3 == 0 { index * index } else { 0 }),
        ),
        ("counts of every width up to 60 bits", wide),
        ("a count that fills its ninth byte", widest),
    ]
}

fn of(values_us: impl IntoIterator<Item = u64>) -> Sketch {
    let mut sketch = Sketch::new();
    values_us.into_iter().for_each(|value_us| sketch.record(value_us));
    sketch
}

/// Values of all magnitudes from a fixed multiplicative generator.
fn pseudo_random(n: usize) -> impl Iterator<Item = u64> {
    let mut state = 1_u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) >> ((state >> 8) % 32)
    })
    .take(n)
}
