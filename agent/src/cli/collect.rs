//! `gridnode collect`: only sump, windows and delivery, for any tool that can send UDP.

use super::options::{DrainUrlParser, IdentityOptions, TimestampOptions, WindowOptions, addr_port, window_s};
use crate::base::clock;
use crate::base::exit::Exit;
use crate::base::signals::Signals;
use crate::console::write_result;
use crate::data::drain::DrainUrl;
use crate::local::collector::{CollectSettings, Collector, Ends};
use clap::Args;
use gridnode_core::measure::ingest::OpenSettings;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Take samples from any tool over UDP, aggregate them in windows, push the rollups to a Drain.
///
/// Lines of both dialects are taken; every flood (with account, project, grid and region) is a run of its own, closed
/// with a receipt after ten idle minutes. SIGTERM or Ctrl-C closes and delivers everything and prints the receipts.
#[derive(Debug, Args)]
pub struct CollectArgs {
    /// Where to listen for UDP
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:35663", value_parser = addr_port)]
    listen: SocketAddr,
    /// Where to push rollups: http://host:8086, https://…, user:password@ for basic authentication
    #[arg(long, env = "GRIDNODE_DRAIN", value_name = "URL", default_value = "http://127.0.0.1:8086",
          value_parser = DrainUrlParser, hide_env_values = true)]
    drain: DrainUrl,
    /// Length of a window: 1s, 2s, 5s, 10s, 15s, 20s, 30s or 60s
    #[arg(long, value_name = "LENGTH", default_value = "15s", value_parser = window_s)]
    window: u32,
    /// Directory for the spool; it must survive a restart of this process
    #[arg(long, env = "GRIDNODE_STATE_DIR", value_name = "DIR", default_value = "gridnode-state")]
    state_dir: PathBuf,
    /// Number of this execution, a field of every run's points [default: the time of the start]. Points of one node, flood and number
    /// replace each other, so the state directory of a number must be kept, and no two processes may have one number at a time
    #[arg(long, value_name = "N", help_heading = "Identity")]
    run: Option<u64>,
    #[command(flatten)]
    identity: IdentityOptions,
    #[command(flatten)]
    aggregation: WindowOptions,
    #[command(flatten)]
    timestamps: TimestampOptions,
}

/// Runs until a signal comes.
///
/// # Errors
/// When the port, the state directory or the Drain's URL cannot be used.
pub async fn collect(args: CollectArgs) -> anyhow::Result<ExitCode> {
    // Before the socket is there: from then on somebody may count on a receipt.
    let mut signals = Signals::new()?;
    let collector = Collector::start(CollectSettings {
        listen: args.listen,
        node: args.identity.node(),
        drain: args.drain,
        state_dir: args.state_dir,
        timestamp_key: args.timestamps.key(),
        label_tag: args.aggregation.label_tag,
        open: OpenSettings {
            grid: args.identity.grid.clone(),
            region: args.identity.region.clone(),
            run: args.run.unwrap_or_else(|| clock::run_number(clock::now().wall)),
            window: args.aggregation.settings(args.window),
            labels_max: usize::try_from(args.aggregation.labels_max)?,
            earlier: Vec::new(),
        },
        window_s: args.window,
        ends: Ends::AtSignal,
    })?;
    if args.run.is_some() && collector.is_first_start() {
        tracing::warn!(
            "this state directory is new: should this node have sent this --run of the same flood before, or another process send it now, their \
             points replace each other. Without --run each start has a number of its own"
        );
    }
    let is_trusted = collector.run(&mut signals, &mut |receipt| write_result(receipt)).await?;
    Ok(if is_trusted { Exit::Fine } else { Exit::NotTrustworthy }.into())
}
