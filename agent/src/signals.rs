//! SIGINT and SIGTERM as events.

use crate::exit::Exit;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Both signals; each arrival is one event.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Starts to listen; from here on neither ends the process by itself.
    ///
    /// # Errors
    /// When the system refuses the handlers.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// The next one: 2 or 15.
    pub async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => libc::SIGINT,
            _ = self.terminate.recv() => libc::SIGTERM,
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
