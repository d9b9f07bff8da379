//! Lines as real senders form them, and what each one means: `golden/NAME.txt` has the lines, `golden/NAME.expected.txt`
//! a line of text for each. After a wanted change, run with `GRIDNODE_GOLDEN=write` and read the difference.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use gridnode_core::wire::line::lines;
use gridnode_core::wire::sump::{Record, Tags};
use std::fmt::Write;
use std::path::Path;

#[test]
fn the_java_class() {
    golden("flood_sump");
}

#[test]
fn flood_element() {
    golden("flood_element");
}

#[test]
fn the_sample_dialect() {
    golden("sample_dialect");
}

#[test]
fn garbage_and_what_is_nearly_right() {
    golden("garbage");
}

fn golden(name: &str) {
    // Where it runs, not where it was built: checkouts may share a build directory.
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("tests/golden");
    let input = std::fs::read(folder.join(format!("{name}.txt"))).unwrap();
    let found: String = lines(&input).map(|line| meaning(line) + "\n").collect();
    let path = folder.join(format!("{name}.expected.txt"));
    if std::env::var_os("GRIDNODE_GOLDEN").is_some_and(|what| what == "write") {
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (n, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{name}, line {} of those that are not comments", n + 1);
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "{name}");
}

/// One line of text for one line of input.
fn meaning(line: &[u8]) -> String {
    let record = match Record::parse(line) {
        Ok(record) => record,
        Err(reject) => return reject.name().to_owned(),
    };
    let tags = Tags::decode(record.tags());
    if let Err(reject) = record.require(&tags) {
        return format!("{} (a tag)", reject.name());
    }
    let mut text = match record {
        Record::Sample(s) => format!(
            "sample {} µs ok={} {:?} code={:?} lat={:?} conn={:?} rx={:?} tx={:?} users={:?} at {}",
            s.rt_us,
            s.ok,
            s.kind.or_tag(tags.kind),
            s.code,
            s.lat_us,
            s.conn_us,
            s.rx_bytes,
            s.tx_bytes,
            s.users,
            s.time_ns
        ),
        Record::Metric(m) => format!("{:?} code={:?} at {:?}", m.what, m.code, m.time_ns),
        Record::Users(u) => format!(
            "users {} of {} started, {} finished, source {}, at {:?}",
            u.active,
            u.started,
            u.finished,
            u.source.escape_ascii(),
            u.time_ns
        ),
        Record::Ledger(l) => format!(
            "ledger seq={} samples={} truncated={} last={} source {}",
            l.seq,
            l.samples,
            l.truncated,
            l.last,
            l.source.escape_ascii()
        ),
        Record::Trace(t) => format!("trace of {} bytes, error_count={:?}", t.value.len(), t.error_count),
    };
    let tags = [
        ("label", tags.label),
        ("account", tags.account),
        ("project", tags.project),
        ("flood", tags.flood),
        ("grid", tags.grid),
        ("region", tags.region),
        ("node", tags.node),
    ];
    for (key, value) in tags {
        if let Some(value) = value {
            let _ = write!(text, " {key}={value:?}");
        }
    }
    text
}
