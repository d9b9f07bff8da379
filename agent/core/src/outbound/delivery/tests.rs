//! The breaker, the bounds and the flush, one by one; `random` drives it all at once.

mod answers;
mod found;
mod random;

use super::*;
use crate::base::time::{NS_PER_S, Wall};

/// A machine, its clock and nothing else.
struct Bench {
    delivery: Delivery,
    now: Now,
}

impl Bench {
    fn new(settings: Settings) -> Self {
        let now = Now { mono: Mono(1_000 * NS_PER_S), wall: Wall(1_700_000_000_000_000_000) };
        Self { delivery: Delivery::new(settings), now }
    }

    fn input(&mut self, input: Input) -> Vec<Output> {
        self.delivery.handle(self.now, input);
        assert!(self.delivery.total().balance(), "{:?}", self.delivery.total());
        std::iter::from_fn(|| self.delivery.poll_output()).collect()
    }

    /// Without what is said of evictions.
    fn acts(&mut self, input: Input) -> Vec<Output> {
        let mut outputs = self.input(input);
        outputs.retain(|o| !matches!(o, Output::Warn { sentence } if sentence.contains("evicted")));
        outputs
    }

    fn spool(&mut self, number: u64, points: u32, samples: u64) -> Vec<Output> {
        let batch = batch(number, points, samples, self.now.wall);
        self.input(Input::Spooled(batch))
    }

    fn answer(&mut self, number: u64, status: u16, body: &str) -> Vec<Output> {
        let answer = Answer::Http(HttpAnswer { status, body: body.into(), ..HttpAnswer::default() });
        self.input(Input::Answer { batch: id(number), answer })
    }

    fn after_s(&mut self, seconds: u64) -> Vec<Output> {
        self.now = self.now.plus_ns(seconds * NS_PER_S);
        self.input(Input::Tick)
    }

    /// Moves to the next deadline, which must exist.
    fn next(&mut self) -> Vec<Output> {
        let deadline = self.delivery.next_deadline().expect("something is to be done");
        self.now = self.now.plus_ns(deadline.since_ns(self.now.mono));
        self.input(Input::Tick)
    }
}

fn id(number: u64) -> BatchId {
    BatchId { incarnation: 1, number, writer: 0 }
}

fn batch(number: u64, points: u32, samples: u64, created: Wall) -> SpooledBatch {
    SpooledBatch { batch: id(number), run: "7.1".into(), bytes: 100, points, samples, created }
}

fn posts(outputs: &[Output]) -> Vec<u64> {
    outputs
        .iter()
        .filter_map(|o| if let Output::Post { batch } = o { Some(batch.number) } else { None })
        .collect()
}

fn warnings(outputs: &[Output]) -> Vec<&str> {
    outputs
        .iter()
        .filter_map(|o| if let Output::Warn { sentence } = o { Some(sentence.as_str()) } else { None })
        .collect()
}

#[test]
fn a_204_deletes() {
    let mut b = Bench::new(Settings::default());
    assert_eq!(b.spool(1, 10, 500), [Output::Post { batch: id(1) }]);
    assert_eq!(b.answer(1, 204, ""), [Output::Delete { batch: id(1) }]);
    assert_eq!(b.delivery.total().delivered, Amount { batches: 1, samples: 500 });
    assert_eq!(b.delivery.next_deadline(), None);
    assert_eq!(b.answer(1, 204, ""), [], "a second answer changes nothing");
    assert_eq!((b.delivery.stray_inputs(), b.delivery.total().delivered.batches), (1, 1));
}

#[test]
fn a_413_splits_down_to_a_line_and_then_quarantines() {
    let mut b = Bench::new(Settings::default());
    b.spool(1, 2, 30);
    assert_eq!(b.answer(1, 413, ""), [Output::Split { batch: id(1) }]);
    let parts = vec![batch(2, 1, 10, b.now.wall), batch(3, 1, 20, b.now.wall)];
    assert_eq!(posts(&b.input(Input::SplitDone { batch: id(1), into: parts })), [2, 3]);
    let out = b.answer(2, 413, "");
    assert!(
        matches!(&out[1], Output::Quarantine { reason: QuarantineReason::LineTooLarge(_), .. }),
        "{out:?}"
    );
    b.answer(3, 204, "");
    let total = b.delivery.total();
    assert_eq!(total.entered, Amount { batches: 2, samples: 30 });
    assert_eq!((total.quarantined.samples, total.delivered.samples, total.splits), (10, 20, 1));
}

