//! Users: several sources, several ways to say it, one gauge a window.

use super::*;

fn gauge(window: &ClosedWindow) -> Option<(u64, u64)> {
    window.users.map(|users| (users.max, users.last))
}

#[test]
fn sources_add_up_and_the_last_word_keeps_the_peak() {
    let mut bench = Bench::controlled(4);
    bench.send("users,flood=7,source=a active=25i");
    bench.send("users,flood=7,source=b active=10i");
    bench.send("ledger,flood=7,source=a seq=1i,samples=0i,final=t");
    bench.send("ledger,flood=7,source=b seq=1i,samples=0i,final=t");
    bench.wait_s(17);
    assert_eq!(gauge(&bench.windows[0]), Some((35, 35)), "the sources are gone, what they said is not");
    assert_eq!(bench.close().users_max, 35);
    assert_eq!(gauge(&bench.windows[1]), Some((0, 0)), "and now there are none");
}

#[test]
fn users_said_twice_are_counted_once() {
    let mut bench = Bench::controlled(4);
    let sample = format!("sample,flood=7,label=a rt=1,ok=t,users=25i {}", bench.now.wall.0);
    bench.send(&sample);
    assert_eq!(bench.ingest.totals(bench.now, 0).expect("open").users, 25, "for want of anything better");
    bench.send("users,flood=7,source=a active=25i");
    bench.send(&sample);
    assert_eq!(bench.close().users_max, 25);
}

#[test]
fn a_late_part_has_no_gauge_and_an_unknown_number_of_users_is_not_zero() {
    let mut bench = Bench::controlled(4);
    bench.sample("7", "a");
    bench.wait_s(17);
    assert_eq!(gauge(&bench.windows[0]), None);
    bench.send("concurrency,flood=7 value=3");
    bench.send(&format!("sample,flood=7,label=a rt=1,ok=t {}", START_S * NS_PER_S));
    bench.wait_s(15);
    let parts: Vec<_> = bench.windows.iter().map(|window| (window.part_n, gauge(window))).collect();
    assert_eq!(parts, [(0, None), (1, None), (0, Some((3, 3)))]);
    bench.close();
}

#[test]
fn windows_that_are_folded_together_keep_the_peak_at_part_0() {
    let mut bench = Bench::controlled(4);
    bench.send("concurrency,flood=7 value=9");
    bench.sample("7", "a");
    bench.wait_s(17);
    bench.send("concurrency,flood=7 value=4");
    bench.sample("7", "a");
    bench.send(&format!("sample,flood=7,label=a rt=7,ok=f {}", START_S * NS_PER_S));
    bench.wait_s(15);
    bench.close();
    let [first, late, mut second, ..] = <[ClosedWindow; 4]>::try_from(bench.windows).expect("four windows");
    assert_eq!((first.part_n, late.part_n, second.part_n), (0, 1, 0));
    let mut folded = late;
    folded.absorb(first.clone());
    assert_eq!((folded.start_ns, folded.part_n, gauge(&folded)), (first.start_ns, 0, Some((9, 9))));
    second.absorb(folded);
    assert_eq!((second.samples, second.degraded, gauge(&second)), (3, 2, Some((9, 4))));
    assert_eq!(second.series.len(), 1);
    let numbers = &second.series[0].numbers;
    assert_eq!((numbers.count, numbers.failed, numbers.rt.max_us, numbers.sketch.count()), (3, 1, 7_000, 3));
    let snapshot = second.account.expect("the later one's");
    assert_eq!((snapshot.total.aggregated, snapshot.before.aggregated), (3, 0));
}
