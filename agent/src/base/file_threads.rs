//! Work that may wait for a file for ever, on threads of its own: a file system that hangs keeps such a thread, and nobody
//! else.
//!
//! The runtime's own pool is no place for it. Work there queues behind threads that hang, and where the system gives no
//! further thread it queues without a word, or panics. Here whoever asks is told at once, and each kind of work has a bound
//! on its threads, so that what hangs never takes all of the machine's.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// What reads, writes and removes files in directories of runs. A run has less than ten such threads at once.
pub static FILES: Threads = Threads::new("files", 64);
/// What ends processes: never behind a file.
pub static KILLS: Threads = Threads::new("kill", 16);

/// Threads for one kind of work.
#[derive(Debug)]
pub struct Threads {
    name: &'static str,
    max: usize,
    busy: AtomicUsize,
}

/// Why work is not done, or not yet.
#[derive(Debug, Error)]
pub enum NotDone {
    /// The system gives no thread.
    #[error("no thread could be started: {0}")]
    NoThread(#[source] io::Error),
    /// As many as there may be are waiting already.
    #[error("{0} threads wait already for a file system that does not answer")]
    TooMany(usize),
    /// It goes on, and nobody waits for it any longer.
    #[error("nothing came of it within {} s: a file system does not answer", .0.as_secs())]
    Late(Duration),
    /// A fault of this program.
    #[error("it broke off")]
    Broke,
}

/// One that works; dropping it makes room for another.
struct Busy(&'static Threads);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Threads {
    const fn new(name: &'static str, max: usize) -> Self {
        Self { name, max, busy: AtomicUsize::new(0) }
    }

    /// Begins `work` within the caller's runtime; what comes of it goes into the receiver, which may be dropped.
    ///
    /// # Errors
    /// [`NotDone::NoThread`] and [`NotDone::TooMany`]; then the work was not begun.
    pub fn start<T: Send + 'static>(
        &'static self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, NotDone> {
        let busy = Busy(self);
        if self.busy.fetch_add(1, Ordering::AcqRel) >= self.max {
            return Err(NotDone::TooMany(self.max));
        }
        let (done, result) = oneshot::channel();
        let runtime = Handle::try_current().ok();
        let thread = std::thread::Builder::new().name(self.name.to_owned());
        let started = thread.spawn(move || {
            let _busy = busy;
            let _entered = runtime.as_ref().map(Handle::enter);
            // Nobody may be waiting any more.
            drop(done.send(work()));
        });
        started.map(|_| result).map_err(NotDone::NoThread)
    }

    /// Does `work`, and waits for it so long at most.
    ///
    /// # Errors
    /// See [`NotDone`].
    pub async fn within<T: Send + 'static>(
        &'static self,
        wait: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NotDone> {
        let result = self.start(work)?;
        match tokio::time::timeout(wait, result).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(_)) => Err(NotDone::Broke),
            Err(_) => Err(NotDone::Late(wait)),
        }
    }

    /// Does `work` some time; where that cannot be begun, a line in the log says that `what` stays undone.
    pub fn aside(&'static self, what: &str, work: impl FnOnce() + Send + 'static) {
        if let Err(error) = self.start(work) {
            tracing::warn!("{what} is left undone: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    static FEW: Threads = Threads::new("few", 2);

    #[tokio::test]
    async fn what_hangs_is_bounded_and_keeps_nobody_waiting() {
        let short = Duration::from_millis(10);
        let (let_go, hangs): (Vec<_>, Vec<_>) = (0..2).map(|_| mpsc::sync_channel::<()>(1)).unzip();
        for hang in hangs {
            let late = FEW.within(short, move || hang.recv().is_ok()).await;
            assert!(matches!(late, Err(NotDone::Late(_))), "{late:?}");
        }
        let refused = FEW.within(short, || ()).await;
        assert!(matches!(refused, Err(NotDone::TooMany(2))), "{refused:?}");
        drop(let_go);
        while FEW.busy.load(Ordering::Acquire) > 0 {
            tokio::time::sleep(short).await;
        }
        assert_eq!(FEW.within(Duration::from_secs(60), || 7).await.unwrap(), 7);
        let broke = FEW.within(Duration::from_secs(60), || panic!("on purpose")).await;
        assert!(matches!(broke, Err(NotDone::Broke)), "{broke:?}");
    }
}
