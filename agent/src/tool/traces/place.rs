//! The directory that a plug-in writes its traces into, which belongs to the plan.

use super::unwritten::Unwritten;
use crate::cage::foreign_file;
use gridnode_core::trace::{FILE_BYTES_MAX, SUPPRESSED_MAX};
use serde::Deserialize;
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Files that are counted at the end.
const LEFT_MAX: usize = 1_000_000;
/// Of them those that are read: each source leaves one.
const UNTOLD_MAX: usize = 1_000;

/// See the module's head.
pub(super) struct Place {
    path: PathBuf,
    /// Kept open, and not looked up again: see `stop_file`. Also, nobody can put a link in its place.
    dir: io::Result<File>,
}

/// What nobody has taken.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Traces.
    pub traces: u64,
    /// Failures without one, as the plug-ins told last.
    pub suppressed: u64,
    /// Traces that they could not write.
    pub unwritten: Unwritten,
}

/// What is left of a run's traces in its directory, where that can be looked at. Blocks.
#[must_use]
pub fn left_in(dir: &Path) -> Left {
    Place::open(dir).left(&HashSet::new())
}

impl Place {
    pub(super) fn open(path: &Path) -> Self {
        let flags = libc::O_DIRECTORY | libc::O_NOFOLLOW;
        let dir = OpenOptions::new().read(true).custom_flags(flags).open(path);
        Self { path: path.to_owned(), dir }
    }

    /// Those that are finished: what is being written has another name, and last words are not ours.
    pub(super) fn files(&self, max: usize) -> Vec<PathBuf> {
        self.entries().filter(|path| path.extension().is_some_and(|ext| ext == "json")).take(max).collect()
    }

    fn entries(&self) -> impl Iterator<Item = PathBuf> + use<> {
        let below = self.dir.as_ref().ok().map(|dir| format!("/proc/self/fd/{}", dir.as_raw_fd()));
        let entries = below.and_then(|below| fs::read_dir(below).ok()).into_iter().flatten();
        entries.flatten().map(|entry| entry.path())
    }

    /// When nobody writes any more: what was not taken, and what a plug-in that was killed had told by then.
    pub(super) fn left(&self, stuck: &HashSet<PathBuf>) -> Left {
        let mut left = Left::default();
        let mut read = 0;
        for path in self.entries().take(LEFT_MAX) {
            let ext = path.extension().unwrap_or_default();
            if !(ext == "json" || ext == "pending") || stuck.contains(&path) {
                continue;
            }
            if is_untold(&path) {
                read += 1;
                let counts =
                    if read <= UNTOLD_MAX { untold(&path).unwrap_or_default() } else { Default::default() };
                left.suppressed = left.suppressed.saturating_add(counts.0);
                left.unwritten = left.unwritten.plus(counts.1);
                let _ = fs::remove_file(&path);
            } else if ext == "json" {
                left.traces += 1;
            }
        }
        left
    }

    /// What keeps a plug-in's traces from whoever looks here.
    pub(super) fn doubt(&self) -> Option<String> {
        let dir = match &self.dir {
            Ok(dir) => dir,
            Err(error) => {
                return Some(format!(
                    "error traces were not taken: their directory cannot be opened: {error}"
                ));
            }
        };
        let is_same =
            |there: fs::Metadata, ours: fs::Metadata| (there.dev(), there.ino()) == (ours.dev(), ours.ino());
        let both = fs::symlink_metadata(&self.path).and_then(|there| Ok((there, dir.metadata()?)));
        let is_ours = both.is_ok_and(|(there, ours)| is_same(there, ours));
        (!is_ours).then(|| {
            "error traces were not taken: their directory was removed, moved or replaced while the tool ran; how many there were is not \
             known"
                .to_owned()
        })
    }
}

/// What a plug-in tells at its end, or has told last when it was killed.
#[derive(Deserialize)]
struct Untold {
    #[serde(default)]
    suppressed: Vec<UntoldKind>,
    #[serde(default)]
    others: u64,
    #[serde(flatten)]
    unwritten: Unwritten,
}

#[derive(Deserialize)]
struct UntoldKind {
    count: u64,
}

/// Whether a file is one of counts.
pub(super) fn is_untold(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem.as_encoded_bytes().ends_with(b"-suppressed"))
}

/// Failures that are in no trace, and traces that could not be written.
pub(super) fn untold(path: &Path) -> Result<(u64, Unwritten), String> {
    let bytes = foreign_file::head(path, FILE_BYTES_MAX as u64 + 1).map_err(|error| error.to_string())?;
    let untold: Untold = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    let counts = untold.suppressed.iter().map(|kind| kind.count);
    let count = counts.fold(untold.others, u64::saturating_add);
    if count.max(untold.unwritten.traces) > SUPPRESSED_MAX {
        return Err(format!("it tells of more than {SUPPRESSED_MAX} failures"));
    }
    Ok((count, untold.unwritten))
}
