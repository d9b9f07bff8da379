//! The supervisor's standard input: the launch spec, then commands, a line each; its end means that the agent is gone.

use super::refusal::Refusal;
use super::spec::SPEC_BYTES_MAX;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use std::os::fd::{AsFd as _, BorrowedFd};

/// A command is a few bytes; a longer line is skipped.
const COMMAND_BYTES_MAX: usize = 64;

/// What the agent may say after the spec.
pub(super) enum Command {
    /// A signal for the leader's group.
    Signal(Signal),
    /// The agent is there: any command renews its lease, this one does nothing else.
    Renew,
    /// The end of the whole tree.
    KillTree,
    /// Nothing any more: the agent is gone.
    Closed,
}

/// Standard input: the spec, then commands; its end means that the agent is gone.
#[derive(Default)]
pub(super) struct Lifeline {
    buffer: Vec<u8>,
    closed: bool,
    /// In the middle of a line that was too long.
    skipping: bool,
}

impl Lifeline {
    /// Blocks until the first line is complete.
    pub(super) fn read_spec(&mut self) -> Result<Vec<u8>, Refusal> {
        let mut searched = 0;
        loop {
            if let Some(at) = self.buffer[searched..].iter().position(|b| *b == b'\n') {
                let rest = self.buffer.split_off(searched + at + 1);
                return Ok(std::mem::replace(&mut self.buffer, rest));
            }
            searched = self.buffer.len();
            if searched > SPEC_BYTES_MAX {
                return Err(Refusal::spec(format!("it is longer than {SPEC_BYTES_MAX} bytes")));
            }
            match self.fill() {
                Ok(0) => return Err(Refusal::spec("standard input ended before its line did")),
                Ok(_) | Err(Errno::EINTR) => {}
                Err(e) => return Err(Refusal::system("read the launch spec", e)),
            }
        }
    }

    /// The next command, without blocking. `Closed` comes once.
    pub(super) fn poll(&mut self) -> Option<Command> {
        loop {
            while let Some(at) = self.buffer.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=at).collect();
                if !std::mem::take(&mut self.skipping)
                    && let Some(command) = parse_command(&line[..at])
                {
                    return Some(command);
                }
            }
            if self.buffer.len() > COMMAND_BYTES_MAX {
                self.buffer.clear();
                self.skipping = true;
            }
            if self.closed || !self.readable() {
                return None;
            }
            match self.fill() {
                Ok(n) if n > 0 => {}
                Err(Errno::EINTR) => {}
                _ => {
                    self.closed = true;
                    return Some(Command::Closed);
                }
            }
        }
    }

    /// Whether the agent is gone.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    fn readable(&self) -> bool {
        let stdin = std::io::stdin();
        let mut fds = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }

    /// One read, past the standard library's buffer, which `poll` could not see.
    fn fill(&mut self) -> nix::Result<usize> {
        let mut chunk = [0; 16 * 1024];
        let stdin = std::io::stdin();
        let fd: BorrowedFd<'_> = stdin.as_fd();
        let n = nix::unistd::read(fd, &mut chunk)?;
        self.buffer.extend_from_slice(&chunk[..n]);
        Ok(n)
    }
}

/// An unknown command is ignored: an older supervisor under a newer agent does what it can.
fn parse_command(line: &[u8]) -> Option<Command> {
    match line {
        b"renew" => Some(Command::Renew),
        b"kill-tree" => Some(Command::KillTree),
        b"signal TERM" => Some(Command::Signal(Signal::SIGTERM)),
        b"signal INT" => Some(Command::Signal(Signal::SIGINT)),
        b"signal QUIT" => Some(Command::Signal(Signal::SIGQUIT)),
        b"signal KILL" => Some(Command::Signal(Signal::SIGKILL)),
        _ => None,
    }
}
