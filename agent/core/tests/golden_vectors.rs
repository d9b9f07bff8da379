//! Golden vectors of the contract: datagrams in, exact bodies and the account out. `golden/runs/NAME.input.json` is what
//! arrives and when, `NAME.expected.lp` all batches as they are written, `NAME.expected.json` the run's last word.
//!
//! `tests/golden/check.py` (in the repository's root) computes the same from the datagrams on its own, so the vectors do
//! not vouch for themselves. After a wanted change, run with `GRIDNODE_GOLDEN=write`, then the script.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunIdentity;
use gridnode_core::base::time::{Mono, Now, Wall};
use gridnode_core::measure::RunSettings;
use gridnode_core::measure::ingest::{ClosedRun, ClosedWindow, Ingest, IngestOutput, SocketId};
use gridnode_core::measure::window::WindowSettings;
use gridnode_core::rollup::timestamp::DEFAULT_KEY;
use gridnode_core::rollup::{Rollup, RollupSettings};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;

#[test]
fn sample_dialect() {
    golden("sample_dialect");
}

#[test]
fn metric_dialect() {
    golden("metric_dialect");
}

#[test]
fn windows() {
    golden("windows");
}

#[test]
fn labels() {
    golden("labels");
}

#[test]
fn accounts() {
    golden("accounts");
}

fn golden(name: &str) {
    // Where it runs, not where it was built: checkouts may share a build directory.
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("tests/golden/runs");
    let input = std::fs::read(folder.join(format!("{name}.input.json"))).unwrap();
    let input: Value = serde_json::from_slice(&input).unwrap();
    let (windows, run) = replay(&input);
    compare(&folder.join(format!("{name}.expected.lp")), &bodies(&input, &windows));
    compare(&folder.join(format!("{name}.expected.json")), &last_word(&run));
}

fn compare(path: &Path, found: &str) {
    if std::env::var_os("GRIDNODE_GOLDEN").is_some_and(|what| what == "write") {
        std::fs::write(path, found).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap();
    for (n, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{}, line {}", path.display(), n + 1);
    }
    assert_eq!(found, expected, "{}", path.display());
}

fn replay(input: &Value) -> (Vec<ClosedWindow>, ClosedRun) {
    let wall = |value: &Value| Wall(value.as_i64().unwrap());
    let mut ingest = Ingest::new(1);
    let mut now = Now { mono: Mono(0), wall: wall(&input["opened_ns"]) };
    let window = WindowSettings {
        period_s: input["period_s"].as_u64().unwrap().try_into().unwrap(),
        grace_ms: input["grace_ms"].as_u64().unwrap(),
    };
    let labels_max = input["labels_max"].as_u64().unwrap().try_into().unwrap();
    let settings = RunSettings { identity: identity(&input["identity"]), window, labels_max };
    let slot = ingest.open_run(now, SocketId(0), settings);
    for step in input["steps"].as_array().unwrap() {
        now = now.plus_ns(wall(&step["at_ns"]).0.abs_diff(now.wall.0));
        ingest.tick(now);
        if let Some(datagram) = step["datagram"].as_str() {
            ingest.datagram(now, SocketId(0), datagram.as_bytes());
        }
        if let Some(datagram) = step["datagram_base64"].as_str() {
            ingest.datagram(now, SocketId(0), &STANDARD.decode(datagram).unwrap());
        }
    }
    now = now.plus_ns(wall(&input["closed_ns"]).0.abs_diff(now.wall.0));
    ingest.tick(now);
    ingest.close_run(now, slot);
    let (mut windows, mut run) = (Vec::new(), None);
    while let Some(output) = ingest.poll_output() {
        match output {
            IngestOutput::Window(window) => windows.push(*window),
            IngestOutput::Closed(closed) => run = Some(*closed),
            IngestOutput::Counted { .. } | IngestOutput::Remark(_) => {}
        }
    }
    (windows, run.unwrap())
}

fn identity(input: &Value) -> RunIdentity {
    let ident = |name: &str| input[name].as_str().map(|text| Ident::new(text).unwrap());
    RunIdentity {
        account: ident("account"),
        flood: ident("flood").unwrap(),
        project: ident("project"),
        grid: ident("grid"),
        region: ident("region"),
        run: input["run"].as_u64().unwrap(),
    }
}

/// All batches, each below a line that says what it is.
fn bodies(input: &Value, windows: &[ClosedWindow]) -> String {
    let settings = RollupSettings {
        node: Ident::new(input["node"].as_str().unwrap()).unwrap(),
        incarnation: input["incarnation"].as_u64().unwrap(),
        timestamp_key: DEFAULT_KEY.to_vec(),
        label_tag: false,
    };
    let mut text = String::new();
    for window in windows {
        let mut rollup = Rollup::new(&settings, window);
        while let Some(batch) = rollup.next_batch() {
            let (start_s, part_n) = (window.start_ns / 1_000_000_000, window.part_n);
            let (points, samples) = (batch.points, batch.samples);
            writeln!(text, "# window {start_s} part {part_n}: {points} points, {samples} samples").unwrap();
            text += std::str::from_utf8(&batch.body).unwrap();
        }
    }
    text
}

fn last_word(run: &ClosedRun) -> String {
    let word = json!({
        "identity": *run.identity,
        "account": run.account,
        "sent_exact": run.sent_exact,
        "sources": run.sources,
        "sample_span_ns": run.sample_span_ns,
        "users_max": run.users_max,
    });
    serde_json::to_string_pretty(&word).unwrap() + "\n"
}
