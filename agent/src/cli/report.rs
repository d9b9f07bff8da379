//! `gridnode report DIR…`: a run's report as one HTML page, of one node's results or of many together.

use super::options::DrainUrlParser;
use crate::base::exit::Exit;
use crate::cage::foreign_file;
use crate::console::{PageSettings, clean, render_page, write_note, write_result};
use crate::data::drain::DrainUrl;
use crate::local::report_files::{Which, read, read_run};
use crate::local::store_copy::StoreCopy;
use anyhow::Context as _;
use gridnode_core::base::ids::Ident;
use gridnode_core::merge::Summary;
use gridnode_core::report::{Material, Report, SUMMARY_SCHEMA};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a run's results, and everything else without a better place, call it.
const FILE: &str = "report.html";
/// How ours begin: what begins otherwise is somebody else's.
const BEGIN: &[u8] = b"<!doctype html>";

/// Below the options.
pub const EXAMPLES: &str = "\
Examples:
  gridnode report gridnode-out/shop-1795690828              its report.html, made again
  gridnode report node-1 node-2 node-3 --out shop.html      one report of three nodes' results
  gridnode report record.lp --flood shop                    of what `gridnode drain --record` has written
  gridnode report --from http://localhost:8086 --flood shop --run 2     of what an InfluxDB 1.x has of all nodes

The page needs no network and no other file: send it to whoever asks.";

/// Options of `gridnode report`.
#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// Directories with a run's results, or files of rollups, gzipped or not; only a directory's summary.json says how the run ended
    /// and why requests failed
    #[arg(required_unless_present_any = ["schema", "store"], value_name = "DIR|FILE")]
    pub from: Vec<PathBuf>,
    /// Read an InfluxDB 1.x instead, as http://host:8086/?db=gridnode; a URL with a password is better off in GRIDNODE_MERGE_FROM
    #[arg(long = "from", id = "store", env = "GRIDNODE_MERGE_FROM", value_name = "URL", value_parser = DrainUrlParser, hide_env_values = true)]
    pub store: Option<DrainUrl>,
    /// The page; an earlier report there is replaced [default: DIR/report.html of one directory, else report.html here]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Of what is read, this flood
    #[arg(long, value_name = "NAME")]
    pub flood: Option<Ident>,
    /// This run of it
    #[arg(long, value_name = "N", conflicts_with = "add_runs")]
    pub run: Option<i64>,
    /// All runs of it added up: nodes that were started by hand have runs of their own
    #[arg(long)]
    pub add_runs: bool,
    /// Print the JSON Schema of summary.json instead
    #[arg(long)]
    pub schema: bool,
}

/// Makes the page.
///
/// # Errors
/// When something cannot be read, is of several floods, or the page cannot be written.
pub async fn report(args: &ReportArgs) -> anyhow::Result<ExitCode> {
    if args.schema {
        write_result(SUMMARY_SCHEMA)?;
        return Ok(Exit::Fine.into());
    }
    let which = Which { flood: args.flood.clone(), run: args.run, add_runs: args.add_runs };
    let copy = copy_of(args.store.as_ref(), !args.from.is_empty(), args.flood.as_ref()).await?;
    let copied = copy.as_ref().map(|copy| [copy.path().to_owned()]);
    let material = read(copied.as_ref().map_or(&args.from[..], |copied| &copied[..]), &which)?;
    if material.refused_lines > 0 {
        write_note(&format!(
            "warning: lines that could not be read and are in no number: {}",
            material.refused_lines
        ));
    }
    let to = args.out.clone().unwrap_or_else(|| match &args.from[..] {
        [dir] if dir.is_dir() => dir.join(FILE),
        _ => PathBuf::from(FILE),
    });
    refuse_others_file(&to, "--out")?;
    let is_beside_traces = matches!(&args.from[..], [dir] if is_in(&to, dir));
    write(material, &to, is_beside_traces)?;
    write_note(&format!("report: {}", clean(&to.display().to_string())));
    Ok(Exit::Fine.into())
}

/// What the store at `url` has, where one was named: files and a store are not read together.
///
/// # Errors
/// When both were named, or the store cannot be read.
pub(super) async fn copy_of(
    url: Option<&DrainUrl>,
    has_files: bool,
    flood: Option<&Ident>,
) -> anyhow::Result<Option<StoreCopy>> {
    let Some(url) = url else { return Ok(None) };
    anyhow::ensure!(!has_files, "give files, or --from (it may be in GRIDNODE_MERGE_FROM), not both");
    write_note(&format!("reading {}", url.shown()));
    Ok(Some(StoreCopy::of(url, flood).await?))
}

/// The report of a run that has just left its results in `out`.
///
/// # Errors
/// When there is nothing to show, or it cannot be written.
pub(super) fn of_run(out: &Path, summary: &Summary) -> anyhow::Result<PathBuf> {
    let to = out.join(FILE);
    write(read_run(out, summary)?, &to, true)?;
    Ok(to)
}

fn write(material: Material, to: &Path, is_beside_traces: bool) -> anyhow::Result<()> {
    let made_by = format!("made by gridnode {}", env!("CARGO_PKG_VERSION"));
    let settings = PageSettings { made_by: &made_by, is_beside_traces };
    let page = render_page(&Report::of(material), settings).context("failed to make the page")?;
    foreign_file::put(to, page.as_bytes()).with_context(|| format!("failed to write {}", to.display()))
}

fn is_in(file: &Path, dir: &Path) -> bool {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (parent.canonicalize(), dir.canonicalize()) {
        (Ok(parent), Ok(dir)) => parent == dir,
        _ => false,
    }
}

/// A name given by mistake must not cost a file of results.
pub(super) fn refuse_others_file(to: &Path, option: &str) -> anyhow::Result<()> {
    if to.symlink_metadata().is_err() {
        return Ok(());
    }
    let begin = foreign_file::head(to, BEGIN.len() as u64).unwrap_or_default();
    anyhow::ensure!(begin == BEGIN, "{} is there and is no report: choose another {option}", to.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_report_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("x");
        refuse_others_file(&to, "--out").unwrap();
        std::fs::write(&to, "<!doctype html>\n<html>").unwrap();
        refuse_others_file(&to, "--out").unwrap();
        std::fs::write(&to, "transaction_rate_mean,flood=7").unwrap();
        let error = refuse_others_file(&to, "--out").unwrap_err().to_string();
        assert!(error.ends_with("is there and is no report: choose another --out"), "{error}");
    }

    #[test]
    fn a_page_beside_the_traces_is_known_by_any_way_to_it() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("a")).unwrap();
        assert!(is_in(&dir.path().join("a/../report.html"), dir.path()));
        assert!(!is_in(&dir.path().join("a/report.html"), dir.path()));
    }
}
