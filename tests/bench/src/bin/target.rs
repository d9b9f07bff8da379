//! The site under test of the overhead benchmarks: one thread a connection, one constant answer to every request.
//!
//! `target [STATUS]` prints its port, then a line for every [`TELL_EVERY`] requests, and serves until its standard input ends. It
//! does as little as can be done, so that the tool is what is measured; requests have no bodies, and pipelined ones are
//! answered one by one.

use anyhow::{Context, Result};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// What follows the status line.
const ANSWER: &str = "Content-Type: text/plain\r\nContent-Length: 20\r\n\r\nthank you, customer\n";
const HEAD_END: &[u8] = b"\r\n\r\n";
const HEAD_BYTES_MAX: usize = 8 << 10;
/// Requests between two lines of output.
const TELL_EVERY: u64 = 1_000;

static SERVED: AtomicU64 = AtomicU64::new(0);

fn main() -> Result<()> {
    let status = std::env::args().nth(1).unwrap_or_else(|| "200".to_owned());
    let status: u16 = status.parse().with_context(|| format!("{status} is no status"))?;
    let answer: Arc<str> = format!("HTTP/1.1 {status} as told\r\n{ANSWER}").into();
    let listener = TcpListener::bind("127.0.0.1:0").context("failed to listen on loopback")?;
    println!("{}", listener.local_addr()?.port());
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // A connection that breaks is its client's affair.
            let answer = Arc::clone(&answer);
            thread::spawn(move || drop(serve(connection, answer.as_bytes())));
        }
    });
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).context("failed to read standard input")?;
    Ok(())
}

fn serve(mut connection: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let mut buffer = [0; HEAD_BYTES_MAX];
    let mut filled = 0;
    loop {
        let read = connection.read(&mut buffer[filled..])?;
        if read == 0 {
            return Ok(());
        }
        filled += read;
        while let Some(at) = buffer[..filled].windows(HEAD_END.len()).position(|four| four == HEAD_END) {
            connection.write_all(answer)?;
            if (SERVED.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(TELL_EVERY) {
                // Nobody listens any more: its standard input ends soon, too.
                let _ = writeln!(std::io::stdout(), "served {TELL_EVERY} more");
            }
            let end = at + HEAD_END.len();
            buffer.copy_within(end..filled, 0);
            filled -= end;
        }
    }
}
