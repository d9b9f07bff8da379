//! Datagrams handed to the kernel, and taken from it, many at a time: what senders and receivers have in common.

use anyhow::{Context, Result};
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

/// As gridnode asks for.
static BUFFER_BYTES: libc::c_int = 64 << 20;

/// Hands the datagrams to the kernel; a full send queue makes it wait, it never loses one here.
///
/// # Errors
/// When the kernel refuses one, as when nobody listens there.
pub fn send_all(socket: &UdpSocket, datagrams: &[Vec<u8>]) -> Result<()> {
    let mut parts: Vec<libc::iovec> = datagrams
        .iter()
        .map(|bytes| libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() })
        .collect();
    let mut headers = headers_of(&mut parts);
    let mut sent = 0;
    while sent < headers.len() {
        let rest = &mut headers[sent..];
        // SAFETY: `rest` points into live headers whose iovecs point into `datagrams`, which the kernel only reads.
        let n = unsafe { libc::sendmmsg(socket.as_raw_fd(), rest.as_mut_ptr(), rest.len() as u32, 0) };
        match usize::try_from(n) {
            Ok(n) => sent += n,
            Err(_) => {
                let error = std::io::Error::last_os_error();
                if error.kind() != std::io::ErrorKind::Interrupted {
                    return Err(error).context("failed to send; does anybody listen there?");
                }
            }
        }
    }
    Ok(())
}

/// A header for each part, which has to outlive it.
pub fn headers_of(parts: &mut [libc::iovec]) -> Vec<libc::mmsghdr> {
    let header = |part: &mut libc::iovec| {
        // SAFETY: all-zero is a valid mmsghdr: no name, no control data, no buffers.
        let mut header: libc::mmsghdr = unsafe { std::mem::zeroed() };
        header.msg_hdr.msg_iov = part;
        header.msg_hdr.msg_iovlen = 1;
        header
    };
    parts.iter_mut().map(header).collect()
}

/// As large as may be; a smaller one shows in what is counted.
pub fn grow_receive_buffer(socket: &impl AsRawFd) {
    for option in [libc::SO_RCVBUF, libc::SO_RCVBUFFORCE] {
        // SAFETY: the value is a live c_int, whose size is given.
        unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                option,
                (&raw const BUFFER_BYTES).cast(),
                size_of::<libc::c_int>() as libc::socklen_t,
            )
        };
    }
}
