//! A supervisor that systemd has started for a connection to its slot's socket: the connection becomes its standard input and
//! output, and from there on it is like any other.

use super::refusal::Refusal;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io;
use std::os::fd::{AsFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::net::UnixListener;

/// The first descriptor that systemd passes on.
const LISTEN_FD: i32 = 3;
/// The connection that started the unit may have been given up by now.
const ACCEPT_WAIT_MS: u16 = 2_000;

/// Takes the place of standard input and output by a connection, where this process was started for one. True if so.
pub(super) fn take_connection() -> Result<bool, Refusal> {
    let variable = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u32>().ok());
    if variable("LISTEN_PID") != Some(std::process::id()) || variable("LISTEN_FDS") != Some(1) {
        return Ok(false);
    }
    connect().map(|()| true).map_err(|error| Refusal::system("take the agent's connection", error))
}

fn connect() -> io::Result<()> {
    // SAFETY: systemd says that this descriptor was passed to this very process, and nobody else here has taken it.
    let listener = UnixListener::from(unsafe { OwnedFd::from_raw_fd(LISTEN_FD) });
    listener.set_nonblocking(true)?;
    let mut fds = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
    if poll(&mut fds, PollTimeout::from(ACCEPT_WAIT_MS))? == 0 {
        return Err(io::ErrorKind::TimedOut.into());
    }
    let (connection, _) = listener.accept()?;
    connection.set_nonblocking(false)?;
    nix::unistd::dup2_stdin(&connection)?;
    nix::unistd::dup2_stdout(&connection)?;
    Ok(())
}
