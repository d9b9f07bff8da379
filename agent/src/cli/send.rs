//! `gridnode send`: commands for the nodes of a grid, by way of the topic that their queues are subscribed to.
//!
//! What is sent is made of the same types that nodes read, and read back before it goes out, so a command that no node
//! would take is refused here. `--wait` follows the events through a queue of its own, made before the command is sent
//! and removed at the end, whatever the end is.

mod build;
mod files;
mod inbox;
mod named;
mod options;
mod pack;
mod packages;
mod plan;
mod publish;
mod sign;
mod wait;
mod words;

use crate::cli::options::{duration_s, key_value, window_s};
use crate::console::write_note;
use clap::{Args, Subcommand};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::limits::GRACE_MS_DEFAULT;
use gridnode_core::base::run::RunKey;
use gridnode_core::node::command::{Action, Sha256};
use options::{RouteOptions, SendOptions};
use std::process::ExitCode;

/// From a stop to an empty process tree unless asked otherwise, s.
const GRACE_S: u32 = 30;
/// How long a start may take effect unless asked otherwise, s.
const START_VALID_S: u32 = 300;
/// How long a stop may take effect unless asked otherwise, s.
const STOP_VALID_S: u32 = 3_600;
/// Patience beyond what a run may take: for files, preparation, windows and delivery, s.
const MARGIN_S: u64 = 900;

const START_EXAMPLE: &str = r"Example:
  gridnode send start checkout.jmx users.csv --flood 7 --run 1 --grid 9 --users 100 \
    --duration 10m --upload s3://my-bucket/plans --wait \
    --topic arn:aws:sns:us-east-1:123456789012:gridnode-commands \
    --events-topic arn:aws:sns:us-east-1:123456789012:gridnode-events
  gridnode send start my-gatling-project …                 a directory, sent as one archive
  gridnode send start bundle.zip --plan plans/checkout.jmx …

With --wait, the exit code is 0 when every node completed the run, 1 when nobody answered, 4 when samples are
missing, 6 when nothing but assertions of the plan do not hold, and 5 when a node did not do as asked otherwise.";
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
    /// Users of every node
    #[arg(long, value_name = "N", help_heading = "Load", value_parser = clap::value_parser!(u32).range(1..))]
    pub users: u32,
    /// Time until all users have started: 30s, 5m
    #[arg(long, value_name = "TIME", help_heading = "Load", default_value = "0", value_parser = duration_s)]
    pub ramp_up: u32,
    /// How long to run: 90, 5m, 1h [default: as the plan says]
    #[arg(long, value_name = "TIME", help_heading = "Load", value_parser = duration_s)]
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
    #[arg(long, value_name = "TIME", help_heading = "Load", value_parser = duration_s)]
    pub max_runtime: Option<u32>,
    /// Where local files are uploaded to, as PREFIX/SHA256/NAME
    #[arg(long, env = "GRIDNODE_SEND_UPLOAD", value_name = "s3://BUCKET/PREFIX")]
    pub upload: Option<String>,
    /// Digest of an s3:// file, which is read otherwise to find it out; may be given several times
    #[arg(long, value_name = "NAME=HEX", value_parser = digest)]
    pub sha256: Vec<(String, Sha256)>,
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
    /// The run
    pub run: u64,
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
            let answer_s = u64::from(args.grace) + GRACE_MS_DEFAULT / 1_000 + 60;
            let key = RunKey { id: args.flood, run: args.run };
            let action = Action::Stop { flood: key, grace_s: args.grace };
            simple(action, &args.route, &args.send, answer_s).await
        }
        SendCommand::NodeStop(args) => simple(Action::NodeStop, &args.route, &args.send, 60).await,
    };
    exit.map(ExitCode::from)
}

async fn start(args: StartArgs) -> anyhow::Result<crate::base::exit::Exit> {
    let plan = plan::ThePlan::of(&args)?;
    let sources = tokio::task::block_in_place(|| files::sources(&args))?;
    plan.check(&sources)?;
    packages::remarks(&sources).iter().for_each(|remark| write_note(&format!("warning: {remark}")));
    let aws = publish::connect(&args.send).await?;
    let files = files::hashed(&aws, sources).await?;
    // Once before anything is uploaded, so that a mistake costs nothing; and once more after it, for the times in it.
    let draft = build::flood(&args, &plan, files::refs(&files), crate::base::clock::now().wall)?;
    let draft = Action::Start { flood: Box::new(draft) };
    publish::check(&build::command(draft, &args.route, &args.send, START_VALID_S)?, &args.send)?;
    if !args.send.dry_run {
        files::upload(&aws, &files).await?;
    }
    let flood = build::flood(&args, &plan, files::refs(&files), crate::base::clock::now().wall)?;
    let ahead_s = args.start_in.map_or(0, u64::from).max(if args.start_at.is_some() { 3_600 } else { 0 });
    let patience_s = flood.max_runtime_s + ahead_s + MARGIN_S;
    let action = Action::Start { flood: Box::new(flood) };
    let command = build::command(action, &args.route, &args.send, START_VALID_S)?;
    publish::publish(&aws, command, &args.route, &args.send, publish::Waiting { answer_s: 30, patience_s })
        .await
}

async fn simple(
    action: Action,
    route: &RouteOptions,
    send: &SendOptions,
    answer_s: u64,
) -> anyhow::Result<crate::base::exit::Exit> {
    let aws = publish::connect(send).await?;
    let command = build::command(action, route, send, STOP_VALID_S)?;
    publish::check(&command, send)?;
    publish::publish(
        &aws,
        command,
        route,
        send,
        publish::Waiting { answer_s, patience_s: answer_s + MARGIN_S },
    )
    .await
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
