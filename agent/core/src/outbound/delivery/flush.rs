//! Shutdown's last effort: when it is over.

use super::breaker::Breaker;
use super::store::Store;
use crate::base::time::Mono;

/// Off, on until a deadline, or done (it says so once).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flush {
    #[default]
    Off,
    On {
        deadline: Mono,
    },
    Done,
}

impl Flush {
    pub(super) fn start(&mut self, deadline: Mono) {
        *self = Self::On { deadline };
    }

    /// Quick retries; stays true after the end, when nothing is posted any more.
    pub(super) fn is_on(self) -> bool {
        self != Self::Off
    }

    pub(super) fn is_done(self) -> bool {
        self == Self::Done
    }

    pub(super) fn allows_post(self, now: Mono) -> bool {
        match self {
            Self::Off => true,
            Self::On { deadline } => now < deadline,
            Self::Done => false,
        }
    }

    pub(super) fn deadline(self) -> Option<Mono> {
        if let Self::On { deadline } = self { Some(deadline) } else { None }
    }

    /// True once: the spool is empty, the deadline is here, or nothing can be tried before it.
    pub(super) fn ends(&mut self, now: Mono, store: &Store, breaker: &Breaker) -> bool {
        let Self::On { deadline } = *self else { return false };
        let hopeless = || {
            let next = store.first_due().into_iter().chain(breaker.probe_at()).max();
            store.busy() == 0 && next.is_some_and(|at| at >= deadline)
        };
        let over = now >= deadline || store.len() == 0 || hopeless();
        if over {
            *self = Self::Done;
        }
        over
    }
}
