//! The command line: what a person can ask for. Each command is a room of its own.

pub mod agent;
pub mod check;
mod ci;
pub mod collect;
pub mod compare;
pub mod config;
pub mod dashboard;
pub mod demo;
pub mod drain;
pub mod manual;
pub mod merge;
mod moment;
pub mod options;
pub mod reap;
pub mod report;
pub mod run;
pub mod send;
pub mod spool;
pub mod status;
mod thresholds;
pub mod tools;
pub mod trace;
pub mod version;
mod view;

use crate::base::clock;
use crate::base::exit::Exit;
use crate::base::left_behind::LEFT_BEHIND_WAIT;
use crate::base::signals::{Signals, exit_at_next};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// Runs load tests on a node and accounts for every sample
#[derive(Debug, Parser)]
#[command(name = "gridnode", version, long_version = version::long(), max_term_width = 100, propagate_version = true)]
#[command(subcommand_required = true, arg_required_else_help = true, after_help = crate::base::exit::help())]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// All commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// See a whole run from nothing: installs JMeter, starts a target, sends load to it for 30 seconds
    Demo(demo::DemoArgs),
    /// Run a plan of JMeter or Gatling, or a browser test, here and account for every sample
    Run(Box<run::RunArgs>),
    /// Take samples from any tool over UDP, aggregate them in windows, push the rollups to a Drain
    Collect(Box<collect::CollectArgs>),
    /// Run the agent of a grid node: it makes its own queue, takes commands and runs floods
    Agent(Box<agent::AgentArgs>),
    /// Check that this machine has all that a grid node needs
    Check(Box<check::CheckArgs>),
    /// Show the configuration of the agent in effect, and where each value comes from
    Config(Box<config::ConfigArgs>),
    /// Print a Grafana dashboard for an InfluxDB that is the Drain
    #[command(after_help = dashboard::EXAMPLE)]
    Dashboard,
    /// Print completions for a shell
    #[command(after_help = manual::COMPLETIONS_EXAMPLE)]
    Completions(manual::CompletionsArgs),
    /// Write manual pages, one a command, into a directory
    #[command(after_help = manual::MAN_EXAMPLE)]
    Man(manual::ManArgs),
    /// Serve a small Drain for development: takes writes like InfluxDB and merges them
    Drain(drain::DrainArgs),
    /// Compare two runs: what changed beyond noise, label by label
    #[command(after_help = compare::EXAMPLES)]
    Compare(Box<compare::CompareArgs>),
    /// Merge files of rollups from many nodes: true percentiles, as JSON
    Merge(Box<merge::MergeArgs>),
    /// Remove queues and subscriptions of grid nodes that are gone
    #[command(after_long_help = reap::HOW_IT_DECIDES)]
    Reap(reap::ReapArgs),
    /// Make the report of a run again, or of many nodes' results together: one HTML page that needs nothing else
    #[command(after_help = report::EXAMPLES)]
    Report(Box<report::ReportArgs>),
    /// Send a command to the nodes of a grid, and follow what they make of it
    #[command(subcommand)]
    Send(send::SendCommand),
    /// Look at what waits for the Drain and at what it refused; send it again
    #[command(subcommand)]
    Spool(spool::SpoolCommand),
    /// Look at error traces: failed requests in full, with their answers
    #[command(subcommand)]
    Trace(trace::TraceCommand),
    /// Show what the agent on this machine is doing
    Status(status::StatusArgs),
    /// Install load-generation tools, or list what is installed
    #[command(subcommand)]
    Tools(tools::ToolsCommand),
}

/// Reads the command line; where it is wrong, says so and ends.
#[must_use]
pub fn parse() -> Cli {
    let words: Vec<OsString> = std::env::args_os().collect();
    Cli::try_parse_from(&words).unwrap_or_else(|error| with_whole_usage(error, &words).exit())
}

/// The usage of a command as its help has it: by itself an error's has the options that were given, and what is in the
/// environment looks there as if it had to be on the command line.
fn with_whole_usage(mut error: clap::Error, words: &[OsString]) -> clap::Error {
    if error.get(ContextKind::Usage).is_none() {
        return error;
    }
    let mut program = Cli::command();
    program.build();
    let usage = usage_of(&mut program, words.get(1..).unwrap_or_default());
    error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
    error
}

/// Of the command that the words begin with.
fn usage_of(command: &mut clap::Command, words: &[OsString]) -> StyledStr {
    if let [word, rest @ ..] = words
        && let Some(below) = command.find_subcommand_mut(word)
    {
        return usage_of(below, rest);
    }
    command.render_usage()
}

