//! The unsafe corner of the sump: `recvmmsg`, the receive buffer's size and the kernel's drop counter, by libc.
//!
//! Invariant: `Batch` owns every buffer that its headers point to; headers are built anew for each call, so that no
//! length of an earlier call is ever believed. Nothing else in the crate knows of the pointers.

use gridnode_core::base::limits::DATAGRAM_BYTES_MAX;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

/// Datagrams taken with one system call.
pub const DATAGRAMS_MAX: usize = 64;
/// Room for one datagram; the largest one fits, so none is ever cut.
const SLOT_BYTES: usize = DATAGRAM_BYTES_MAX.next_power_of_two();
/// From one slot to the next. Slots at multiples of 64 KiB would have the beginnings of all datagrams, which is what most of them are, in the
/// same few sets of the processor's caches.
const STRIDE_BYTES: usize = SLOT_BYTES + 33 * 64;
/// What `SO_MEMINFO` gives first: bytes that wait to be received, and how many there may be (`SK_MEMINFO_RMEM_ALLOC`,
/// `SK_MEMINFO_RCVBUF`), both with the kernel's own for each datagram.
const MEMINFO_USED: usize = 0;
const MEMINFO_ROOM: usize = 1;
/// Index of the drop counter there (`SK_MEMINFO_DROPS`).
const MEMINFO_DROPS: usize = 8;
/// Words that `SO_MEMINFO` gives (`SK_MEMINFO_VARS`).
const MEMINFO_WORDS: usize = 9;

/// Buffers for one `recvmmsg`, 4 MiB, made once a thread.
pub struct Batch {
    bytes: Vec<u8>,
    lengths: [usize; DATAGRAMS_MAX],
    received: usize,
}

impl Batch {
    /// Empty buffers.
    #[must_use]
    pub fn new() -> Self {
        Self { bytes: vec![0; STRIDE_BYTES * DATAGRAMS_MAX], lengths: [0; DATAGRAMS_MAX], received: 0 }
    }

    /// What the last receive brought.
    pub fn datagrams(&self) -> impl Iterator<Item = &[u8]> {
        let slots = self.bytes.chunks_exact(STRIDE_BYTES).zip(&self.lengths);
        slots.take(self.received).map(|(slot, &length)| &slot[..length.min(SLOT_BYTES)])
    }

    pub(super) fn receive(&mut self, fd: RawFd) -> io::Result<usize> {
        self.received = 0;
        let mut parts: [libc::iovec; DATAGRAMS_MAX] = {
            let mut slots = self.bytes.chunks_exact_mut(STRIDE_BYTES);
            std::array::from_fn(|_| match slots.next() {
                Some(slot) => libc::iovec { iov_base: slot.as_mut_ptr().cast(), iov_len: SLOT_BYTES },
                None => libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 },
            })
        };
        let mut headers: [libc::mmsghdr; DATAGRAMS_MAX] = std::array::from_fn(|i| {
            // SAFETY: all-zero is a valid msghdr: null pointers with zero lengths.
            let mut header: libc::mmsghdr = unsafe { std::mem::zeroed() };
            header.msg_hdr.msg_iov = &raw mut parts[i];
            header.msg_hdr.msg_iovlen = 1;
            header
        });
        // SAFETY: `headers` points to `parts`, which points to disjoint slots of `self.bytes`; all of them live
        // until the call is over, and the kernel writes at most `iov_len` bytes to each.
        let n = unsafe {
            libc::recvmmsg(
                fd,
                headers.as_mut_ptr(),
                DATAGRAMS_MAX as libc::c_uint,
                libc::MSG_DONTWAIT,
                std::ptr::null_mut(),
            )
        };
        let Ok(received) = usize::try_from(n) else {
            let error = io::Error::last_os_error();
            return match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(0),
                _ => Err(error),
            };
        };
        for (length, header) in self.lengths.iter_mut().zip(&headers[..received]) {
            *length = header.msg_len as usize;
        }
        self.received = received;
        Ok(received)
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}

/// Asks for a receive buffer of `wanted` bytes and gives the usable bytes that were granted.
pub(super) fn grow_receive_buffer(fd: BorrowedFd<'_>, wanted: usize) -> io::Result<usize> {
    let wanted = libc::c_int::try_from(wanted).unwrap_or(libc::c_int::MAX);
    // Beyond rmem_max with CAP_NET_ADMIN; without it the call fails and the plain one does what is allowed.
    if set_int(fd, libc::SO_RCVBUFFORCE, wanted).is_err() {
        set_int(fd, libc::SO_RCVBUF, wanted)?;
    }
    let mut granted: libc::c_int = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: `granted` and `length` are valid for writes of the sizes given.
    let result = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVBUF,
            (&raw mut granted).cast(),
            &raw mut length,
        )
    };
    // The kernel doubles what was asked for, for its own bookkeeping, and reports the double.
    if result == 0 { Ok(usize::try_from(granted).unwrap_or(0) / 2) } else { Err(io::Error::last_os_error()) }
}

/// How full a receive buffer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// What waits there, with the kernel's own for each datagram.
    pub used_bytes: u64,
    /// How much of that there may be.
    pub room_bytes: u64,
}

pub(super) fn fill(fd: BorrowedFd<'_>) -> io::Result<Fill> {
    let words = meminfo(fd)?;
    Ok(Fill { used_bytes: u64::from(words[MEMINFO_USED]), room_bytes: u64::from(words[MEMINFO_ROOM]) })
}

/// Datagrams dropped on this socket since it was made, modulo 2³².
pub(super) fn dropped(fd: BorrowedFd<'_>) -> io::Result<u32> {
    Ok(meminfo(fd)?[MEMINFO_DROPS])
}

fn meminfo(fd: BorrowedFd<'_>) -> io::Result<[u32; MEMINFO_WORDS]> {
    let mut words = [0_u32; MEMINFO_WORDS];
    let mut length = size_of_val(&words) as libc::socklen_t;
    // SAFETY: `words` is valid for writes of `length` bytes.
    let result = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_MEMINFO,
            words.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    if result == 0 { Ok(words) } else { Err(io::Error::last_os_error()) }
}

fn set_int(fd: BorrowedFd<'_>, option: libc::c_int, value: libc::c_int) -> io::Result<()> {
    // SAFETY: `value` is valid for reads of its own size.
    let result = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            option,
            (&raw const value).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
