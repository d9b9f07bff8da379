//! What a run must keep to, and who is told of it.

use crate::cli::thresholds::{ThresholdFile, threshold_file};
use crate::local::live_judge::{LiveJudge, can_be_broken_early};
use anyhow::Context;
use clap::Args;
use gridnode_core::judge::Threshold;
use std::path::{Path, PathBuf};

/// The options.
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// What makes the run a failure (exit code 6), asked of its numbers at the end: 'p95(checkout) > 800ms', 'failures > 1%',
    /// 'p99(GET *) > 2s' for each label that fits, 'p95 > 1s over 30s' for each 30 s of the run; may be given several times. METRIC is count, rate, failures, mean, min,
    /// max, p50, p75, p90, p95, p99 or p99.9. Where the numbers are not whole, or the machine was too busy, the code is 4. Percentiles
    /// are known to 0.8 %: one that cannot be told apart from the limit holds
    #[arg(long = "fail-if", value_name = "THRESHOLD", help_heading = "Verdict")]
    pub fail_if: Vec<Threshold>,
    /// A file of such thresholds, TOML: fail_if = ["p95 > 800ms", "failures > 1% over 30s"]; may be given several times
    #[arg(long, value_name = "FILE", value_parser = threshold_file, help_heading = "Verdict")]
    pub thresholds: Vec<ThresholdFile>,
    /// Stop the run, as Ctrl-C does, once a stretch breaks a threshold with `over`, or the run so far one on a number that only grows
    /// ('failures > 100', 'max > 10s'); the others are judged at its end
    #[arg(long, help_heading = "Verdict")]
    pub stop_on_fail: bool,
    /// Judge thresholds although the machine was too busy to measure, which is said all the same: response times may be its own then, and
    /// not the target's
    #[arg(long, help_heading = "Verdict")]
    pub accept_saturated: bool,
    /// Write the verdict as a JUnit file, for a CI server: a test case for each threshold, too. Where `GITHUB_STEP_SUMMARY` names a file,
    /// a summary in Markdown is added to it
    #[arg(long, value_name = "FILE", help_heading = "Verdict")]
    pub junit: Option<PathBuf>,
}

impl JudgeArgs {
    /// All thresholds.
    ///
    /// # Errors
    /// When a run is to be stopped by one, and none can be broken before its end.
    pub fn all(&self) -> anyhow::Result<Vec<Threshold>> {
        let in_files = self.thresholds.iter().flat_map(|file| &file.0);
        let all: Vec<Threshold> = self.fail_if.iter().chain(in_files).cloned().collect();
        if self.stop_on_fail && !all.iter().any(can_be_broken_early) {
            anyhow::bail!(
                "--stop-on-fail needs a threshold with a time, as --fail-if 'failures > 50% over 30s', or one on a number that only \
                 grows, as 'failures > 100' or 'max > 10s': all others are judged at the end of the run"
            );
        }
        Ok(all)
    }

    /// Who ends the run early, if anybody.
    ///
    /// # Errors
    /// When the run's lines cannot be read.
    pub fn live(&self, out: &Path, thresholds: &[Threshold]) -> anyhow::Result<Option<LiveJudge>> {
        if !self.stop_on_fail {
            return Ok(None);
        }
        LiveJudge::start(&out.join("rollups.lp"), thresholds)
            .context("failed to judge a run while it goes on")
    }
}
