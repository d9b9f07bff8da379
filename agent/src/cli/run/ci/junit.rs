//! JUnit: a test case for each question that a run answers, and one for each threshold and label.

use super::Told;
use crate::console::clean_lines;
use gridnode_core::judge::Judgement;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

const AS_ASKED: &str = "it ran as asked";
const WHOLE: &str = "the numbers are whole";

/// The document.
pub(super) fn report(told: &Told<'_>) -> String {
    let receipt = told.receipt;
    let flood = receipt.identity.flood.to_string();
    let mut suite = TestSuite::new(flood.as_str());
    suite.add_property(("run", receipt.identity.run.to_string().as_str()));
    suite.add_property(("node", receipt.node.as_str()));
    let took = took(told);
    let mut ran = case(&flood, AS_ASKED, told.complaint(), NonSuccessKind::Error);
    ran.time = took;
    suite.add_test_case(ran);
    let doubts = told.doubts();
    let doubt = (!doubts.is_empty()).then(|| doubts.join("\n"));
    suite.add_test_case(case(&flood, WHOLE, doubt, NonSuccessKind::Error));
    let judged = &told.conclusion.judged;
    for judgement in &judged.thresholds {
        suite.add_test_case(threshold(&flood, judgement, judged.refused.as_deref()));
    }
    suite.time = took;
    let mut report = Report::new("gridnode");
    report.time = took;
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
        Some(why) => case(flood, &name, Some(format!("not judged: {why}")), NonSuccessKind::Error),
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

fn took(told: &Told<'_>) -> Option<Duration> {
    let times = &told.receipt.times;
    let (started, ended) = (times.tool_started_ns?, times.tree_empty_ns?);
    Some(Duration::from_nanos(u64::try_from(ended.checked_sub(started)?).ok()?))
}
