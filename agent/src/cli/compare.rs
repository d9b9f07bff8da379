//! `gridnode compare A B`: what changed between two runs beyond noise.

use super::options::{DrainUrlParser, duration_s};
use super::report::{copy_of, refuse_others_file};
use crate::base::exit::Exit;
use crate::cage::foreign_file;
use crate::console::{
    ComparisonPage, Screen, clean, render_comparison, render_comparison_page, write_note, write_result,
};
use crate::data::drain::DrainUrl;
use crate::local::compare_files::{CompareFileError, Compared, compare_files};
use crate::local::report_files::Which;
use crate::local::store_copy::StoreCopy;
use anyhow::Context as _;
use gridnode_core::base::ids::Ident;
use gridnode_core::judge::compare::{CompareSettings, Comparison, Finding};
use gridnode_core::merge::FloodSummary;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Below the options.
pub const EXAMPLES: &str = "\
Examples:
  gridnode compare gridnode-out/shop-1795690828 gridnode-out/shop-1795777228
  gridnode compare before/ after/ --skip 1m --html compare.html     directories of many nodes' results
  gridnode compare record.lp record.lp --flood shop --run 1,2       two runs in one file
  gridnode compare --from http://localhost:8086 --flood shop --run 1,2     of what an InfluxDB 1.x has of all nodes
  gridnode compare main.lp branch.lp --fail-on-regression           for a CI server

Exit code with --fail-on-regression: 6 where something is worse beyond noise; 4 where there is no verdict, because the numbers
of a side are not trustworthy or there are too few windows. Without it always 0, if both could be read.";

/// Options of `gridnode compare`.
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    /// What it was before: a directory with a run's results, or with those of many nodes, or a file of rollups, gzipped or not
    #[arg(required_unless_present = "store", requires = "b")]
    pub a: Option<PathBuf>,
    /// What it is now
    pub b: Option<PathBuf>,
    /// Read both from an InfluxDB 1.x instead, as http://host:8086/?db=gridnode; a URL with a password is better off in
    /// GRIDNODE_MERGE_FROM
    #[arg(long = "from", id = "store", env = "GRIDNODE_MERGE_FROM", value_name = "URL", value_parser = DrainUrlParser, hide_env_values = true)]
    pub store: Option<DrainUrl>,
    /// Leave out the start of each side, as 30s: what warms up is no change
    #[arg(long, value_name = "TIME", value_parser = duration_s, default_value = "0")]
    pub skip: u32,
    /// The least change of a time that is worth a word, in per cent of A
    #[arg(long, value_name = "PERCENT", value_parser = percent, default_value = "5%")]
    pub least: f64,
    /// The least change of the share of failed samples, in percentage points
    #[arg(long, value_name = "POINTS", value_parser = percent, default_value = "0.1")]
    pub least_failed: f64,
    /// Compare labels with this text, too: without it, the 200 with the most samples are compared
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    /// Print JSON: every number of every label
    #[arg(long)]
    pub json: bool,
    /// Write a page, too; an earlier one there is replaced
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// End with 6 where something is worse beyond noise, and with 4 where there is no verdict
    #[arg(long)]
    pub fail_on_regression: bool,
    /// Of what is read, this flood
    #[arg(long, value_name = "NAME")]
    pub flood: Option<Ident>,
    /// This run of it; with a comma one of A and one of B
    #[arg(long, value_name = "N[,N]", value_parser = runs, conflicts_with = "add_runs", allow_hyphen_values = true)]
    pub run: Option<[i64; 2]>,
    /// All runs of it added up: nodes that were started by hand have runs of their own
    #[arg(long)]
    pub add_runs: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    a: SideDocument<'a>,
    b: SideDocument<'a>,
    warnings: &'a [String],
    worse: usize,
    better: usize,
    cannot_tell: bool,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

#[derive(Serialize)]
struct SideDocument<'a> {
    from: String,
    flood: &'a str,
    runs: &'a [i64],
    start_s: i64,
    end_s: i64,
    users_max: f64,
    is_trustworthy: bool,
}

/// Compares, and prints what changed.
///
/// # Errors
/// When a side cannot be read or the page cannot be written.
pub async fn compare(args: &CompareArgs) -> anyhow::Result<ExitCode> {
    let which = |side: usize| Which {
        flood: args.flood.clone(),
        run: args.run.map(|runs| runs[side]),
        add_runs: args.add_runs,
    };
    let settings = CompareSettings {
        skip_s: u64::from(args.skip),
        least_percent: args.least,
        least_failed_percent: args.least_failed,
        ..CompareSettings::default()
    };
    args.html.as_deref().map(|to| refuse_others_file(to, "--html")).transpose()?;
    let copy = copy_of(args.store.as_ref(), args.a.is_some(), args.flood.as_ref()).await?;
    let copied = copy.as_ref().map(StoreCopy::path);
    let sides = [&args.a, &args.b].map(|side| copied.or(side.as_deref()).unwrap_or(Path::new("")));
    let compared = compare_files(sides, [&which(0), &which(1)], args.label.as_deref(), settings)
        .map_err(|error| of_store(error, args.store.as_ref()))?;
    if args.json {
        write_result(&serde_json::to_string_pretty(&document(args, &compared))?)?;
    } else {
        write_result(&render_comparison(&Screen::stdout(), &compared.comparison, &compared.likeness))?;
    }
    if let Some(to) = &args.html {
        write_page(args, &compared, to)?;
        write_note(&format!("page: {}", clean(&to.display().to_string())));
    }
    Ok(if args.fail_on_regression { gate(&compared).into() } else { Exit::Fine.into() })
}

