//! A paced sender of valid sample lines, for tests of loss: `blast --to 127.0.0.1:35663 --datagrams-per-s 100000`.
//!
//! Every datagram holds `--lines` samples and its ledger line; the last word is sent three times, as the plug-ins do it.
//! What was not sent in time is made up for, at most 20 ms of it at once: the rate that was achieved is printed as JSON
//! with the exact numbers of what the kernel took, and it is for the caller to say whether that was enough.

use anyhow::{Context, Result, bail};
use gridnode_bench::clock::{now, wall_ns};
use gridnode_bench::datagrams::send_all;
use std::io::Write;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

/// Datagrams handed to the kernel in one call.
const BATCH: usize = 64;
/// Pace: what is due is sent this often.
const TICK: Duration = Duration::from_millis(1);
/// What is made up for at once, as a part of a second.
const CATCH_UP_PER_S: u64 = 50;
/// Response times go round a prime number of steps, so that labels do not see the same ones again and again.
const RT_STEPS: u64 = 1_009;

const USAGE: &str = "usage: blast --to ADDR:PORT [--flood N] [--source NAME] [--datagrams-per-s N] [--lines N] \
                     [--seconds N] [--labels N]";

struct Options {
    to: SocketAddr,
    flood: String,
    source: String,
    datagrams_per_s: u64,
    lines: u64,
    seconds: u64,
    labels: u64,
}

fn main() -> Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    let socket = UdpSocket::bind("127.0.0.1:0").context("failed to open a socket")?;
    socket.connect(options.to).with_context(|| format!("failed to connect to {}", options.to))?;
    let mut sender = Sender { socket, buffers: vec![Vec::new(); BATCH], seq: 0, samples: 0 };
    let began = now();
    let total = options.datagrams_per_s * options.seconds;
    while sender.seq < total {
        let due = due(began.elapsed(), options.datagrams_per_s).min(total);
        let at_once = (options.datagrams_per_s / CATCH_UP_PER_S).max(1);
        let until = due.min(sender.seq + at_once);
        if sender.seq >= until {
            std::thread::sleep(TICK);
            continue;
        }
        while sender.seq < until {
            let n = (until - sender.seq).min(BATCH as u64) as usize;
            sender.send(&options, n)?;
        }
    }
    let elapsed_s = began.elapsed().as_secs_f64();
    sender.last_word(&options)?;
    println!(
        "{{\"datagrams\":{},\"samples\":{},\"elapsed_s\":{elapsed_s:.3},\"datagrams_per_s\":{:.0},\"samples_per_s\":{:.0}}}",
        sender.seq,
        sender.samples,
        sender.seq as f64 / elapsed_s,
        sender.samples as f64 / elapsed_s
    );
    Ok(())
}

fn due(elapsed: Duration, per_s: u64) -> u64 {
    (elapsed.as_secs_f64() * per_s as f64) as u64
}

struct Sender {
    socket: UdpSocket,
    buffers: Vec<Vec<u8>>,
    seq: u64,
    samples: u64,
}

impl Sender {
    /// Makes and sends the next `n` datagrams.
    fn send(&mut self, options: &Options, n: usize) -> Result<()> {
        let wall_ns = wall_ns();
        for buffer in &mut self.buffers[..n] {
            buffer.clear();
            self.seq += 1;
            for _ in 0..options.lines {
                sample(buffer, options, self.samples, wall_ns)?;
                self.samples += 1;
            }
            ledger(buffer, options, self.seq, self.samples, false)?;
        }
        send_all(&self.socket, &self.buffers[..n])
    }

    fn last_word(&mut self, options: &Options) -> Result<()> {
        self.seq += 1;
        let buffer = &mut self.buffers[0];
        buffer.clear();
        ledger(buffer, options, self.seq, self.samples, true)?;
        for _ in 0..3 {
            self.socket.send(buffer).context("failed to send the last word")?;
        }
        Ok(())
    }
}

fn sample(out: &mut Vec<u8>, options: &Options, n: u64, wall_ns: u128) -> std::io::Result<()> {
    let label = n % options.labels;
    let rt_us = 1_000 + (n % RT_STEPS) * 137;
    let (ok, code) = if n % 100 == 99 { ('f', 500) } else { ('t', 200) };
    writeln!(
        out,
        "sample,flood={},label=GET+%2Fitem%2F{label} rt={}.{:03},ok={ok},code=\"{code}\",lat=30.1,conn=2.0,rx=1234i,tx=321i {wall_ns}",
        options.flood,
        rt_us / 1_000,
        rt_us % 1_000
    )
}

fn ledger(out: &mut Vec<u8>, options: &Options, seq: u64, samples: u64, last: bool) -> std::io::Result<()> {
    let last = if last { ",final=t" } else { "" };
    writeln!(
        out,
        "ledger,flood={},source={} seq={seq}i,samples={samples}i,truncated=0i{last}",
        options.flood, options.source
    )
}

impl Options {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let mut to = None;
        let mut options = Self {
            to: SocketAddr::from(([127, 0, 0, 1], 0)),
            flood: "7".to_owned(),
            source: "blast-1".to_owned(),
            datagrams_per_s: 100_000,
            lines: 1,
            seconds: 10,
            labels: 50,
        };
        while let Some(key) = args.next() {
            let value = args.next().context(USAGE)?;
            let number = || value.parse::<u64>().ok().filter(|&n| n > 0).context(USAGE);
            match key.as_str() {
                "--to" => to = Some(value.parse().context(USAGE)?),
                "--flood" => options.flood = value,
                "--source" => options.source = value,
                "--datagrams-per-s" => options.datagrams_per_s = number()?,
                "--lines" => options.lines = number()?,
                "--seconds" => options.seconds = number()?,
                "--labels" => options.labels = number()?,
                _ => bail!("{USAGE}"),
            }
        }
        options.to = to.context(USAGE)?;
        Ok(options)
    }
}
