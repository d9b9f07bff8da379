//! Sockets that take any flood: implicit runs.

use super::*;

#[test]
fn each_identity_is_a_run_and_what_the_node_knows_wins() {
    let mut bench = Bench::open();
    bench.send("transaction_rate,account=1,flood=7,project=5,grid=elsewhere,region=r,label=a value=2");
    bench.send("transaction_rate,account=1,flood=7,project=5,grid=9,region=r,label=a value=1");
    bench.send("transaction_rate,account=1,flood=8,project=5,label=a value=1");
    bench.close();
    let runs: Vec<_> = bench.closed.iter().map(|run| (&*run.identity, run.account.aggregated)).collect();
    let who = |flood: &str, region: Option<&str>| RunIdentity {
        account: Some(ident("1")),
        flood: ident(flood),
        project: Some(ident("5")),
        grid: Some(ident("9")),
        region: region.map(ident),
        run: 3,
    };
    assert_eq!(runs, [(&who("7", Some("r")), 3), (&who("8", None), 1)]);
}

#[test]
fn a_line_that_names_no_flood_opens_no_run() {
    let mut bench = Bench::open();
    bench.send("sample,label=a rt=1,ok=t 5");
    bench.send("transaction_rate,label=a value=1");
    bench.send("transaction_rate,flood=a\\ b,label=a value=1");
    bench.send("cpu,flood=7,label=a value=1");
    bench.send("sample,flood=7,label=a");
    assert_eq!(bench.ingest.open_runs().count(), 0);
    let rejected = bench.ingest.stray().rejected;
    assert_eq!((rejected.missing_field, rejected.unknown_measurement, rejected.unknown_flood), (1, 1, 2));
    assert_eq!((rejected.syntax, rejected.total()), (1, 5));
    bench.check();
}

#[test]
fn a_run_whose_lines_are_all_bad_has_a_receipt() {
    for (bad, reason) in [
        ("sample,flood=7,label=a rt=-1,ok=t 5", Reject::OutOfRange),
        ("sample,flood=7 rt=1,ok=t 5", Reject::MissingField),
        ("sample,flood=7,label=a rt=NaN,ok=t 5", Reject::NotFinite),
        ("response_time,flood=7,label=a value=", Reject::Syntax),
        (&format!("sample,flood=7,label={} rt=1,ok=t 5", "x".repeat(40_000)), Reject::TooLong),
    ] {
        let mut bench = Bench::open();
        (0..3).for_each(|_| bench.send(bad));
        let account = bench.close().account;
        assert_eq!((account.received, account.aggregated, account.rejected.total()), (3, 0, 3), "{reason:?}");
        assert!(account.rejected.by_reason().contains(&(reason.name(), 3)), "{reason:?}");
        assert_eq!(bench.ingest.stray().received, 0);
    }
}

#[test]
fn bad_lines_count_in_the_run_that_they_name() {
    let mut bench = Bench::open();
    bench.sample("7", "a");
    bench.sample("8", "a");
    bench.send("response_time,flood=8,grid=9,label=a value=-5");
    bench.send("response_time,flood=9,grid=9,label=a value=-5");
    bench.send("garbage");
    bench.send("garbage\nsample,flood=7,label=a rt=x,ok=t 5\nledger,flood=7,source=s seq=1i,samples=1i");
    bench.close();
    let rejected: Vec<_> = bench.closed.iter().map(|run| run.account.rejected).collect();
    assert_eq!((rejected[0].syntax, rejected[0].total(), bench.closed[0].account.sent), (2, 2, 1));
    assert_eq!((rejected[1].out_of_range, rejected[1].total()), (1, 1));
    assert_eq!((rejected[2].out_of_range, rejected[2].total()), (1, 1), "it has a receipt for it");
    assert_eq!(bench.ingest.stray().rejected.total(), 1, "nobody's");
}

#[test]
fn a_line_of_an_unknown_flood_is_not_the_only_runs() {
    let mut bench = Bench::open();
    bench.sample("7", "a");
    bench.send("transaction_rate,flood=no\\ name,label=a value=1");
    assert_eq!(bench.close().account.rejected.total(), 0);
    assert_eq!(bench.ingest.stray().rejected.unknown_flood, 1);
}

