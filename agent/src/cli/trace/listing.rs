//! The error traces of a run: a line each.

use super::{BYTES_MAX, parse};
use crate::console::{clean, count, fit, of, write_note, write_result};
use anyhow::Context as _;
use gridnode_core::base::rfc3339;
use gridnode_core::base::time::Wall;
use gridnode_core::measure::failures::Failure;
use gridnode_core::trace::{Trace, Why};
use serde::Deserialize;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where `run` leaves them, below its results.
const DIR: &str = "failures";
/// More are not listed.
const SHOWN_MAX: usize = 200;
/// Results that are named.
const NAMED_MAX: usize = 3;
/// A document with 100,000 labels has some 100 MB.
const DOCUMENT_BYTES_MAX: u64 = 512 << 20;
/// Columns of a reason.
const REASON_COLUMNS: usize = 80;

/// Those in a run's results, or in the directory itself, by name.
///
/// # Errors
/// When there is none.
pub(super) fn traces_in(results: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let own = results.join(DIR);
    let dir = if own.is_dir() { &own } else { results };
    let entries = fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))?;
    let files = entries.flatten().map(|entry| entry.path());
    let is_trace = |path: &PathBuf| path.extension().is_some_and(|end| end == "json") && path.is_file();
    let mut found: Vec<PathBuf> = files.filter(is_trace).collect();
    // Results have other files of that ending.
    found.retain(|_| *dir == own || !results.join("summary.json").is_file());
    found.sort();
    if found.is_empty() {
        let within = results_in(results);
        anyhow::ensure!(
            within.is_empty(),
            "{} has no error trace of its own, but results that have: name one of them, such as {}",
            results.display(),
            within.join(", ")
        );
        anyhow::bail!(
            "{} has no error trace: a run leaves them in OUT/{DIR}, where requests have failed",
            results.display()
        );
    }
    Ok(found)
}

/// The first results within a directory that have traces.
fn results_in(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let has = |path: &PathBuf| path.join(DIR).is_dir();
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(has).collect();
    found.sort();
    found.iter().take(NAMED_MAX).map(|path| clean(&path.display().to_string())).collect()
}

/// Prints a line each of those in a run's results: the one that each reason names first, in the reasons' order, and then the others by time.
///
/// # Errors
/// When standard output cannot be written.
pub(super) fn list(results: &Path, found: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let reasons = reasons(&results.join("summary.json"));
    let mut listed: Vec<Listed> = found.iter().map(|path| Listed::read(path, &reasons)).collect();
    listed.sort_by(|one, other| one.order().cmp(&other.order()));
    let lines: Vec<String> = listed.iter().take(SHOWN_MAX).map(Listed::line).collect();
    write_result(&lines.join("\n")).context("failed to write to standard output")?;
    let more = found.len().saturating_sub(SHOWN_MAX) as u64;
    if more > 0 {
        write_note(&format!("and {}", of(more, "trace more", "traces more")));
    }
    write_note("to see one in full: gridnode trace show FILE");
    Ok(ExitCode::SUCCESS)
}

/// Why requests failed, as far as `summary.json` says it: the name of a trace, and how many failed so.
fn reasons(document: &Path) -> Vec<(String, u64)> {
    #[derive(Deserialize)]
    struct Document {
        receipt: Told,
    }
    #[derive(Deserialize)]
    struct Told {
        #[serde(default)]
        failures: Vec<Failure>,
    }
    let text = File::open(document).and_then(|file| {
        let mut text = Vec::new();
        file.take(DOCUMENT_BYTES_MAX).read_to_end(&mut text).map(|_| text)
    });
    let told = text.ok().and_then(|text| serde_json::from_slice::<Document>(&text).ok());
    let named = |failure: Failure| Some((failure.trace?, failure.count));
    told.into_iter().flat_map(|document| document.receipt.failures).filter_map(named).collect()
}

/// One of them.
struct Listed<'a> {
    path: &'a Path,
    trace: anyhow::Result<Trace>,
    /// Which of the reasons names it, and how many failed so.
    reason: Option<(usize, u64)>,
}

