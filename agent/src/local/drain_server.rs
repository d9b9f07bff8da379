//! A small Drain for development and tests: it answers writes as InfluxDB 1.x does and merges what it gets
//! ([`gridnode_core::merge`]). Not a database: it keeps merged numbers in memory, never points, and forgets all when it
//! stops.
//!
//! | request | answer |
//! |---|---|
//! | `GET`, `HEAD /ping` | 204 |
//! | `POST /write?db=…&precision=ns` | 204; 400 what is wrong in which line (good lines are kept); 413 too large |
//! | `GET`, `POST /query` | `{"results":[{"statement_id":0}]}`: enough for a client that creates its database first |
//! | `GET /summary` | merged numbers, JSON, each run for itself; `?runs=added`: the runs of a flood added up |
//!
//! A repeated point changes nothing. Bodies are bounded before and after decompression.

mod body;
mod reply;
#[cfg(test)]
mod tests;
mod write;

use axum::Router;
use axum::routing::{get, post};
use gridnode_core::merge::{Merge, Summary};
use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// What a Drain may be told.
#[derive(Debug, Clone)]
pub struct DrainOptions {
    /// Every accepted line is appended to this file as it came, repeated ones included.
    pub record: Option<PathBuf>,
    /// Bytes of a body as it comes; more is 413. InfluxDB's own bound by default.
    pub body_bytes_max: usize,
    /// Bytes of a body decompressed; more is 413.
    pub lines_bytes_max: usize,
}

impl Default for DrainOptions {
    fn default() -> Self {
        Self { record: None, body_bytes_max: 25_000_000, lines_bytes_max: 128 << 20 }
    }
}

/// Why a Drain did not start.
#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    /// The address is not to be had.
    #[error("failed to listen on {listen}: {source}; choose another address with --listen")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// The system's words.
        source: std::io::Error,
    },
    /// The record is not to be had.
    #[error("failed to open {}: {source}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
}

/// A running Drain.
#[derive(Debug)]
pub struct DrainServer {
    addr: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
}

/// What the handlers share; one lock, because writes are few and short.
#[derive(Debug)]
struct Shared {
    options: DrainOptions,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    merge: Merge,
    record: Option<File>,
    counts: DrainCounts,
}

/// What a Drain has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DrainCounts {
    /// Writes.
    pub writes: u64,
    /// Of them, answered with 204.
    pub stored: u64,
    /// Lines refused.
    pub refused_lines: u64,
}

impl DrainServer {
    /// Listens and serves until [`Self::shutdown`]; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address or the record is not to be had.
    pub async fn start(listen: SocketAddr, options: DrainOptions) -> Result<Self, DrainError> {
        let failed = |source| DrainError::Listen { listen, source };
        let record = options.record.as_ref().map(|path| open_record(path)).transpose()?;
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let state = Mutex::new(State { record, ..State::default() });
        let shared = Arc::new(Shared { options, state });
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, router(Arc::clone(&shared))).with_graceful_shutdown(async {
            // A dropped handle stops the server, too.
            drop(stopped.await);
        });
        Ok(Self { addr, shared, stop: Some(stop), task: tokio::spawn(server.into_future()) })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Its URL, as `--drain` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What was merged so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.shared.lock().merge.summary()
    }

    /// What was seen so far.
    #[must_use]
    pub fn counts(&self) -> DrainCounts {
        self.shared.lock().counts
    }

    /// Ends the requests in hand, at most a few seconds, and the server; hands back the numbers.
    pub async fn shutdown(mut self) -> Summary {
        drop(self.stop.take());
        let patience = std::time::Duration::from_secs(2);
        if tokio::time::timeout(patience, &mut self.task).await.is_err() {
            self.task.abort();
        }
        self.summary()
    }
}

impl Shared {
    /// The state stays usable after a panic elsewhere: every change of it is complete in itself.
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/ping", get(reply::ping).head(reply::ping))
        .route("/write", post(write::write))
        .route("/query", get(reply::query).post(reply::query))
        .route("/summary", get(reply::summary))
        .fallback(reply::not_found)
        .method_not_allowed_fallback(reply::method_not_allowed)
        .with_state(shared)
}

fn open_record(path: &std::path::Path) -> Result<File, DrainError> {
    let file = File::options().create(true).append(true).open(path);
    file.map_err(|source| DrainError::Record { path: path.to_owned(), source })
}
