//! JUnit: a test case for each question that a run answers, and one for each threshold and label.

use super::Told;
use crate::console::clean_lines;
use gridnode_core::judge::Judgement;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

const AS_ASKED: &str = "it ran as asked";
const ASSERTIONS: &str = "the plan's assertions hold";
const WHOLE: &str = "the numbers are whole";

/// The document.
pub(super) fn report(told: &Told<'_>) -> String {
    let mut suite = TestSuite::new(told.flood);
    suite.add_property(("run", told.run.to_string().as_str()));
    for (name, value) in &told.properties {
        suite.add_property((name.as_str(), clean_lines(value, "").as_str()));
    }
    let mut ran = case(told.flood, AS_ASKED, told.complaint.clone(), NonSuccessKind::Error);
    ran.time = told.took;
    suite.add_test_case(ran);
    let doubt = (!told.doubts.is_empty()).then(|| told.doubts.join("\n"));
    suite.add_test_case(case(told.flood, WHOLE, doubt, NonSuccessKind::Error));
    if let Some(why) = &told.assertions {
        suite.add_test_case(case(told.flood, ASSERTIONS, Some(why.clone()), NonSuccessKind::Failure));
    }
    for judgement in &told.judged.thresholds {
        suite.add_test_case(threshold(told.flood, judgement, told.judged.refused.as_deref()));
    }
    suite.time = told.took;
    let mut report = Report::new("gridnode");
    report.time = told.took;
    report.add_test_suite(suite);
    // What cannot be said in XML was replaced before: nothing else can fail in memory.
    report.to_string().unwrap_or_default()
}

/// A verdict that nobody should go by is an error, whatever it would be.
fn threshold(flood: &str, judgement: &Judgement, refused: Option<&str>) -> TestCase {
    let name = match &judgement.label {
        Some(label) if !judgement.threshold.contains(label.as_str()) => {
            format!("{}: {label}", judgement.threshold)
        }
        _ => judgement.threshold.clone(),
    };
    match refused {
        Some(why) => {
            let found = judgement.value.map(|value| format!("\nit came to {value:.3}")).unwrap_or_default();
            case(flood, &name, Some(format!("not judged: {why}{found}")), NonSuccessKind::Error)
        }
        None => {
            let why = (!judgement.holds).then(|| judgement.why.clone());
            case(flood, &name, why, NonSuccessKind::Failure)
        }
    }
}

fn case(flood: &str, name: &str, wrong: Option<String>, kind: NonSuccessKind) -> TestCase {
    let status = match wrong {
        None => TestCaseStatus::success(),
        Some(why) => {
            let mut status = TestCaseStatus::non_success(kind);
            let why = clean_lines(&why, "");
            status.set_message(why.lines().next().unwrap_or_default());
            status.set_description(why.as_str());
            status
        }
    };
    let mut case = TestCase::new(clean_lines(name, ""), status);
    case.set_classname(format!("gridnode.{flood}"));
    case
}
