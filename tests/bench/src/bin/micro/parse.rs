//! The parser beside the crate `influxdb-line-protocol`. Ours also says what the line means; the crate only where its
//! parts are.

use super::Effort;
use gridnode_bench::corpus::{self, LINES};
use gridnode_bench::pairs::{compare, report};
use gridnode_core::wire::line::{Line, lines};
use gridnode_core::wire::sump::Record;
use std::hint::black_box;

pub fn measure(effort: Effort) {
    let meaning = |line: &[u8]| Record::parse(line).is_ok();
    against_the_crate("parse a sample line", &corpus::sample_lines(), effort, meaning);
    against_the_crate("parse a response_time line (1a)", &corpus::metric_lines(), effort, meaning);
    // The sump does not know rollups: a Drain reads their syntax.
    let syntax = |line: &[u8]| Line::parse(line).is_ok();
    against_the_crate("parse a rollup line", &corpus::rollup_lines(), effort, syntax);
}

fn against_the_crate(what: &str, corpus: &[String], effort: Effort, parse: impl Fn(&[u8]) -> bool) {
    /// Times that a half of a pair reads the corpus.
    const PASSES: usize = 10;
    let datagram = corpus.join("\n");
    let bytes = datagram.as_bytes();
    let ours = || {
        for _ in 0..PASSES {
            let good = lines(black_box(bytes)).filter(|line| parse(line)).count();
            assert_eq!(good, LINES, "{what}");
        }
    };
    let theirs = || {
        for _ in 0..PASSES {
            let parsed = influxdb_line_protocol::parse_lines(black_box(&datagram));
            assert_eq!(parsed.filter(|line| black_box(line).is_ok()).count(), LINES, "{what}");
        }
    };
    let pairs = compare(effort.pairs * 3, PASSES * LINES, ours, theirs);
    report(what, "ns", &pairs, "crate influxdb-line-protocol");
}