/// The copy's name means nothing to whoever has named a store.
fn of_store(error: CompareFileError, store: Option<&DrainUrl>) -> anyhow::Error {
    match (error, store) {
        (CompareFileError::Side { why, .. }, Some(url)) => {
            anyhow::anyhow!("failed to compare runs in {}: {why}", url.shown())
        }
        (error, _) => error.into(),
    }
}

/// What a CI server goes by. No verdict is no pass.
fn gate(compared: &Compared) -> Exit {
    match &compared.comparison {
        _ if compared.likeness.is_trustworthy != [true; 2] => {
            write_note("error: no verdict, for the numbers of a side are not trustworthy");
            Exit::NotTrustworthy
        }
        comparison if comparison.cannot_tell() => {
            write_note("error: no verdict, for there are too few windows or samples");
            Exit::NotTrustworthy
        }
        comparison if comparison.rows_that_are(Finding::Worse) > 0 => Exit::AssertionsFailed,
        _ => Exit::Fine,
    }
}

fn document<'a>(args: &CompareArgs, compared: &'a Compared) -> Document<'a> {
    let [from_a, from_b] = from(args);
    let side = |from: String, flood: &'a FloodSummary, is_trustworthy| SideDocument {
        from,
        flood: &flood.flood,
        runs: &flood.runs,
        start_s: flood.start_s,
        end_s: flood.end_s,
        users_max: flood.concurrency_max,
        is_trustworthy,
    };
    let (comparison, [one, other]) = (&compared.comparison, compared.likeness.is_trustworthy);
    Document {
        version: 1,
        a: side(from_a, &compared.floods[0], one),
        b: side(from_b, &compared.floods[1], other),
        warnings: &compared.likeness.warnings,
        worse: comparison.rows_that_are(Finding::Worse),
        better: comparison.rows_that_are(Finding::Better),
        cannot_tell: comparison.cannot_tell(),
        comparison,
    }
}

/// Where each side is from, as it was given.
fn from(args: &CompareArgs) -> [String; 2] {
    [&args.a, &args.b].map(|side| match (side, &args.store) {
        (Some(path), _) => path.display().to_string(),
        (None, Some(url)) => url.shown().to_owned(),
        (None, None) => String::new(),
    })
}

fn write_page(args: &CompareArgs, compared: &Compared, to: &Path) -> anyhow::Result<()> {
    let page = ComparisonPage {
        comparison: &compared.comparison,
        likeness: &compared.likeness,
        floods: [&compared.floods[0], &compared.floods[1]],
        from: from(args),
        made_by: &format!("made by gridnode {}", env!("CARGO_PKG_VERSION")),
    };
    let page = render_comparison_page(&page).context("failed to make the page")?;
    foreign_file::put(to, page.as_bytes()).with_context(|| format!("failed to write {}", to.display()))
}

/// `5%`, `5`, `0.1`.
fn percent(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.strip_suffix('%').unwrap_or(text).trim().parse().ok();
    let fits = number.filter(|number| (0.0..=1_000.0).contains(number));
    fits.ok_or_else(|| format!("`{text}` is no percentage: write 5 or 5%"))
}

/// `3`, or `1,2`.
fn runs(text: &str) -> Result<[i64; 2], String> {
    let (a, b) = text.split_once(',').unwrap_or((text, text));
    let run = |text: &str| text.trim().parse().map_err(|_| format!("`{text}` is no run: write 3, or 1,2"));
    Ok([run(a)?, run(b)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_and_runs_are_read_or_refused_in_a_sentence() {
        assert_eq!([percent("5%"), percent("0.1"), percent("0 %")], [Ok(5.0), Ok(0.1), Ok(0.0)]);
        for wrong in ["", "%", "-1", "nan", "inf", "1e9", "five"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
        assert_eq!([runs("3"), runs("1, 2")], [Ok([3, 3]), Ok([1, 2])]);
        assert_eq!(runs("1,b"), Err("`b` is no run: write 3, or 1,2".to_owned()));
        assert!(runs("1,2,3").is_err() && runs("").is_err());
    }
}
