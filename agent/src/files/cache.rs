//! Files by their digests, so that a plan comes over the network once a node and not once a run.
//!
//! ```text
//! {cache}/{64 hex digits}   a file whose content had this SHA-256 when it was put here; its mtime is its last use
//! {cache}/{…}.tmp           not finished, or on its way out; removed at start
//! ```
//!
//! A file gets its name when it is complete, checked and durable. What is taken out is hashed again on its way into a
//! run, so a disk that lies is found out. The directory is 0700 and the files 0600: the plans of one customer are no
//! business of another one's tool. The synchronous calls here belong on a blocking thread.

mod index;

use crate::base::clock;
use crate::files::error::FetchError;
use gridnode_core::base::time::Wall;
use gridnode_core::node::command::Sha256;
use index::Index;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

const TEMPORARY: &str = ".tmp";

/// See the module's head.
#[derive(Debug)]
pub(super) struct Cache {
    dir: PathBuf,
    index: Mutex<Index>,
    numbers: AtomicU64,
    hits: AtomicU64,
    misses: AtomicU64,
    evicted: AtomicU64,
    corrupt: AtomicU64,
}

/// What the cache holds now and did since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheCounters {
    /// Files in it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were there when they were asked for.
    pub hits: u64,
    /// Files that were put in.
    pub misses: u64,
    /// Files that made room for others.
    pub evicted: u64,
    /// Files that were not what they had been, and were fetched again.
    pub corrupt: u64,
}

/// A file of the cache that is in use: it stays until this is dropped.
#[derive(Debug)]
pub(super) struct Pin {
    cache: Arc<Cache>,
    digest: Sha256,
    bytes: u64,
    generation: u64,
}

/// A file without a name in the cache; removed when dropped.
#[derive(Debug)]
pub(super) struct Temporary {
    path: PathBuf,
}

impl Cache {
    /// Makes the directory, removes what is unfinished, and evicts what is too much.
    pub(super) fn open(dir: &Path, bytes_max: u64) -> Result<Self, FetchError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
        made.map_err(|e| FetchError::io("make", dir, e))?;
        let mut index = Index::new(bytes_max);
        for entry in fs::read_dir(dir).map_err(|e| FetchError::io("read", dir, e))?.flatten() {
            take_in(&mut index, &entry);
        }
        let cache = Self {
            dir: dir.to_owned(),
            index: Mutex::new(index),
            numbers: AtomicU64::new(0),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
            corrupt: AtomicU64::new(0),
        };
        cache.make_room(0);
        Ok(cache)
    }

    /// A file, if it is there.
    pub(super) fn pin(self: &Arc<Self>, digest: Sha256) -> Option<Pin> {
        let now = clock::now().wall;
        let (bytes, generation) = self.lock().pin(digest, now)?;
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(Pin { cache: Arc::clone(self), digest, bytes, generation })
    }

    /// A new file to write into.
    pub(super) fn begin(&self) -> Result<(Temporary, File), FetchError> {
        let path = self.temporary();
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(|e| FetchError::io("make", &path, e))?;
        Ok((Temporary { path }, file))
    }

    /// Gives a finished, synced file its name.
    pub(super) fn commit(
        self: &Arc<Self>,
        temporary: Temporary,
        digest: Sha256,
        bytes: u64,
    ) -> Result<Pin, FetchError> {
        self.make_room(bytes);
        let (path, now) = (self.path(digest), clock::now().wall);
        let pinned = {
            let mut index = self.lock();
            fs::rename(&temporary.path, &path).map_err(|e| FetchError::io("write", &path, e))?;
            index.insert(digest, bytes, now);
            index.pin(digest, now)
        };
        self.misses.fetch_add(1, Ordering::Relaxed);
        sync_dir(&self.dir)?;
        let generation = pinned.map_or(0, |(_, generation)| generation);
        Ok(Pin { cache: Arc::clone(self), digest, bytes, generation })
    }

    /// Throws a file away that is not what it was.
    pub(super) fn discard(&self, pin: &Pin) {
        let mut index = self.lock();
        // Another run may have found the same and put a good one there.
        if index.has(pin.digest, pin.generation) {
            index.remove(pin.digest);
            drop(fs::remove_file(self.path(pin.digest)));
            self.corrupt.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Evicts until `bytes` more fit, as far as what is in use lets it.
    pub(super) fn make_room(&self, bytes: u64) {
        let mut going = Vec::new();
        {
            let mut index = self.lock();
            for digest in index.make_room(bytes) {
                // Out of the way under the lock; the unlinking of a large file takes its time.
                let aside = self.temporary();
                let moved = fs::rename(self.path(digest), &aside);
                going.extend(moved.is_ok().then_some(Temporary { path: aside }));
                self.evicted.fetch_add(1, Ordering::Relaxed);
            }
        }
        drop(going);
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn counters(&self) -> CacheCounters {
        let (files, bytes) = self.lock().size();
        CacheCounters {
            files: files as u64,
            bytes,
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            evicted: self.evicted.load(Ordering::Relaxed),
            corrupt: self.corrupt.load(Ordering::Relaxed),
        }
    }

    fn path(&self, digest: Sha256) -> PathBuf {
        self.dir.join(digest.to_string())
    }

    fn temporary(&self) -> PathBuf {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        self.dir.join(format!("{}-{number}{TEMPORARY}", std::process::id()))
    }

    /// Nothing under this lock can leave the index half changed.
    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pin {
    pub(super) fn digest(&self) -> Sha256 {
        self.digest
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Opens the file and notes the use for the next start of the agent.
    pub(super) fn open(&self) -> io::Result<File> {
        let file = File::open(self.cache.path(self.digest))?;
        let now = u64::try_from(clock::now().wall.0).unwrap_or(0);
        // Only the order of eviction suffers without it.
        drop(file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_nanos(now)));
        Ok(file)
    }
}

impl Temporary {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        self.cache.lock().unpin(self.digest, self.generation);
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a commit it is not there any more; the rest is removed at the next start.
        drop(fs::remove_file(&self.path));
    }
}

/// Enters what has a digest for a name, removes what is unfinished, leaves alone what is neither.
fn take_in(index: &mut Index, entry: &fs::DirEntry) {
    let name = entry.file_name();
    let Some(name) = name.to_str() else { return };
    if name.ends_with(TEMPORARY) {
        drop(fs::remove_file(entry.path()));
        return;
    }
    let digest = Sha256::from_hex(name).filter(|digest| digest.to_string() == name);
    let metadata = entry.metadata().ok().filter(fs::Metadata::is_file);
    if let (Some(digest), Some(metadata)) = (digest, metadata) {
        let since = metadata.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
        let used = since.and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0);
        index.insert(digest, metadata.len(), Wall(used));
    }
}

fn sync_dir(dir: &Path) -> Result<(), FetchError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| FetchError::io("sync the directory", dir, e))
}
