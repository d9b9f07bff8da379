//! Memory files that say nothing any more and cannot be removed, as where somebody has made that file system read-only: a start would
//! count again what they say. That they are gone is noted on the disk, and it is tried again whenever another one goes.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Of a note: an empty file that has the name of the other.
const GONE: &str = ".gone";

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Gone {
    memory: PathBuf,
    /// Where the notes are; `None` where no state directory is known.
    disk: Option<PathBuf>,
    names: Arc<Mutex<BTreeSet<String>>>,
}

impl Gone {
    /// With what earlier processes have noted in `disk`; of that, what can be removed now is.
    pub(super) fn read(memory: &Path, disk: &Path) -> Self {
        let names = Arc::new(Mutex::new(noted(disk)));
        let gone = Self { memory: memory.to_owned(), disk: Some(disk.to_owned()), names };
        gone.try_again();
        gone
    }

    /// Whether a file that is there says nothing.
    pub(super) fn has(&self, path: &Path) -> bool {
        name_of(path).is_some_and(|name| self.names().contains(name))
    }

    /// Removes a file, or else empties it, or else notes that it is gone.
    pub(super) fn remove(&self, path: &Path) {
        self.try_again();
        if is_removed(path) {
            return;
        }
        let Some(name) = name_of(path) else { return };
        // Processes are killed; a machine that stops loses the memory files as well.
        let noted = self.note_of(name).map(|note| {
            note.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| File::create(note).map(drop))
        });
        if let Some(Err(error)) = noted {
            tracing::warn!(
                "{} can be neither removed nor noted as gone: {error}. Should this process be killed before, what is in it is counted \
                 twice",
                path.display()
            );
        }
        self.names().insert(name.to_owned());
    }

    /// A new file has the name.
    pub(super) fn is_back(&self, path: &Path) {
        if let Some(name) = name_of(path).filter(|name| self.names().contains(*name)) {
            self.forget(name);
        }
    }

    /// Those that could not be removed.
    pub(super) fn try_again(&self) {
        let names: Vec<String> = self.names().iter().cloned().collect();
        names.iter().filter(|name| is_removed(&self.memory.join(name))).for_each(|name| self.forget(name));
    }

    fn forget(&self, name: &str) {
        self.note_of(name).into_iter().for_each(|note| drop(fs::remove_file(note)));
        self.names().remove(name);
    }

    fn note_of(&self, name: &str) -> Option<PathBuf> {
        Some(self.disk.as_ref()?.join(format!("{name}{GONE}")))
    }

    fn names(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names of files that are noted as gone.
pub(super) fn noted(disk: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(disk).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(GONE)?.to_owned())).collect()
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// One without content says nothing, either.
fn is_removed(path: &Path) -> bool {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            OpenOptions::new().write(true).truncate(true).open(path).is_ok()
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_removed_is_gone_all_the_same_until_it_can_be() {
        let (memory, disk) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let disk = disk.path().join("progress");
        let read = || Gone::read(memory.path(), &disk);
        let path = memory.path().join("1.open");
        // No file can be made of it, by nobody.
        fs::create_dir(&path).unwrap();
        assert!(!read().has(&path));
        read().remove(&path);
        assert!(read().has(&path) && !read().has(&memory.path().join("2.open")));
        fs::remove_dir(&path).unwrap();
        assert!(!read().has(&path));
        assert_eq!(fs::read_dir(&disk).unwrap().count(), 0);
    }

    #[test]
    fn a_new_file_of_the_name_says_something() {
        let (memory, disk) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let gone = Gone::read(memory.path(), disk.path());
        let path = memory.path().join("1.0.told");
        fs::create_dir(&path).unwrap();
        gone.remove(&path);
        fs::remove_dir(&path).unwrap();
        fs::write(&path, "new").unwrap();
        gone.is_back(&path);
        gone.remove(&memory.path().join("another"));
        assert!(!gone.has(&path) && path.exists());
    }
}
