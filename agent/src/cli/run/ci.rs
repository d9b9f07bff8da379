//! What a run says to the server that has started it: a JUnit file, and a summary in Markdown.

mod junit;
mod markdown;

use crate::local::conclusion::Conclusion;
use anyhow::Context as _;
use gridnode_core::run::outcome::Outcome;
use gridnode_core::run::receipt::Receipt;
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

/// Where GitHub's runner takes Markdown; Gitea's and Forgejo's do likewise.
const SUMMARY_VARIABLE: &str = "GITHUB_STEP_SUMMARY";

/// What is told.
pub(super) struct Told<'a> {
    pub(super) receipt: &'a Receipt,
    pub(super) conclusion: &'a Conclusion,
}

impl Told<'_> {
    /// Why it did not run as asked.
    fn complaint(&self) -> Option<String> {
        match &self.receipt.outcome {
            Outcome::Stopped(why) => Some(format!("it was stopped: {why}")),
            outcome => outcome.complaint(),
        }
    }

    /// Why the numbers are not the whole truth.
    fn doubts(&self) -> Vec<String> {
        let own = self.receipt.account_doubts();
        let others = self.conclusion.doubts.iter().filter(|doubt| !own.contains(doubt)).cloned();
        own.iter().cloned().chain(others).collect()
    }
}

/// Before the run: that a file can be written there.
///
/// # Errors
/// Why it cannot.
pub(super) fn check(junit: Option<&Path>) -> anyhow::Result<()> {
    let Some(file) = junit else { return Ok(()) };
    let opened = OpenOptions::new().create(true).append(true).open(file);
    opened.map(drop).with_context(|| format!("failed to open {} for the JUnit report", file.display()))
}

/// Writes what was asked for; gives a sentence for each that could not be written.
pub(super) fn tell(told: &Told<'_>, junit: Option<&Path>) -> Vec<String> {
    let asked = junit.map(|file| (file, fs::write(file, junit::report(told))));
    let summary = env::var_os(SUMMARY_VARIABLE).filter(|file| !file.is_empty());
    let markdown =
        summary.as_deref().map(Path::new).map(|file| (file, append(file, &markdown::summary(told))));
    let failed = asked.into_iter().chain(markdown).filter_map(|(file, written)| Some((file, written.err()?)));
    failed.map(|(file, error)| format!("failed to write {}: {error}", file.display())).collect()
}

/// Other steps of a job write there, too.
fn append(file: &Path, text: &str) -> std::io::Result<()> {
    OpenOptions::new().create(true).append(true).open(file)?.write_all(text.as_bytes())
}
