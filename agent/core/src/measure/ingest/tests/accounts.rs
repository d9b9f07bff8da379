//! Sent, received, lost: the equations of the ledger.

use super::*;
use crate::base::limits::SOURCES_MAX;

fn datagram(source: &str, seq: u64, samples: u64, lines: u64, more: &str) -> String {
    let line = |i| format!("sample,flood=7,label=a rt=2,ok=t {}\n", START_S * NS_PER_S + seq * 100 + i);
    let lines: String = (0..lines).map(line).collect();
    format!("{lines}ledger,flood=7,source={source} seq={seq}i,samples={samples}i{more}\n")
}

#[test]
fn a_whole_run_is_exact() {
    let mut bench = Bench::controlled(10);
    bench.send(&datagram("jvm", 1, 5, 5, ""));
    bench.send(&datagram("jvm", 2, 8, 3, ",truncated=2i"));
    let last = datagram("jvm", 3, 8, 0, ",truncated=2i,final=t");
    (0..3).for_each(|_| bench.send(&last));
    let totals = bench.ingest.totals(bench.now, 0).expect("open");
    assert!(totals.all_closed && totals.sources == 1);
    let run = bench.close();
    let account = run.account;
    assert_eq!((account.sent, account.received, account.lost, account.truncated), (8, 8, 0, 2));
    assert_eq!((account.unattributed, account.duplicate_datagrams), (0, 2));
    assert!(run.sent_exact);
}

#[test]
fn lost_doubled_and_overtaken_datagrams() {
    let mut bench = Bench::controlled(10);
    bench.send(&datagram("jvm", 3, 9, 3, ""));
    bench.send(&datagram("jvm", 1, 3, 3, ""));
    bench.send(&datagram("jvm", 3, 9, 3, ""));
    bench.send(&datagram("jvm", 1, 3, 3, ""));
    bench.send(&datagram("jvm", 4, 9, 0, ",final=t"));
    let run = bench.close();
    let account = run.account;
    assert_eq!((account.sent, account.received, account.lost), (9, 6, 3));
    assert_eq!(account.duplicate_datagrams, 2);
    assert!(run.sent_exact, "loss is known to the sample");
}

#[test]
fn without_a_last_word_sent_is_a_guess() {
    let mut bench = Bench::controlled(10);
    bench.send(&datagram("jvm", 1, 3, 3, ""));
    assert!(!bench.close().sent_exact);
}

#[test]
fn counters_that_go_backwards_and_names_used_twice_lose_nothing() {
    for second in [datagram("jvm", 2, 1, 1, ""), datagram("jvm", 1, 3, 3, " 5"), datagram("jvm", 9, 2, 3, "")]
    {
        let mut bench = Bench::controlled(10);
        bench.send(&datagram("jvm", 1, 3, 3, ""));
        bench.send(&second);
        bench.send(&datagram("jvm", 10, 50, 0, ",final=t"));
        let lines = second.matches("sample,").count() as u64;
        let run = bench.close();
        assert_eq!(run.account.aggregated, 3 + lines, "{second}");
        assert!(run.sources[0].inconsistent && !run.sent_exact, "{second}");
    }
}

#[test]
fn a_rejected_sample_was_sent_and_received() {
    let mut bench = Bench::controlled(10);
    bench.send("sample,flood=7,label=a rt=-1,ok=t 5\nledger,flood=7,source=s seq=1i,samples=1i,final=t");
    let run = bench.close();
    let account = run.account;
    assert_eq!((account.sent, account.received, account.lost, account.unattributed), (1, 1, 0, 0));
    assert!(run.sent_exact);
}

#[test]
fn sources_beyond_the_cap_are_counted_without_a_voucher() {
    let mut bench = Bench::controlled(10);
    for i in 0..SOURCES_MAX + 6 {
        bench.send(&datagram(&format!("jvm-{i}"), 1, 2, 2, ""));
    }
    let run = bench.close();
    let all = 2 * (SOURCES_MAX as u64 + 6);
    assert_eq!((run.sources.len(), run.account.aggregated, run.account.unattributed), (SOURCES_MAX, all, 12));
    assert!(!run.sent_exact);
    assert_eq!(run.sources_beyond, 6);
}

