//! The flush of a window with very many labels: what the ingest thread, the render thread and the disk thread each have
//! to do, beside the plain alternative's rendering.

use super::Effort;
use anyhow::{Context, Result};
use gridnode::data::spool::Spool;
use gridnode_bench::corpus::{SAMPLE_TIME_NS, identity, response_times_us, sample_line};
use gridnode_bench::pairs::{Pair, cpu_ns_of, report, wall_ns_of};
use gridnode_bench::plain::{Plain, points};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::{Mono, NS_PER_S, Now, Wall};
use gridnode_core::measure::RunSettings;
use gridnode_core::measure::ingest::{ClosedWindow, Ingest, IngestOutput, SocketId};
use gridnode_core::measure::window::WindowSettings;
use gridnode_core::outbound::{Input, Outbound, OutboundSettings, Output, Start, pack};
use gridnode_core::rollup::{Batch, Rollup, RollupSettings};
use std::path::Path;

const SAMPLES_A_LABEL: usize = 10;
const LINES_A_DATAGRAM: usize = 8;
const PERIOD_S: u32 = 15;
const NS_PER_MS: f64 = 1e6;

pub fn measure(effort: Effort) -> Result<()> {
    let datagrams = datagrams(effort.labels);
    let dir = tempfile::tempdir().context("failed to make a directory")?;
    let mut turns = Vec::new();
    for _ in 0..effort.pairs.div_ceil(2) {
        turns.push(turn(&datagrams, effort.labels, dir.path())?);
        std::fs::remove_dir_all(dir.path().join("spool"))?;
    }
    let labels = effort.labels;
    let show = |what: &str, get: fn(&Turn) -> f64, alternative: fn(&Turn) -> f64, note: &str| {
        let pairs: Vec<Pair> =
            turns.iter().map(|turn| Pair { ours: get(turn), alternative: alternative(turn) }).collect();
        report(&format!("{what}, {labels} labels"), "ms", &pairs, note);
    };
    let period_ms = |_: &Turn| f64::from(PERIOD_S) * 1_000.0;
    show("take the samples of a window", |t| t.fill, |t| t.plain_fill, "plain: crate, HashMap, hdrhistogram");
    show(
        "flush: render and gzip, CPU",
        |t| t.render + t.gzip,
        |t| t.plain_render,
        "plain: gzip of one body, no disk",
    );
    show("flush: close, CPU of the ingest thread", |t| t.close, period_ms, "the period of 15 s: headroom");
    show("flush: render, CPU of its thread", |t| t.render, period_ms, "the period of 15 s: headroom");
    show(
        "flush: gzip and spool, CPU of the render and disk threads",
        |t| t.gzip,
        period_ms,
        "the period of 15 s: headroom",
    );
    show(
        "flush: gzip and spool with fsync, elapsed",
        |t| t.spool_wall,
        period_ms,
        "the period of 15 s: headroom",
    );
    Ok(())
}

/// CPU time of each step, ms.
#[derive(Debug)]
struct Turn {
    fill: f64,
    close: f64,
    render: f64,
    gzip: f64,
    spool_wall: f64,
    plain_fill: f64,
    plain_render: f64,
}

