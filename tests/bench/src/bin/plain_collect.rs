//! The alternative to `gridnode collect`: a tokio receiver, a channel hop a point, [`gridnode_bench::plain`] behind it.
//!
//! `plain_collect ADDR:PORT WINDOW_S FILE` writes a window's gzipped lines to FILE (over the last ones), and at SIGTERM
//! prints what it has counted as JSON. Its socket asks for the receive buffer that gridnode asks for.

use anyhow::{Context, Result};
use gridnode_bench::datagrams::grow_receive_buffer;
use gridnode_bench::plain::{Plain, Point, points};
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Points between the receiver and the aggregation.
const POINTS_MAX: usize = 10_000;

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [addr, window_s, file] = &args[..] else {
        anyhow::bail!("usage: plain_collect ADDR:PORT WINDOW_S FILE")
    };
    let window = Duration::from_secs(window_s.parse().context("WINDOW_S is a number")?);
    let socket = UdpSocket::bind(addr).await.with_context(|| format!("failed to listen on {addr}"))?;
    grow_receive_buffer(&socket);
    eprintln!("listening");
    let (sender, receiver) = mpsc::channel(POINTS_MAX);
    let aggregation = tokio::spawn(aggregate(receiver, window, PathBuf::from(file)));
    let mut terminate = signal(SignalKind::terminate())?;
    let mut buffer = vec![0; 65_536];
    loop {
        tokio::select! {
            length = socket.recv(&mut buffer) => hand_on(&buffer[..length?], &sender).await?,
            _ = terminate.recv() => break,
        }
    }
    // What the kernel still holds belongs to the run.
    while let Ok(length) = socket.try_recv(&mut buffer) {
        hand_on(&buffer[..length], &sender).await?;
    }
    drop(sender);
    println!("{{\"samples\":{}}}", aggregation.await??);
    Ok(())
}

async fn hand_on(datagram: &[u8], sender: &mpsc::Sender<Point>) -> Result<()> {
    for point in points(std::str::from_utf8(datagram)?) {
        sender.send(point).await.context("the aggregation has ended")?;
    }
    Ok(())
}

/// Gives the number of samples.
async fn aggregate(mut receiver: mpsc::Receiver<Point>, window: Duration, file: PathBuf) -> Result<u64> {
    let mut ticks = tokio::time::interval(window);
    let mut plain = Plain::default();
    let mut samples = 0;
    loop {
        tokio::select! {
            point = receiver.recv() => match point {
                Some(point) => plain.add(point)?,
                None => break,
            },
            _ = ticks.tick() => {
                let closed = std::mem::take(&mut plain);
                samples += closed.samples;
                std::fs::write(&file, closed.render(0)?)?;
            }
        }
    }
    std::fs::write(&file, plain.render(0)?)?;
    Ok(samples + plain.samples)
}
