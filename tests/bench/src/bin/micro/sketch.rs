//! The sketch beside the crate `hdrhistogram` with the same 2 digits.

use super::Effort;
use super::counting::allocated_bytes;
use anyhow::Result;
use gridnode_bench::corpus::response_times_us;
use gridnode_bench::pairs::{Pair, compare, report};
use gridnode_core::base::limits::SKETCH_US_MAX;
use gridnode_core::measure::sketch::Sketch;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
use std::hint::black_box;

/// Samples a label of a quiet and of a busy label.
const FEW: usize = 10;
const MANY: usize = 1_000;
/// Labels whose sketches are merged or encoded in one half of a pair.
const SET: usize = 500;
const GROWING: &str = "hdrhistogram, 2 digits, growing";

pub fn measure(effort: Effort) -> Result<()> {
    memory(effort.labels)?;
    fill(effort);
    hot(effort);
    for samples in [FEW, MANY] {
        let (ours, theirs) = (sketches(SET, samples), histograms(SET, samples));
        merge(effort, &ours, &theirs, samples);
        encode(effort, &ours, &theirs, samples);
    }
    Ok(())
}

/// Memory is not a matter of luck: one pair tells everything.
fn memory(labels: usize) -> Result<()> {
    let ours = mib_of(|| Ok(sketches(labels, FEW)))?;
    let growing = mib_of(|| Ok(histograms(labels, FEW)))?;
    let fixed = mib_of(|| {
        let fixed = |label| {
            let mut histogram = Histogram::<u64>::new_with_bounds(1, SKETCH_US_MAX, 2)?;
            response_times_us(label, FEW).try_for_each(|us| histogram.record(us))?;
            Ok(histogram)
        };
        (0..labels).map(fixed).collect::<Result<Vec<_>>>()
    })?;
    let what = format!("memory of {labels} sketches × {FEW} samples");
    report(&what, "MiB", &[Pair { ours, alternative: growing }], GROWING);
    report(&what, "MiB", &[Pair { ours, alternative: fixed }], "hdrhistogram, 2 digits, fixed at 1 h");
    Ok(())
}

fn mib_of<T>(make: impl FnOnce() -> Result<T>) -> Result<f64> {
    let before = allocated_bytes();
    let made = make()?;
    let bytes = allocated_bytes() - before;
    drop(black_box(made));
    Ok(bytes as f64 / f64::from(1 << 20))
}

/// New labels, a few samples each: what most windows of a large test are.
fn fill(effort: Effort) {
    let ours = || drop(black_box(sketches(SET, FEW)));
    let theirs = || drop(black_box(histograms(SET, FEW)));
    let pairs = compare(effort.pairs, SET * FEW, ours, theirs);
    report(&format!("record, {FEW} samples a label"), "ns", &pairs, GROWING);
}

/// One busy label.
fn hot(effort: Effort) {
    let times: Vec<u64> = response_times_us(3, 100_000).collect();
    let mut sketch = Sketch::new();
    let mut histogram = histogram();
    let ours = || times.iter().for_each(|&us| sketch.record(black_box(us)));
    let theirs = || times.iter().for_each(|&us| assert!(histogram.record(black_box(us)).is_ok()));
    let pairs = compare(effort.pairs, times.len(), ours, theirs);
    report("record, one busy label", "ns", &pairs, GROWING);
}

/// As a Drain does it: every label's sketch of a node into the sum over nodes.
fn merge(effort: Effort, ours: &[Sketch], theirs: &[Histogram<u64>], samples: usize) {
    let mut sums = vec![Sketch::new(); ours.len()];
    let mut their_sums: Vec<_> = theirs.iter().map(|_| histogram()).collect();
    let ours = || sums.iter_mut().zip(ours).for_each(|(sum, sketch)| sum.merge(black_box(sketch)));
    let theirs = || {
        for (sum, histogram) in their_sums.iter_mut().zip(theirs) {
            assert!(sum.add(black_box(histogram)).is_ok());
        }
    };
    let pairs = compare(effort.pairs, SET, ours, theirs);
    report(&format!("merge a sketch of {samples} samples"), "ns", &pairs, GROWING);
}

/// Compressed V2, which the crate deflates and we store: both are read by the same packages.
fn encode(effort: Effort, ours: &[Sketch], theirs: &[Histogram<u64>], samples: usize) {
    let (mut out, mut their_out) = (Vec::new(), Vec::new());
    let mut serializer = V2DeflateSerializer::new();
    let pairs = compare(
        effort.pairs,
        SET,
        || {
            out.clear();
            ours.iter().for_each(|sketch| sketch.encode_v2(&mut out));
        },
        || {
            their_out.clear();
            for histogram in theirs {
                assert!(serializer.serialize(histogram, &mut their_out).is_ok());
            }
        },
    );
    report(&format!("encode a sketch of {samples} samples"), "ns", &pairs, GROWING);
    let bytes = |out: &[u8]| out.len() as f64 / SET as f64;
    let pair = Pair { ours: bytes(&out), alternative: bytes(&their_out) };
    report(
        &format!("bytes of a sketch of {samples} samples"),
        "B",
        &[pair],
        "stored vs deflated; bodies are gzipped",
    );
}

fn sketches(labels: usize, samples: usize) -> Vec<Sketch> {
    let one = |label| {
        let mut sketch = Sketch::new();
        response_times_us(label, samples).for_each(|us| sketch.record(us));
        sketch
    };
    (0..labels).map(one).collect()
}

fn histograms(labels: usize, samples: usize) -> Vec<Histogram<u64>> {
    let one = |label| {
        let mut made = histogram();
        // Not `saturating_record`: that one does not grow.
        response_times_us(label, samples).for_each(|us| assert!(made.record(us).is_ok()));
        made
    };
    (0..labels).map(one).collect()
}

#[expect(clippy::expect_used, reason = "2 digits are allowed")]
fn histogram() -> Histogram<u64> {
    Histogram::new(2).expect("2 digits")
}
