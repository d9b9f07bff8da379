//! `gridnode send`: commands for the nodes of a grid, by way of the topic that their queues are subscribed to.
//!
//! Options and words are here; what is done is in [`crate::control::send`]. `--wait` follows the events through a queue
//! of its own, made before the command is sent and removed at the end, whatever the end is.

mod grid;
mod options;
mod printer;
mod receipts;
mod verdict;
mod wait;
mod watch;
mod words;

use crate::base::advice::Advice;
use crate::base::exit::Exit;
use crate::cli::options::{TagOptions, duration_s, key_value, positive_s, window_s};
use crate::console::write_result;
use crate::control::aws::Aws;
use crate::control::send::{
    Along, Detect, FileSettings, FloodSettings, Message, StartSettings, Starts, gather, publish,
};
use crate::tool::{Used, kind_by_name, kind_of, used_beside};
use anyhow::Context;
use clap::{Args, Subcommand};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::rfc3339;
use gridnode_core::base::run::RunKey;
use gridnode_core::node::command::{Action, Sha256};
use gridnode_launch::ToolKind;
use options::{RouteOptions, SendOptions};
use printer::Printer;
use std::path::Path;
use std::process::ExitCode;
use verdict::VerdictOptions;
use watch::WatchOptions;

/// From a stop to an empty process tree unless asked otherwise, s.
const GRACE_S: u32 = 30;

const START_EXAMPLE: &str = r"Example:
  gridnode send start checkout.jmx users.csv --flood 7 --run 1 --grid 9 --users 100 \
    --duration 10m --upload s3://my-bucket/plans --wait \
    --topic arn:aws:sns:us-east-1:123456789012:gridnode-commands \
    --events-topic arn:aws:sns:us-east-1:123456789012:gridnode-events
  gridnode send start my-gatling-project …                 a directory, sent as one archive
  gridnode send start bundle.zip --plan plans/checkout.jmx …

With --wait, the receipts of all nodes are merged into one table. The exit code is the worst of what happened, in this order:
  1  nobody took the command; without thresholds also when waiting ended before all that were expected were done
  5  a node refused, failed or was stopped
  4  samples are missing, or thresholds are no verdict: a node is missing, was too busy, or does not name a label that one is asked of
  6  a threshold, or an assertion of the plan, does not hold
  0  every node completed the run";
const STOP_EXAMPLE: &str = r"Example:
  gridnode send stop 7 1 --all --topic arn:aws:sns:us-east-1:123456789012:gridnode-commands";
const NODE_STOP_EXAMPLE: &str = r"Example:
  gridnode send node-stop --node i-0abc \
    --topic arn:aws:sns:us-east-1:123456789012:gridnode-commands";

/// The commands that there are.
#[derive(Debug, Subcommand)]
pub enum SendCommand {
    /// Start a load test on all nodes that the route names
    Start(Box<StartArgs>),
    /// Stop a run of a load test, wherever it is
    Stop(Box<StopArgs>),
    /// Stop whole nodes: their runs end, their queues go, the agents exit
    NodeStop(Box<NodeStopArgs>),
}