#[test]
fn the_65th_identity_is_an_unknown_flood_until_another_is_idle() {
    let mut bench = Bench::open();
    (0..64).for_each(|flood| bench.sample(&flood.to_string(), "a"));
    bench.sample("64", "a");
    bench.sample("63", "a");
    assert_eq!(bench.ingest.open_runs().count(), 64);
    assert_eq!(bench.ingest.stray().rejected.unknown_flood, 1);
    for _ in 0..10 {
        bench.wait_s(60);
        (1..64).for_each(|flood| bench.sample(&flood.to_string(), "a"));
    }
    assert!(bench.closed.is_empty(), "10 minutes are not over 10 minutes");
    bench.wait_s(1);
    assert_eq!(bench.closed.len(), 1);
    assert_eq!((bench.closed[0].identity.flood.as_str(), bench.closed[0].account.aggregated), ("0", 1));
    bench.sample("64", "a");
    assert_eq!((bench.ingest.open_runs().count(), bench.ingest.stray().received), (64, 1));
    bench.close();
    assert_eq!(bench.closed.len(), 65);
}

#[test]
fn an_identity_that_comes_back_emits_no_part_twice() {
    let mut bench = Bench::open();
    let old = format!("sample,flood=7,label=a rt=1,ok=t {}", bench.now.wall.0);
    bench.send(&old);
    bench.wait_s(620);
    assert_eq!(bench.closed.len(), 1);
    bench.send(&old);
    bench.wait_s(20);
    // And the clock goes back to before all that.
    bench.now.wall = Wall(START_S as i64 * NS_PER_S as i64);
    bench.wait_s(20);
    bench.sample("7", "a");
    bench.close();
    assert_eq!(bench.closed.iter().map(|run| run.account.aggregated).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn drops_belong_to_the_only_run() {
    let mut bench = Bench::open();
    bench.ingest.kernel_dropped(SOCKET, 1);
    bench.sample("7", "a");
    bench.ingest.kernel_dropped(SOCKET, 2);
    bench.sample("8", "a");
    bench.ingest.kernel_dropped(SOCKET, 4);
    bench.close();
    let drops: Vec<_> = bench.closed.iter().map(|run| run.account.kernel_dropped).collect();
    assert_eq!((drops, bench.ingest.stray().kernel_dropped), (vec![2, 0], 5));
}

#[test]
fn a_source_goes_on_after_its_run_was_closed_for_silence() {
    let mut bench = Bench::open();
    let datagram = |n: u64| {
        let sample = "sample,flood=7,label=a rt=1,ok=t 5\n";
        format!("{sample}{sample}ledger,flood=7,source=s seq={n}i,samples={}i", 2 * n)
    };
    (1..=2).for_each(|n| bench.send(&datagram(n)));
    let progress = bench.ingest.progress();
    assert_eq!((progress.len(), progress[0].aggregated, progress[0].sources[0].samples), (1, 4, 4));
    bench.wait_s(crate::base::limits::IMPLICIT_RUN_IDLE_S + 2);
    assert_eq!((bench.closed.len(), bench.closed[0].account.sent), (1, 4));
    let progress = bench.ingest.progress();
    assert_eq!((progress[0].slot, progress[0].sources[0].samples), (None, 4));
    // The third is lost.
    bench.send(&datagram(4));
    let account = bench.close().account;
    assert_eq!((account.sent, account.received, account.lost), (4, 2, 2));
}

#[test]
fn what_a_killed_process_has_lost_has_a_receipt_whoever_comes_again() {
    let mut killed = Bench::open();
    killed.send("sample,flood=7,label=a rt=1,ok=t 5\nledger,flood=7,source=s seq=4i,samples=40i");
    let mut next = Bench::empty();
    let window = WindowSettings { period_s: 15, grace_ms: 2_000 };
    let earlier = killed.ingest.progress();
    let settings =
        OpenSettings { grid: Some(ident("9")), region: None, run: 4, window, labels_max: 10, earlier };
    next.ingest.open_socket(SOCKET, settings);
    next.wait_s(1);
    let run = next.close();
    assert_eq!((run.account.sent, run.account.received, run.account.lost), (39, 0, 39));
    assert_eq!((run.identity.run, run.sources[0].sent, run.sent_exact), (4, 39, false));
    // It is said: nobody owes it any longer.
    assert_eq!(next.ingest.progress()[0].sources[0].lost, 0);
}
