//! What a grid of nodes writes of one second of the same labels, as line protocol: `nodes --nodes 900 --labels 3 --at-s
//! 1700000000`. Every node is an ingest and a rollup of its own, as in the agent; only the sockets are left out.

use anyhow::{Context, Result, bail};
use gridnode_bench::corpus::identity;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::time::{Mono, NS_PER_S, Now, Wall};
use gridnode_core::measure::RunSettings;
use gridnode_core::measure::ingest::{Ingest, IngestOutput, SocketId};
use gridnode_core::measure::window::WindowSettings;
use gridnode_core::rollup::timestamp::DEFAULT_KEY;
use gridnode_core::rollup::{Rollup, RollupSettings};
use std::io::Write;

const USAGE: &str = "usage: nodes [--nodes N] [--labels N] [--at-s UNIX_SECONDS]";
const SOCKET: SocketId = SocketId(0);

struct Options {
    nodes: u32,
    labels: u32,
    at_s: i64,
}

fn main() -> Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    let mut out = std::io::stdout().lock();
    for number in 0..options.nodes {
        out.write_all(&lines(&options, number)?)?;
    }
    Ok(())
}

/// One sample of each label and a word about users, in a window of one second.
fn lines(options: &Options, number: u32) -> Result<Vec<u8>> {
    let now = Now { mono: Mono(0), wall: Wall(options.at_s * NS_PER_S as i64) };
    let window = WindowSettings { period_s: 1, grace_ms: 2_000 };
    let mut ingest = Ingest::new(u64::from(number));
    ingest.open_run(now, SOCKET, RunSettings { identity: identity(), window, labels_max: 10_000 });
    let at_ns = now.wall.0 + 500_000_000;
    let now = now.plus_ns(NS_PER_S - 1);
    for label in 0..options.labels {
        let line = format!("sample,flood=7,label=l{label} rt={},ok=t,code=\"200\" {at_ns}\n", 1 + number);
        ingest.datagram(now, SOCKET, line.as_bytes());
    }
    ingest.datagram(now, SOCKET, format!("users,flood=7,source=a active=3i {at_ns}\n").as_bytes());
    ingest.close_all(now);
    let node = Ident::new(&format!("i-{number:017x}"))?;
    let settings =
        RollupSettings { node, incarnation: 1, timestamp_key: DEFAULT_KEY.to_vec(), label_tag: false };
    let mut written = Vec::new();
    while let Some(output) = ingest.poll_output() {
        if let IngestOutput::Window(window) = output {
            let mut rollup = Rollup::new(&settings, &window);
            while let Some(batch) = rollup.next_batch() {
                written.extend_from_slice(&batch.body);
            }
        }
    }
    Ok(written)
}

impl Options {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self { nodes: 900, labels: 3, at_s: 1_700_000_000 };
        while let Some(name) = args.next() {
            let value = args.next().with_context(|| format!("{name} needs a value\n{USAGE}"))?;
            let number: u32 = value.parse().with_context(|| format!("{name}: {value} is not a number"))?;
            match name.as_str() {
                "--nodes" => options.nodes = number,
                "--labels" => options.labels = number,
                "--at-s" => options.at_s = i64::from(number),
                _ => bail!("there is no {name}\n{USAGE}"),
            }
        }
        Ok(options)
    }
}
