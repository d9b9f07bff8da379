//! Runs on open sockets: each begins with the first line of its identity, or with what an earlier process owes it, and ends in silence.

use super::open_socket::RunOf;
use super::{Ingest, Mode};
use crate::base::time::Now;
use crate::wire::sump::Tags;

impl Ingest {
    pub(super) fn run_of(&mut self, now: Now, at: usize, tags: &Tags) -> Option<u32> {
        let open = match &mut self.sockets[at].mode {
            Mode::Controlled(run) => return Some(*run),
            Mode::Open(open) => open,
        };
        let found = open.find(tags);
        self.open_implicit(now, at, found)
    }

    fn open_implicit(&mut self, now: Now, at: usize, found: RunOf) -> Option<u32> {
        match found {
            RunOf::Known(run) => Some(run),
            RunOf::Refused => None,
            RunOf::New(settings, used_parts, sources) => {
                let identity = settings.identity.clone();
                let slot = self.add_run(now, *settings, used_parts, sources);
                if let Mode::Open(open) = &mut self.sockets[at].mode {
                    open.remember(identity, slot);
                }
                Some(slot)
            }
        }
    }

    /// What was lost before an earlier process was killed has a receipt, whether or not anything comes.
    pub(super) fn open_those_that_owe(&mut self, now: Now) {
        for at in 0..self.sockets.len() {
            while let Mode::Open(open) = &mut self.sockets[at].mode
                && let Some(new) = open.next_owing()
            {
                self.open_implicit(now, at, new);
            }
        }
    }

    pub(super) fn implicit_runs(&self) -> impl Iterator<Item = u32> + '_ {
        self.sockets.iter().flat_map(|socket| match &socket.mode {
            Mode::Controlled(_) => Vec::new(),
            Mode::Open(open) => open.runs().collect(),
        })
    }

    pub(super) fn is_idle(&self, slot: u32, now: Now) -> bool {
        self.runs.get(slot).is_some_and(|run| run.idle(now))
    }
}
