//! One file into the cache: attempts, caps, digest.
//!
//! Per attempt: 30 s to open, 30 s without a byte, 30 min in all. A digest is downloaded by one at a time, over all
//! runs; whoever waits for it finds it in the cache, or tries by itself when the first one failed or was called off.

use super::budget::Budget;
use super::flights::Flights;
use super::hashing::Hasher;
use super::progress::Share;
use super::retry::{Attempts, Fault, Next};
use super::{FetchSettings, Progress, local_file};
use crate::base::entropy::random_u64;
use crate::base::file_threads::FILES;
use crate::files::cache::{Cache, Pin, Temporary};
use crate::files::error::{FetchError, Shown};
use crate::files::source::{Object, ObjectSource, SourceError};
use gridnode_core::node::command::{FileRef, FileUri};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

const OPEN_TIMEOUT: Duration = Duration::from_secs(30);
const STALL_TIMEOUT: Duration = Duration::from_secs(30);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// Hashed in one go on a thread of the runtime: well below a millisecond.
const CHUNK_BYTES: usize = 256 * 1024;

/// A network gives a few KiB at a time, and every write is a hop to another thread.
const WRITE_BYTES: usize = 1 << 20;

/// What downloads share.
#[derive(Debug)]
pub(super) struct Depot {
    pub(super) settings: FetchSettings,
    pub(super) source: Option<Arc<dyn ObjectSource>>,
    pub(super) cache: Arc<Cache>,
    pub(super) flights: Flights,
    pub(super) places: Semaphore,
}

/// One file of one run.
#[derive(Debug)]
pub(super) struct Download {
    pub(super) depot: Arc<Depot>,
    pub(super) file: FileRef,
    pub(super) budget: Arc<Budget>,
    pub(super) progress: watch::Sender<Progress>,
}

/// An attempt that came to nothing.
struct Failed {
    fault: Fault,
    error: FetchError,
}

impl From<FetchError> for Failed {
    fn from(error: FetchError) -> Self {
        Self { fault: Fault::Final, error }
    }
}

impl Download {
    /// The file, in the cache and in use.
    pub(super) async fn run(self) -> Result<Pin, FetchError> {
        let flight = self.depot.flights.of(self.file.sha256);
        let _mine = flight.lock().await;
        if let Some(pin) = self.depot.cache.pin(self.file.sha256) {
            return self.hit(pin);
        }
        let mut attempts = Attempts::default();
        loop {
            let failed = match self.attempt().await {
                Ok(pin) => return Ok(pin),
                Err(failed) => failed,
            };
            // A system without random numbers costs the jitter and nothing else.
            let jitter = random_u64().unwrap_or_else(|_| u64::from(std::process::id()));
            match attempts.failed(failed.fault, jitter) {
                Next::GiveUp => return Err(counted(failed.error, attempts.count())),
                Next::RetryAfterMs(ms) => {
                    tracing::warn!(error = %failed.error, retry_after_ms = ms, "a download failed");
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                }
            }
        }
    }

    fn hit(&self, pin: Pin) -> Result<Pin, FetchError> {
        self.check_size(pin.bytes(), false)?;
        let mut share = Share::new(&self.progress, &self.budget);
        if !share.adds(pin.bytes()) {
            return Err(self.run_too_large());
        }
        share.complete();
        Ok(pin)
    }

    async fn attempt(&self) -> Result<Pin, Failed> {
        let Ok(_place) = self.depot.places.acquire().await else {
            return Err(FetchError::Defect.into());
        };
        let all = timeout(ATTEMPT_TIMEOUT, self.transfer()).await;
        all.unwrap_or_else(|_| {
            Err(self.broken(format!("it took longer than {} s", ATTEMPT_TIMEOUT.as_secs())))
        })
    }

    async fn transfer(&self) -> Result<Pin, Failed> {
        let opened = timeout(OPEN_TIMEOUT, self.open()).await;
        let opened = opened.unwrap_or_else(|_| {
            Err(self.broken(format!("it did not answer within {} s", OPEN_TIMEOUT.as_secs())))
        });
        let object = opened?;
        let mut share = Share::new(&self.progress, &self.budget);
        if let Some(bytes) = object.bytes {
            self.check_size(bytes, false)?;
            share.knows(bytes);
        }
        let cache = Arc::clone(&self.depot.cache);
        let announced = object.bytes.unwrap_or(0);
        let (temporary, file) = blocking(move || {
            cache.make_room(announced);
            cache.begin()
        })
        .await?;
        let (temporary, bytes) = self.pour(object, temporary, file, &mut share).await?;
        let (cache, digest) = (Arc::clone(&self.depot.cache), self.file.sha256);
        let pin = blocking(move || cache.commit(temporary, digest, bytes)).await?;
        share.complete();
        Ok(pin)
    }

