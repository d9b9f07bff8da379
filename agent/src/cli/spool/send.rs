//! `gridnode spool send`: what an earlier process has left in its spool, to the Drain, and no more.

use super::StateDir;
use crate::base::clock;
use crate::base::exit::Exit;
use crate::base::signals::Signals;
use crate::cli::options::{DrainUrlParser, IdentityOptions, TimestampOptions, positive_s};
use crate::console::write_result;
use crate::data::drain::DrainUrl;
use crate::data::traces;
use crate::local::collector::{CollectSettings, Collector, Ends};
use gridnode_core::measure::ingest::OpenSettings;
use gridnode_core::measure::window::WindowSettings;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

/// Of windows that an earlier process had open, s: theirs is told by their snapshots.
const WINDOW_S: u32 = 15;

/// Where it lies, and where it goes.
#[derive(Debug, clap::Args)]
pub struct SendArgs {
    /// The directory.
    #[command(flatten)]
    dir: StateDir,
    /// Where to push it: http://host:8086, https://…, user:password@ for basic authentication
    #[arg(long, env = "GRIDNODE_DRAIN", value_name = "URL", default_value = "http://127.0.0.1:8086",
          value_parser = DrainUrlParser, hide_env_values = true)]
    drain: DrainUrl,
    /// Give up then; what is left waits on [default: as long as it takes]
    #[arg(long, value_name = "TIME", value_parser = positive_s)]
    timeout: Option<u32>,
    #[command(flatten)]
    identity: IdentityOptions,
    #[command(flatten)]
    timestamps: TimestampOptions,
}

/// Sends it.
///
/// # Errors
/// When there is no spool, another process works on it, or the Drain's URL cannot be used.
pub async fn send(args: SendArgs) -> anyhow::Result<ExitCode> {
    let state_dir = args.dir.state_dir;
    if super::was_delivered(&state_dir) {
        write_result("nothing waits: what this run measured was delivered")?;
        return Ok(Exit::Fine.into());
    }
    // Says what is wrong with a directory before one is made there.
    super::list(&state_dir)?;
    anyhow::ensure!(
        !traces::is_one(&state_dir),
        "{} holds error traces, which the agent sends to its bucket: start the agent",
        state_dir.display()
    );
    let mut signals = Signals::new()?;
    // Nobody knows the port. It is there because whoever answers for a spool answers for what was sent since, too.
    let collector = Collector::start(CollectSettings {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        node: args.identity.node(),
        drain: args.drain,
        state_dir,
        timestamp_key: args.timestamps.key(),
        label_tag: false,
        open: OpenSettings {
            grid: args.identity.grid.clone(),
            region: args.identity.region.clone(),
            run: clock::run_number(clock::now().wall),
            window: WindowSettings { period_s: WINDOW_S, grace_ms: 0 },
            labels_max: 1,
            earlier: Vec::new(),
        },
        window_s: WINDOW_S,
        ends: Ends::WhenSent(args.timeout.map(|s| Duration::from_secs(s.into()))),
    })?;
    let is_sent = collector.run(&mut signals, &mut |receipt| write_result(receipt)).await?;
    Ok(if is_sent { Exit::Fine } else { Exit::NotTrustworthy }.into())
}
