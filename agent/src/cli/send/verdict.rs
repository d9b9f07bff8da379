//! What the run of all nodes must keep to, who is told of it, and which exit code it comes to.

use super::watch::WatchOptions;
use crate::base::exit::Exit;
use crate::cli::ci;
use crate::cli::thresholds::{ThresholdFile, threshold_file};
use clap::Args;
use gridnode_core::judge::Threshold;
use gridnode_core::node::follow::GridVerdict;
use gridnode_core::report::GridReport;
use std::path::PathBuf;

/// The options.
#[derive(Debug, Args)]
pub struct VerdictOptions {
    /// What makes the run a failure (exit code 6), asked of the numbers of all nodes at the end: 'p95(checkout) > 800ms', 'failures > 1%',
    /// 'p99(GET *) > 2s' for each label that fits; may be given several times. METRIC is count, rate, failures, mean, min, max, p50, p75,
    /// p90, p95, p99 or p99.9. Where a node is missing, its numbers are not whole, or it was too busy, the code is 4. A time with `over` is for
    /// `gridnode run`
    #[arg(long = "fail-if", value_name = "THRESHOLD", help_heading = "Verdict", requires = "wait", value_parser = whole_run)]
    pub fail_if: Vec<Threshold>,
    /// A file of such thresholds, TOML: fail_if = ["p95 > 800ms", "failures > 1%"]; may be given several times
    #[arg(long, value_name = "FILE", help_heading = "Verdict", requires = "wait", value_parser = whole_run_file)]
    pub thresholds: Vec<ThresholdFile>,
    /// Stop the run on all nodes, as `gridnode send stop` does, once what they came to so far breaks a threshold for good: one on a
    /// number that only grows, as 'failures > 100' or 'max > 10s'
    #[arg(long, help_heading = "Verdict", requires = "wait")]
    pub stop_on_fail: bool,
    /// Judge thresholds although nodes were too busy to measure, which is said all the same: response times may be theirs then, and
    /// not the target's
    #[arg(long, help_heading = "Verdict", requires = "wait")]
    pub accept_saturated: bool,
    /// Write what all nodes came to as JSON, as `summary.json` of a run has it, and `nodes` beside it
    #[arg(long, value_name = "FILE", help_heading = "Verdict", requires = "wait")]
    pub summary: Option<PathBuf>,
    /// Write the verdict as a JUnit file, for a CI server: a test case for each threshold, too. Where `GITHUB_STEP_SUMMARY` names a file,
    /// a summary in Markdown is added to it
    #[arg(long, value_name = "FILE", help_heading = "Verdict", requires = "wait")]
    pub junit: Option<PathBuf>,
}

impl VerdictOptions {
    /// All thresholds.
    #[must_use]
    pub fn all(&self) -> Vec<Threshold> {
        let in_files = self.thresholds.iter().flat_map(|file| &file.0);
        self.fail_if.iter().chain(in_files).cloned().collect()
    }

    /// Before anything is sent: that what is to be written can be written, and that a run can be stopped that is to be.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check(&self, watch: &WatchOptions) -> anyhow::Result<()> {
        if self.stop_on_fail && !self.all().iter().any(Threshold::is_for_good) {
            anyhow::bail!(
                "--stop-on-fail needs a threshold on a number that only grows, as --fail-if 'failures > 100' or 'max > 10s': all others are \
                 judged at the end of the run"
            );
        }
        if self.stop_on_fail && watch.every_s(true).is_none() {
            anyhow::bail!("--stop-on-fail needs nodes that say how their run goes: --progress is 0");
        }
        ci::check(self.summary.as_deref(), "the summary")?;
        ci::check(self.junit.as_deref(), "the JUnit report")
    }
}

/// The exit code; the worst of what happened. Where nodes are missing there are no numbers of all, so thresholds are no verdict.
pub fn exit_of(verdict: &GridVerdict, report: &GridReport, has_thresholds: bool) -> Exit {
    let is_doubtful = report.nodes.iter().any(|node| node.has_account_doubts);
    match verdict {
        GridVerdict::TooFew(_) | GridVerdict::TimedOut(_) if has_thresholds => Exit::NotTrustworthy,
        GridVerdict::Nobody
        | GridVerdict::Distrusted(_)
        | GridVerdict::TooFew(_)
        | GridVerdict::TimedOut(_) => Exit::CouldNotRun,
        GridVerdict::NotAll => Exit::ToolFailed,
        GridVerdict::Doubtful => Exit::NotTrustworthy,
        // A receipt that had to be fetched may say so, too.
        GridVerdict::Done | GridVerdict::AssertionsFailed if is_doubtful => Exit::NotTrustworthy,
        _ if report.judged.refused.is_some() => Exit::NotTrustworthy,
        GridVerdict::AssertionsFailed => Exit::AssertionsFailed,
        GridVerdict::Done if !report.judged.all_hold() => Exit::AssertionsFailed,
        GridVerdict::Done => Exit::Fine,
    }
}

