//! `gridnode merge FILE…`, `gridnode merge --from URL`: true percentiles over the rollups of many nodes.

use super::options::DrainUrlParser;
use crate::base::exit::Exit;
use crate::console::{clean, of, write_note, write_result};
use crate::data::drain::DrainUrl;
use crate::local::hlog_files::write_hlogs;
use crate::local::merge_files::merge_files_of;
use crate::local::merge_store::merge_store;
use gridnode_core::base::ids::Ident;
use gridnode_core::merge::{FloodSummary, Runs, Summary};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `gridnode merge`.
#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// Files of line protocol, gzipped or not, or directories with a run's results; `-` is standard input
    #[arg(required_unless_present = "from", conflicts_with = "from", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Read an InfluxDB 1.x instead, as http://host:8086/?db=gridnode; a URL with a password is better off in GRIDNODE_MERGE_FROM
    #[arg(long, env = "GRIDNODE_MERGE_FROM", value_name = "URL", value_parser = DrainUrlParser, hide_env_values = true)]
    pub from: Option<DrainUrl>,
    /// Of what is read, this flood only
    #[arg(long, value_name = "NAME")]
    pub flood: Option<Ident>,
    /// Add up the runs of a flood; without it each run has numbers of its own
    #[arg(long)]
    pub add_runs: bool,
    /// Write HdrHistogram interval logs (1.3) into this new directory, a file a label, an interval a window: in µs, counts exact,
    /// times within 0.8 %, more than an hour as one; a label is the tag, with spaces, commas and the like as %20
    #[arg(long, value_name = "DIR", conflicts_with = "from")]
    pub hlog: Option<PathBuf>,
}

/// Merges, and prints the numbers.
///
/// # Errors
/// When a file or the InfluxDB cannot be read.
pub async fn merged(args: &MergeArgs) -> anyhow::Result<ExitCode> {
    let runs = if args.add_runs { Runs::AddedUp } else { Runs::Apart };
    let merged = match &args.from {
        Some(url) => {
            write_note(&format!("reading {}", url.shown()));
            merge_store(url, args.flood.as_ref(), runs).await?
        }
        None => merge_files_of(args.flood.as_ref(), &args.files, runs)?,
    };
    if let Some(dir) = &args.hlog {
        let logs = write_hlogs(dir, &args.files, &merged.summary)?;
        write_note(&format!("{} in {}", of(logs as u64, "log", "logs"), clean(&dir.display().to_string())));
    }
    write_result(&serde_json::to_string_pretty(&merged.summary)?)?;
    several_runs(&merged.summary).iter().for_each(|note| write_note(note));
    missing(&merged.summary).iter().for_each(|note| write_note(note));
    merged.remarks.iter().for_each(|remark| write_note(&format!("warning: {remark}")));
    let mut is_whole = true;
    if merged.refused_lines > 0 {
        write_note(&format!("error: {} not merged", of(merged.refused_lines, "line was", "lines were")));
        is_whole = false;
    }
    // Every run of a flood says the same of it: once is enough.
    if let Some(flood) = merged.summary.floods.iter().find(|flood| flood.points_of_no_run > 0) {
        let points = of(flood.points_of_no_run, "point", "points");
        write_note(&format!(
            "error: {points} of flood {} could be of several of its runs, because the transaction_rate_mean of the same \
             label and time is not there, or not near in what can be read only once: give files instead of a pipe, or use \
             --add-runs",
            clean(&flood.flood)
        ));
        is_whole = false;
    }
    Ok(if is_whole { Exit::Fine.into() } else { Exit::NotTrustworthy.into() })
}

/// A note for each row that has fewer samples than its nodes have counted.
fn missing(summary: &Summary) -> Vec<String> {
    let note = |flood: &FloodSummary| {
        let run = flood.run.map_or_else(String::new, |run| format!(", run {run}"));
        format!(
            "warning: flood {}{run}: its nodes have counted {} that {} not here: waiting in a spool, refused, given up, or lost when a node \
             was killed. `gridnode spool list` on the nodes tells which",
            clean(&flood.flood),
            of(flood.missing(), "sample", "samples"),
            if flood.missing() == 1 { "is" } else { "are" }
        )
    };
    summary.floods.iter().filter(|flood| flood.missing() > 0).map(note).collect()
}

/// A note for each flood that has several rows, one for each run.
fn several_runs(summary: &Summary) -> Vec<String> {
    let mut runs: BTreeMap<[&str; 3], Vec<String>> = BTreeMap::new();
    for FloodSummary { account, project, flood, run, .. } in &summary.floods {
        let run = run.map_or_else(|| "one without a number".to_owned(), |run| run.to_string());
        runs.entry([account, project, flood]).or_default().push(run);
    }
    let several = runs.into_iter().filter(|(_, runs)| runs.len() > 1);
    let note = |([_, _, flood], runs): ([&str; 3], Vec<String>)| {
        let (flood, n, runs) = (clean(flood), runs.len(), runs.join(", "));
        format!("flood {flood} has {n} runs ({runs}), each with numbers of its own; --add-runs adds them up")
    };
    several.map(note).collect()
}
