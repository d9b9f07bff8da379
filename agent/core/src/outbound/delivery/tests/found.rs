//! What an earlier start has left.

use super::*;

#[test]
fn what_a_start_finds_is_tried_however_old_it_is() {
    let age_ns = 24 * 3_600 * NS_PER_S;
    let settings = Settings { spool_age_ns_max: age_ns, in_flight_max: 1, ..Settings::default() };
    let mut b = Bench::new(settings);
    for (n, age_ns) in [(1, 100 * age_ns), (2, 100 * age_ns), (3, age_ns / 2)] {
        b.input(Input::Found { batch: batch(n, 1, 1, b.now.wall), age_ns });
    }
    b.now = b.now.plus_ns(TRIED_FOR_NS - 1);
    assert_eq!(b.acts(Input::Tick), []);
    b.now = b.now.plus_ns(1);
    let said = b.input(Input::Tick);
    assert_eq!(said[0], Output::Evict { batch: id(2) }, "1 is in flight");
    assert!(matches!(&said[1..], [Output::Warn { sentence }] if sentence.contains("older")), "{said:?}");
    assert_eq!(b.delivery.total().spooled.batches, 2, "3 is not that old");
}

#[test]
fn what_a_start_finds_is_beside_the_bounds_until_the_drain_has_been_away() {
    let mut b = Bench::new(Settings { spool_bytes_max: 25, in_flight_max: 1, ..Settings::default() });
    let found = |b: &mut Bench, n| Input::Found {
        batch: SpooledBatch { bytes: 10, ..batch(n, 1, 1, b.now.wall) },
        age_ns: 0,
    };
    for n in 1..=4 {
        let input = found(&mut b, n);
        b.acts(input);
    }
    let fresh = |b: &mut Bench, n| Input::Spooled(SpooledBatch { bytes: 10, ..batch(n, 1, 1, b.now.wall) });
    for n in 5..=6 {
        let input = fresh(&mut b, n);
        assert_eq!(b.acts(input), []);
    }
    let input = fresh(&mut b, 7);
    assert_eq!(b.acts(input), [Output::Evict { batch: id(2) }], "what comes now has the bound to itself");
    assert_eq!(b.answer(1, 204, ""), [Output::Delete { batch: id(1) }, Output::Post { batch: id(3) }]);
    let evicted = |outputs: Vec<Output>| -> Vec<_> {
        outputs.into_iter().filter(|output| matches!(output, Output::Evict { .. })).collect()
    };
    assert_eq!(evicted(b.answer(3, 503, "")), [], "it may be back in a moment");
    let posted = posts(&b.after_s(59));
    assert_eq!(evicted(b.answer(posted[0], 429, "")), []);
    let gone = evicted(b.after_s(1));
    assert_eq!(gone.len(), 3, "as far as the bound asks for: {gone:?}");
    assert_eq!(b.delivery.spool_bytes(), 20);
}
