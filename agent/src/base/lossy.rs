//! A channel whose sender never waits: what does not fit is counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// One end.
#[derive(Debug)]
pub struct LossySender<T> {
    sender: SyncSender<T>,
    lost: Arc<AtomicU64>,
}

/// The other.
#[derive(Debug)]
pub struct LossyReceiver<T> {
    receiver: Receiver<T>,
    lost: Arc<AtomicU64>,
}

/// With room for so many.
#[must_use]
pub fn lossy<T>(max: usize) -> (LossySender<T>, LossyReceiver<T>) {
    let (sender, receiver) = sync_channel(max);
    let lost = Arc::new(AtomicU64::new(0));
    (LossySender { sender, lost: Arc::clone(&lost) }, LossyReceiver { receiver, lost })
}

impl<T> LossySender<T> {
    /// Sends it, or counts it.
    pub fn send(&self, item: T) {
        if self.sender.try_send(item).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<T> LossyReceiver<T> {
    /// What is there.
    pub fn take(&self) -> impl Iterator<Item = T> + '_ {
        self.receiver.try_iter()
    }

    /// So many did not fit.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted() {
        let (sender, receiver) = lossy(3);
        (0..5).for_each(|n| sender.send(n));
        assert_eq!((receiver.take().collect::<Vec<_>>(), receiver.lost()), (vec![0, 1, 2], 2));
        sender.send(5);
        assert_eq!(receiver.take().collect::<Vec<_>>(), [5]);
    }
}
