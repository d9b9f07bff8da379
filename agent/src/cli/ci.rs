//! What a run says to the server that has started it: a JUnit file, and a summary in Markdown; of a run here, or on a grid.

mod junit;
mod markdown;

use anyhow::Context as _;
use gridnode_core::base::tags::Tags;
use gridnode_core::judge::Judged;
use gridnode_core::merge::FloodSummary;
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

/// Where GitHub's runner takes Markdown; Gitea's and Forgejo's do likewise.
const SUMMARY_VARIABLE: &str = "GITHUB_STEP_SUMMARY";

/// What is told.
pub(super) struct Told<'a> {
    pub(super) flood: &'a str,
    pub(super) run: u64,
    /// Further ones of the suite, as name and value.
    pub(super) properties: Vec<(String, String)>,
    /// Why it did not run as asked.
    pub(super) complaint: Option<String>,
    /// Which of the plan's own assertions do not hold.
    pub(super) assertions: Option<String>,
    /// Why the numbers are not the whole truth.
    pub(super) doubts: Vec<String>,
    pub(super) judged: &'a Judged,
    pub(super) numbers: Option<&'a FloodSummary>,
    pub(super) took: Option<Duration>,
}

/// What names the run beside its number: its nodes, and its tags as `tag.KEY`.
pub(super) fn properties((name, nodes): (&str, String), tags: &Tags) -> Vec<(String, String)> {
    let tags = tags.iter().map(|(key, value)| (format!("tag.{key}"), value.to_owned()));
    std::iter::once((name.to_owned(), nodes)).chain(tags).collect()
}

/// Before the run: that a file can be written there.
///
/// # Errors
/// Why it cannot.
pub(super) fn check(file: Option<&Path>, what: &str) -> anyhow::Result<()> {
    let Some(file) = file else { return Ok(()) };
    let opened = OpenOptions::new().create(true).append(true).open(file);
    opened.map(drop).with_context(|| format!("failed to open {} for {what}", file.display()))
}

/// The same as far as it can be told without writing.
///
/// # Errors
/// Why it cannot.
pub(super) fn could_be(file: Option<&Path>, what: &str) -> anyhow::Result<()> {
    let Some(file) = file else { return Ok(()) };
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    anyhow::ensure!(!file.is_dir(), "{} is a directory: name a file for {what}", file.display());
    anyhow::ensure!(dir.is_dir(), "{} is no directory: {what} cannot be written there", dir.display());
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_could_not_be_written_is_known_before() {
        let dir = tempfile::tempdir().unwrap();
        let said = |file: &Path| could_be(Some(file), "it").map_err(|error| error.to_string());
        assert_eq!((said(&dir.path().join("j.xml")), said(Path::new("j.xml"))), (Ok(()), Ok(())));
        assert!(said(dir.path()).unwrap_err().ends_with("is a directory: name a file for it"));
        assert!(said(&dir.path().join("none/j.xml")).unwrap_err().contains("none is no directory"));
        assert!(!dir.path().join("j.xml").exists(), "nothing was written");
    }
}