fn whole_run(text: &str) -> Result<Threshold, String> {
    of_whole_run(text.parse::<Threshold>().map_err(|error| error.to_string())?)
}

fn whole_run_file(path: &str) -> Result<ThresholdFile, String> {
    let ThresholdFile(all) = threshold_file(path)?;
    all.into_iter().map(of_whole_run).collect::<Result<_, _>>().map(ThresholdFile)
}

fn of_whole_run(threshold: Threshold) -> Result<Threshold, String> {
    match threshold.over_s() {
        None => Ok(threshold),
        Some(_) => Err(format!(
            "{threshold}: a time with `over` cannot be judged here, for receipts of nodes have no windows; leave it out, or judge it \
             with `gridnode run`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridnode_core::base::ids::Ident;
    use gridnode_core::base::run::RunIdentity;
    use gridnode_core::base::tags::Tags;
    use gridnode_core::report::{GridEnd, GridRun, NodeEnd};
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    #[test]
    fn what_needs_windows_is_refused_before_anything_is_sent() {
        assert_eq!(whole_run("p95(a) > 1s").unwrap().to_string(), "p95(a) > 1s");
        let why = whole_run("p95(a) > 1s over 30s").unwrap_err();
        assert!(why.starts_with("p95(a) > 1s over 30s: a time with `over` cannot be judged here"), "{why}");
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.toml");
        std::fs::write(&file, "fail_if = ['p95 > 1s', 'failures > 1% over 30s']").unwrap();
        let why = whole_run_file(file.to_str().unwrap()).unwrap_err();
        assert!(why.starts_with("failures > 1% over 30s: "), "{why}");
    }

    /// A run on a node whose receipt is this, judged by these thresholds.
    fn report(receipt: Option<Value>, thresholds: &[&str]) -> GridReport {
        let identity = RunIdentity {
            account: None,
            flood: Ident::near("7"),
            project: None,
            grid: None,
            region: None,
            run: 1,
        };
        let done = NodeEnd::Finished { outcome: "completed".to_owned(), reason: None };
        let nodes = BTreeMap::from([("a".to_owned(), done)]);
        let mut run = GridRun::default();
        receipt.iter().for_each(|receipt| run.add("a", receipt));
        let thresholds: Vec<Threshold> = thresholds.iter().map(|text| text.parse().unwrap()).collect();
        run.conclude(
            GridEnd { identity, tags: Tags::default(), nodes, unanswered: 0, accepts_saturated: false },
            &thresholds,
        )
    }

    fn receipt(lost: u64) -> Value {
        let none = json!({"count": 0, "passed": 0, "failed": 0, "response_time_count": 0, "response_time_sum_us": 0, "response_time_min_us": null,
            "response_time_max_us": null, "sketch": gridnode_core::measure::sketch::Sketch::new().to_base64()});
        let mut others = none.clone();
        others["labels"] = json!(0);
        json!({
            "ledger": {"sent": lost, "lost": lost}, "delivery": {}, "requests": 0, "failed": 0,
            "windows_start_s": 0, "windows_end_s": 0, "total": none, "total_codes": {}, "labels": [], "labels_others": others,
        })
    }

    #[test]
    fn what_is_worse_wins() {
        let (holds, broken) = (["failures > 1"], ["count < 1"]);
        let whole = |thresholds: &[&str]| report(Some(receipt(0)), thresholds);
        let open = || GridVerdict::TimedOut(vec![Ident::near("b")]);
        for (verdict, report, has_thresholds, exit) in [
            (GridVerdict::Done, whole(&[]), false, Exit::Fine),
            (GridVerdict::Done, whole(&holds), true, Exit::Fine),
            (GridVerdict::Done, whole(&broken), true, Exit::AssertionsFailed),
            (GridVerdict::AssertionsFailed, whole(&holds), true, Exit::AssertionsFailed),
            (GridVerdict::Done, report(None, &broken), true, Exit::NotTrustworthy),
            (GridVerdict::Done, report(None, &[]), false, Exit::Fine),
            (GridVerdict::Done, report(Some(receipt(3)), &[]), false, Exit::NotTrustworthy),
            (GridVerdict::Doubtful, whole(&broken), true, Exit::NotTrustworthy),
            (GridVerdict::NotAll, whole(&broken), true, Exit::ToolFailed),
            (GridVerdict::TooFew(1), whole(&holds), true, Exit::NotTrustworthy),
            (open(), whole(&broken), true, Exit::NotTrustworthy),
            (open(), whole(&[]), false, Exit::CouldNotRun),
            (GridVerdict::Nobody, report(None, &broken), true, Exit::CouldNotRun),
        ] {
            assert_eq!(exit_of(&verdict, &report, has_thresholds), exit, "{verdict:?} {:?}", report.judged);
        }
    }
}
