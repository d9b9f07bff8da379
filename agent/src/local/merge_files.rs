//! Files of rollups, of one node or many, as one table with true percentiles.

use flate2::read::MultiGzDecoder;
use gridnode_core::base::ids::Ident;
use gridnode_core::merge::{Merge, Runs, Stretches, Summary};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest line that is read: far above any of ours (a sketch is at most some 20 KiB).
const LINE_BYTES_MAX: u64 = 1 << 20;
/// Bad lines that are named; the rest is counted.
const NAMED_LINES_MAX: usize = 10;
/// What a run's results call it.
pub(super) const IN_RESULTS: &str = "rollups.lp";
/// Floods that are named where the one that was asked for is not there.
const FLOODS_SHOWN_MAX: usize = 10;

/// What came of it.
#[derive(Debug)]
pub struct Merged {
    /// The numbers.
    pub summary: Summary,
    /// Lines that were not merged.
    pub refused_lines: u64,
    /// The first of them, as `file:line: why`.
    pub remarks: Vec<String>,
}

/// Why files were not merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeFileError {
    /// One of them cannot be read.
    #[error("failed to read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A directory that is not a run's results.
    #[error(
        "{} is a directory without a {IN_RESULTS}, as a run's results have one: name the files that are to be merged",
        path.display()
    )]
    NoResults {
        /// The directory.
        path: PathBuf,
    },
    /// They have nothing of the flood that was asked for.
    #[error("{0}")]
    NoSuchFlood(String),
}

/// Merges files of line protocol, gzipped or not; `-` is standard input, and of a directory it is the file that a run leaves
/// there.
///
/// # Errors
/// When a file cannot be read.
pub fn merge_files(files: &[PathBuf], runs: Runs) -> Result<Merged, MergeFileError> {
    merge_files_of(None, files, runs)
}

/// The same, of one flood if one is named.
///
/// # Errors
/// When a file cannot be read, or none has anything of that flood.
pub fn merge_files_of(
    flood: Option<&Ident>,
    files: &[PathBuf],
    runs: Runs,
) -> Result<Merged, MergeFileError> {
    let files: &[PathBuf] = &files.iter().map(|path| file_of(path)).collect::<Result<Vec<_>, _>>()?;
    let nothing = || flood.map_or_else(Merge::new, |flood| Merge::of_flood(flood.as_str()));
    let mut merge = nothing();
    let merged = merge_once(&mut merge, files, runs)?;
    // A file of something else is no file of another flood.
    if let Some(flood) = flood.filter(|_| merged.summary.points == 0 && merged.refused_lines == 0) {
        let place = match files {
            [only] => only.display().to_string(),
            _ => "what was read".to_owned(),
        };
        return Err(MergeFileError::NoSuchFlood(no_such_flood(&place, flood, merge.passed_over())));
    }
    let is_undecided = merged.summary.floods.iter().any(|flood| flood.points_of_no_run > 0);
    // Lines that somebody has sorted. What can be read only once stays as it is.
    if !is_undecided || !files.iter().all(|path| path.is_file()) {
        return Ok(merged);
    }
    let mut merge = nothing();
    for path in files {
        each_line(path, |line| merge.learn_line(line)).map_err(unreadable(path))?;
    }
    merge_once(&mut merge, files, runs)
}

/// What is read where a person names `path`.
pub(super) fn file_of(path: &Path) -> Result<PathBuf, MergeFileError> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let file = path.join(IN_RESULTS);
    if file.exists() { Ok(file) } else { Err(MergeFileError::NoResults { path: path.to_owned() }) }
}

pub(super) fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> MergeFileError {
    |source| MergeFileError::Unreadable { path: path.to_owned(), source }
}

/// What is said of a flood that is not there: its name is one of those that are, written wrong.
pub(super) fn no_such_flood(place: &str, flood: &Ident, there: &BTreeSet<String>) -> String {
    // Others may write there, too: what is no name of a flood cannot be asked for.
    let names: Vec<&str> = there.iter().map(String::as_str).filter(|name| Ident::new(name).is_ok()).collect();
    let shown = names[..names.len().min(FLOODS_SHOWN_MAX)].join(", ");
    let has = match (names.len(), names.len().saturating_sub(FLOODS_SHOWN_MAX)) {
        (0, _) => "no rollups at all".to_owned(),
        (1, _) => format!("flood {shown} only"),
        (_, 0) => format!("the floods {shown}"),
        (_, more) => format!("the floods {shown} and {more} more"),
    };
    format!("{place} has nothing of flood {flood}: it has {has}")
}