/// Start a load test on all nodes that the route names.
///
/// Local files are uploaded to --upload first (unless they are there already); every file is named by its SHA-256 in
/// the command, and nodes run nothing else.
#[derive(Debug, Args)]
#[command(after_help = START_EXAMPLE)]
pub struct StartArgs {
    /// The plan: a local file, a directory with a project (sent as one archive, without hidden files, links, and what a
    /// build has made), or s3://bucket/key
    #[arg(value_name = "PLAN")]
    pub plan: String,
    /// Further files or directories of the run; NAME=FILE puts one under another name beside the plan
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
    /// The plan in PLAN, where that is a directory or an archive (.zip)
    #[arg(long = "plan", value_name = "PATH")]
    pub plan_in: Option<String>,
    /// The load test
    #[arg(long, value_name = "ID")]
    pub flood: Ident,
    /// Number of this execution; larger than any before. `auto` is the time in milliseconds
    #[arg(long, value_name = "N|auto", default_value = "auto", value_parser = run_number)]
    pub run: RunNumber,
    /// Customer account, a tag of the results
    #[arg(long, value_name = "ID")]
    pub account: Option<Ident>,
    /// Project of the account, a tag of the results
    #[arg(long, value_name = "ID")]
    pub project: Option<Ident>,
    /// The tool [default: by what the plan is, as `run` does]
    #[arg(long, value_name = "NAME")]
    pub tool: Option<Ident>,
    /// Its version [default: the one that a node has]
    #[arg(long, value_name = "VERSION")]
    pub tool_version: Option<Ident>,
    /// Users of every node [default: as the plan says]
    #[arg(long, value_name = "N", help_heading = "Load", value_parser = clap::value_parser!(u32).range(1..))]
    pub users: Option<u32>,
    /// Time until all users have started: 30s, 5m [default: as the plan says]
    #[arg(long, value_name = "TIME", help_heading = "Load", value_parser = duration_s)]
    pub ramp_up: Option<u32>,
    /// How long the load lasts, ramp-up included: 90, 5m, 1h [default: as the plan says]
    #[arg(long, value_name = "TIME", help_heading = "Load", value_parser = positive_s)]
    pub duration: Option<u32>,
    /// Iterations of every user [default: as the plan says]
    #[arg(long, value_name = "N", help_heading = "Load", value_parser = clap::value_parser!(u64).range(1..))]
    pub iterations: Option<u64>,
    /// A parameter of the plan; may be given several times
    #[arg(long = "param", value_name = "KEY=VALUE", help_heading = "Load", value_parser = key_value)]
    pub params: Vec<(String, String)>,
    /// The class to start, where a plan in Java or Scala has several; goes as the parameter `gridnode.class`
    #[arg(long, value_name = "NAME", help_heading = "Load")]
    pub class: Option<String>,
    /// All nodes start the tool at this moment: 2026-03-01T09:30:00Z
    #[arg(long, value_name = "TIME", help_heading = "Load", conflicts_with = "start_in")]
    pub start_at: Option<String>,
    /// All nodes start the tool so long from now: 30s, 5m
    #[arg(long, value_name = "TIME", help_heading = "Load", value_parser = duration_s)]
    pub start_in: Option<u32>,
    /// Length of a window of results
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = window_s)]
    pub window: u32,
    /// The tool runs no longer than this [default: ramp-up + duration + 5m, or 2h without a duration]
    #[arg(long, value_name = "TIME", help_heading = "Load", value_parser = positive_s)]
    pub max_runtime: Option<u32>,
    /// Where local files are uploaded to, as PREFIX/SHA256/NAME
    #[arg(long, env = "GRIDNODE_SEND_UPLOAD", value_name = "s3://BUCKET/PREFIX")]
    pub upload: Option<String>,
    /// Digest of an s3:// file, which is read otherwise to find it out; may be given several times
    #[arg(long, value_name = "NAME=HEX", value_parser = digest)]
    pub sha256: Vec<(String, Sha256)>,
    /// By what it is found later.
    #[command(flatten)]
    pub tags: TagOptions,
    /// What it must keep to.
    #[command(flatten)]
    pub verdict: VerdictOptions,
    /// What is seen of it meanwhile.
    #[command(flatten)]
    pub watch: WatchOptions,
    /// Whom it is for.
    #[command(flatten)]
    pub route: RouteOptions,
    /// How it is sent.
    #[command(flatten)]
    pub send: SendOptions,
}

/// Stop a run of a load test, wherever it is. A stop that overtakes its start holds, too.
#[derive(Debug, Args)]
#[command(after_help = STOP_EXAMPLE)]
pub struct StopArgs {
    /// The load test
    pub flood: Ident,
    /// The run: the number that `send start` printed, and that `gridnode status` and the event flood.running show
    pub run: Option<u64>,
    /// From the stop to the kill of what is left
    #[arg(long, value_name = "TIME", default_value_t = GRACE_S, value_parser = duration_s)]
    pub grace: u32,
    /// Whom it is for.
    #[command(flatten)]
    pub route: RouteOptions,
    /// How it is sent.
    #[command(flatten)]
    pub send: SendOptions,
}

/// Stop whole nodes: their runs end, their queues go, the agents exit.
#[derive(Debug, Args)]
#[command(after_help = NODE_STOP_EXAMPLE)]
pub struct NodeStopArgs {
    /// Whom it is for.
    #[command(flatten)]
    pub route: RouteOptions,
    /// How it is sent.
    #[command(flatten)]
    pub send: SendOptions,
}

/// Number of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunNumber {
    /// The time: larger than any before as long as clocks are right.
    Auto,
    /// This one.
    Is(u64),
}

/// Carries it out.
///
/// # Errors
/// When the command cannot be made or sent, when nobody answers, and when a signal ends it.
pub async fn send(command: SendCommand) -> anyhow::Result<ExitCode> {
    let exit = match command {
        SendCommand::Start(args) => start(*args).await,
        SendCommand::Stop(args) => {
            let run = args.run.ok_or_else(|| which_run(&args.flood))?;
            let key = RunKey { id: args.flood, run };
            simple(Action::Stop { flood: key, grace_s: args.grace }, &args.route, &args.send).await
        }
        SendCommand::NodeStop(args) => simple(Action::NodeStop, &args.route, &args.send).await,
    };
    exit.map(ExitCode::from)
}

/// A stop holds for one execution, also where it overtakes its start: "the current one" is another on every node.
fn which_run(flood: &Ident) -> anyhow::Error {
    anyhow::anyhow!("a stop names the run that it is for, and no run of {flood} was given").context(Advice::new(format!(
        "give its number, as in `gridnode send stop {flood} 3`: `gridnode send start` printed it, `gridnode status` on a \
         node and the event flood.running show it"
    )))
}

