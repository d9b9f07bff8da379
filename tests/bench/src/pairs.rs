//! Interleaved pairs: ours and the alternative, turn by turn, in one process, by CPU time.
//!
//! A machine that is busy or changes its clock disturbs both halves of a pair alike, so a pair's ratio is worth more than
//! either figure. The order changes from pair to pair.

use serde_json::{Value, json};

/// What one pair took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Ours, in the figure's unit.
    pub ours: f64,
    /// The alternative's.
    pub alternative: f64,
}

/// Runs both `pairs` times after a first time that does not count; gives CPU ns of this thread, divided by `units`.
pub fn compare(
    pairs: usize,
    units: usize,
    mut ours: impl FnMut(),
    mut alternative: impl FnMut(),
) -> Vec<Pair> {
    ours();
    alternative();
    let each = |work: &mut dyn FnMut()| cpu_ns_of(work) / units as f64;
    let pair = |n: usize| {
        if n.is_multiple_of(2) {
            let ours = each(&mut ours);
            Pair { ours, alternative: each(&mut alternative) }
        } else {
            let alternative = each(&mut alternative);
            Pair { ours: each(&mut ours), alternative }
        }
    };
    (0..pairs).map(pair).collect()
}

/// Prints a figure as a line of JSON, for `tests/bench/run` to show.
pub fn report(what: &str, unit: &str, pairs: &[Pair], note: &str) {
    println!("{}", figure(what, unit, pairs, note));
}

fn figure(what: &str, unit: &str, pairs: &[Pair], note: &str) -> Value {
    let of = |get: fn(&Pair) -> f64| pairs.iter().map(get).collect::<Vec<f64>>();
    json!({"what": what, "unit": unit, "ours": of(|p| p.ours), "alternative": of(|p| p.alternative), "note": note})
}

/// CPU time of this thread that `work` takes, ns: others on the machine do not count.
pub fn cpu_ns_of(work: impl FnOnce()) -> f64 {
    let before = thread_cpu_ns();
    work();
    thread_cpu_ns() - before
}

/// Elapsed time of `work`, ns.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub fn wall_ns_of(work: impl FnOnce()) -> f64 {
    let began = std::time::Instant::now();
    work();
    began.elapsed().as_nanos() as f64
}

fn thread_cpu_ns() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a live timespec that the call only writes to; this clock exists on every Linux.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_run_equally_often_and_all_pairs_are_reported() {
        let (mut ours, mut alternative) = (0, 0);
        let pairs = compare(4, 1, || ours += 1, || alternative += 1);
        assert_eq!((ours, alternative, pairs.len()), (5, 5, 4));
        let shown = figure("w", "ns", &[Pair { ours: 1.0, alternative: 2.5 }], "");
        assert_eq!((&shown["ours"], &shown["alternative"]), (&json!([1.0]), &json!([2.5])));
    }
}
