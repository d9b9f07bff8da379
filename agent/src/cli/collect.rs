//! `gridnode collect`: only sump, windows and delivery, for any tool that can send UDP.

mod receipts;

use super::options::{DrainUrlParser, IdentityOptions, TimestampOptions, WindowOptions, addr_port, window_s};
use crate::base::clock;
use crate::base::exit::Exit;
use crate::base::signals::{Signals, exit_at_next};
use crate::data::drain::DrainUrl;
use crate::data::session::{Session, SessionEvent, SessionSettings, sleep_until};
use crate::data::udp::SumpSocket;
use clap::Args;
use gridnode_core::base::time::NS_PER_S;
use gridnode_core::measure::ingest::OpenSettings;
use gridnode_core::measure::ledger::SampleAccount;
use gridnode_core::outbound::delivery::{Settings, phase_ns};
use gridnode_core::run::receipt::Outcome;
use receipts::Receipts;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Patience with the Drain after a signal, s.
const FLUSH_S: u64 = 20;
/// Writes of a grid's nodes are spread over this part of a window.
const WRITE_SPREAD: u64 = 5;

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
    /// Number of this execution, a field of every run's points [default: the time of the start]
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
    let node = args.identity.node();
    let socket = SumpSocket::bind(args.listen)?;
    let addr = socket.local_addr()?;
    if let Some(warning) = socket.buffer_warning() {
        tracing::warn!("{warning}");
    }
    // Nodes that close a window at the same moment do not write at the same moment.
    let spread_ns = u64::from(args.window) * NS_PER_S / WRITE_SPREAD;
    let (session, remarks) = Session::start(SessionSettings {
        node: node.clone(),
        drain: args.drain,
        state_dir: args.state_dir.clone(),
        timestamp_key: args.timestamps.key(),
        copy: None,
        delivery: Settings { phase_ns: phase_ns(node.as_str(), spread_ns), ..Settings::default() },
    })?;
    remarks.iter().for_each(|remark| tracing::warn!("{remark}"));
    session.ingest.open_socket(
        socket,
        OpenSettings {
            grid: args.identity.grid.clone(),
            region: args.identity.region.clone(),
            run: args.run.unwrap_or_else(|| clock::run_number(clock::now().wall)),
            window: args.aggregation.settings(args.window),
            labels_max: usize::try_from(args.aggregation.labels_max)?,
        },
    )?;
    tracing::info!(%addr, %node, drain = session.drain_url(), window_s = args.window, "listening");
    let mut collector = Collector { session, receipts: Receipts::new(node.to_string()), signal: None };
    let signal = collector.until_signal(&mut signals).await;
    collector.finish(signal, &mut signals).await
}

struct Collector {
    session: Session,
    receipts: Receipts,
    signal: Option<i32>,
}

impl Collector {
    async fn until_signal(&mut self, signals: &mut Signals) -> i32 {
        loop {
            tokio::select! {
                signal = signals.next() => return signal,
                event = self.session.next() => self.tell(event),
            }
        }
    }

    async fn finish(mut self, signal: i32, signals: &mut Signals) -> anyhow::Result<ExitCode> {
        tracing::info!(
            "closing windows and delivering what is left, for at most {FLUSH_S} s (once more to stop at once)"
        );
        self.signal = Some(signal);
        let stopped = self.session.stop_ingest().await?;
        let mut written = false;
        // A disk that hangs never says that everything is written.
        let latest = clock::now().mono.plus_ns(FLUSH_S * NS_PER_S);
        loop {
            tokio::select! {
                _ = signals.next() => break,
                () = sleep_until(Some(latest)), if !written => break,
                event = self.session.next() => match event {
                    SessionEvent::AllWritten => {
                        written = true;
                        self.session.flush(clock::now().mono.plus_ns(FLUSH_S * NS_PER_S));
                    }
                    SessionEvent::Flushed => break,
                    event => self.tell(event),
                },
            }
        }
        exit_at_next()?;
        if !written {
            tracing::error!(
                "ended before everything was written: the last windows are lost, runs without a receipt are not accounted for"
            );
        }
        let strays = stopped.stray.kernel_dropped + stopped.stray.rejected.unknown_flood;
        let trusted = self.receipts.finish(&mut self.session) && written && strays == 0;
        stray(&stopped.stray);
        self.session.close().await;
        Ok(if trusted { Exit::Fine } else { Exit::NotTrustworthy }.into())
    }

    fn tell(&mut self, event: SessionEvent) {
        match event {
            SessionEvent::Window(window) => window.log(),
            SessionEvent::Closed { name, run } => {
                tracing::info!(run = %name, samples = run.account.aggregated, "run closed");
                let reason = self.signal.map_or_else(
                    || "nothing came for ten minutes".to_owned(),
                    |signal| format!("signal {signal}"),
                );
                self.receipts.add(name, run, Outcome::Stopped(reason));
            }
            other => other.log(),
        }
        self.receipts.settle(&mut self.session);
    }
}

fn stray(stray: &SampleAccount) {
    if stray.received + stray.kernel_dropped > 0 {
        tracing::warn!(
            lines = stray.rejected.total(),
            kernel_dropped = stray.kernel_dropped,
            "lines that belonged to no run were rejected"
        );
    }
}