#[test]
fn parts_that_count_otherwise_still_carry_the_parents_samples() {
    let mut b = Bench::new(Settings::default());
    b.spool(1, 9, 30);
    b.answer(1, 413, "");
    let parts = vec![batch(2, 4, 100, b.now.wall), batch(3, 5, 100, b.now.wall)];
    b.input(Input::SplitDone { batch: id(1), into: parts });
    assert_eq!(b.delivery.total().spooled, Amount { batches: 2, samples: 30 });
}

#[test]
fn one_warning_a_minute_says_how_many_it_stands_for() {
    let mut b = Bench::new(Settings { slow_ns: 10 * NS_PER_S, ..Settings::default() });
    b.spool(1, 10, 5);
    let mut said = Vec::new();
    for _ in 0..8 {
        said.extend(warnings(&b.answer(1, 401, "")).into_iter().map(str::to_owned));
        b.after_s(10);
    }
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[1].ends_with("(5 more of these since it was last said)"), "{said:?}");
}

#[test]
fn an_outage_after_another_one_is_said_however_soon() {
    let mut b = Bench::new(Settings::default());
    b.spool(1, 10, 5);
    b.spool(2, 10, 5);
    let mut said = warnings(&b.answer(1, 503, "")).len();
    b.after_s(2);
    assert_eq!((said, warnings(&b.answer(1, 503, "")).len()), (1, 0));
    b.after_s(30);
    b.answer(1, 204, "");
    said += warnings(&b.answer(2, 503, "")).len();
    assert_eq!(said, 2);
}

#[test]
fn an_unwell_drain_is_retried_soon() {
    let http = |status| Answer::Http(HttpAnswer { status, ..HttpAnswer::default() });
    let kinds = [
        TransportKind::Dns,
        TransportKind::Connect,
        TransportKind::Tls,
        TransportKind::TlsIssuer,
        TransportKind::TlsAuthority,
        TransportKind::TlsName,
        TransportKind::TlsTime,
        TransportKind::TlsNone,
        TransportKind::Timeout,
        TransportKind::Descriptors,
    ];
    let answers = [408, 429, 500, 503, 599].map(http).into_iter().chain(kinds.map(Answer::Transport));
    for answer in answers {
        let mut b = Bench::new(Settings::default());
        b.spool(1, 10, 5);
        b.input(Input::Answer { batch: id(1), answer: answer.clone() });
        assert_eq!(b.delivery.total().spooled.samples, 5, "{answer:?}");
        assert!(b.delivery.next_deadline().unwrap().since_ns(b.now.mono) <= NS_PER_S / 2, "{answer:?}");
        assert_eq!(posts(&b.next()), [1]);
        let out = b.answer(1, 204, "");
        assert!(matches!(out[..], [Output::Notice { .. }, Output::Delete { .. }]), "{out:?}");
        assert_eq!(b.delivery.total().retries, 1);
    }
}

#[test]
fn retry_after_is_obeyed_up_to_a_cap() {
    for (told_s, at_least_s, at_most_s) in [(7, 7, 9), (0, 0, 1), (u64::MAX, 300, 375)] {
        let mut b = Bench::new(Settings::default());
        b.spool(1, 10, 5);
        let answer = HttpAnswer { status: 503, retry_after_s: Some(told_s), ..HttpAnswer::default() };
        b.input(Input::Answer { batch: id(1), answer: Answer::Http(answer) });
        let wait_ns = b.delivery.next_deadline().unwrap().since_ns(b.now.mono);
        assert!((at_least_s * NS_PER_S..=at_most_s * NS_PER_S).contains(&wait_ns), "{told_s}: {wait_ns}");
    }
}

#[test]
fn backoff_doubles_to_its_cap() {
    let mut b = Bench::new(Settings { seed: 3, ..Settings::default() });
    b.spool(1, 10, 5);
    let mut longest_ns = 0;
    for attempt in 0..40 {
        b.input(Input::Answer { batch: id(1), answer: Answer::Transport(TransportKind::Connect) });
        let wait_ns = b.delivery.next_deadline().unwrap().since_ns(b.now.mono);
        let bound_ns = (NS_PER_S / 2).saturating_mul(1_u64 << attempt.min(30)).min(60 * NS_PER_S);
        assert!(wait_ns <= bound_ns, "attempt {attempt}: {wait_ns} ns");
        longest_ns = longest_ns.max(wait_ns);
        b.next();
    }
    assert!(longest_ns > 30 * NS_PER_S, "it never got long: {longest_ns}");
}