fn merge_once(merge: &mut Merge, files: &[PathBuf], runs: Runs) -> Result<Merged, MergeFileError> {
    let mut merged = Merged { summary: merge.summary(), refused_lines: 0, remarks: Vec::new() };
    for path in files {
        add_file(merge, &mut merged, path).map_err(unreadable(path))?;
    }
    merged.summary = merge.summary_of(runs);
    Ok(merged)
}

/// Puts a file's lines into `stretches`, and ends them.
///
/// # Errors
/// When it cannot be read.
pub fn stretches_of(path: &Path, stretches: &mut Stretches) -> Result<(), MergeFileError> {
    let read = each_line(path, |line| stretches.add_line(line)).map_err(unreadable(path));
    stretches.end();
    read
}

/// Every line of a file, cut where it is longer than any of ours.
pub(super) fn each_line(path: &Path, mut take: impl FnMut(&[u8])) -> std::io::Result<()> {
    let mut reader = open(path)?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        take(&line);
    }
}

fn add_file(merge: &mut Merge, merged: &mut Merged, path: &Path) -> std::io::Result<()> {
    let mut reader = open(path)?;
    let mut line = Vec::new();
    let (mut taken, remarked, refused_before) = (0_u64, merged.remarks.len(), merged.refused_lines);
    for number in 1_u64.. {
        line.clear();
        if reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let refused = if line.len() as u64 == LINE_BYTES_MAX && line.last() != Some(&b'\n') {
            skip_line(&mut reader)?;
            Some(format!("longer than {LINE_BYTES_MAX} bytes"))
        } else {
            merge.add_line(&line).err().map(|e| e.to_string())
        };
        let Some(why) = refused else {
            // Empty lines and comments are in every text.
            taken += u64::from(line.first().is_some_and(|first| !b"#\r\n".contains(first)));
            continue;
        };
        merged.refused_lines += 1;
        if merged.remarks.len() < NAMED_LINES_MAX {
            merged.remarks.push(format!("{}:{number}: {why}", path.display()));
        }
    }
    if taken == 0 && merged.refused_lines > refused_before {
        // Its lines say nothing that this does not.
        merged.remarks.truncate(remarked);
        merged.remarks.push(format!(
            "{} is no file of rollups: those are called rollups.lp in a run's results, or recorded by gridnode drain",
            path.display()
        ));
    }
    Ok(())
}

/// Gzip is recognised by its magic number, whatever the name.
fn open(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    let raw: Box<dyn Read> =
        if path == Path::new("-") { Box::new(std::io::stdin()) } else { Box::new(File::open(path)?) };
    let mut raw = BufReader::new(raw);
    let zipped = raw.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if zipped { Box::new(BufReader::new(MultiGzDecoder::new(raw))) } else { Box::new(raw) })
}