/// Threads of the runtime.
const WORKERS: usize = 2;

/// Carries out what was asked for.
///
/// # Errors
/// With the sentence to show when the command could not do its work at all (exit code 1).
pub fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    threads_can_be_had()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    let done = carry_out(&runtime, cli.command);
    end(runtime);
    done
}

/// Waits a little for calls that block a thread (files, the lookup of a name), and not for ever, as a runtime that is
/// dropped would: such a call cannot be broken off, and whatever it would still do, nobody waits for it.
fn end(runtime: Runtime) {
    let until = clock::now().mono.plus_ns(LEFT_BEHIND_WAIT.as_nanos() as u64);
    runtime.shutdown_timeout(LEFT_BEHIND_WAIT);
    if clock::now().mono >= until {
        tracing::warn!("a call to the system (a file, a name to look up) does not return; it is left behind");
    }
}

fn carry_out(runtime: &Runtime, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo(args) => runtime.block_on(demo::demo(args)),
        Command::Run(args) => runtime.block_on(run::run(*args)),
        Command::Agent(args) => runtime.block_on(agent::agent(*args)),
        Command::Check(args) => runtime.block_on(check::run(*args)),
        Command::Config(args) => runtime.block_on(config::config(*args)),
        Command::Dashboard => dashboard::dashboard(),
        Command::Completions(args) => manual::completions(&args),
        Command::Man(args) => manual::man(&args),
        Command::Drain(args) => runtime.block_on(serve(args)),
        Command::Compare(args) => runtime.block_on(compare::compare(&args)),
        Command::Merge(args) => runtime.block_on(merge::merged(&args)),
        Command::Reap(args) => runtime.block_on(reap::reap(args)),
        Command::Report(args) => runtime.block_on(report::report(&args)),
        Command::Send(command) => runtime.block_on(send::send(command)),
        Command::Spool(command) => runtime.block_on(spool::spool(command)),
        Command::Trace(command) => runtime.block_on(trace::trace(&command)),
        Command::Status(args) => runtime.block_on(status::status(args)),
        Command::Tools(command) => runtime.block_on(tools::tools(command)),
        Command::Collect(args) => runtime.block_on(collect::collect(*args)),
    }
}

/// The runtime panics where it gets no thread; so as many as it begins with are tried before.
fn threads_can_be_had() -> anyhow::Result<()> {
    let (go_on, wait) = std::sync::mpsc::sync_channel::<()>(1);
    let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
    let mut tried = Vec::new();
    let mut failed = None;
    for _ in 0..WORKERS {
        let wait = std::sync::Arc::clone(&wait);
        // All of them are there at once: each waits until the last one was tried.
        let wait_for_all = move || drop(wait.lock().map(|wait| wait.recv()));
        match std::thread::Builder::new().name("try".to_owned()).spawn(wait_for_all) {
            Ok(thread) => tried.push(thread),
            Err(error) => failed = Some(error),
        }
    }
    drop(go_on);
    tried.into_iter().for_each(|thread| drop(thread.join()));
    failed.map_or(Ok(()), |error| {
        Err(anyhow::Error::from(error).context("failed to start a thread (is a limit of processes reached?)"))
    })
}

async fn serve(args: drain::DrainArgs) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::new()?;
    drain::drain(args, async {
        signals.next().await;
        if let Err(error) = exit_at_next() {
            tracing::warn!(%error, "a second signal will not be heard");
        }
    })
    .await?;
    Ok(Exit::Fine.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_options_of_a_command_share_a_name() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_wrong_command_line_has_the_usage_that_the_help_has() {
        let usage = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            let error = with_whole_usage(Cli::try_parse_from(&words).unwrap_err(), &words).to_string();
            error.lines().find(|line| line.starts_with("Usage: ")).unwrap_or_default().to_owned()
        };
        // As if GRIDNODE_TOOLS_DIR were set: both count as given.
        assert_eq!(usage(&["gridnode", "run", "--tools-dir", "x"]), "Usage: gridnode run [OPTIONS] <PLAN>");
        let start = usage(&["gridnode", "send", "start", "a.jmx", "--endpoint-url", "http://x"]);
        assert!(start.starts_with("Usage: gridnode send start [OPTIONS] --flood <ID>"), "{start}");
        assert!(!start.contains("--endpoint-url"), "{start}");
    }
}
