//! `gridnode drain`: a small Drain for development.

use super::options::addr_port;
use crate::console::{of, write_result};
use crate::local::drain_server::{DrainError, DrainOptions, DrainServer};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Options of `gridnode drain`.
#[derive(Debug, clap::Args)]
pub struct DrainArgs {
    /// Address to listen on.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8086", value_parser = addr_port)]
    pub listen: SocketAddr,
    /// Append every accepted line to this file.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
}

/// Serves until `stopped` ends; prints where it listens and, at the end, what it got.
///
/// # Errors
/// When the address or the record is not to be had.
pub async fn drain(args: DrainArgs, stopped: impl Future<Output = ()>) -> Result<(), DrainError> {
    let options = DrainOptions { record: args.record, ..DrainOptions::default() };
    let server = DrainServer::start(args.listen, options).await?;
    say(&format!(
        "A Drain for development listens on {}. It merges what it gets and is not a database:",
        server.url()
    ));
    say("nothing is kept when it stops.");
    say(&format!("  gridnode run PLAN.jmx --drain {}", server.url()));
    say(&format!("  curl {}/summary", server.url()));
    stopped.await;
    let counts = server.counts();
    let summary = server.shutdown().await;
    say(&format!(
        "{} ({} stored), {} of {}, {}, {} refused",
        of(counts.writes, "write", "writes"),
        counts.stored,
        of(summary.points, "point", "points"),
        of(summary.floods.len() as u64, "flood", "floods"),
        of(summary.duplicate_points, "repeated point", "repeated points"),
        of(counts.refused_lines, "line", "lines")
    ));
    Ok(())
}

/// A Drain whose output nobody takes is still a Drain.
fn say(text: &str) {
    let _ = write_result(text);
}