#[test]
fn while_the_drain_is_away_one_probe_at_a_time_goes_and_in_turn() {
    let mut b = Bench::new(Settings::default());
    let mut out: Vec<u64> = (1..=10).flat_map(|n| posts(&b.spool(n, 10, 1))).collect();
    assert_eq!(out, [1, 2, 3, 4], "the cap of posts in flight");
    for n in 1..=4 {
        out = posts(&b.answer(n, 503, ""));
        assert!(out.is_empty());
    }
    let mut probed = Vec::new();
    for _ in 0..6 {
        out = posts(&b.next());
        while out.is_empty() {
            out = posts(&b.next());
        }
        assert_eq!(out.len(), 1, "one probe: {out:?}");
        probed.push(out[0]);
        assert_eq!(posts(&b.after_s(3_600)), [0_u64; 0], "no second one while it is out");
        b.answer(out[0], 503, "");
    }
    let distinct: std::collections::BTreeSet<_> = probed.iter().collect();
    assert!(distinct.len() >= 5, "a failed batch goes behind the others: {probed:?}");
    let mut probe = posts(&b.next());
    while probe.is_empty() {
        probe = posts(&b.next());
    }
    assert_eq!(posts(&b.answer(probe[0], 204, "")).len(), 4, "then all flows again");
}

#[test]
fn a_probe_whose_file_is_corrupt_does_not_stop_delivery() {
    let mut b = Bench::new(Settings::default());
    b.spool(1, 10, 5);
    b.spool(2, 10, 5);
    b.answer(1, 503, "");
    b.answer(2, 503, "");
    let mut probe = posts(&b.next());
    while probe.is_empty() {
        probe = posts(&b.next());
    }
    let mut next = posts(&b.input(Input::Corrupt { batch: id(probe[0]) }));
    while next.is_empty() {
        next = posts(&b.next());
    }
    assert_ne!(next, probe);
    assert_eq!(b.delivery.total().set_aside.samples, 5);
}

#[test]
fn a_file_that_cannot_be_read_now_is_tried_again_and_says_nothing_about_the_drain() {
    let mut b = Bench::new(Settings::default());
    b.spool(1, 10, 5);
    assert_eq!(b.input(Input::ReadFailed { batch: id(1) }), []);
    assert!(!b.delivery.drain_is_away() && b.delivery.total().spooled.samples == 5);
    assert_eq!(posts(&b.next()), [1]);
}

