//! Counts are exact whatever comes, memory is bounded, and texts are fit to be shown.

use super::*;
use crate::base::ids::LabelId;
use crate::base::limits::FAILURE_TEXT_CHARS_MAX;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn series(label: &str, kind: Kind) -> SeriesInfo {
    SeriesInfo { label: label.into(), label_id: LabelId::of(label), kind, alternate: false }
}

fn counts(failures: Failures) -> FailureCounts {
    let all = [series("a", Kind::Request), series("b", Kind::Request), series("a", Kind::Transaction)];
    failures.into_counts(|index| &all[index.0 as usize])
}

#[test]
fn equal_reasons_are_counted_together_and_the_most_frequent_come_first() {
    let mut failures = Failures::new(1);
    let (a, b, around_a) = (SeriesIndex(0), SeriesIndex(1), SeriesIndex(2));
    failures.add(b, Some(Code::Http(500)), b"broken", 1);
    failures.add(around_a, None, b"broken", 1);
    failures.add(a, None, b"timed out", 1);
    failures.add(a, Some(Code::Other), b"refused", 1);
    failures.add(a, None, b"", 1);
    failures.add(b, Some(Code::Http(500)), b"broken\n", 1);
    failures.add(b, Some(Code::Http(404)), b"broken", 0);
    let counts = counts(failures);
    let shown: Vec<_> = counts
        .reasons
        .iter()
        .map(|f| (f.count, f.label.as_str(), f.kind, f.code.as_str(), f.error.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            (2, "b", Kind::Request, "500", "broken"),
            (1, "a", Kind::Request, "none", ""),
            (1, "a", Kind::Request, "none", "timed out"),
            (1, "a", Kind::Request, "other", "refused"),
            (1, "a", Kind::Transaction, "none", "broken"),
        ]
    );
    assert_eq!((counts.others, counts.total()), (0, 6));
}

/// Java says why once, and the host's name alone for a few seconds after that.
#[test]
fn a_host_without_an_address_is_one_reason_and_the_longer_text_is_shown() {
    let shown = |texts: &[&[u8]]| -> Vec<(u64, String, bool)> {
        let mut failures = Failures::new(1);
        texts.iter().for_each(|text| failures.add(SeriesIndex(0), Some(Code::Other), text, 1));
        counts(failures).reasons.into_iter().map(|it| (it.count, it.error, it.varies)).collect()
    };
    let (short, long) = (
        "UnknownHostException: shop.invalid",
        "UnknownHostException: shop.invalid: Name or service not known",
    );
    let both: [&[u8]; 3] = [short.as_bytes(), long.as_bytes(), short.as_bytes()];
    assert_eq!(shown(&both), [(3, long.to_owned(), false)]);
    assert_eq!(shown(&[both[1], both[0]]), [(2, long.to_owned(), false)]);
    let other = b"UnknownHostException: pay.invalid: Name or service not known";
    assert_eq!(shown(&[long.as_bytes(), other]).len(), 2, "another host");
    // The first one is shown where numbers differ.
    assert_eq!(shown(&[b"error 1", b"error 12"]), [(2, "error 1".to_owned(), true)]);
}

