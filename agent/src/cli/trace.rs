//! `gridnode trace`: a failed request in full, for a person, for curl, or for a browser.

use crate::console::{Screen, render_trace, write_result};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use flate2::read::GzDecoder;
use gridnode_core::trace::{FILE_BYTES_MAX, Trace, curl, har};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Bytes of a file: what is indented is larger than what a plug-in writes.
const BYTES_MAX: u64 = 4 * FILE_BYTES_MAX as u64;

/// What to do with traces.
#[derive(Debug, Subcommand)]
pub enum TraceCommand {
    /// Show one: what was sent, what was answered, what failed. Values of secrets are hidden; two that are equal have equal
    /// marks
    Show(ShowArgs),
}

/// Which, and how.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The file, as `run` leaves it in `failures`, gzipped or not
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The request as a command of curl
    #[arg(long, conflicts_with = "har")]
    curl: bool,
    /// All of it as an HTTP Archive 1.2, which every browser opens
    #[arg(long)]
    har: bool,
}

/// Carries out a command.
///
/// # Errors
/// When there is no such trace, or standard output cannot be written.
pub fn trace(command: &TraceCommand) -> anyhow::Result<ExitCode> {
    let TraceCommand::Show(ShowArgs { file, curl: as_curl, har: as_har }) = command;
    let trace =
        read(file).with_context(|| format!("{} is no error trace that can be read", file.display()))?;
    let text = if *as_har {
        serde_json::to_string_pretty(&har(&trace))?
    } else if *as_curl {
        curl(&trace).context("the trace has no request with a URL, so there is no command of curl")?
    } else {
        render_trace(&Screen::stdout(), &trace)
    };
    write_result(&text).context("failed to write to standard output")?;
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> anyhow::Result<Trace> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BYTES_MAX).read_to_end(&mut bytes)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let packed = std::mem::take(&mut bytes);
        GzDecoder::new(&*packed).take(BYTES_MAX).read_to_end(&mut bytes)?;
    }
    Trace::parse(&bytes).map_err(anyhow::Error::msg)
}
