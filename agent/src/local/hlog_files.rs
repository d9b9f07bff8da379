//! Files of rollups as interval logs of HdrHistogram, a file a label.

use super::merge_files::{each_line, file_of, unreadable};
use crate::cage::foreign_file;
use gridnode_core::merge::hlog::{file_names, hlog};
use gridnode_core::merge::{Cut, FloodSummary, Summary, Timeline};
use std::fs;
use std::path::{Path, PathBuf};

/// Windows of a log: a day of one second. In longer ones several of the flood's are one.
const WINDOWS_MAX: u64 = 86_400;
/// Labels in windows that are in memory at once: some 100 bytes each, and their sketches. Files are read again for further ones.
const CELLS_MAX: usize = 400_000;

/// Why there are no logs, or not all.
#[derive(Debug, thiserror::Error)]
pub enum HlogError {
    /// Something else is there.
    #[error("failed to write logs to {}: it is there and is not empty: name another directory", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// It can be read only once.
    #[error("failed to write logs of {}: it is not a regular file, and its rollups are read several times: store them in a file first", path.display())]
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// A log cannot be written.
    #[error("failed to write {}: {source}", path.display())]
    Unwritable {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Rollups cannot be read.
    #[error(transparent)]
    Rollups(#[from] super::merge_files::MergeFileError),
}

/// Writes a log of each label into `dir`, which is made; with several floods or runs, into a directory of each in it. Says how many
/// there are.
///
/// # Errors
/// See [`HlogError`].
pub fn write_hlogs(dir: &Path, paths: &[PathBuf], summary: &Summary) -> Result<usize, HlogError> {
    let files: Vec<PathBuf> = paths.iter().map(|path| file_of(path)).collect::<Result<_, _>>()?;
    if let Some(path) = files.iter().find(|path| !path.is_file()) {
        return Err(HlogError::NotAFile { path: path.clone() });
    }
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(HlogError::NotEmpty { path: dir.to_owned() });
    }
    let run = |flood: &FloodSummary| flood.run.map_or_else(|| "all".to_owned(), |run| run.to_string());
    let titles: Vec<String> =
        summary.floods.iter().map(|flood| format!("{}-{}", flood.flood, run(flood))).collect();
    let titles: Vec<(&str, &str)> = titles
        .iter()
        .zip(&summary.floods)
        .map(|(title, flood)| (title.as_str(), flood.account.as_str()))
        .collect();
    let mut written = 0;
    for (flood, name) in summary.floods.iter().zip(file_names(&titles)) {
        let dir = if summary.floods.len() > 1 { dir.join(name) } else { dir.to_owned() };
        written += of_flood(&dir, &files, flood)?;
    }
    Ok(written)
}

fn of_flood(dir: &Path, files: &[PathBuf], flood: &FloodSummary) -> Result<usize, HlogError> {
    let unwritable = |path: &Path| {
        let path = path.to_owned();
        |source| HlogError::Unwritable { path, source }
    };
    fs::create_dir_all(dir).map_err(unwritable(dir))?;
    let texts: Vec<(&str, &str)> =
        flood.labels.iter().map(|label| (label.label.as_str(), label.kind.as_str())).collect();
    let names = file_names(&texts);
    // Not known before something was read: windows have a second or more.
    let mut windows = usize::try_from(flood.end_s.saturating_sub(flood.start_s)).unwrap_or(usize::MAX);
    let (mut next, mut written) = (0, 0);
    while next < names.len() {
        let room = (CELLS_MAX / windows.max(1)).max(1);
        let labels: Vec<usize> = (next..names.len().min(next.saturating_add(room))).collect();
        next += labels.len();
        let mut timeline = Timeline::cut(flood, Cut { labels, window_s_min: 1, windows_max: WINDOWS_MAX });
        for path in files {
            each_line(path, |line| timeline.learn_line(line)).map_err(unreadable(path))?;
        }
        for path in files {
            each_line(path, |line| timeline.add_line(line)).map_err(unreadable(path))?;
        }
        let time = timeline.finish();
        windows = time.total.len();
        for series in &time.labels {
            let text = hlog(&flood.labels[series.at], &series.windows, time.start_s, time.window_s);
            let path = dir.join(format!("{}.hlog", names[series.at]));
            foreign_file::put(&path, text.as_bytes()).map_err(unwritable(&path))?;
            written += 1;
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::merge_files::merge_files;
    use gridnode_core::merge::Runs;

    #[test]
    fn a_label_has_a_file_and_nothing_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.lp");
        let line = |flood: u8, label: &str, at: u8| {
            format!(
                "transaction_rate_mean,flood={flood},label_id=0{at} value=1.0,count=3i,window_s=1.0,label=\"{label}\",run=1i {at}\n"
            )
        };
        std::fs::write(&file, line(1, "../a", 1) + &line(1, "b c", 2)).unwrap();
        let files = [file.clone()];
        let logs = |files: &[PathBuf], name: &str| {
            let summary = merge_files(files, Runs::Apart).unwrap().summary;
            write_hlogs(&dir.path().join(name), files, &summary).map_err(|error| error.to_string())
        };
        assert_eq!(logs(&files, "out"), Ok(2));
        let mut names: Vec<String> = std::fs::read_dir(dir.path().join("out"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        assert_eq!(names, ["a.hlog", "b-c.hlog"]);
        assert!(
            logs(&files, "out")
                .unwrap_err()
                .ends_with("it is there and is not empty: name another directory")
        );
        std::fs::write(&file, line(1, "a", 1) + &line(2, "a", 2)).unwrap();
        assert_eq!(logs(&files, "two"), Ok(2));
        assert!(dir.path().join("two/1-1/a.hlog").is_file() && dir.path().join("two/2-1/a.hlog").is_file());
        let error = write_hlogs(
            &dir.path().join("x"),
            &["-".into()],
            &merge_files(&files, Runs::Apart).unwrap().summary,
        );
        assert!(error.unwrap_err().to_string().contains("is not a regular file"));
    }
}
