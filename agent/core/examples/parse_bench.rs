//! Prints what parsing costs, in ns a line, of this parser and of the crate `influxdb-line-protocol`, over the same lines
//! in the same run: compare the ratio between machines, not the figures.
//!
//!     cargo run --release -p gridnode-core --example parse_bench

use gridnode_core::line::{Line, lines};
use gridnode_core::sump::Record;
use std::hint::black_box;
use std::time::Instant;

/// Distinct lines a corpus, so that the branch predictor cannot learn one by heart.
const LINES: usize = 2_000;
/// The best of so many rounds counts: what disturbs only ever makes slower.
const ROUNDS: usize = 40;

fn main() {
    report("sample, all fields", &samples());
    report("response_time (1a)", &metrics());
    report("rollup with texts", &rollups());
}

fn report(name: &str, corpus: &[String]) {
    let datagram = corpus.join("\n");
    let bytes = datagram.as_bytes();
    let line_bytes = datagram.len() / corpus.len();
    let split = best_ns(|| lines(bytes).map(|line| black_box(line).len()).sum());
    let syntax = best_ns(|| lines(bytes).filter(|line| Line::parse(black_box(line)).is_ok()).count());
    let record = best_ns(|| lines(bytes).filter(|line| Record::parse(black_box(line)).is_ok()).count());
    let theirs = best_ns(|| {
        let parsed = influxdb_line_protocol::parse_lines(black_box(&datagram));
        parsed.filter(|line| black_box(line).is_ok()).count()
    });
    println!(
        "{name:20} {line_bytes:4} bytes a line: split {split:6.1}  +syntax {syntax:6.1}  +meaning {record:6.1}  \
         crate {theirs:7.1} ns a line; crate/ours {:.1}",
        theirs / record.max(syntax)
    );
}

/// The fastest round, ns a line.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn best_ns(mut round: impl FnMut() -> usize) -> f64 {
    let timed = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        black_box(round());
        start.elapsed().as_nanos() as f64 / LINES as f64
    });
    timed.fold(f64::INFINITY, f64::min)
}

fn samples() -> Vec<String> {
    let line = |i: usize| {
        format!(
            "sample,account=1,flood=7,project=5,grid=9,region=us-east-1,node=3,label=GET+%2Fcart%2F{} \
             rt={}.{},ok=t,code=\"200\",lat={}.1,conn=2.0,rx={}i,tx=321i {}",
            i % 50,
            i * 7 % 3_000,
            i % 10,
            i % 900,
            1_234 + i,
            1_700_000_000_123_000_000 + i
        )
    };
    (0..LINES).map(line).collect()
}

fn metrics() -> Vec<String> {
    let line = |i: usize| {
        format!(
            "response_time,account=1,flood=7,region=us-east-1,grid=9,node=3,project=5,label=GET+%2Fcart%2F{} \
             value={},response_code=\"200\"",
            i % 50,
            i * 7 % 3_000
        )
    };
    (0..LINES).map(line).collect()
}

fn rollups() -> Vec<String> {
    let line = |i: usize| {
        format!(
            "transaction_rate_mean,account=1,flood=7,project=5,grid=9,region=us-east-1,label_id=00112233445566{:02x} \
             value={}.6,count={i}i,passed={i}i,failed=0i,window_s=15.0,label=\"GET \\\"/cart\\\" \\\\ {i}\",\
             kind=\"request\",node=\"node-3\",run=1i {}",
            i % 256,
            i % 77,
            1_700_000_000_123_000_000 + i
        )
    };
    (0..LINES).map(line).collect()
}
