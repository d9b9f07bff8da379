//! The agent's end of the status socket.
//!
//! Limits: [`LOOKERS_MAX`] connections at once, one more is closed at once and counted; the loop has [`LOOP_MS`] to
//! answer and the reader [`WRITE_MS`] to take the answer. The socket is made under another name, given its mode and
//! then renamed, so that it is never there with a wider mode and replaces a dead agent's in one step.

use super::{StatusDocument, VERSION, socket_path};
use crate::base::left_behind;
use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net as blocking;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

/// Connections at once: a few people and a monitor; each costs a task and a descriptor.
pub const LOOKERS_MAX: usize = 16;
/// How long the agent's loop may take to answer, ms.
pub const LOOP_MS: u64 = 2_000;
/// How long a reader may take to take the answer, ms.
pub const WRITE_MS: u64 = 2_000;
/// Owner and group.
const MODE: u32 = 0o660;
/// A pause after a failed accept (no descriptor left), so that it does not become a busy loop.
const ACCEPT_PAUSE_MS: u64 = 200;

/// Why there is no status socket. The agent can do its work without one.
#[derive(Debug, Error)]
pub enum StatusServerError {
    /// Another process answers on it.
    #[error("another agent answers on {}; one state directory serves one agent", path.display())]
    InUse {
        /// The socket.
        path: PathBuf,
    },
    /// Something that is no socket stands there.
    #[error("{} is not a socket and is left alone; remove it", path.display())]
    NotASocket {
        /// What stands there.
        path: PathBuf,
    },
    /// The system refused something.
    #[error("failed to make the status socket {}: {source}", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// The system's words; a path of more than 107 bytes is one of the reasons.
        source: std::io::Error,
    },
}

/// Somebody looks: to be answered with a document of now. Dropping it unanswered is allowed.
#[derive(Debug)]
pub struct StatusRequest(oneshot::Sender<Box<StatusDocument>>);

impl StatusRequest {
    /// Answers. Whether somebody still waits does not matter.
    pub fn answer(self, document: StatusDocument) {
        let _ = self.0.send(Box::new(document));
    }
}

/// The socket; removed when this is dropped.
#[derive(Debug)]
pub struct StatusServer {
    path: PathBuf,
    task: JoinHandle<()>,
}

impl StatusServer {
    /// Opens `<state_dir>/status.sock`; the caller holds the state directory's lock. Requests come out of the receiver.
    /// Needs a tokio runtime with a thread besides the one that the caller's loop may be stuck on.
    ///
    /// # Errors
    /// When another agent answers there, or the socket cannot be made.
    pub fn start(state_dir: &Path) -> Result<(Self, mpsc::Receiver<StatusRequest>), StatusServerError> {
        let path = socket_path(state_dir);
        let listener = listen(&path)?;
        // As many as there can be connections: never full.
        let (requests, inbox) = mpsc::channel(LOOKERS_MAX);
        let task = tokio::spawn(accept(listener, requests));
        Ok((Self { path, task }, inbox))
    }

    /// Where it listens.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for StatusServer {
    fn drop(&mut self) {
        self.task.abort();
        // What cannot be removed, or hangs, is replaced by the next agent.
        let path = self.path.clone();
        left_behind::give_a_moment(move || drop(fs::remove_file(path)));
    }
}

fn listen(path: &Path) -> Result<UnixListener, StatusServerError> {
    let io = |source| StatusServerError::Io { path: path.to_owned(), source };
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(StatusServerError::NotASocket { path: path.to_owned() });
        }
        Ok(_) if blocking::UnixStream::connect(path).is_ok() => {
            return Err(StatusServerError::InUse { path: path.to_owned() });
        }
        _ => {}
    }
    let new = path.with_extension("new");
    let _ = fs::remove_file(&new);
    let listener = UnixListener::bind(&new).map_err(io)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(MODE)).map_err(io)?;
    fs::rename(&new, path).map_err(io)?;
    Ok(listener)
}

async fn accept(listener: UnixListener, requests: mpsc::Sender<StatusRequest>) {
    let room = Arc::new(Semaphore::new(LOOKERS_MAX));
    let mut refused = 0;
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!(%error, "failed to accept on the status socket");
                tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
                continue;
            }
        };
        match Arc::clone(&room).try_acquire_owned() {
            Ok(permit) => drop(tokio::spawn(show(stream, requests.clone(), refused, permit))),
            Err(_) => refused += 1,
        }
    }
}

/// One connection, from the request to the close.
async fn show(
    mut stream: UnixStream,
    requests: mpsc::Sender<StatusRequest>,
    refused: u64,
    _permit: OwnedSemaphorePermit,
) {
    let mut line = match ask(&requests).await {
        Some(document) => {
            let document = StatusDocument { lookers_refused: refused, ..*document };
            // Texts, numbers and maps with texts for keys: there is nothing that JSON could not say.
            serde_json::to_string(&document).unwrap_or_default()
        }
        None => stuck(),
    };
    line.push('\n');
    let written = async {
        stream.write_all(line.as_bytes()).await?;
        stream.shutdown().await
    };
    // A reader that stalls or leaves loses its answer and nothing else.
    let _ = tokio::time::timeout(Duration::from_millis(WRITE_MS), written).await;
}

/// `None` when the loop does not answer in time.
async fn ask(requests: &mpsc::Sender<StatusRequest>) -> Option<Box<StatusDocument>> {
    let (reply, answer) = oneshot::channel();
    requests.try_send(StatusRequest(reply)).ok()?;
    tokio::time::timeout(Duration::from_millis(LOOP_MS), answer).await.ok()?.ok()
}

/// What is said in place of a document.
fn stuck() -> String {
    serde_json::json!({
        "version": VERSION,
        "error": "loop_does_not_answer",
        "detail": format!("the agent's loop did not answer within {LOOP_MS} ms"),
        "pid": std::process::id(),
    })
    .to_string()
}