fn skip_line(reader: &mut dyn BufRead) -> std::io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        let end = buffer.iter().position(|&b| b == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        let done = end.is_some() || buffer.is_empty();
        reader.consume(used);
        if done {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn line(flood: u32, time: i64) -> String {
        format!(
            "transaction_rate_mean,flood={flood},label_id=00 value=1.0,count=3i,window_s=1.0,label=\"a\" {time}\n"
        )
    }

    #[test]
    fn plain_and_zipped_files_are_merged_and_bad_lines_named() {
        let dir = tempfile::tempdir().unwrap();
        let (plain, zipped) = (dir.path().join("a.lp"), dir.path().join("b"));
        let long = "x".repeat(usize::try_from(LINE_BYTES_MAX).unwrap() + 5);
        std::fs::write(&plain, format!("{}nonsense\n{long}\n{}", line(7, 1), line(7, 2))).unwrap();
        let mut encoder = GzEncoder::new(File::create(&zipped).unwrap(), Compression::new(1));
        encoder.write_all(line(7, 1).as_bytes()).unwrap();
        encoder.write_all(line(8, 1).as_bytes()).unwrap();
        encoder.finish().unwrap();
        let files = [plain.clone(), zipped];
        let merged = merge_files(&files, Runs::Apart).unwrap();
        let counts: Vec<u64> = merged.summary.floods.iter().map(|f| f.total.count).collect();
        assert_eq!((counts, merged.summary.duplicate_points), (vec![6, 3], 1));
        assert_eq!(merged.refused_lines, 2);
        assert!(merged.remarks[0].starts_with(&format!("{}:2: ", plain.display())), "{:?}", merged.remarks);
        let of_8 = merge_files_of(Some(&Ident::near("8")), &files, Runs::Apart).unwrap().summary;
        let floods: Vec<&str> = of_8.floods.iter().map(|flood| flood.flood.as_str()).collect();
        assert_eq!((floods, of_8.points, of_8.duplicate_points), (vec!["8"], 1, 0));
    }

    #[test]
    fn a_flood_that_no_file_has_is_an_error_that_names_those_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(IN_RESULTS);
        std::fs::write(&path, format!("{}{}", line(7, 1), line(8, 1))).unwrap();
        let error = merge_files_of(Some(&Ident::near("two")), std::slice::from_ref(&path), Runs::Apart)
            .unwrap_err()
            .to_string();
        assert_eq!(error, format!("{} has nothing of flood two: it has the floods 7, 8", path.display()));
    }

    #[test]
    fn of_a_runs_results_their_rollups_are_merged() {
        let dir = tempfile::tempdir().unwrap();
        let results = [dir.path().to_owned()];
        let error = merge_files(&results, Runs::Apart).unwrap_err().to_string();
        assert!(error.contains("is a directory without a rollups.lp"), "{error}");
        std::fs::write(dir.path().join(IN_RESULTS), line(7, 1)).unwrap();
        assert_eq!(merge_files(&results, Runs::Apart).unwrap().summary.points, 1);
    }

    #[test]
    fn the_floods_that_are_there_are_named() {
        let said = |n: usize| {
            let there = (0..n).map(|n| format!("f{n:02}")).collect();
            no_such_flood("http://x", &Ident::near("nope"), &there)
        };
        assert_eq!(said(0), "http://x has nothing of flood nope: it has no rollups at all");
        assert!(said(1).ends_with("it has flood f00 only"));
        assert!(said(2).ends_with("it has the floods f00, f01"));
        assert!(said(12).ends_with("f08, f09 and 2 more"));
    }

    #[test]
    fn the_order_of_lines_does_not_matter() {
        let mut lines = Vec::new();
        for time in 0..200 {
            let (run, tags) = (1 + time % 2, "flood=7,label_id=00");
            lines.push(format!("latency_mean,{tags} value=1.0,sum=1.0,min=1.0,max=1.0,count=1i {time}\n"));
            lines.push(format!(
                "transaction_rate_mean,{tags} value=1.0,count=1i,window_s=1.0,label=\"a\",run={run}i {time}\n"
            ));
        }
        let dir = tempfile::tempdir().unwrap();
        let merged = |name: &str, lines: &[String]| {
            let path = dir.path().join(name);
            std::fs::write(&path, lines.concat()).unwrap();
            merge_files(&[path], Runs::Apart).unwrap().summary
        };
        let written = merged("written", &lines);
        let latencies: Vec<u64> =
            written.floods.iter().map(|flood| flood.labels[0].latency.as_ref().unwrap().count).collect();
        assert_eq!(latencies, [100, 100]);
        lines.sort();
        assert_eq!(merged("sorted", &lines), written);
        lines.reverse();
        assert_eq!(merged("reversed", &lines), written);
    }

    #[test]
    fn a_file_of_something_else_is_named_in_one_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let plan = dir.path().join("shop.jmx");
        std::fs::write(&plan, "<?xml version=\"1.0\"?>\n\n<jmeterTestPlan>\n</jmeterTestPlan>\n").unwrap();
        let merged = merge_files(&[plan], Runs::Apart).unwrap();
        assert_eq!((merged.refused_lines, merged.remarks.len()), (3, 1), "{:?}", merged.remarks);
        assert!(merged.remarks[0].contains("shop.jmx is no file of rollups"), "{:?}", merged.remarks);
    }

    #[test]
    fn a_file_that_is_not_there_is_a_sentence() {
        let error = merge_files(&["/nowhere/x".into()], Runs::Apart).unwrap_err().to_string();
        assert!(error.starts_with("failed to read /nowhere/x: "), "{error}");
    }
}
