//! What a node lets a command fetch.

use gridnode_core::base::limits::{FILE_BYTES_DEFAULT, RUN_FILES_BYTES_DEFAULT};
use std::path::PathBuf;

/// Bounds and places; checked by whoever reads the configuration, harmless with any values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchSettings {
    /// Holds one file a digest; made if absent. On the same file system as nothing in particular: runs get copies.
    pub cache_dir: PathBuf,
    /// One file of a command, bytes. Default [`FILE_BYTES_DEFAULT`].
    pub file_bytes_max: u64,
    /// All files of one command, bytes. Default [`RUN_FILES_BYTES_DEFAULT`].
    pub run_bytes_max: u64,
    /// What comes out of all archives of one command, bytes. Default as all files.
    pub unpacked_bytes_max: u64,
    /// Files and directories that come out of them. Default 20,000.
    pub unpacked_files_max: u32,
    /// What the cache keeps beyond what is in use, bytes. Default 8 GiB.
    pub cache_bytes_max: u64,
    /// Downloads at once, over all runs. Default 4; at least 1.
    pub parallel: usize,
    /// Whether `file://` is taken: for laptops and tests. On a grid it would let a command read the node's own files.
    pub file_uris: bool,
}

const GIB: u64 = 1 << 30;

impl FetchSettings {
    /// The defaults, with a cache in `cache_dir`.
    #[must_use]
    pub fn new(cache_dir: PathBuf) -> Self {
        Self {
            cache_dir,
            file_bytes_max: FILE_BYTES_DEFAULT,
            run_bytes_max: RUN_FILES_BYTES_DEFAULT,
            unpacked_bytes_max: RUN_FILES_BYTES_DEFAULT,
            unpacked_files_max: 20_000,
            cache_bytes_max: 8 * GIB,
            parallel: 4,
            file_uris: false,
        }
    }
}