#[test]
fn while_the_quarantine_is_full_a_batch_stays_where_it_is() {
    let mut b = Bench::new(Settings::default());
    b.delivery.set_quarantine_full(true);
    b.spool(1, 10, 5);
    let out = b.answer(1, 400, r#"{"error":"unable to parse"}"#);
    assert!(matches!(warnings(&out)[..], [said] if said.contains("the quarantine is full")), "{out:?}");
    assert_eq!((b.delivery.total().spooled.samples, b.delivery.total().quarantined.samples), (5, 0));
    b.delivery.set_quarantine_full(false);
    assert_eq!(posts(&b.next()), [1]);
    b.answer(1, 400, r#"{"error":"unable to parse"}"#);
    assert_eq!(b.delivery.total().quarantined.samples, 5);
}

#[test]
fn the_oldest_is_evicted_but_never_one_in_flight() {
    let mut b = Bench::new(Settings { spool_bytes_max: 300, in_flight_max: 1, ..Settings::default() });
    for n in 1..=3 {
        b.spool(n, 1, n);
    }
    let said = b.spool(4, 1, 4);
    assert_eq!(said[0], Output::Evict { batch: id(2) }, "1 is in flight");
    let Output::Warn { sentence } = &said[1] else { panic!("{said:?}") };
    assert!(sentence.starts_with("2 samples in 1 batches") && sentence.contains("no room"), "{sentence}");
    assert_eq!(b.input(Input::MakeRoom { bytes: 1 }), [Output::Evict { batch: id(3) }]);
    assert_eq!(b.delivery.total().evicted, Amount { batches: 2, samples: 5 });
    let huge = SpooledBatch { bytes: 1_000, ..batch(5, 1, 5, b.now.wall) };
    assert_eq!(
        b.input(Input::Spooled(huge)),
        [Output::Evict { batch: id(4) }, Output::Evict { batch: id(5) }]
    );
    // The rest in one sentence, after a while.
    let said = b.after_s(60);
    let [Output::Warn { sentence }] = &said[..] else { panic!("{said:?}") };
    assert!(sentence.starts_with("12 samples in 3 batches"), "{sentence}");
}

#[test]
fn age_evicts_and_a_stepped_wall_clock_does_not() {
    let age_ns = 3_600 * NS_PER_S;
    let settings = Settings { spool_age_ns_max: age_ns, in_flight_max: 1, ..Settings::default() };
    let mut b = Bench::new(settings);
    b.spool(1, 1, 1);
    b.spool(2, 1, 2);
    b.now.wall = Wall(b.now.wall.0 + 10 * i64::try_from(age_ns).unwrap());
    assert_eq!(b.input(Input::Tick), []);
    // One that was held while the clock stepped is as old as it says, and has only just come.
    let held = batch(4, 1, 4, Wall(b.now.wall.0 - 20 * i64::try_from(age_ns).unwrap()));
    assert_eq!(b.input(Input::Spooled(held)), []);
    b.now = b.now.plus_ns(age_ns);
    assert_eq!(b.acts(Input::Tick), [Output::Evict { batch: id(2) }, Output::Evict { batch: id(4) }]);
    assert_eq!(b.answer(1, 503, ""), b.outputs_of_eviction(1));
}

impl Bench {
    fn outputs_of_eviction(&self, number: u64) -> Vec<Output> {
        let sentence =
            "answer 503: the Drain cannot take writes now; batches are kept in the spool and retried";
        vec![Output::Warn { sentence: sentence.into() }, Output::Evict { batch: id(number) }]
    }
}

#[test]
fn a_fresh_batch_waits_for_the_nodes_phase() {
    let phase_ns = phase_ns("node-17", 5 * NS_PER_S);
    assert!(phase_ns > 0 && phase_ns < 5 * NS_PER_S);
    assert_eq!(super::phase_ns("node-17", 0), 0);
    let mut b = Bench::new(Settings { phase_ns, ..Settings::default() });
    assert_eq!(b.spool(1, 1, 1), []);
    assert_eq!(b.delivery.next_deadline(), Some(b.now.mono.plus_ns(phase_ns)));
    assert_eq!(posts(&b.next()), [1]);
}

#[test]
fn phases_spread_a_grid() {
    let mut a_tenth = [0; 10];
    for node in 0..900 {
        let phase = phase_ns(&format!("i-{node:017x}"), 10_000);
        a_tenth[usize::try_from(phase / 1_000).unwrap()] += 1;
    }
    assert!(a_tenth.iter().all(|n| (60..=120).contains(n)), "{a_tenth:?}");
}

#[test]
fn a_flush_skips_the_phase_retries_quickly_and_ends_when_empty() {
    let mut b = Bench::new(Settings { phase_ns: 5 * NS_PER_S, ..Settings::default() });
    b.spool(1, 1, 1);
    let deadline = b.now.mono.plus_ns(20 * NS_PER_S);
    assert_eq!(posts(&b.input(Input::Flush { deadline })), [1]);
    for _ in 0..5 {
        assert_eq!(b.answer(1, 503, "").iter().filter(|o| matches!(o, Output::Flushed { .. })).count(), 0);
        assert_eq!(posts(&b.next()), [1]);
        assert!(b.now.mono < deadline);
    }
    let out = b.answer(1, 204, "");
    assert_eq!(out.last(), Some(&Output::Flushed { spooled_batches: 0 }));
    assert_eq!(b.delivery.next_deadline(), None);
}

#[test]
fn a_flush_ends_early_when_only_an_operator_could_help_and_late_at_its_deadline() {
    let mut b = Bench::new(Settings::default());
    b.spool(1, 1, 1);
    let deadline = b.now.mono.plus_ns(20 * NS_PER_S);
    b.input(Input::Flush { deadline });
    assert_eq!(b.answer(1, 401, "").last(), Some(&Output::Flushed { spooled_batches: 1 }));
    assert_eq!(posts(&b.after_s(3_600)), [0_u64; 0], "after the end nothing is posted");

    let mut b = Bench::new(Settings::default());
    b.spool(1, 1, 1);
    b.input(Input::Flush { deadline });
    assert_eq!(b.after_s(20), [Output::Flushed { spooled_batches: 1 }], "in flight still");
    assert_eq!(b.delivery.total().spooled.samples, 1);
}

#[test]
fn accounts_are_kept_for_each_run_and_can_be_forgotten() {
    let mut b = Bench::new(Settings::default());
    let other = SpooledBatch { run: "8.2".into(), ..batch(2, 1, 7, b.now.wall) };
    b.spool(1, 1, 1);
    b.input(Input::Spooled(other));
    assert_eq!(b.delivery.counters(&"8.2".into()).spooled.samples, 7);
    assert!(!b.delivery.forget_run(&"8.2".into()), "a batch of it is still here");
    b.answer(2, 204, "");
    assert!(b.delivery.forget_run(&"8.2".into()));
    assert_eq!(b.delivery.counters(&"8.2".into()), BatchAccount::default());
    assert_eq!(b.delivery.total().delivered.samples, 7);
}

#[test]
fn accounts_go_on_after_a_restart() {
    let amount = |batches, samples| Amount { batches, samples };
    let saved = BatchAccount {
        entered: amount(10, 100),
        delivered: amount(5, 50),
        spooled: amount(3, 30),
        evicted: amount(1, 10),
        unexplained: amount(1, 10),
        ..BatchAccount::default()
    };
    // What is spooled now comes in by itself: the saved number is not taken for it.
    let mut b = Bench::new(Settings { in_flight_max: 1, ..Settings::default() });
    b.spool(1, 1, 10);
    b.spool(2, 1, 10);
    b.delivery.restore(&"7.1".into(), saved);
    let run = b.delivery.counters(&"7.1".into());
    assert_eq!((run.delivered, run.spooled, run.entered), (amount(5, 50), amount(2, 20), amount(9, 90)));
    assert!(run.balance() && b.delivery.total() == run);
    assert_eq!(b.delivery.runs().count(), 1);
}

#[test]
fn a_late_failure_from_before_does_not_let_a_second_probe_go() {
    let mut b = Bench::new(Settings::default());
    (1..=6).for_each(|n| drop(b.spool(n, 1, 1)));
    b.answer(1, 503, "");
    let probe = posts(&b.after_s(1));
    assert_eq!(probe.len(), 1);
    b.answer(2, 503, "");
    assert_eq!(posts(&b.after_s(3_600)), [0_u64; 0], "the probe is still out");
    assert_eq!(posts(&b.answer(3, 204, "")).len(), 2, "a late success counts: the Drain is there");
}

/// Batches 1 to 4 always get `fate`, or no answer for 30 s if there is none, and have been tried so many times during an outage
/// when it ends and 20 others come: how long those take, ns.
fn others_take(fate: Option<TransportKind>, tried: u32, seed: u64) -> u64 {
    let mut b = Bench::new(Settings { seed, ..Settings::default() });
    let mut queue: Vec<u64> = (1..=4).flat_map(|number| posts(&b.spool(number, 10, 10))).collect();
    while (1..=4).any(|number| b.delivery.store.attempts(id(number)) < tried) {
        let Some(number) = queue.pop() else {
            queue.extend(posts(&b.next()));
            continue;
        };
        let answer = Answer::Transport(TransportKind::Connect);
        queue.extend(posts(&b.input(Input::Answer { batch: id(number), answer })));
    }
    queue.extend((5..=24).flat_map(|number| posts(&b.spool(number, 10, 10))));
    let began = b.now.mono;
    let mut hanging: Vec<(Mono, u64)> = Vec::new();
    while b.delivery.total().delivered.batches < 20 {
        assert!(hanging.len() <= 4, "{hanging:?}");
        let Some(number) = queue.pop() else {
            let timeout = hanging.first().copied();
            let deadline = b.delivery.next_deadline();
            if let Some((at, number)) =
                timeout.filter(|(at, _)| deadline.is_none_or(|deadline| *at <= deadline))
            {
                hanging.remove(0);
                b.now = b.now.plus_ns(at.since_ns(b.now.mono));
                let answer = Answer::Transport(TransportKind::Timeout);
                queue.extend(posts(&b.input(Input::Answer { batch: id(number), answer })));
            } else {
                queue.extend(posts(&b.next()));
            }
            continue;
        };
        let answer = match (number, fate) {
            (5.., _) => Answer::Http(HttpAnswer { status: 204, ..HttpAnswer::default() }),
            (_, Some(kind)) => Answer::Transport(kind),
            (_, None) => {
                hanging.push((b.now.mono.plus_ns(30 * NS_PER_S), number));
                continue;
            }
        };
        queue.extend(posts(&b.input(Input::Answer { batch: id(number), answer })));
    }
    b.now.mono.since_ns(began)
}

#[test]
fn a_few_that_always_fail_do_not_hold_up_the_rest() {
    for seed in 0..100 {
        // The first probe after an outage may be a minute away; it is none of those.
        let reset = others_take(Some(TransportKind::Broken), 6, seed);
        assert!(reset < 65 * NS_PER_S, "{reset} with {seed}");
        // One of them may be the probe that is under way.
        let hung = others_take(None, 6, seed);
        assert!(hung < 125 * NS_PER_S, "{hung} with {seed}");
    }
}