#[test]
fn dialect_1a_has_no_sent() {
    let mut bench = Bench::controlled(10);
    for line in [
        "response_time,flood=7,label=GET+%2Fcart value=120,response_code=\"200\"",
        "latency,flood=7,label=GET+%2Fcart value=80",
        "transaction_rate,flood=7,label=GET+%2Fcart value=1,response_code=\"200\"",
        "passed,flood=7,label=GET+%2Fcart value=1,response_code=\"200\"",
        "failed,flood=7,label=GET+%2Fcart value=0",
        "throughput,flood=7,label=GET+%2Fcart value=512",
        "concurrency,flood=7 value=12",
        "trace,flood=7,label=GET+%2Fcart value=\"H4sI\"",
    ] {
        bench.send(line);
    }
    let run = bench.close();
    let account = run.account;
    assert_eq!((account.sent, account.received, account.unattributed, account.lost), (0, 1, 1, 0));
    assert_eq!((account.traces, run.users_max, run.sent_exact), (1, 12, false));
    assert_eq!(
        bench.totals()[&("GET /cart".to_owned(), Kind::Request)],
        [1, 1, 0, 1, 120_000, 120_000, 120_000]
    );
    let numbers = &bench.windows[0].series[0].numbers;
    assert_eq!((numbers.latency.sum_us, numbers.rx_bytes, numbers.tx_bytes), (80_000, Some(512), None));
    let codes: Vec<_> = numbers.codes.iter().collect();
    assert_eq!(codes, [(crate::wire::sump::Code::Http(200), 1)], "on transaction_rate only");
}

#[test]
fn labels_over_the_cap_fold_and_half_of_them_is_a_warning() {
    let mut bench = Bench::controlled(4);
    for label in ["a", "b", "c", "d", "e", "f", "e", "a"] {
        bench.sample("7", label);
        assert_eq!(bench.warnings, u32::from(label != "a" || bench.warnings > 0), "from the second label on");
    }
    let account = bench.close().account;
    assert_eq!((account.aggregated, account.folded_samples, account.folded_labels), (8, 3, 2));
    assert_eq!(bench.totals()[&("__other__".to_owned(), Kind::Request)][0], 3);
    let snapshot = bench.windows[0].account.expect("every close has one");
    assert_eq!((snapshot.labels, snapshot.series), (4, 5));
}

#[test]
fn the_span_of_a_run_is_not_spoilt_by_nonsense() {
    let mut bench = Bench::controlled(4);
    for time_ns in [i64::MIN, 0, START_S as i64 * NS_PER_S as i64 - 5, i64::MAX] {
        bench.send(&format!("sample,flood=7,label=a rt=1,ok=t {time_ns}"));
    }
    let now_ns = bench.now.wall.0;
    let run = bench.close();
    assert_eq!(run.sample_span_ns, Some((now_ns - 5, now_ns)));
    assert_eq!((run.account.aggregated, run.account.restamped), (4, 3));
    let far = |time_ns: i64| now_ns.abs_diff(time_ns) / 1_000_000;
    assert_eq!(run.strays, Strays { ahead_ms: far(i64::MAX), behind_ms: far(i64::MIN) });
}

#[test]
fn how_far_time_stamps_are_off_is_told() {
    let mut bench = Bench::controlled(4);
    let second_ns = NS_PER_S as i64;
    for off_s in [0, 30, 90, -36_000] {
        let time_ns = bench.now.wall.0 + off_s * second_ns;
        bench.send(&format!("sample,flood=7,label=a rt=1,ok=t {time_ns}"));
    }
    let run = bench.close();
    assert_eq!(run.account.restamped, 3);
    assert_eq!(run.strays, Strays { ahead_ms: 90_000, behind_ms: 36_000_000 });
}

#[test]
fn the_first_sample_may_be_of_the_window_before() {
    let mut bench = Bench::controlled(4);
    bench.send(&format!("sample,flood=7,label=a rt=1,ok=t {}", bench.now.wall.0 - 1));
    bench.wait_s(2);
    assert_eq!(bench.windows.len(), 1, "closed 2 s after its end");
    assert_eq!((bench.windows[0].samples, bench.windows[0].part_n), (1, 0));
    assert_eq!(bench.close().account.late, 0);
}

#[test]
fn drops_of_the_kernel_are_reported() {
    let mut bench = Bench::controlled(4);
    bench.ingest.kernel_dropped(SOCKET, 5);
    bench.ingest.kernel_dropped(SocketId(99), 2);
    assert_eq!(bench.close().account.kernel_dropped, 5);
    assert_eq!(bench.ingest.stray().kernel_dropped, 2);
}

#[test]
fn a_closed_run_is_closed() {
    let mut bench = Bench::controlled(4);
    bench.sample("7", "a");
    bench.ingest.close_run(bench.now, 0);
    bench.ingest.close_run(bench.now, 0);
    bench.sample("7", "a");
    bench.collect();
    bench.check();
    assert_eq!((bench.closed.len(), bench.windows.len()), (1, 1));
    assert!(bench.ingest.totals(bench.now, 0).is_none() && bench.ingest.next_deadline(bench.now).is_none());
    let window = WindowSettings { period_s: 15, grace_ms: 2_000 };
    let settings = RunSettings { identity: identity("8"), window, labels_max: 4 };
    assert_eq!(bench.ingest.open_run(bench.now, SOCKET, settings), 1, "slots are not used again");
}
