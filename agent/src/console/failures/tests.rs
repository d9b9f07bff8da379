//! Reasons as they are printed.

use super::*;
use crate::console::receipt::tests::receipt;
use gridnode_core::trace::TraceAccount;
use gridnode_core::wire::sump::Kind;

fn failure(count: u64, label: &str, code: &str, error: &str) -> Failure {
    Failure {
        label: label.to_owned(),
        kind: Kind::Request,
        code: code.to_owned(),
        error: error.to_owned(),
        varies: false,
        count,
        trace: None,
    }
}

#[test]
fn how_many_failures_are_not_in_full_is_said() {
    let of = |traces| failures_in_full(&Receipt { traces, ..receipt() }, Path::new("out"));
    let traces = TraceAccount { captured: 133, slow: 3, suppressed: 104, lost: 1, ..TraceAccount::default() };
    assert_eq!(of(Some(traces)).unwrap(), "130 of 235 failures are in full: gridnode trace show out");
    assert_eq!(
        (of(None), of(Some(TraceAccount { captured: 3, slow: 3, ..TraceAccount::default() }))),
        (None, None)
    );
}

#[test]
fn slow_ones_are_counted_and_their_place_is_named() {
    let none = slow_in_full(&receipt(), 800, Path::new("out"));
    assert!(none.starts_with("no success that took longer than 800 ms is shown in full"), "{none}");
    let traces = Some(TraceAccount { captured: 5, slow: 3, ..TraceAccount::default() });
    assert_eq!(
        slow_in_full(&Receipt { traces, ..receipt() }, 2_000, Path::new("out")),
        "in full, of successes that took longer than 2 s: 3 (up to three a window): out/failures/*-slow-*.json (see `gridnode trace \
         show`)"
    );
}

fn shop() -> Receipt {
    let cart = "status.find.is(200), but actually found 404; the body says that there is no such cart, or not any more";
    Receipt {
        failures: vec![
            failure(1_203, "GET /cart", "404", cart),
            failure(
                56,
                "GET /flaky?very=long&query=string&that=goes&on=and&on",
                "500",
                "Internal Server Error",
            ),
            Failure { kind: Kind::Transaction, ..failure(56, "checkout", "none", "1 of 3 \x1b[2Jfailed") },
            Failure {
                varies: true,
                ..failure(
                    2,
                    "購物車\x1b[31m",
                    "other",
                    "Connect to shop.example:80 failed: Connection refused",
                )
            },
            failure(1, "GET /", "none", ""),
        ],
        failures_kinds: 5,
        ..receipt()
    }
}

fn shown(receipt: &Receipt, columns: usize) -> String {
    let screen = Screen { width: columns, ..Screen::PLAIN };
    let text = render_failures(&screen, &Reasons::of(receipt)).unwrap();
    let wide: Vec<&str> = text.lines().filter(|line| width(line) > columns).collect();
    assert_eq!(wide, [""; 0]);
    text
}

#[test]
fn reasons_are_a_table() {
    insta::assert_snapshot!(shown(&shop(), 100), @r"
    why requests failed:
    count  label                              code   error
    1,203  GET /cart                          404    status.find.is(200), but actually found 404; the b…
       56  GET /flaky?very=long&query=strin…  500    Internal Server Error
        2  購物車�[31m                        other  e.g. Connect to shop.example:80 failed: Connection…
        1  GET /                              none   –
       56  [T] checkout                       none   1 of 3 �[2Jfailed
    ");
}

#[test]
fn a_narrow_screen_cuts_labels_and_texts() {
    insta::assert_snapshot!(shown(&shop(), 48), @r"
    why requests failed:
    count  label         code   error
    1,203  GET /cart     404    status.find.is(200)…
       56  GET /flaky?…  500    Internal Server Err…
        2  購物車�[31m   other  e.g. Connect to sho…
        1  GET /         none   –
       56  [T] checkout  none   1 of 3 �[2Jfailed
    ");
}

#[test]
fn what_is_not_shown_is_counted() {
    let failures: Vec<Failure> =
        (0..20).map(|n| failure(100 - n, "GET /", "none", &format!("session {n}"))).collect();
    let receipt = Receipt { failures, failures_others: 1_000, failures_kinds: 25, ..receipt() };
    let text = shown(&receipt, 100);
    assert_eq!(text.lines().count(), 2 + REASONS_SHOWN_MAX + 1);
    // 90 + 89 + … + 81, and the 1,000.
    assert!(text.ends_with("\n… and 1,855 more failures of 15 more kinds"), "{text}");
    let receipt = Receipt { failures_kinds: 200, ..receipt };
    assert!(shown(&receipt, 100).ends_with("of at least 190 more kinds"));
}

#[test]
fn a_run_without_failures_has_nothing_to_explain() {
    assert_eq!(render_failures(&Screen::PLAIN, &Reasons::of(&receipt())), None);
}
