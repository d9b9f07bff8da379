//! Timestamps that are not in ns.

use super::*;

#[test]
fn the_wrong_unit_is_said_once_a_run_and_loses_nothing() {
    for (time, unit) in [
        ("1700000010", TimeUnit::Seconds),
        ("1700000010123", TimeUnit::Millis),
        ("1700000010123456", TimeUnit::Micros),
    ] {
        for line in [
            format!("sample,flood=7,label=a rt=1,ok=t {time}"),
            format!("transaction_rate,flood=7,label=a value=1 {time}"),
        ] {
            let mut bench = Bench::open();
            (0..5).for_each(|_| bench.send(&line));
            bench.send(&line.replace("flood=7", "flood=8"));
            assert_eq!(bench.units, [unit, unit], "one a run: {line}");
            bench.close();
            let account = bench.closed[0].account;
            assert_eq!(
                (account.aggregated, account.restamped, account.rejected.total()),
                (5, 5, 0),
                "{line}"
            );
        }
    }
}

#[test]
fn an_old_sample_is_not_one_in_another_unit() {
    let mut bench = Bench::controlled(10);
    bench.sample("7", "a");
    bench.send("sample,flood=7,label=a rt=1,ok=t 1000000000000000000"); // 2001, in ns
    bench.send("sample,flood=7,label=a rt=1,ok=t 17");
    bench.send("transaction_rate,label=a value=1");
    assert!(bench.units.is_empty());
    assert_eq!(bench.close().account.restamped, 2);
}
