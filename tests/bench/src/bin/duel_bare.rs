//! The least that a receiver can do: `duel_bare ADDR:PORT` takes datagrams with `recvmmsg`, counts their lines, keeps
//! nothing. What it costs is what the kernel costs. At SIGTERM it prints its count as JSON.

use anyhow::{Context, Result};
use gridnode_bench::datagrams::{grow_receive_buffer, headers_of};
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Datagrams taken with one system call.
const BATCH: usize = 64;
const SLOT_BYTES: usize = 1 << 16;
/// So often it looks whether it is to end when nothing comes.
const LOOK: Duration = Duration::from_millis(100);

static ENDING: AtomicBool = AtomicBool::new(false);

extern "C" fn end(_: libc::c_int) {
    ENDING.store(true, Ordering::Relaxed);
}

fn main() -> Result<()> {
    let addr = std::env::args().nth(1).context("usage: duel_bare ADDR:PORT")?;
    let socket = UdpSocket::bind(&addr).with_context(|| format!("failed to listen on {addr}"))?;
    socket.set_read_timeout(Some(LOOK)).context("failed to set a timeout")?;
    grow_receive_buffer(&socket);
    let handler: extern "C" fn(libc::c_int) = end;
    // SAFETY: the handler only stores to an atomic.
    unsafe { libc::signal(libc::SIGTERM, handler as libc::sighandler_t) };
    eprintln!("listening");
    let mut bytes = vec![0_u8; BATCH * SLOT_BYTES];
    let (mut datagrams, mut lines) = (0, 0);
    while !ENDING.load(Ordering::Relaxed) {
        let lengths = receive(&socket, &mut bytes)?;
        datagrams += lengths.len();
        for (slot, length) in bytes.chunks_exact(SLOT_BYTES).zip(lengths) {
            lines += slot[..length].iter().filter(|&&byte| byte == b'\n').count();
        }
    }
    println!("{{\"datagrams\":{datagrams},\"lines\":{lines}}}");
    Ok(())
}

/// Lengths of what has come, one a slot; none when nothing did.
fn receive(socket: &UdpSocket, bytes: &mut [u8]) -> Result<Vec<usize>> {
    let mut parts: Vec<libc::iovec> = bytes
        .chunks_exact_mut(SLOT_BYTES)
        .map(|slot| libc::iovec { iov_base: slot.as_mut_ptr().cast(), iov_len: slot.len() })
        .collect();
    let mut headers = headers_of(&mut parts);
    // SAFETY: `headers` points to live iovecs, and they to disjoint slots of `bytes`, of the lengths given.
    let n = unsafe {
        libc::recvmmsg(
            socket.as_raw_fd(),
            headers.as_mut_ptr(),
            headers.len() as libc::c_uint,
            libc::MSG_WAITFORONE,
            std::ptr::null_mut(),
        )
    };
    match usize::try_from(n) {
        Ok(n) => Ok(headers[..n].iter().map(|header| header.msg_len as usize).collect()),
        Err(_) => {
            let error = std::io::Error::last_os_error();
            match error.kind() {
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted => Ok(Vec::new()),
                _ => Err(error).context("failed to receive"),
            }
        }
    }
}
