//! Garbage is counted under the right reason, its neighbours are kept.

use super::*;

const GOOD: &str = "sample,flood=7,label=good rt=1,ok=t 1700000010000000000";

/// One bad line between two good ones.
#[track_caller]
fn check(bad: &str, reason: Reject) {
    let mut bench = Bench::controlled(10);
    bench.send(&format!("{GOOD}\n{bad}\n{GOOD}"));
    assert_eq!(bench.rejected.len(), 1, "{bad}");
    assert_eq!(bench.rejected[0].0, reason, "{bad}");
    let run = bench.close();
    let account = run.account;
    assert_eq!((account.received, account.aggregated, account.rejected.total()), (3, 2, 1), "{bad}");
    let named = account.rejected.by_reason().into_iter().find(|&(_, n)| n == 1);
    assert_eq!(named, Some((reason.name(), 1)), "{bad}");
}

#[test]
fn every_reason() {
    check("no line protocol at all", Reject::Syntax);
    check("sample,flood=7,label=a rt=1,ok=\"t 1700000010000000000", Reject::Syntax);
    check("sample,flood=7,label=a\0 rt=1,ok=maybe 1700000010000000000", Reject::Syntax);
    check("sample,flood=7,label=a rt=1 1700000010000000000", Reject::MissingField);
    check("sample,flood=7,label=a rt=1,ok=t", Reject::MissingField);
    check("sample,flood=7 rt=1,ok=t 1700000010000000000", Reject::MissingField);
    check("sample,label=a rt=1,ok=t 1700000010000000000", Reject::MissingField);
    check("response_time,flood=7 value=1", Reject::MissingField);
    check("sample,flood=7,label=a rt=NaN,ok=t 1700000010000000000", Reject::NotFinite);
    check("latency,flood=7,label=a value=-Infinity", Reject::NotFinite);
    check("sample,flood=7,label=a rt=-0.1,ok=t 1700000010000000000", Reject::OutOfRange);
    check("sample,flood=7,label=a rt=86400001,ok=t 1700000010000000000", Reject::OutOfRange);
    check("response_time,flood=7,label=a value=-1508123456789", Reject::OutOfRange);
    check(&format!("sample,flood=7,label={} rt=1,ok=t 1", "x".repeat(33_000)), Reject::TooLong);
    check("cpu,host=a value=1", Reject::UnknownMeasurement);
}

#[test]
fn the_edges_of_what_is_valid() {
    let mut bench = Bench::controlled(10);
    bench.send("sample,flood=7,label=a rt=0,ok=t 1700000010000000000");
    bench.send("sample,flood=7,label=a rt=86400000,ok=f 1700000010000000000");
    bench.send("sample,flood=7,label= rt=1.0005,ok=t 1700000010000000000");
    bench.close();
    let day_us = 86_400_000_000;
    assert_eq!(bench.totals()[&("a".to_owned(), Kind::Request)], [2, 1, 1, 2, day_us, 0, day_us]);
    assert_eq!(bench.totals()[&("__empty__".to_owned(), Kind::Request)], [1, 1, 0, 1, 1_001, 1_001, 1_001]);
}

#[test]
fn identity_comes_from_the_command_not_from_a_line() {
    let mut bench = Bench::controlled(10);
    // Published clients with no environment send no flood, or somebody else's.
    bench.send("transaction_rate,label=a value=1");
    bench.send("transaction_rate,flood=,label=a value=1");
    bench.send("transaction_rate,flood=not\\ ours!,account=x,label=a value=1");
    let run = bench.close();
    assert_eq!((run.account.aggregated, run.account.rejected.total()), (3, 0));
    assert_eq!(*run.identity, identity("7"));
}

#[test]
fn a_plug_in_that_outlived_an_earlier_run_is_not_ours() {
    let mut bench = Bench::controlled(10);
    bench.sample("7", "a");
    bench.sample("8", "a");
    bench.send("users,flood=8,source=old active=5i,started=5i,finished=0i 1700000010000000000");
    bench.send("ledger,flood=8,source=old seq=17i,samples=4021i,truncated=0i,final=t");
    let run = bench.close();
    assert_eq!((run.account.aggregated, run.account.rejected.unknown_flood), (1, 3));
    assert_eq!((run.account.received, run.sources.len()), (4, 0));
}

#[test]
fn few_rejected_lines_are_shown_a_window_and_none_with_control_characters() {
    let mut bench = Bench::controlled(10);
    (0..50).for_each(|_| bench.send("\x1b[2J garbage"));
    assert_eq!(bench.rejected.len(), 2);
    bench.send("smaple,flood=7 rt=1,ok=t");
    assert_eq!(bench.rejected.len(), 3, "another reason");
    assert!(bench.rejected.iter().all(|(_, excerpt)| !excerpt.contains('\x1b')));
    bench.wait_s(18);
    (0..50).for_each(|_| bench.send("garbage"));
    assert_eq!(bench.rejected.len(), 5);
    assert_eq!(
        bench.close().account.rejected.said().unwrap(),
        "101 lines could not be used (100 syntax, 1 unknown_measurement)"
    );
}

#[test]
fn nothing_in_a_datagram_hurts() {
    let mut bench = Bench::controlled(10);
    for bytes in
        [&b""[..], b"\n\n\n", b"\r\n", b"\0", &[0xff; 65_507], b"sample", b"sample ", b"ledger", b"#"]
    {
        bench.ingest.datagram(bench.now, SOCKET, bytes);
        bench.ingest.datagram(bench.now, SocketId(99), bytes);
    }
    bench.close();
}
