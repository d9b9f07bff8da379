//! The command line: what a person can ask for. Each command is a room of its own.

pub mod collect;
pub mod options;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// gridnode: runs load tests on a node and accounts for every sample.
#[derive(Debug, Parser)]
#[command(name = "gridnode", version, about, max_term_width = 100, propagate_version = true)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// All commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take samples from any tool over UDP, aggregate them in windows, push the rollups to a Drain
    Collect(Box<collect::CollectArgs>),
}

/// Carries out what was asked for.
///
/// # Errors
/// With the sentence to show when the command could not do its work at all (exit code 1).
pub fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match cli.command {
        Command::Collect(args) => runtime.block_on(collect::collect(*args)),
    }
}
