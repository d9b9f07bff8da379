//! The site under test of the overhead benchmarks: one thread a connection, one constant answer to every request.
//!
//! `target` prints its port, then a line for every [`TELL_EVERY`] requests, and serves until its standard input ends. It
//! does as little as can be done, so that the tool is what is measured; requests have no bodies, and pipelined ones are
//! answered one by one.

use anyhow::{Context, Result};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 20\r\n\r\nthank you, customer\n";
const HEAD_END: &[u8] = b"\r\n\r\n";
const HEAD_BYTES_MAX: usize = 8 << 10;
/// Requests between two lines of output.
const TELL_EVERY: u64 = 1_000;

static SERVED: AtomicU64 = AtomicU64::new(0);

fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").context("failed to listen on loopback")?;
    println!("{}", listener.local_addr()?.port());
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // A connection that breaks is its client's affair.
            thread::spawn(move || drop(serve(connection)));
        }
    });
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).context("failed to read standard input")?;
    Ok(())
}

fn serve(mut connection: TcpStream) -> std::io::Result<()> {
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
            connection.write_all(ANSWER)?;
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
