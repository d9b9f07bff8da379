//! The supervisor's own standard output: never blocks, whatever the agent does.

use super::event::EVENT_BYTES_MAX;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::Serialize;
use std::collections::VecDeque;
use std::io::Write as _;
use std::os::fd::AsFd as _;

/// Lines kept for an agent that does not read. A run has a handful of events, and its pipe holds 64 KiB besides.
const PENDING_MAX: usize = 64;

/// Writes events in order.
#[derive(Default)]
pub(super) struct Reporter {
    pending: VecDeque<Vec<u8>>,
}

impl Reporter {
    /// Queues one event and writes what the pipe takes. Beyond the cap the oldest is given up: the last ones matter most.
    pub(super) fn send(&mut self, event: &impl Serialize) {
        let Ok(mut line) = serde_json::to_vec(event) else { return };
        line.push(b'\n');
        if line.len() > EVENT_BYTES_MAX {
            return;
        }
        if self.pending.len() >= PENDING_MAX {
            self.pending.pop_front();
        }
        self.pending.push_back(line);
        self.flush(0);
    }

    /// Writes what is pending, waiting up to `wait_ms` for room before each line.
    pub(super) fn flush(&mut self, wait_ms: u16) {
        let mut out = std::io::stdout().lock();
        while let Some(line) = self.pending.front() {
            let mut fds = [PollFd::new(out.as_fd(), PollFlags::POLLOUT)];
            let ready = poll(&mut fds, PollTimeout::from(wait_ms));
            let room = fds[0].revents().is_some_and(|events| events.contains(PollFlags::POLLOUT));
            // POLLOUT on a pipe promises PIPE_BUF bytes: this write cannot block.
            let written = match ready {
                Ok(_) if room => out.write_all(line).and_then(|()| out.flush()),
                Ok(n) if n > 0 => Err(std::io::ErrorKind::BrokenPipe.into()),
                _ => return,
            };
            if written.is_err() {
                // Nobody reads any more. The exit file still tells.
                self.pending.clear();
                return;
            }
            self.pending.pop_front();
        }
    }
}