#[test]
fn a_failure_in_json() {
    let mut failures = Failures::new(1);
    failures.add(SeriesIndex(2), Some(Code::Http(503)), br#"say \"when\""#, 3);
    let json = serde_json::to_string(&counts(failures).reasons).expect("texts and numbers");
    assert_eq!(json, r#"[{"label":"a","kind":"transaction","code":"503","error":"say \"when\"","count":3}]"#);
}

#[test]
fn texts_are_one_line_without_escapes_and_commands() {
    for (raw, text) in [
        (&br#"a \"b\" \\ c\d \\\""#[..], r#"a "b" \ c\d \""#),
        (b"  one\r\n\ttwo\xe2\x80\xa8three\n", "one two three"),
        (b"a\x1b[2Jb\0", "a\u{fffd}[2Jb\u{fffd}"),
        (b"\xff caf\xc3\xa9 \xe2\x82", "\u{fffd} café \u{fffd}"),
        (b"\n", ""),
        (b"ends in \\", "ends in \\"),
    ] {
        assert_eq!(tidied(raw), text, "{}", raw.escape_ascii());
    }
}

#[test]
fn long_texts_are_cut_at_a_character() {
    let max = FAILURE_TEXT_CHARS_MAX;
    assert_eq!(tidied("é".repeat(max).as_bytes()), "é".repeat(max));
    assert_eq!(tidied("é".repeat(max + 1).as_bytes()), "é".repeat(max) + "…");
    assert_eq!(tidied(("é".repeat(max) + " \n").as_bytes()), "é".repeat(max) + "…");
}

/// A word without digits for each number.
fn letters(mut n: u32) -> String {
    let mut word = String::new();
    while n > 0 {
        word.push(char::from(b'g' + (n % 20) as u8));
        n /= 20;
    }
    word
}

#[test]
fn texts_that_differ_in_numbers_are_one_reason_and_say_so() {
    let mut failures = Failures::new(1);
    for n in 1..=88 {
        failures.add(SeriesIndex(0), Some(Code::Http(500)), format!("Script{n}.groovy: 1").as_bytes(), 1);
    }
    failures.add(SeriesIndex(0), Some(Code::Http(503)), b"Script3.groovy: 1", 1);
    let counts = counts(failures);
    let shown: Vec<_> = counts.reasons.iter().map(|f| (f.count, &*f.code, &*f.error, f.varies)).collect();
    assert_eq!(shown, [(88, "500", "Script1.groovy: 1", true), (1, "503", "Script3.groovy: 1", false)]);
}

#[test]
fn a_text_of_its_own_for_each_sample_costs_no_more_than_the_cap() {
    let mut failures = Failures::new(1);
    for n in 0..100_000 {
        failures.add(
            SeriesIndex(0),
            None,
            format!("session {} {}", letters(n), "€".repeat(900)).as_bytes(),
            1,
        );
    }
    assert!(failures.heap_bytes() < 256 << 10, "{}", failures.heap_bytes());
    let counts = counts(failures);
    assert_eq!(counts.reasons.len(), FAILURE_REASONS_MAX);
    assert_eq!(counts.others, 100_000 - FAILURE_REASONS_MAX as u64);
}

fn code() -> impl Strategy<Value = Option<Code>> {
    prop_oneof![Just(None), Just(Some(Code::Other)), (400_u16..403).prop_map(|code| Some(Code::Http(code)))]
}

proptest! {
    #[test]
    fn reasons_and_others_are_all_failed_samples(
        // Up to some hundred reasons: half of the cases reach the cap.
        added in prop::collection::vec((0_u32..3, code(), "[a-d]{0,2}[ \n]?", 0_u64..3), 0..1_500),
    ) {
        let mut failures = Failures::new(7);
        let mut model = BTreeMap::<_, u64>::new();
        for (index, code, error, n) in &added {
            failures.add(SeriesIndex(*index), *code, error.as_bytes(), *n);
            if *n > 0 {
                *model.entry((*index, *code, tidied(error.as_bytes()))).or_default() += n;
            }
        }
        let counts = counts(failures);
        prop_assert_eq!(counts.total(), added.iter().map(|(_, _, _, n)| n).sum::<u64>());
        prop_assert_eq!(counts.reasons.len(), model.len().min(FAILURE_REASONS_MAX));
        if model.len() <= FAILURE_REASONS_MAX {
            prop_assert_eq!(counts.others, 0);
            let mut expected: Vec<u64> = model.into_values().collect();
            expected.sort_unstable_by(|a, b| b.cmp(a));
            prop_assert_eq!(counts.reasons.iter().map(|reason| reason.count).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn whatever_comes_is_one_short_line(raw in prop::collection::vec(any::<u8>(), 0..1_500)) {
        let text = tidied(&raw);
        prop_assert!(text.chars().count() <= FAILURE_TEXT_CHARS_MAX + 1);
        prop_assert!(!text.chars().any(char::is_control));
        prop_assert_eq!(text.trim(), text.as_str());
    }
}
