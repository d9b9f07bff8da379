//! Two sides to compare, each out of the files of one node's results or of many.

use super::merge_files::{IN_RESULTS, Merged, each_line, merge_files_of, unreadable};
use super::report_files::{ReportFileError, Which, choose, documents, results_of, rollups_of};
use gridnode_core::judge::compare::{CompareSettings, Comparison, RunSide, cuts};
use gridnode_core::merge::{Cut, FloodSummary, Runs, TimeSeries, Timeline};
use gridnode_core::report::{Likened, Likeness, Results};
use std::fs;
use std::path::{Path, PathBuf};

/// Files and directories of results in a directory of them: as many nodes as a flood may have.
const PARTS_MAX: usize = 10_000;
/// What rollups are called in a directory of many nodes' files.
const ENDINGS: [&str; 2] = [".lp", ".lp.gz"];

/// What came of it.
#[derive(Debug)]
pub struct Compared {
    /// The numbers.
    pub comparison: Comparison,
    /// Whether they may be compared.
    pub likeness: Likeness,
    /// Which flood and run each side is.
    pub floods: [FloodSummary; 2],
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareFileError {
    /// Something of a side is no run.
    #[error("failed to compare {}: {why}", path.display())]
    Side {
        /// What was named.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Something cannot be read.
    #[error(transparent)]
    Files(ReportFileError),
}

/// One side, read once.
struct Read {
    files: Vec<PathBuf>,
    flood: FloodSummary,
    results: Vec<Results>,
    refused_lines: u64,
}

/// Reads everything three times: what the numbers are, and then how they came over time. `asked`: labels with this text are
/// compared, too.
///
/// # Errors
/// See [`CompareFileError`].
pub fn compare_files(
    [a, b]: [&Path; 2],
    [which_a, which_b]: [&Which; 2],
    asked: Option<&str>,
    settings: CompareSettings,
) -> Result<Compared, CompareFileError> {
    let side = |path: &Path, which| read(path, which).map_err(|error| said_of(path, error));
    let (a, b) = (side(a, which_a)?, side(b, which_b)?);
    let [cut_a, cut_b] = cuts(&a.flood, &b.flood, asked);
    let time = |side: &Read, cut| time_of(side, cut).map_err(CompareFileError::Files);
    let (time_a, time_b) = (time(&a, cut_a)?, time(&b, cut_b)?);
    let one = RunSide { flood: a.flood, time: time_a };
    let other = RunSide { flood: b.flood, time: time_b };
    let comparison = Comparison::of(&one, &other, settings);
    let likeness = Likeness::of(
        Likened { side: &one, results: &a.results, refused_lines: a.refused_lines },
        Likened { side: &other, results: &b.results, refused_lines: b.refused_lines },
        &comparison,
    );
    Ok(Compared { comparison, likeness, floods: [one.flood, other.flood] })
}

fn read(path: &Path, which: &Which) -> Result<Read, ReportFileError> {
    let paths = parts(path);
    let files = rollups_of(&paths)?;
    let runs = if which.add_runs { Runs::AddedUp } else { Runs::Apart };
    let Merged { summary, refused_lines, remarks } = merge_files_of(which.flood.as_ref(), &files, runs)?;
    let flood = choose(summary, which.run, &remarks)?;
    let results = results_of(&flood, documents(&paths)?);
    Ok(Read { files, flood, results, refused_lines })
}

fn time_of(side: &Read, cut: Cut) -> Result<TimeSeries, ReportFileError> {
    let mut timeline = Timeline::cut(&side.flood, cut);
    for path in &side.files {
        each_line(path, |line| timeline.learn_line(line)).map_err(unreadable(path))?;
    }
    for path in &side.files {
        each_line(path, |line| timeline.add_line(line)).map_err(unreadable(path))?;
    }
    Ok(timeline.finish())
}

/// What a person means by a directory: a run's results, or one of many nodes' results or rollups.
fn parts(path: &Path) -> Vec<PathBuf> {
    let only = || vec![path.to_owned()];
    if !path.is_dir() || path.join(IN_RESULTS).exists() {
        return only();
    }
    let Ok(entries) = fs::read_dir(path) else { return only() };
    let is_part = |part: &PathBuf| {
        let name = part.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if part.is_dir() {
            part.join(IN_RESULTS).exists()
        } else {
            ENDINGS.iter().any(|end| name.ends_with(end))
        }
    };
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(is_part).take(PARTS_MAX).collect();
    found.sort();
    if found.is_empty() { only() } else { found }
}

/// The words of a report are not those of a comparison.
fn said_of(path: &Path, error: ReportFileError) -> CompareFileError {
    let why = match error {
        ReportFileError::Nothing(why) | ReportFileError::Several(why) => why,
        ReportFileError::NotAFile { path } => format!(
            "{} is not a regular file, and rollups are read several times: store them in a file first",
            path.display()
        ),
        other => return CompareFileError::Files(other),
    };
    CompareFileError::Side { path: path.to_owned(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_a_run_or_the_runs_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let place = |name: &str| dir.path().join(name);
        assert_eq!(parts(&place("nowhere")), [place("nowhere")]);
        assert_eq!(parts(dir.path()), [dir.path()], "for the error that names it");
        for name in ["b.lp", "a.lp.gz", "notes.txt"] {
            fs::write(place(name), "").unwrap();
        }
        fs::create_dir_all(place("node/deep")).unwrap();
        assert_eq!(parts(dir.path()), [place("a.lp.gz"), place("b.lp")]);
        fs::write(place("node/rollups.lp"), "").unwrap();
        assert_eq!(parts(dir.path()), [place("a.lp.gz"), place("b.lp"), place("node")]);
        fs::write(place("rollups.lp"), "").unwrap();
        assert_eq!(parts(dir.path()), [dir.path()]);
    }

    #[test]
    fn what_is_no_run_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.lp");
        let line = |flood: u8| {
            format!(
                "transaction_rate_mean,flood={flood},label_id=00 value=1.0,count=3i,window_s=1.0,label=\"a\",run=1i {flood}\n"
            )
        };
        let said = || {
            compare_files([&path, &path], [&Which::default(); 2], None, CompareSettings::default())
                .map(|_| ())
                .unwrap_err()
                .to_string()
        };
        assert!(said().contains("x.lp"), "{}", said());
        fs::write(&path, "# nothing\n").unwrap();
        assert!(said().contains("x.lp: there are no rollups in what was read"), "{}", said());
        fs::write(&path, line(1) + &line(2)).unwrap();
        assert!(said().ends_with("what was read has the floods 1, 2: --flood NAME picks one"), "{}", said());
    }
}