    async fn open(&self) -> Result<Object, Failed> {
        let opened = match (&self.file.uri, &self.depot.source) {
            (FileUri::File { path }, _) => local_file::open(Path::new(path)).await,
            (FileUri::S3 { bucket, key }, Some(source)) => source.open(bucket, key).await,
            (FileUri::S3 { .. }, None) => {
                let (name, from) = (self.file.name.clone(), self.from());
                return Err(FetchError::NoStore { name, from }.into());
            }
        };
        opened.map_err(|error| self.refused(error))
    }

    /// Writes all of `object`, hashing and counting; synced and with the right digest when it returns.
    async fn pour(
        &self,
        mut object: Object,
        temporary: Temporary,
        file: std::fs::File,
        share: &mut Share,
    ) -> Result<(Temporary, u64), Failed> {
        let failed = |e| FetchError::io("write", temporary.path(), e);
        let mut file = BufWriter::with_capacity(WRITE_BYTES, tokio::fs::File::from_std(file));
        let mut chunk = vec![0; CHUNK_BYTES];
        let (mut hasher, mut bytes) = (Hasher::new(), 0);
        loop {
            let Ok(read) = timeout(STALL_TIMEOUT, object.body.read(&mut chunk)).await else {
                return Err(self.broken(format!("no byte came for {} s", STALL_TIMEOUT.as_secs())));
            };
            let read = read.map_err(|e| self.broken(format!("it broke off after {bytes} bytes: {e}")))?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            self.check_size(bytes, true)?;
            if !share.adds(read as u64) {
                return Err(self.run_too_large().into());
            }
            hasher.update(&chunk[..read]);
            file.write_all(&chunk[..read]).await.map_err(failed)?;
        }
        if let Some(announced) = object.bytes.filter(|announced| bytes < *announced) {
            return Err(self.broken(format!("it broke off after {bytes} of {announced} bytes")));
        }
        let (wanted, found) = (self.file.sha256, hasher.finish());
        if found != wanted {
            let (name, from) = (self.file.name.clone(), self.from());
            return Err(Failed {
                fault: Fault::Digest,
                error: FetchError::Digest { name, from, wanted, found },
            });
        }
        file.flush().await.map_err(failed)?;
        file.into_inner().sync_all().await.map_err(failed)?;
        Ok((temporary, bytes))
    }

    fn check_size(&self, bytes: u64, counted: bool) -> Result<(), FetchError> {
        let max = self.depot.settings.file_bytes_max;
        match bytes > max {
            true => {
                let (name, from) = (self.file.name.clone(), self.from());
                Err(FetchError::TooLarge {
                    name,
                    from,
                    bytes: if counted { max } else { bytes },
                    counted,
                    max,
                })
            }
            false => Ok(()),
        }
    }

    fn run_too_large(&self) -> FetchError {
        FetchError::RunTooLarge { name: self.file.name.clone(), max: self.depot.settings.run_bytes_max }
    }

    fn broken(&self, why: String) -> Failed {
        self.refused(SourceError::Unavailable { why })
    }

    fn refused(&self, error: SourceError) -> Failed {
        let fault = if error.is_passing() { Fault::Passing } else { Fault::Final };
        let (name, from) = (self.file.name.clone(), self.from());
        Failed { fault, error: FetchError::Source { name, from, error, attempts: 1 } }
    }

    fn from(&self) -> Shown {
        Shown::of(&self.file.uri)
    }
}

/// Runs what waits for a disk; it goes on to its end when the caller is called off.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FetchError> + Send + 'static,
) -> Result<T, FetchError> {
    let done = FILES.start(work).map_err(FetchError::NoThread)?;
    done.await.unwrap_or(Err(FetchError::Defect))
}

fn counted(error: FetchError, count: u32) -> FetchError {
    match error {
        FetchError::Source { name, from, error, .. } => {
            FetchError::Source { name, from, error, attempts: count }
        }
        other => other,
    }
}