async fn start(args: StartArgs) -> anyhow::Result<Exit> {
    args.check_id()?;
    args.verdict.check(&args.watch)?;
    let mut printer = Printer::new(args.send.json);
    let (settings, send) = (args.settings()?, args.send.settings(&args.route));
    let gathered = tokio::task::block_in_place(|| gather(&settings, &mut printer))?;
    let aws = Aws::connect(&args.send.aws_settings()).await?;
    let start = gathered.hash(&aws, settings).await?;
    args.send.check()?;
    let mut message = start.message(&send)?;
    if !args.send.dry_run {
        start.upload(&aws, &mut printer).await?;
        message = start.message(&send)?;
    }
    if args.send.wait {
        let whom = (&args.route.route(), start.ahead_s());
        let judged = (&args.verdict, &args.watch);
        return wait::wait_and_judge(&aws, &message, whom, &args.send, judged).await;
    }
    send_out(&aws, &message, &args.route, &args.send).await
}

async fn simple(action: Action, route: &RouteOptions, send: &SendOptions) -> anyhow::Result<Exit> {
    let aws = Aws::connect(&send.aws_settings()).await?;
    send.check()?;
    let message = Message::new(action, &send.settings(route))?;
    send_out(&aws, &message, route, send).await
}

/// Shows the message, or sends it, or sends and follows it: as the options say.
async fn send_out(
    aws: &Aws,
    message: &Message,
    route: &RouteOptions,
    send: &SendOptions,
) -> anyhow::Result<Exit> {
    if send.dry_run {
        write_result(message.text())?;
    } else if send.wait {
        return wait::wait(aws, message, &route.route(), send).await;
    } else {
        publish(aws, &send.topics, message, &mut Printer::new(send.json)).await?;
    }
    Ok(Exit::Fine)
}

impl StartArgs {
    /// What is sent again under its old id has to be the same.
    fn check_id(&self) -> anyhow::Result<()> {
        let anew = match (self.run, self.start_in) {
            _ if self.send.id.is_none() => return Ok(()),
            (RunNumber::Auto, _) => ("--run N", "the number of the run"),
            (_, Some(_)) => ("--start-at TIME instead of --start-in", "the moment of the start"),
            _ => return Ok(()),
        };
        let (option, what) = anew;
        Err(anyhow::anyhow!(
            "--id is for a command that can be sent again, and {what} would be another one then"
        ))
        .context(Advice::new(format!("give {option}")))
    }

    fn settings(&self) -> anyhow::Result<StartSettings> {
        let starts = match (&self.start_at, self.start_in) {
            (Some(text), _) => Starts::At(rfc3339::parse(text).context("--start-at")?),
            (None, Some(s)) => Starts::In(s),
            (None, None) => Starts::Ready,
        };
        let files = FileSettings {
            plan: self.plan.clone(),
            further: self.files.clone(),
            plan_in: self.plan_in.clone(),
            tool: self.tool.clone(),
            detect: Detect { by_content: kind_of, by_name: kind_by_name, beside },
            upload: self.upload.clone(),
            sha256: self.sha256.clone(),
        };
        let flood = FloodSettings {
            id: self.flood.clone(),
            run: match self.run {
                RunNumber::Is(n) => Some(n),
                RunNumber::Auto => None,
            },
            account: self.account.clone(),
            project: self.project.clone(),
            tool_version: self.tool_version.clone(),
            users: self.users,
            ramp_up_s: self.ramp_up,
            duration_s: self.duration,
            iterations: self.iterations,
            parameters: self.params.clone(),
            tags: self.tags.tags()?,
            class: self.class.clone(),
            starts,
            window_s: self.window,
            max_runtime_s: self.max_runtime,
            progress_s: self.watch.every_s(self.send.wait),
        };
        Ok(StartSettings { files, flood })
    }
}

/// As `run` finds it, which starts where this command does.
fn beside(kind: ToolKind, plan: &Path, params: &[(String, String)]) -> Vec<Along> {
    let Ok(here) = std::env::current_dir() else { return Vec::new() };
    let along = |used: Used| Along { name: used.name, path: used.path, is_at_top: used.is_of_start };
    used_beside(kind, plan, params, &here).into_iter().map(along).collect()
}

fn run_number(text: &str) -> Result<RunNumber, String> {
    match text {
        "auto" => Ok(RunNumber::Auto),
        _ => match text.parse() {
            Ok(n) if n > 0 => Ok(RunNumber::Is(n)),
            _ => Err(format!("`{text}` is no number of a run: write 1, 2, … or auto")),
        },
    }
}

fn digest(text: &str) -> Result<(String, Sha256), String> {
    let (name, hex) = key_value(text)?;
    Sha256::from_hex(&hex)
        .map(|digest| (name, digest))
        .ok_or_else(|| format!("`{hex}` is no SHA-256: it has 64 hex digits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: StopArgs,
    }

    #[tokio::test]
    async fn a_stop_without_a_run_says_which_number_and_where_it_is_seen() {
        let topic = "arn:aws:sns:us-east-1:123456789012:commands";
        let line = Line::try_parse_from(["stop", "shop", "--all", "--topic", topic]).unwrap();
        let error = send(SendCommand::Stop(Box::new(line.args))).await.unwrap_err();
        let text = format!("{error:#}");
        for word in
            ["no run of shop was given", "gridnode send stop shop 3", "gridnode status", "flood.running"]
        {
            assert!(text.contains(word), "{text}");
        }
    }
}
