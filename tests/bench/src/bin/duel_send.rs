//! The sender of a duel: `duel_send --to 127.0.0.1:35663 --reference FILE`. The same seed sends the same samples.
//!
//! It sends for `--seconds` and no longer, whatever is left; what was not sent in time is made up for, at most 20 ms of it
//! at once. What it has sent is printed as JSON, and FILE gets what is true of it: `[label, count, sum_us, p95_us]` of each
//! label that has samples, the percentile by nearest rank. There are no ledger lines: whom they tell nothing would pay for them.

use anyhow::{Context, Result, bail};
use gridnode_bench::clock::{now, wall_ns};
use gridnode_bench::datagrams::send_all;
use gridnode_bench::job::{Job, Spread, truths};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Datagrams handed to the kernel in one call.
const BATCH: usize = 64;
/// Pace: what is due is sent this often.
const TICK: Duration = Duration::from_millis(1);
/// What is made up for at once, as a part of a second.
const CATCH_UP_PER_S: u64 = 50;

const USAGE: &str = "usage: duel_send --to ADDR:PORT [--seed N] [--datagrams-per-s N] [--lines N] [--seconds N] [--labels N] \
                     [--spread uniform|zipf] [--reference FILE]";

struct Options {
    to: SocketAddr,
    seed: u64,
    datagrams_per_s: u64,
    lines: u64,
    seconds: u64,
    labels: u32,
    spread: Spread,
    reference: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    let socket = UdpSocket::bind("127.0.0.1:0").context("failed to open a socket")?;
    socket.connect(options.to).with_context(|| format!("failed to connect to {}", options.to))?;
    let mut job = Job::new(options.seed, options.labels, options.spread);
    let mut buffers = vec![Vec::new(); BATCH];
    let (total, mut datagrams, mut bytes) = (options.datagrams_per_s * options.seconds, 0, 0);
    let at_once = (options.datagrams_per_s / CATCH_UP_PER_S).max(1);
    let (began, end) = (now(), Duration::from_secs(options.seconds));
    while datagrams < total && began.elapsed() < end {
        let due = (began.elapsed().as_secs_f64() * options.datagrams_per_s as f64) as u64;
        let until = due.min(total).min(datagrams + at_once);
        if datagrams >= until {
            std::thread::sleep(TICK);
            continue;
        }
        while datagrams < until {
            let n = (until - datagrams).min(BATCH as u64) as usize;
            fill(&mut buffers[..n], &mut job, options.lines)?;
            send_all(&socket, &buffers[..n])?;
            datagrams += n as u64;
            bytes += buffers[..n].iter().map(Vec::len).sum::<usize>();
        }
    }
    let elapsed_s = began.elapsed().as_secs_f64();
    let lines = datagrams * options.lines;
    if let Some(file) = &options.reference {
        write_reference(file, &options, lines)?;
    }
    let per_s = datagrams as f64 / elapsed_s;
    println!(
        "{{\"datagrams\":{datagrams},\"lines\":{lines},\"bytes\":{bytes},\"elapsed_s\":{elapsed_s:.3},\"datagrams_per_s\":{per_s:.0}}}"
    );
    Ok(())
}

fn fill(buffers: &mut [Vec<u8>], job: &mut Job, lines: u64) -> Result<()> {
    let wall_ns = wall_ns();
    for buffer in buffers {
        buffer.clear();
        for sample in job.take(lines as usize) {
            sample.write(buffer, wall_ns)?;
        }
    }
    Ok(())
}

fn write_reference(path: &Path, options: &Options, lines: u64) -> Result<()> {
    let failed = || format!("failed to write {}", path.display());
    let job = Job::new(options.seed, options.labels, options.spread);
    let rows: Vec<_> = truths(job.take(lines as usize), options.labels)
        .iter()
        .map(|truth| (truth.label, truth.count, truth.sum_us, truth.p95_us))
        .collect();
    let mut file = BufWriter::new(File::create(path).with_context(failed)?);
    serde_json::to_writer(&mut file, &rows).with_context(failed)?;
    file.flush().with_context(failed)
}

impl Options {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let mut to = None;
        let mut options = Self {
            to: SocketAddr::from(([127, 0, 0, 1], 0)),
            seed: 1,
            datagrams_per_s: 20_000,
            lines: 1,
            seconds: 10,
            labels: 100,
            spread: Spread::Zipf,
            reference: None,
        };
        while let Some(key) = args.next() {
            let value = args.next().context(USAGE)?;
            let number = || value.parse::<u64>().ok().filter(|&n| n > 0).context(USAGE);
            match key.as_str() {
                "--to" => to = Some(value.parse().context(USAGE)?),
                "--seed" => options.seed = value.parse().context(USAGE)?,
                "--datagrams-per-s" => options.datagrams_per_s = number()?,
                "--lines" => options.lines = number()?,
                "--seconds" => options.seconds = number()?,
                "--labels" => options.labels = u32::try_from(number()?).context(USAGE)?,
                "--spread" => options.spread = value.parse()?,
                "--reference" => options.reference = Some(value.into()),
                _ => bail!("{USAGE}"),
            }
        }
        options.to = to.context(USAGE)?;
        if !options.to.ip().is_loopback() {
            bail!("{} is not this machine: a duel stays on loopback", options.to);
        }
        Ok(options)
    }
}
