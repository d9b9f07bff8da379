//! SIGINT, SIGTERM and SIGHUP as events.

use crate::base::exit::Exit;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// All of them; each arrival is one event.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    /// `None` under `nohup`: who asks for that wants the process to outlive its terminal.
    hangup: Option<Signal>,
}

impl Signals {
    /// Starts to listen; from here on none of them ends the process by itself.
    ///
    /// # Errors
    /// When the system refuses the handlers.
    pub fn new() -> std::io::Result<Self> {
        // Asked once, before the first handler is installed: afterwards the answer would always be no.
        static HANGUP_IGNORED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
        let ignored = *HANGUP_IGNORED.get_or_init(|| {
            let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
            is_ignored(&status, libc::SIGHUP)
        });
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: if ignored { None } else { Some(signal(SignalKind::hangup())?) },
        })
    }

    /// The next one: 1, 2 or 15.
    pub async fn next(&mut self) -> i32 {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => libc::SIGINT,
            _ = self.terminate.recv() => libc::SIGTERM,
            _ = hangup => libc::SIGHUP,
        }
    }
}

/// From here on the next signal ends the process at once: for the last part of a command, which has nothing left to
/// stop in good order.
///
/// # Errors
/// When the system refuses the handlers.
pub fn exit_at_next() -> std::io::Result<()> {
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        let signal = signals.next().await;
        std::process::exit(Exit::by_signal(signal).code().into());
    });
    Ok(())
}

/// Whether `status` (as in `/proc/PID/status`) says that a signal is ignored. Bit 0 of the mask is signal 1.
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        let status = "Name:\tgridnode\nSigBlk:\t0000000000000003\nSigIgn:\t0000000000001001\n";
        assert!(is_ignored(status, libc::SIGHUP) && is_ignored(status, libc::SIGPIPE));
        assert!(!is_ignored(status, libc::SIGINT) && !is_ignored("", libc::SIGHUP));
    }
}
