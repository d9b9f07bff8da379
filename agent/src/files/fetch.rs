//! The files of a run: from the uris of a command to a directory that has all of them, and nothing else.
//!
//! ```text
//! s3://, file:// ─▶ size, digest ─▶ cache/<sha256> ─▶ digest again ─▶ .files.….tmp/ ─▶ plan is there? ─▶ rename to files/
//!                   (parallel)       (one a digest)    copy, unpack    (staging)
//! ```
//!
//! - Nothing has its final name before it is complete: neither in the cache nor in the run's directory. A fetch that is
//!   dropped leaves nothing behind that anybody would find.
//! - A file whose name ends in `.zip` is unpacked into the directory where it lies and is not kept itself.
//! - What can be mended by trying again is tried again here and nowhere else: clients make one try a call.
//! - Bounds: [`FetchSettings`]; a command has at most 64 files ([`gridnode_core::node::command`]).

mod budget;
mod download;
mod flights;
pub(super) mod hashing;
mod local_file;
mod place;
mod progress;
mod retry;
mod settings;

pub use progress::{Phase, Progress};
pub use settings::FetchSettings;

use super::archive::Allowance;
use super::cache::{Cache, CacheCounters, Pin};
use super::error::{FetchError, Shown};
use super::names::Names;
use super::source::ObjectSource;
use super::staging::Staging;
use budget::Budget;
use download::{Depot, Download, blocking};
use flights::Flights;
use gridnode_core::node::command::{FileName, FileRef, FileUri};
use place::{Placed, Placing};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How often a line about a long fetch is logged.
const LOG_EVERY: Duration = Duration::from_secs(2);
/// A disk that gives back wrong bytes so often is broken.
const CORRUPT_MAX: usize = 3;

/// Fetches for all runs of an agent; cheap to clone.
#[derive(Debug, Clone)]
pub struct Fetcher {
    depot: Arc<Depot>,
}

/// A run's directory, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Where everything is.
    pub dir: PathBuf,
    /// The file or directory that the tool is given.
    pub plan: PathBuf,
    /// Files in it, those from archives counted and the archives not.
    pub files: usize,
    /// Bytes of the command's files, in the cache or downloaded.
    pub bytes: u64,
}

impl Fetcher {
    /// Opens the cache (synchronously). Without `source`, commands with `s3://` are refused.
    ///
    /// # Errors
    /// When the cache's directory cannot be made or read.
    pub fn new(settings: FetchSettings, source: Option<Arc<dyn ObjectSource>>) -> Result<Self, FetchError> {
        let cache = Arc::new(Cache::open(&settings.cache_dir, settings.cache_bytes_max)?);
        let places = Semaphore::new(settings.parallel.clamp(1, Semaphore::MAX_PERMITS));
        let depot = Depot { settings, source, cache, flights: Flights::default(), places };
        Ok(Self { depot: Arc::new(depot) })
    }

    /// Makes `into` (absent or empty) with all `files` and what is in their archives; `plan` is one of these, or a
    /// directory of them. Dropping
    /// the future calls it off; `into` is absent then, or complete when it was too late. Progress ends with
    /// [`Phase::Done`].
    ///
    /// # Errors
    /// With a sentence for whoever published the command; nothing is at `into` then.
    pub async fn fetch(
        &self,
        files: &[FileRef],
        plan: &FileName,
        into: &Path,
        progress: &watch::Sender<Progress>,
    ) -> Result<Fetched, FetchError> {
        self.check(files)?;
        let files_total = u32::try_from(files.len()).unwrap_or(u32::MAX);
        progress.send_replace(Progress { files_total, ..Progress::default() });
        let cancel = CancellationToken::new();
        let _cancelled_with_us = cancel.clone().drop_guard();
        let mut ready = self.download(files, progress).await?;
        for _ in 0..CORRUPT_MAX {
            let placing = self.placing(&ready, plan, into, progress, &cancel).await?;
            match logged(progress, blocking(move || placing.run())).await? {
                Placed::Complete { files } => {
                    let bytes = ready.iter().map(|(_, pin)| pin.bytes()).sum();
                    let plan = into.join(plan.as_str());
                    drop(ready);
                    self.tidy().await?;
                    return Ok(Fetched { dir: into.to_owned(), plan, files, bytes });
                }
                Placed::Corrupt(files) => {
                    for (file, pin) in files {
                        self.refetch(&file, &pin, &mut ready, progress).await?;
                    }
                }
            }
        }
        let name = plan.clone();
        Err(FetchError::Cache { name, dir: self.depot.cache.dir().to_owned() })
    }

    /// What the cache holds and did.
    #[must_use]
    pub fn counters(&self) -> CacheCounters {
        self.depot.cache.counters()
    }

