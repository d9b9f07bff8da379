//! SIGINT and SIGTERM as events.

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
