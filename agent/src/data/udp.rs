//! The sump's sockets: large receive buffers, checked, and the kernel's drop counter.
//!
//! The buffer decides whether datagrams are lost, not the number of system calls: at 100,000 datagrams a second the
//! kernel's default of 208 KiB is 3 ms of slack, 64 MiB is 1.6 s. The kernel grants what `net.core.rmem_max` allows
//! (more with CAP_NET_ADMIN) and says nothing when that is less, so the granted size is read back.

mod recv;

pub use recv::{Batch, DATAGRAMS_MAX, Fill};

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use thiserror::Error;

/// What is asked for, bytes: 1.6 s of 100,000 datagrams a second.
pub const RECEIVE_BUFFER_BYTES_WANTED: usize = 64 << 20;
/// Below this a busy tool loses datagrams (80 ms of slack at 100,000 a second): worth a warning.
pub const RECEIVE_BUFFER_BYTES_LOW: usize = 4 << 20;

/// Ports tried for a run's sump, from the first one on: as many runs can go on side by side.
pub const SUMP_PORTS: u16 = 64;

/// Why a sump socket could not be opened.
#[derive(Debug, Error)]
pub enum SumpError {
    /// Somebody else has the port.
    #[error(
        "failed to listen on udp {addr}: the port is in use. Stop the other gridnode (or whatever holds it: \
         `ss -ulpn 'sport = :{port}'`), or choose another with --listen"
    )]
    InUse {
        /// What was asked for.
        addr: SocketAddr,
        /// Its port.
        port: u16,
    },
    /// Anything else.
    #[error("failed to listen on udp {addr}: {source}")]
    Io {
        /// What was asked for.
        addr: SocketAddr,
        /// The system's word.
        source: io::Error,
    },
}

/// One bound socket.
#[derive(Debug)]
pub struct SumpSocket {
    socket: UdpSocket,
    granted_bytes: usize,
    dropped_before: u32,
}

impl SumpSocket {
    /// Binds `addr` with as large a receive buffer as the kernel grants.
    ///
    /// # Errors
    /// When the port is taken or the address is not this machine's.
    pub fn bind(addr: SocketAddr) -> Result<Self, SumpError> {
        Self::bind_with(addr, RECEIVE_BUFFER_BYTES_WANTED)
    }

    fn bind_with(addr: SocketAddr, buffer_bytes: usize) -> Result<Self, SumpError> {
        let io_error = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => SumpError::InUse { addr, port: addr.port() },
            _ => SumpError::Io { addr, source },
        };
        let socket = UdpSocket::bind(addr).map_err(io_error)?;
        socket.set_nonblocking(true).map_err(io_error)?;
        let granted_bytes = recv::grow_receive_buffer(socket.as_fd(), buffer_bytes).map_err(io_error)?;
        Ok(Self { socket, granted_bytes, dropped_before: 0 })
    }

    /// The first free port from `addr` on, at most `tries` of them: every run has a socket of its own.
    ///
    /// # Errors
    /// As [`Self::bind`], for the last one tried.
    pub fn bind_first_free(mut addr: SocketAddr, tries: u16) -> Result<Self, SumpError> {
        let last = addr.port().saturating_add(tries.saturating_sub(1));
        loop {
            match Self::bind(addr) {
                Err(SumpError::InUse { .. }) if addr.port() < last => addr.set_port(addr.port() + 1),
                other => return other,
            }
        }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the kernel does not say, which it always does for a bound socket.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Usable bytes of the receive buffer.
    #[must_use]
    pub fn granted_bytes(&self) -> usize {
        self.granted_bytes
    }

    /// A sentence that names the remedy when the buffer is too small for a busy tool.
    #[must_use]
    pub fn buffer_warning(&self) -> Option<String> {
        (self.granted_bytes < RECEIVE_BUFFER_BYTES_LOW).then(|| {
            format!(
                "the receive buffer is only {} KiB: a busy tool will lose samples. Allow more with \
                 `sysctl -w net.core.rmem_max={RECEIVE_BUFFER_BYTES_WANTED}`",
                self.granted_bytes >> 10
            )
        })
    }

    /// Datagrams that the kernel has dropped since the last call. Exact without a later packet; 0 when the kernel
    /// does not say.
    pub fn newly_dropped(&mut self) -> u64 {
        let Ok(dropped) = recv::dropped(self.socket.as_fd()) else { return 0 };
        // The kernel's counter is 32 bits wide and wraps.
        let new = dropped.wrapping_sub(self.dropped_before);
        self.dropped_before = dropped;
        u64::from(new)
    }

    /// How full the receive buffer is; `None` when the kernel does not say.
    #[must_use]
    pub fn fill(&self) -> Option<Fill> {
        recv::fill(self.socket.as_fd()).ok()
    }

    /// Receives what is there, at most [`DATAGRAMS_MAX`] datagrams; 0 when there is nothing.
    ///
    /// # Errors
    /// When the socket is broken; a full or empty one is not an error.
    pub fn receive(&self, batch: &mut Batch) -> io::Result<usize> {
        batch.receive(self.socket.as_raw_fd())
    }
}

impl AsFd for SumpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_said_and_the_next_free_one_is_found() {
        let first = SumpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let addr = first.local_addr().unwrap();
        assert!(SumpSocket::bind(addr).unwrap_err().to_string().contains("in use"));
        let next = SumpSocket::bind_first_free(addr, 50).unwrap().local_addr().unwrap();
        assert!(next.port() > addr.port());
    }

    #[test]
    fn datagrams_arrive_whole_up_to_the_largest_and_drops_are_counted() {
        let mut sump = SumpSocket::bind_with("127.0.0.1:0".parse().unwrap(), 1 << 20).unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = sump.local_addr().unwrap();
        let large = vec![7_u8; gridnode_core::base::limits::DATAGRAM_BYTES_MAX];
        sender.send_to(b"one", to).unwrap();
        sender.send_to(&large, to).unwrap();
        let mut batch = Batch::new();
        assert_eq!(sump.receive(&mut batch).unwrap(), 2);
        let got: Vec<&[u8]> = batch.datagrams().collect();
        assert_eq!((got[0], got[1]), (&b"one"[..], &large[..]));
        assert_eq!(sump.receive(&mut batch).unwrap(), 0);

        // More than the buffer holds: what did not fit is counted, to the datagram.
        let sent = 1_000;
        for _ in 0..sent {
            sender.send_to(&large, to).unwrap();
        }
        let mut received = 0;
        while let Ok(n @ 1..) = sump.receive(&mut batch) {
            received += n as u64;
        }
        let dropped = sump.newly_dropped();
        assert!(dropped > 0);
        assert_eq!(received + dropped, sent);
        assert_eq!(sump.newly_dropped(), 0);
    }
}