    /// What was in use may have been more than the cache is to keep.
    async fn tidy(&self) -> Result<(), FetchError> {
        let cache = Arc::clone(&self.depot.cache);
        blocking(move || {
            cache.make_room(0);
            Ok(())
        })
        .await
    }

    /// What can be said without a look at any file.
    fn check(&self, files: &[FileRef]) -> Result<(), FetchError> {
        let mut names = Names::default();
        for file in files {
            let taken = names.file(&file.name);
            taken.map_err(|why| FetchError::Conflict { name: file.name.clone(), why })?;
            let (name, from) = (file.name.clone(), Shown::of(&file.uri));
            match file.uri {
                FileUri::File { .. } if !self.depot.settings.file_uris => {
                    return Err(FetchError::FileUrisOff { name, from });
                }
                FileUri::S3 { .. } if self.depot.source.is_none() => {
                    return Err(FetchError::NoStore { name, from });
                }
                FileUri::File { .. } | FileUri::S3 { .. } => {}
            }
        }
        Ok(())
    }

    /// All files into the cache, in the order of the command. The first error calls the others off.
    async fn download(
        &self,
        files: &[FileRef],
        progress: &watch::Sender<Progress>,
    ) -> Result<Vec<(FileRef, Arc<Pin>)>, FetchError> {
        let budget = Arc::new(Budget::new(self.depot.settings.run_bytes_max));
        let mut downloads = JoinSet::new();
        for (n, file) in files.iter().enumerate() {
            let download = self.one(file, &budget, progress);
            downloads.spawn(async move { (n, download.run().await) });
        }
        let all = async {
            let mut ready: Vec<Option<Arc<Pin>>> = files.iter().map(|_| None).collect();
            while let Some(joined) = downloads.join_next().await {
                let (n, pin) = joined.map_err(|_| FetchError::Defect)?;
                ready[n] = Some(Arc::new(pin?));
            }
            let pins = files.iter().cloned().zip(ready);
            Ok(pins.filter_map(|(file, pin)| Some((file, pin?))).collect())
        };
        logged(progress, all).await
    }

    fn one(&self, file: &FileRef, budget: &Arc<Budget>, progress: &watch::Sender<Progress>) -> Download {
        Download {
            depot: Arc::clone(&self.depot),
            file: file.clone(),
            budget: Arc::clone(budget),
            progress: progress.clone(),
        }
    }

    async fn placing(
        &self,
        ready: &[(FileRef, Arc<Pin>)],
        plan: &FileName,
        into: &Path,
        progress: &watch::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Placing, FetchError> {
        let into = into.to_owned();
        let settings = &self.depot.settings;
        Ok(Placing {
            files: ready.to_vec(),
            plan: plan.clone(),
            staging: blocking(move || Staging::new(&into)).await?,
            allowance: Allowance::new(settings.unpacked_bytes_max, settings.unpacked_files_max),
            cancel: cancel.clone(),
            progress: progress.clone(),
        })
    }

    /// Puts a file into the cache once more. Its size was counted in the first time.
    async fn refetch(
        &self,
        file: &FileRef,
        bad: &Arc<Pin>,
        ready: &mut [(FileRef, Arc<Pin>)],
        progress: &watch::Sender<Progress>,
    ) -> Result<(), FetchError> {
        tracing::warn!(file = %file.name, digest = %file.sha256, "the cache's copy is damaged; it is fetched again");
        let (cache, pin) = (Arc::clone(&self.depot.cache), Arc::clone(bad));
        blocking(move || {
            cache.discard(&pin);
            Ok(())
        })
        .await?;
        progress.send_modify(|progress| {
            progress.phase = Phase::Downloading;
            progress.files_done = progress.files_done.saturating_sub(1);
            progress.bytes_done = progress.bytes_done.saturating_sub(bad.bytes());
            progress.bytes_known = progress.bytes_known.saturating_sub(bad.bytes());
        });
        let budget = Arc::new(Budget::new(self.depot.settings.run_bytes_max));
        let fresh = Arc::new(logged(progress, self.one(file, &budget, progress).run()).await?);
        for (_, pin) in ready.iter_mut().filter(|(other, _)| other.sha256 == file.sha256) {
            *pin = Arc::clone(&fresh);
        }
        Ok(())
    }
}

/// Waits for `work`, with a line in the log now and then.
async fn logged<T>(progress: &watch::Sender<Progress>, work: impl Future<Output = T>) -> T {
    let mut lines = tokio::time::interval(LOG_EVERY);
    lines.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    lines.tick().await;
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = lines.tick() => {
                let now = *progress.borrow();
                tracing::info!(
                    phase = now.phase.name(), files = now.files_done, files_total = now.files_total,
                    bytes = now.bytes_done, bytes_known = now.bytes_known, unpacked_files = now.unpacked_files,
                    unpacked_bytes = now.unpacked_bytes, "fetching the files of a run"
                );
            }
        }
    }
}

#[cfg(test)]
mod tests;