impl<'a> Listed<'a> {
    fn read(path: &'a Path, reasons: &[(String, u64)]) -> Self {
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(BYTES_MAX).read_to_end(&mut bytes));
        let name = path.file_name().unwrap_or_default();
        let at = reasons.iter().position(|(of, _)| name == of.as_str());
        Self {
            path,
            trace: read.map_err(anyhow::Error::from).and_then(|_| parse(bytes)),
            reason: at.map(|at| (at, reasons[at].1)),
        }
    }

    fn order(&self) -> (usize, i64, &Path) {
        let time_ns = self.trace.as_ref().map_or(i64::MAX, |trace| trace.time_ns);
        (self.reason.map_or(usize::MAX, |(at, _)| at), time_ns, self.path)
    }

    /// `failures/GET-cart-500-3f9a1c02.json  09:30:01.250  12 ms  GET /cart  500  it is not paid  (one of 1,203)`.
    fn line(&self) -> String {
        let said = match &self.trace {
            Ok(Trace { label, code, error, why, rt_ms, time_ns, .. }) => {
                let at = rfc3339::format(Wall(*time_ns));
                let at = at.get(11..23).unwrap_or(&at);
                let why = match why {
                    Why::Slow => "slow, and passed".to_owned(),
                    Why::Failed => fit(&clean(error), REASON_COLUMNS),
                };
                let of = self.reason.map_or_else(String::new, |(_, n)| format!("  (one of {})", count(n)));
                format!("{at}  {rt_ms:.0} ms  {}  {}  {why}{of}", clean(label), clean(code))
            }
            Err(error) => format!("cannot be read: {}", clean(&error.to_string())),
        };
        format!("{}  {}", self.path.display(), said.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_traces_of_a_run_are_found_and_listed() {
        let dir = tempfile::tempdir().unwrap();
        let (out, failures) = (dir.path().join("out"), dir.path().join("out/failures"));
        fs::create_dir_all(&out).unwrap();
        fs::write(out.join("summary.json"), "{}").unwrap();
        let none = traces_in(&out).unwrap_err().to_string();
        assert!(none.contains("out has no error trace: a run leaves them in OUT/failures"), "{none}");
        fs::create_dir(&failures).unwrap();
        assert!(traces_in(&out).is_err());
        let trace = r#"{"label":"GET /cart","code":"500","error":"not\u001b paid","time_ns":0,"rt_ms":1}"#;
        fs::write(failures.join("b.json"), trace).unwrap();
        fs::write(failures.join("b.png"), "").unwrap();
        fs::write(failures.join("a.json"), "{}").unwrap();
        let names = ["a.json", "b.json"].map(|name| failures.join(name));
        assert_eq!(traces_in(&out).unwrap(), names);
        assert_eq!(traces_in(&failures).unwrap(), names);
        let line = |at: usize, reasons: &[(String, u64)]| Listed::read(&names[at], reasons).line();
        assert!(line(0, &[]).contains("a.json  cannot be read: "), "{}", line(0, &[]));
        let said = line(1, &[]);
        assert!(
            said.contains("b.json  00:00:00.000  1 ms  GET /cart  500  not") && !said.contains('\u{1b}'),
            "{said}"
        );
        let summary = r#"{"receipt":{"failures":[{"label":"x","kind":"request","code":"500","error":"","count":1203,"trace":"b.json"}]}}"#;
        fs::write(out.join("summary.json"), summary).unwrap();
        let reasons = reasons(&out.join("summary.json"));
        assert!(line(1, &reasons).ends_with("paid  (one of 1,203)"), "{}", line(1, &reasons));
        let order = |at: usize| Listed::read(&names[at], &reasons).order().0;
        assert!(order(1) < order(0), "the one that a reason names comes first");
        fs::write(&names[1], trace.replace("\"code\"", "\"why\":\"slow\",\"code\"")).unwrap();
        assert!(line(1, &[]).ends_with("1 ms  GET /cart  500  slow, and passed"), "{}", line(1, &[]));
        let above = traces_in(dir.path()).unwrap_err().to_string();
        assert!(
            above.contains("results that have: name one of them, such as") && above.ends_with("/out"),
            "{above}"
        );
    }
}
