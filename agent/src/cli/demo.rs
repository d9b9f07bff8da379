//! `gridnode demo`: the main job from nothing, in about a minute: JMeter, a target to send to, a plan, a summary.

use super::options::duration_s;
use super::run::{InstallArgs, RunArgs, ShowArgs, Way, run};
use crate::base::clock;
use crate::base::exit::Exit;
use crate::console::write_note;
use crate::local::target::Target;
use anyhow::Context;
use clap::{Args, Parser};
use std::ffi::OsString;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The plan that this program carries.
const PLAN: &str = include_str!("../../assets/demo.jmx");

/// See a whole run: installs JMeter on first use, starts a small HTTP target, sends load to it for about 30 seconds.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Users that visit the target
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=500))]
    users: u32,
    /// How long: 5s to 10m
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = demo_duration_s)]
    duration: u32,
    /// Directory for the results [default: gridnode-out/demo-TIME]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where the JMeter is
    #[command(flatten)]
    install: InstallArgs,
    /// What is shown
    #[command(flatten)]
    show: ShowArgs,
}

/// Reads a duration that is long enough to show something and short enough for a demo.
fn demo_duration_s(text: &str) -> Result<u32, String> {
    let seconds = duration_s(text)?;
    if (5..=600).contains(&seconds) { Ok(seconds) } else { Err("a demo lasts 5s to 10m".to_owned()) }
}

/// `run`'s own options with their defaults, to be changed by `demo`.
#[derive(Debug, Parser)]
struct Defaults {
    #[command(flatten)]
    run: RunArgs,
}

/// Runs it.
///
/// # Errors
/// As `run`.
pub async fn demo(args: DemoArgs) -> anyhow::Result<ExitCode> {
    let target = Target::start().await.context("failed to start the demo's target")?;
    let directory = private_directory().context("failed to make a temporary directory")?;
    let plan = write_plan(&directory)?;
    let is_talkative = args.show.way() != Way::Quiet;
    let say = |text: &str| {
        if is_talkative {
            write_note(text)
        }
    };
    say(&format!(
        "A small HTTP server on {} (a fast page, a slow one, one that fails sometimes) and a JMeter plan against it.",
        target.addr
    ));
    let ended = run(run_args(&args, &plan, &target)?).await;
    target.shutdown().await;
    // What is left of a temporary directory is no reason to fail.
    let _ = std::fs::remove_dir_all(&directory);
    let code = ended?;
    if code == ExitCode::from(Exit::Fine) {
        say("Next, a plan of your own: gridnode run PLAN.jmx --users 20 --duration 1m");
    }
    Ok(code)
}

/// Others may write to the system's temporary directory, too, and a plan is code: the directory must be new and ours.
fn private_directory() -> std::io::Result<PathBuf> {
    let name = format!("gridnode-demo-{}-{}", std::process::id(), clock::now().wall.0);
    let directory = std::env::temp_dir().join(name);
    std::fs::DirBuilder::new().mode(0o700).create(&directory)?;
    Ok(directory)
}

fn write_plan(directory: &Path) -> anyhow::Result<PathBuf> {
    let plan = directory.join("demo.jmx");
    std::fs::write(&plan, PLAN).with_context(|| format!("failed to write {}", plan.display()))?;
    Ok(plan)
}

fn run_args(args: &DemoArgs, plan: &Path, target: &Target) -> anyhow::Result<RunArgs> {
    let mut words: Vec<OsString> = vec!["run".into(), plan.into()];
    for (key, value) in [
        ("users", args.users.to_string()),
        ("duration_s", args.duration.to_string()),
        ("target_host", target.addr.ip().to_string()),
        ("target_port", target.addr.port().to_string()),
    ] {
        words.extend(["--param".into(), format!("{key}={value}").into()]);
    }
    let mut run = Defaults::try_parse_from(words)?.run;
    run.install = args.install.clone();
    run.show = args.show;
    run.out.clone_from(&args.out);
    Ok(run)
}
