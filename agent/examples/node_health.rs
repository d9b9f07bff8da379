//! Prints this machine's node health as the agent would send it, and what one reading costs.
//!
//! `cargo run --release --example node_health -- [readings] [pid to take for a tool's supervisor]`

use gridnode::base::clock;
use gridnode::host::{HealthMeter, HealthSettings, HostSettings, ToolTree, WindowInputs};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::time::NS_PER_S;
use gridnode_core::node::command::NodeAddress;
use gridnode_core::node::health::{HealthSource, HealthWindow, render};
use gridnode_core::rollup::timestamp::DEFAULT_KEY;
use std::time::Duration;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u32>());
    let readings = arguments.next().transpose()?.unwrap_or(5);
    let supervisor_pid = arguments.next().transpose()?;
    let tools: Vec<_> =
        supervisor_pid.map(|supervisor_pid| ToolTree { supervisor_pid, cgroup: None }).into_iter().collect();
    let host = HostSettings::new(".".into());
    let source = HealthSource {
        address: NodeAddress { node: Ident::new("example")?, grid: None, region: None },
        version: env!("CARGO_PKG_VERSION").to_owned(),
        timestamp_key: DEFAULT_KEY.to_vec(),
    };
    let mut meter = HealthMeter::start(HealthSettings { host, spool_bytes_max: 0 }, clock::now().mono);
    let mut costs_us = Vec::new();
    for _ in 0..readings {
        std::thread::sleep(Duration::from_secs(1));
        let begin = clock::now();
        let health = meter.window(begin.mono, &tools, &WindowInputs::default());
        let line = render(&health, &source, HealthWindow::ended_before(begin.wall.0, NS_PER_S));
        costs_us.push(clock::now().mono.since_ns(begin.mono) / 1_000);
        print!("{}", String::from_utf8_lossy(&line));
    }
    costs_us.sort_unstable();
    println!("# µs a reading: {costs_us:?}");
    Ok(())
}
