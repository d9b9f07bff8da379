//! Requests that lack what an answer was to give.

use super::*;
use gridnode_core::wire::sump::Kind;

#[test]
fn what_was_to_come_from_an_answer_that_never_came_is_no_mistake_of_the_plan() {
    const REFUSED: &str = "j.n.UnknownHostException: shop.invalid";
    let failed = |count: u64, code: &str, error: &str, kind: Kind| Failure {
        label: "Front".to_owned(),
        kind,
        code: code.to_owned(),
        error: error.to_owned(),
        varies: false,
        count,
        trace: None,
    };
    let said = |text: &str, output: &str, failed: &[Failure]| {
        let report = format!(r#"{{"level":"unsent","label":"bad","count":3,"text":"{text}"}}"#);
        let report = if text.is_empty() { "" } else { &report };
        match beside(GOOD, report, output, &Planned::default(), failed) {
            (Verdict::Failed { reason }, _) => reason,
            other => panic!("{other:?}"),
        }
    };
    let lacking = "No attribute named 'csrf' is defined";
    let front = |count, code, error| {
        [failed(9, "none", "x", Kind::Transaction), failed(count, code, error, Kind::Request)]
    };
    let what = "`bad` was never sent, 3 times (first error: No attribute named 'csrf' is defined)";
    assert_eq!(
        said(lacking, "", &front(3, "none", REFUSED)),
        format!(
            "`Front` failed, 3 times ({REFUSED}), and {what}: if what is lacking was to come from its answer, which never came, that is why; \
             else correct its name in the plan"
        )
    );
    assert!(
        said(lacking, "", &front(3, "500", ""))
            .starts_with("`Front` failed, 3 times (500), and `bad` was never sent")
    );
    assert!(said(lacking, "", &front(3, "500", "")).contains("to come from its answer, that is why; else"));
    // Fewer than that are one reason among others.
    assert!(
        said(lacking, "", &front(2, "none", REFUSED))
            .starts_with(&format!("{what}: correct the plan, unless what is lacking"))
    );
    assert!(said(lacking, "", &front(9, "none", REFUSED)[..1]).ends_with("): correct the plan"));
    assert!(said("boom", "", &front(9, "none", REFUSED)).ends_with("(first error: boom): correct the plan"));
    for output in [BLOCKS, NAMELESS] {
        assert!(
            said("", output, &front(99, "none", REFUSED)).starts_with("`Front` failed, 99 times"),
            "{output}"
        );
    }
}