fn turn(datagrams: &[String], labels: usize, state_dir: &Path) -> Result<Turn> {
    let (ingest, fill) = filled(datagrams, labels)?;
    let (windows, close) = closed(ingest);
    let mut batches = Vec::new();
    let settings = RollupSettings {
        node: Ident::new("node-3")?,
        incarnation: 1,
        timestamp_key: b"bench".to_vec(),
        label_tag: false,
    };
    let render =
        cpu_ns_of(|| batches = windows.iter().flat_map(|window| rendered(&settings, window)).collect());
    let (spool, found) = Spool::open(state_dir)?;
    let mut gzip = 0.0;
    let spool_wall = wall_ns_of(|| gzip = cpu_ns_of(|| write(&spool, found.start, &batches)));
    let counted: u64 = batches.iter().map(|batch| batch.samples).sum();
    anyhow::ensure!(counted == (labels * SAMPLES_A_LABEL) as u64, "only {counted} samples came out");
    drop((windows, batches));

    let mut plain = Plain::default();
    let mut added = Ok(());
    let plain_fill = cpu_ns_of(|| {
        added = datagrams.iter().flat_map(|datagram| points(datagram)).try_for_each(|point| plain.add(point));
    });
    added?;
    let mut body = Ok(Vec::new());
    let plain_render = cpu_ns_of(|| body = plain.render(SAMPLE_TIME_NS));
    body?;
    Ok(Turn {
        fill: fill / NS_PER_MS,
        close: close / NS_PER_MS,
        render: render / NS_PER_MS,
        gzip: gzip / NS_PER_MS,
        spool_wall: spool_wall / NS_PER_MS,
        plain_fill: plain_fill / NS_PER_MS,
        plain_render: plain_render / NS_PER_MS,
    })
}

fn filled(datagrams: &[String], labels: usize) -> Result<(Ingest, f64)> {
    let now = Now { mono: Mono(0), wall: Wall(SAMPLE_TIME_NS + NS_PER_S as i64) };
    let window = WindowSettings { period_s: PERIOD_S, grace_ms: 2_000 };
    let mut ingest = Ingest::new(1);
    ingest.open_run(now, SocketId(1), RunSettings { identity: identity(), window, labels_max: labels });
    let fill = cpu_ns_of(|| {
        datagrams.iter().for_each(|datagram| ingest.datagram(now, SocketId(1), datagram.as_bytes()));
    });
    Ok((ingest, fill))
}

fn closed(mut ingest: Ingest) -> (Vec<ClosedWindow>, f64) {
    let later = NS_PER_S * u64::from(PERIOD_S + 3);
    let now = Now { mono: Mono(later), wall: Wall(SAMPLE_TIME_NS + later as i64) };
    let close = cpu_ns_of(|| ingest.tick(now));
    let windows = std::iter::from_fn(|| ingest.poll_output()).filter_map(|output| match output {
        IngestOutput::Window(window) => Some(*window),
        _ => None,
    });
    (windows.collect(), close)
}

fn rendered(settings: &RollupSettings, window: &ClosedWindow) -> Vec<Batch> {
    let mut rollup = Rollup::new(settings, window);
    std::iter::from_fn(|| rollup.next_batch()).collect()
}

/// Until everything is durable.
fn write(spool: &Spool, start: Start, batches: &[Batch]) {
    let run = RunName::from("7.1");
    let now = Now { mono: Mono(0), wall: Wall(SAMPLE_TIME_NS) };
    let (mut outbound, _) = Outbound::new(now, OutboundSettings::default(), start);
    for packed in batches.iter().flat_map(|batch| pack::pack(&batch.body, batch.samples)) {
        outbound.handle(now, Input::Batch { run: run.clone(), packed, origin: None });
    }
    while let Some(output) = outbound.poll_output() {
        if let Output::Disk(job) = output {
            outbound.handle(now, Input::DiskDone(spool.carry_out(&job)));
        }
    }
}

/// All labels once, then all of them again, …: no label twice in a row.
fn datagrams(labels: usize) -> Vec<String> {
    let mut times: Vec<_> = (0..labels).map(|label| response_times_us(label, SAMPLES_A_LABEL)).collect();
    let mut lines = Vec::with_capacity(labels * SAMPLES_A_LABEL);
    for round in 0..SAMPLES_A_LABEL {
        for (label, times) in times.iter_mut().enumerate() {
            let rt_ms = times.next().unwrap_or(0) / 1_000;
            lines.push(sample_line(round, label, rt_ms as usize));
        }
    }
    lines.chunks(LINES_A_DATAGRAM).map(|chunk| chunk.join("\n")).collect()
}
