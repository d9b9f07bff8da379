//! Moves one of the tool's outputs into its log without ever stalling the tool.
//!
//! Two threads a stream: one reads the pipe whatever happens, one writes the log. Between them lies a buffer of at most
//! [`BUFFER_BYTES_MAX`]. A full buffer is waited for once, [`PATIENCE_MS`], which gives a busy disk its time; from then
//! on bytes are dropped and counted until the writer comes back.

use super::rotating_log::Sink;
use std::io::{ErrorKind, Read};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Between reader and writer, of each stream; twice that while the writer holds the half it is writing.
const BUFFER_BYTES_MAX: usize = 1 << 20;
/// One read: what a Linux pipe holds by default.
const READ_BYTES: usize = 64 * 1024;
/// How long a full buffer may hold the tool up before its bytes are dropped.
const PATIENCE_MS: u64 = 200;

/// A running pump.
pub(super) struct Pump {
    shared: Arc<Shared>,
}

/// What a pump has done so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Read from the pipe.
    pub(super) bytes: u64,
    /// Of these, lost.
    pub(super) dropped_bytes: u64,
    /// Why the first of them were lost.
    pub(super) first_error: Option<String>,
    /// The pipe is closed and everything is written.
    pub(super) done: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    buffer: Vec<u8>,
    /// The writer has not come back within the patience: do not wait for it again.
    stuck: bool,
    closed: bool,
    progress: Progress,
}

impl Pump {
    /// Starts both threads.
    pub(super) fn start(source: impl Read + Send + 'static, sink: impl Sink) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (for_reader, for_writer) = (Arc::clone(&shared), Arc::clone(&shared));
        thread::Builder::new().name("log writer".into()).spawn(move || for_writer.write_to(sink))?;
        thread::Builder::new().name("pipe reader".into()).spawn(move || for_reader.read_from(source))?;
        Ok(Self { shared })
    }

    /// What it has done so far.
    pub(super) fn progress(&self) -> Progress {
        self.shared.lock().progress.clone()
    }

    /// Waits up to `wait` for the end of the pipe and of the writing.
    pub(super) fn finish(&self, wait: Duration) -> Progress {
        let state = self.shared.lock();
        let ended = self.shared.changed.wait_timeout_while(state, wait, |state| !state.progress.done);
        ended.unwrap_or_else(PoisonError::into_inner).0.progress.clone()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_from(&self, mut source: impl Read) {
        let mut chunk = vec![0; READ_BYTES];
        loop {
            match source.read(&mut chunk) {
                Ok(0) => break,
                Ok(n) => self.push(&chunk[..n]),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn push(&self, bytes: &[u8]) {
        let full = |state: &mut State| state.buffer.len() + bytes.len() > BUFFER_BYTES_MAX;
        let mut state = self.lock();
        state.progress.bytes += bytes.len() as u64;
        if full(&mut state) && !state.stuck {
            let waited = self.changed.wait_timeout_while(state, Duration::from_millis(PATIENCE_MS), full);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if full(&mut state) {
            state.stuck = true;
            state.drop_bytes(bytes.len() as u64, "the disk is too slow or stuck");
        } else {
            state.buffer.extend_from_slice(bytes);
            self.changed.notify_all();
        }
    }

    fn write_to(&self, mut sink: impl Sink) {
        let mut bytes = Vec::new();
        let mut state = self.lock();
        loop {
            let waited = self.changed.wait_while(state, |state| state.buffer.is_empty() && !state.closed);
            state = waited.unwrap_or_else(PoisonError::into_inner);
            if state.buffer.is_empty() {
                state.progress.done = true;
                self.changed.notify_all();
                return;
            }
            bytes.clear();
            mem::swap(&mut bytes, &mut state.buffer);
            state.stuck = false;
            drop(state);
            self.changed.notify_all();
            let lost = sink.put(&bytes);
            state = self.lock();
            if let Some((lost_bytes, error)) = lost {
                state.drop_bytes(lost_bytes, &error.to_string());
            }
        }
    }
}

impl State {
    fn drop_bytes(&mut self, bytes: u64, why: &str) {
        self.progress.dropped_bytes += bytes;
        self.progress.first_error.get_or_insert_with(|| why.to_owned());
    }
}

#[cfg(test)]
mod tests;
