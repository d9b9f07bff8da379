//! What a report is made of, out of the files of one node's results or of many: rollups, and what `summary.json` says beside them.

use super::merge_files::{
    IN_RESULTS, MergeFileError, Merged, each_line, file_of, merge_files_of, unreadable,
};
use crate::cage::foreign_file;
use gridnode_core::base::ids::Ident;
use gridnode_core::judge::Threshold;
use gridnode_core::merge::{FloodSummary, Runs, Stretches, Summary, Timeline};
use gridnode_core::report::{Material, Results, ResultsError, asked_of_several};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// What a run's results call their document.
const DOCUMENT: &str = "summary.json";
/// A document with 100,000 labels has some 100 MB.
const DOCUMENT_BYTES_MAX: u64 = 512 << 20;
/// Names that are shown where one has to be chosen.
const SHOWN_MAX: usize = 10;

/// Which of what is read.
#[derive(Debug, Clone, Default)]
pub struct Which {
    /// This flood.
    pub flood: Option<Ident>,
    /// This run of it.
    pub run: Option<i64>,
    /// All of its runs as one.
    pub add_runs: bool,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportFileError {
    /// Rollups cannot be read.
    #[error(transparent)]
    Rollups(#[from] MergeFileError),
    /// It can be read only once, or not at all.
    #[error("failed to read {}: it is not a regular file, and a report reads its rollups several times: store them in a file first", path.display())]
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// The document cannot be read.
    #[error("failed to read {}: {source}", path.display())]
    Unreadable {
        /// The document.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The document is of another version, or none.
    #[error("failed to read {}: {source}", path.display())]
    Document {
        /// The document.
        path: PathBuf,
        /// Why.
        source: ResultsError,
    },
    /// There is nothing to show.
    #[error("failed to make a report: {0}")]
    Nothing(String),
    /// Several floods or runs.
    #[error("failed to make a report, which is of one flood: {0}")]
    Several(String),
}

/// Reads everything twice or three times: what the numbers are, and then how they came over time.
///
/// # Errors
/// See [`ReportFileError`].
pub fn read(paths: &[PathBuf], which: &Which) -> Result<Material, ReportFileError> {
    let files = rollups_of(paths)?;
    let runs = if which.add_runs { Runs::AddedUp } else { Runs::Apart };
    let Merged { summary, refused_lines, remarks } = merge_files_of(which.flood.as_ref(), &files, runs)?;
    let is_only = summary.floods.len() == 1;
    let flood = choose(summary, which.run, &remarks)?;
    let results = documents(paths)?;
    let mut material = material(&files, flood, results, refused_lines)?;
    if is_only {
        material.stretches = stretches(&files, &material.results)?;
    }
    Ok(material)
}

/// For thresholds with `over` that several nodes were asked.
fn stretches(files: &[PathBuf], results: &[Results]) -> Result<Option<Stretches>, ReportFileError> {
    let Some(mut stretches) = Threshold::stretches(&asked_of_several(results)) else { return Ok(None) };
    for path in files {
        each_line(path, |line| stretches.add_line(line)).map_err(unreadable(path))?;
    }
    stretches.end();
    Ok(Some(stretches))
}

/// Of the run that has just left its results in `out`, with the numbers that it has told.
///
/// # Errors
/// See [`ReportFileError`].
pub fn read_run(out: &Path, summary: &Summary) -> Result<Material, ReportFileError> {
    let paths = [out.to_owned()];
    let flood = choose(summary.clone(), None, &[])?;
    let results = documents(&paths)?;
    material(&rollups_of(&paths)?, flood, results, 0)
}

pub(super) fn rollups_of(paths: &[PathBuf]) -> Result<Vec<PathBuf>, ReportFileError> {
    let file = |path: &PathBuf| {
        let file = file_of(path)?;
        let meta = file.metadata().map_err(unreadable(&file))?;
        if meta.is_file() { Ok(file) } else { Err(ReportFileError::NotAFile { path: file }) }
    };
    paths.iter().map(file).collect()
}

fn material(
    files: &[PathBuf],
    flood: FloodSummary,
    results: Vec<Results>,
    refused_lines: u64,
) -> Result<Material, ReportFileError> {
    let mut timeline = Timeline::of(&flood);
    for path in files {
        each_line(path, |line| timeline.learn_line(line)).map_err(unreadable(path))?;
    }
    for path in files {
        each_line(path, |line| timeline.add_line(line)).map_err(unreadable(path))?;
    }
    let results = results_of(&flood, results);
    let flood = whole(flood, &results);
    Ok(Material { flood, results, time: timeline.finish(), stretches: None, refused_lines })
}

/// Those that are of this flood and its runs.
pub(super) fn results_of(flood: &FloodSummary, results: Vec<Results>) -> Vec<Results> {
    let is_of = |one: &Results| {
        let is_same = |there: &FloodSummary| there.flood == flood.flood && there.account == flood.account;
        one.summary.floods.iter().any(is_same) && one.run().is_none_or(|run| flood.runs.contains(&run))
    };
    results.into_iter().filter(is_of).collect()
}

/// Rollups of one node that lost a part since: its document knows what the Drain inside of the run had.
fn whole(flood: FloodSummary, results: &[Results]) -> FloodSummary {
    let [Results { summary, .. }] = results else { return flood };
    let [told] = &summary.floods[..] else { return flood };
    let samples =
        |flood: &FloodSummary| flood.labels.iter().map(|label| label.count).fold(0, u64::saturating_add);
    if told.run == flood.run && samples(told) > samples(&flood) { told.clone() } else { flood }
}

/// Those of the directories that have one: an agent's results and a run that was killed have none.
pub(super) fn documents(paths: &[PathBuf]) -> Result<Vec<Results>, ReportFileError> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for path in paths.iter().filter(|path| path.is_dir()).map(|dir| dir.join(DOCUMENT)) {
        // A directory that is named twice is one.
        if !seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
            continue;
        }
        match foreign_file::head(&path, DOCUMENT_BYTES_MAX) {
            Ok(bytes) => {
                let results = Results::parse(&bytes);
                found.push(results.map_err(|source| ReportFileError::Document { path, source })?);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(ReportFileError::Unreadable { path, source }),
        }
    }
    Ok(found)
}

pub(super) fn choose(
    summary: Summary,
    run: Option<i64>,
    remarks: &[String],
) -> Result<FloodSummary, ReportFileError> {
    let all = summary.floods;
    let is_one = |flood: &&FloodSummary| run.is_none_or(|run| flood.run == Some(run));
    let names: BTreeSet<[&str; 3]> =
        all.iter().map(|flood| [&flood.account, &flood.project, &flood.flood].map(String::as_str)).collect();
    let several = |text: String| Err(ReportFileError::Several(text));
    if names.len() > 1 {
        let floods: BTreeSet<&str> = names.iter().map(|[.., flood]| *flood).collect();
        return several(match floods.len() {
            1 => "what was read has one of several accounts or projects: name the files of one".to_owned(),
            _ => format!("what was read has the floods {}: --flood NAME picks one", listed(floods.iter())),
        });
    }
    let mut found: Vec<&FloodSummary> = all.iter().filter(is_one).collect();
    match (found.pop(), found.is_empty()) {
        (Some(flood), true) => Ok(flood.clone()),
        (Some(flood), false) => several(format!(
            "flood {} has the runs {}: --run N picks one, --add-runs adds them up",
            flood.flood,
            listed(all.iter().map(|flood| {
                flood.run.map_or_else(|| "without a number".to_owned(), |run| run.to_string())
            }))
        )),
        (None, _) if !all.is_empty() => Err(ReportFileError::Nothing(format!(
            "there is no run {}; those that are there: {}",
            run.unwrap_or_default(),
            listed(all.iter().filter_map(|flood| flood.run))
        ))),
        (None, _) => {
            let why = remarks.first().cloned().unwrap_or_else(|| {
                format!("there are no rollups in what was read: a run's results have them in {IN_RESULTS}, once a sample has arrived")
            });
            Err(ReportFileError::Nothing(why))
        }
    }
}

/// `a, b and 3 more`.
fn listed(names: impl Iterator<Item = impl ToString>) -> String {
    let names: Vec<String> = names.map(|name| name.to_string()).collect();
    let shown = names[..names.len().min(SHOWN_MAX)].join(", ");
    match names.len().saturating_sub(SHOWN_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
