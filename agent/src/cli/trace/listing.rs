//! The error traces of a run: a line each.

use super::{BYTES_MAX, parse};
use crate::console::{clean, fit, of, write_note, write_result};
use anyhow::Context as _;
use gridnode_core::trace::{Trace, Why};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where `run` leaves them, below its results.
const DIR: &str = "failures";
/// More are not listed.
const SHOWN_MAX: usize = 200;
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
    anyhow::ensure!(
        !found.is_empty(),
        "{} has no error trace: a run leaves them in OUT/{DIR}, where requests have failed",
        results.display()
    );
    Ok(found)
}

/// Prints a line each.
///
/// # Errors
/// When standard output cannot be written.
pub(super) fn list(found: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let lines: Vec<String> = found.iter().take(SHOWN_MAX).map(|path| line(path)).collect();
    write_result(&lines.join("\n")).context("failed to write to standard output")?;
    let more = found.len().saturating_sub(SHOWN_MAX) as u64;
    if more > 0 {
        write_note(&format!("and {}", of(more, "trace more", "traces more")));
    }
    write_note("to see one in full: gridnode trace show FILE");
    Ok(ExitCode::SUCCESS)
}

/// `failures/GET-cart-500-3f9a1c02.json  GET /cart  500  it is not paid`.
fn line(path: &Path) -> String {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(BYTES_MAX).read_to_end(&mut bytes));
    let said = match read.map_err(anyhow::Error::from).and_then(|_| parse(bytes)) {
        Ok(Trace { label, code, why: Why::Slow, rt_ms, .. }) => {
            format!("{}  {}  took {rt_ms} ms", clean(&label), clean(&code))
        }
        Ok(Trace { label, code, error, .. }) => {
            format!("{}  {}  {}", clean(&label), clean(&code), fit(&clean(&error), REASON_COLUMNS))
        }
        Err(error) => format!("cannot be read: {}", clean(&error.to_string())),
    };
    format!("{}  {}", path.display(), said.trim_end())
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
        assert!(line(&names[0]).contains("a.json  cannot be read: "), "{}", line(&names[0]));
        let said = line(&names[1]);
        assert!(said.contains("b.json  GET /cart  500  not") && !said.contains('\u{1b}'), "{said}");
        fs::write(&names[1], trace.replace("\"code\"", "\"why\":\"slow\",\"code\"")).unwrap();
        assert!(line(&names[1]).ends_with("GET /cart  500  took 1 ms"), "{}", line(&names[1]));
    }
}
