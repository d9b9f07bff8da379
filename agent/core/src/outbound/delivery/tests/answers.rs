//! Every answer's rule.

use super::*;

#[test]
fn a_400_is_told_apart_by_its_body() {
    let limit =
        "partial write: max-values-per-tag limit exceeded (100000/100000): measurement=\"x\" dropped=5000";
    let series = r#"{"error":"partial write: max-series-per-database limit exceeded: (1000000) dropped=3"}"#;
    let cases = [
        (r#"{"error":"partial write: field type conflict: dropped=1"}"#, "uncertain"),
        (limit, "kept"),
        (series, "kept"),
        (r#"{"error":"unable to parse 'x': missing fields"}"#, "quarantined"),
    ];
    for (body, expected) in cases {
        let mut b = Bench::new(Settings::default());
        b.spool(1, 10, 5);
        let out = b.answer(1, 400, body);
        let total = b.delivery.total();
        let got = match (total.uncertain.samples, total.quarantined.samples, total.spooled.samples) {
            (5, 0, 0) => "uncertain",
            (0, 5, 0) => "quarantined",
            (0, 0, 5) => "kept",
            other => panic!("{other:?}"),
        };
        assert_eq!(got, expected, "{body}");
        assert_eq!(warnings(&out).len(), 1, "an operator hears of it");
        assert!(!b.delivery.drain_is_away(), "the Drain answered: others may go");
    }
}

#[test]
fn a_400_that_is_not_the_stores_destroys_nothing() {
    let cases = [
        ("<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>", "https://"),
        ("Client sent an HTTP request to an HTTPS server.\n", "https://"),
        ("<html><body>400 Bad Request</body></html>", "in front"),
        ("partial write: field type conflict", "in front"),
        (r#"{"error":5}"#, "in front"),
        ("", "in front"),
    ];
    for (body, advice) in cases {
        let mut b = Bench::new(Settings::default());
        b.spool(1, 10, 5);
        let out = b.answer(1, 400, body);
        let said = warnings(&out);
        assert!(said.len() == 1 && said[0].contains(advice), "{body}: {said:?}");
        assert_eq!(b.delivery.total().spooled.samples, 5, "{body}");
        // With a header that only the store sends, the same words are its own.
        let (body, has_store_header) = (body.to_owned(), true);
        let answer = HttpAnswer { status: 400, body, has_store_header, ..HttpAnswer::default() };
        b.after_s(61);
        b.input(Input::Answer { batch: id(1), answer: Answer::Http(answer) });
        assert_eq!(b.delivery.total().spooled.samples, 0);
    }
}

#[test]
fn a_port_that_wants_tls_is_known_by_what_it_says_before_it_breaks_off() {
    let mut b = Bench::new(Settings::default());
    b.spool(1, 10, 5);
    let body = "Client sent an HTTP request to an HTTPS server.\n".to_owned();
    let answer = HttpAnswer { status: 400, body, is_cut: true, ..HttpAnswer::default() };
    let out = b.input(Input::Answer { batch: id(1), answer: Answer::Http(answer) });
    assert!(warnings(&out)[0].contains("must begin with https://"), "{out:?}");
}

#[test]
fn a_batch_that_is_bad_by_a_500_does_not_hold_up_fresh_ones() {
    let words = "internal error: unexpected error writing points to database: partial write: points beyond retention policy dropped=1";
    let body = format!(r#"{{"error":"{words}"}}"#);
    let mut b = Bench::new(Settings::default());
    b.spool(1, 10, 5);
    b.answer(1, 500, &body);
    assert!(!b.delivery.drain_is_away());
    assert_eq!((b.delivery.total().uncertain.samples, posts(&b.spool(2, 10, 5))), (5, vec![2]));
    // Without the store's own form it is a Drain that is unwell.
    b.answer(2, 500, words);
    assert!(b.delivery.drain_is_away() && b.delivery.total().spooled.samples == 5);
}

#[test]
fn a_store_that_lacks_something_says_so_with_a_500_and_keeps_the_batch() {
    for (body, advice) in [
        (r#"{"error":"retention policy not found: weekly"}"#, "make the retention policy"),
        (r#"{"error":"database not found: \"x\""}"#, "create the database"),
        (r#"{"error":"bucket \"x\" not found"}"#, "create the database"),
    ] {
        let mut b = Bench::new(Settings::default());
        b.spool(1, 10, 5);
        let out = b.answer(1, 500, body);
        assert!(matches!(warnings(&out)[..], [said] if said.contains(advice)), "{body}: {out:?}");
        assert_eq!(b.delivery.total().spooled.samples, 5);
    }
}

#[test]
fn a_batch_beyond_the_series_limit_does_not_hold_up_others() {
    let mut b = Bench::new(Settings::default());
    b.spool(1, 10, 5);
    b.answer(1, 400, "max-values-per-tag limit exceeded");
    assert_eq!(posts(&b.spool(2, 10, 5)), [2]);
}

#[test]
fn an_operators_mistake_keeps_the_batch_and_says_what_to_do() {
    let cases = [
        (401, "credentials"),
        (403, "write access"),
        (404, "create the database"),
        (405, "POST"),
        (415, "gzip"),
        (200, "only 204"),
        (302, "only 204"),
        (418, "no known meaning"),
        (999, "no known meaning"),
        (0, "no known meaning"),
    ];
    for (status, advice) in cases {
        let mut b = Bench::new(Settings::default());
        b.spool(1, 10, 5);
        let out = b.answer(1, status, "<html>\u{1b}[31m login</html>");
        let said = warnings(&out);
        assert!(said.len() == 1 && said[0].contains(advice), "{status}: {said:?}");
        assert!(!said[0].contains('\u{1b}'), "no control characters from outside in a log");
        assert_eq!(b.delivery.total().spooled.samples, 5);
        assert_eq!(posts(&b.after_s(29)), [0_u64; 0], "{status} is retried slowly");
        assert_eq!(posts(&b.after_s(31)), [1]);
        assert_eq!(warnings(&b.answer(1, status, "")).len(), 1);
    }
}

/// Whatever a refusal began to say when it broke off: the batch is tried again, never set aside.
#[test]
fn a_refusal_that_breaks_off_refuses_nothing() {
    for (status, body) in [(400, r#"{"error":"pa"#), (500, r#"{"error":"partial write"#), (413, "")] {
        let mut b = Bench::new(Settings::default());
        b.spool(1, 1, 5);
        let body = body.to_owned();
        let answer =
            HttpAnswer { status, body, has_store_header: true, is_cut: true, ..HttpAnswer::default() };
        b.input(Input::Answer { batch: id(1), answer: Answer::Http(answer) });
        assert_eq!(b.delivery.total().spooled.samples, 5, "{status}");
    }
}
