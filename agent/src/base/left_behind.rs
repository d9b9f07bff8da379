//! The end does not wait for ever: what hangs in the system (a disk that does not answer, a file of a server that is
//! away) cannot be broken off, so it is left behind, and the log says so.

use super::file_threads::FILES;
use std::time::Duration;

/// For the calls, and for the threads, that are still at work when everything else is over. An agent needs it twice at
/// most after its `shutdown_ms`: for its threads, then for calls of the runtime.
pub const LEFT_BEHIND_WAIT: Duration = Duration::from_secs(5);

/// For what may as well stay undone.
const MOMENT: Duration = Duration::from_secs(1);

/// Does `work`, which blocks, on a thread of its own, and waits for it for [`LEFT_BEHIND_WAIT`] at most. Gives whether
/// it was done. The thread is none of the runtime's, whose end would have to wait for it once more.
pub async fn wait_for(what: &str, work: impl FnOnce() + Send + 'static) -> bool {
    wait_within(LEFT_BEHIND_WAIT, what, work).await
}

async fn wait_within(within: Duration, what: &str, work: impl FnOnce() + Send + 'static) -> bool {
    let done = FILES.within(within, work).await;
    if let Err(why) = &done {
        tracing::warn!("{what} does not finish; it is left behind: {why}");
    }
    done.is_ok()
}

/// Does what is tidy and no more, and waits for it as long as it takes where nothing hangs.
pub fn give_a_moment(work: impl FnOnce() + Send + 'static) {
    let (done, ended) = std::sync::mpsc::sync_channel::<()>(1);
    let thread = std::thread::Builder::new().name("tidying".to_owned()).spawn(move || {
        work();
        drop(done);
    });
    if thread.is_ok() {
        // Ends by the sender that is dropped, or by the time.
        let _ = ended.recv_timeout(MOMENT);
    }
}

/// For an end that nobody wants to wait for: whatever this thread still does, and drops, may hang, and then the process ends
/// all the same, with `code`.
pub fn end_soon(code: u8) {
    let thread = std::thread::Builder::new().name("end".to_owned()).spawn(move || {
        std::thread::sleep(LEFT_BEHIND_WAIT);
        tracing::warn!("a file system does not answer; what waits for it is left behind");
        std::process::exit(code.into());
    });
    if let Err(error) = thread {
        tracing::warn!("nobody watches over the end: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_hangs_is_left_behind() {
        assert!(wait_for("nothing", || {}).await);
        let (hang, hung) = std::sync::mpsc::sync_channel::<()>(1);
        assert!(
            !wait_within(Duration::from_millis(20), "the test", move || assert!(hung.recv().is_err())).await
        );
        drop(hang);
    }
}
