//! How far a fetch is: for the status and for a line in the log.

use super::budget::Budget;
use std::sync::Arc;
use tokio::sync::watch;

/// How far the files of one run are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// What is going on.
    pub phase: Phase,
    /// Files that are complete and match their digests.
    pub files_done: u32,
    /// Files of the command.
    pub files_total: u32,
    /// Bytes that are here. Falls back when a broken download begins again.
    pub bytes_done: u64,
    /// Bytes of all files whose sizes are known so far; grows.
    pub bytes_known: u64,
    /// Files that came out of archives.
    pub unpacked_files: u32,
    /// Their bytes.
    pub unpacked_bytes: u64,
}

/// What a fetch does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Files come into the cache.
    #[default]
    Downloading,
    /// They are copied and unpacked into the run's directory.
    Placing,
    /// All is there.
    Done,
}

impl Phase {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Downloading => "downloading",
            Self::Placing => "placing",
            Self::Done => "done",
        }
    }
}

/// The bytes of one download in the progress and in the budget of its run; given back when the attempt fails.
#[derive(Debug)]
pub(super) struct Share {
    to: watch::Sender<Progress>,
    budget: Arc<Budget>,
    done: u64,
    known: u64,
    kept: bool,
}

impl Share {
    pub(super) fn new(to: &watch::Sender<Progress>, budget: &Arc<Budget>) -> Self {
        Self { to: to.clone(), budget: Arc::clone(budget), done: 0, known: 0, kept: false }
    }

    /// The size of the whole, as far as it can be known.
    pub(super) fn knows(&mut self, bytes: u64) {
        let more = bytes.saturating_sub(self.known);
        self.known += more;
        self.to.send_modify(|progress| progress.bytes_known += more);
    }

    /// `bytes` more are here; not when the run may not have so many.
    #[must_use]
    pub(super) fn adds(&mut self, bytes: u64) -> bool {
        if !self.budget.take(bytes) {
            return false;
        }
        self.done += bytes;
        self.to.send_modify(|progress| progress.bytes_done += bytes);
        self.knows(self.done);
        true
    }

    /// The file is complete.
    pub(super) fn complete(mut self) {
        self.kept = true;
        self.to.send_modify(|progress| progress.files_done += 1);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if !self.kept {
            self.budget.give_back(self.done);
            self.to.send_modify(|progress| {
                progress.bytes_done = progress.bytes_done.saturating_sub(self.done);
                progress.bytes_known = progress.bytes_known.saturating_sub(self.known);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_attempt_gives_its_bytes_back() {
        let (to, progress) = watch::channel(Progress::default());
        let budget = Arc::new(Budget::new(10));
        let mut share = Share::new(&to, &budget);
        share.knows(10);
        assert!(share.adds(4) && !share.adds(7));
        assert_eq!((progress.borrow().bytes_done, progress.borrow().bytes_known), (4, 10));
        drop(share);
        let mut share = Share::new(&to, &budget);
        assert!(share.adds(10));
        share.complete();
        assert!(!budget.take(1));
        let progress = *progress.borrow();
        assert_eq!((progress.bytes_done, progress.bytes_known, progress.files_done), (10, 10, 1));
    }
}
