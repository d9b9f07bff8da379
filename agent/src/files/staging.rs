//! The run's directory while it is being filled: beside its final place, which it takes by one rename.
//!
//! Every component is opened relative to the one above it and without following symlinks, so that no name leads out,
//! whatever is in the directory. Files are made anew, never opened. Files are 0644, directories 0755: what is made of
//! them for the tool's user is up to who starts it. Nothing here is made durable: a run does not outlive its agent.

use super::error::FetchError;
use crate::base::file_threads::FILES;
use gridnode_core::node::command::FileName;
use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::{Mode, fchmod, mkdirat};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const FILE_MODE: Mode = Mode::from_bits_truncate(0o644);
const DIR_MODE: Mode = Mode::from_bits_truncate(0o755);
const DIR_FLAGS: OFlag =
    OFlag::O_RDONLY.union(OFlag::O_DIRECTORY).union(OFlag::O_NOFOLLOW).union(OFlag::O_CLOEXEC);
const FILE_FLAGS: OFlag = OFlag::O_WRONLY
    .union(OFlag::O_CREAT)
    .union(OFlag::O_EXCL)
    .union(OFlag::O_NOFOLLOW)
    .union(OFlag::O_CLOEXEC);

/// See the module's head. Dropped without being published, it is removed.
#[derive(Debug)]
pub(crate) struct Staging {
    root: OwnedFd,
    path: PathBuf,
    into: PathBuf,
    published: AtomicBool,
}

impl Staging {
    /// An empty directory beside `into`, which has to be absent or empty.
    pub(crate) fn new(into: &Path) -> Result<Self, FetchError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        if fs::read_dir(into).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(FetchError::NotEmpty { dir: into.to_owned() });
        }
        let parent = into.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(parent).map_err(|e| FetchError::io("make", parent, e))?;
        let name = into.file_name().unwrap_or_default().to_string_lossy();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!(".{name}.{}-{number}.tmp", std::process::id()));
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|e| FetchError::io("make", &path, e))?;
        let root = File::open(&path).map_err(|e| FetchError::io("open", &path, e))?.into();
        Ok(Self { root, path, into: into.to_owned(), published: AtomicBool::new(false) })
    }

    /// A new file, with the directories above it.
    pub(crate) fn create(&self, name: &FileName) -> io::Result<File> {
        let (parent, last) = self.above(name)?;
        let fd = openat(parent.as_fd(), last, FILE_FLAGS, Mode::S_IRUSR)?;
        // Not left to openat: the umask would have its say.
        fchmod(&fd, FILE_MODE)?;
        Ok(fd.into())
    }

    /// A directory, with those above it; one that is there is fine.
    pub(crate) fn make_dir(&self, name: &FileName) -> io::Result<()> {
        let (parent, last) = self.above(name)?;
        descend(&parent, last).map(drop)
    }

    /// Where a file of this name is while the directory is being filled; for errors.
    pub(crate) fn shown(&self, name: &FileName) -> PathBuf {
        self.path.join(name.as_str())
    }

    /// Gives the directory its final name.
    pub(crate) fn publish(&self) -> Result<(), FetchError> {
        let failed = |e: io::Error| match e.kind() {
            io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
                FetchError::NotEmpty { dir: self.into.clone() }
            }
            _ => FetchError::io("make", &self.into, e),
        };
        fchmod(&self.root, DIR_MODE).map_err(|e| failed(e.into()))?;
        fs::rename(&self.path, &self.into).map_err(failed)?;
        self.published.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn above<'n>(&self, name: &'n FileName) -> io::Result<(OwnedFd, &'n str)> {
        let mut parent = self.root.try_clone()?;
        let (dirs, last) = name.as_str().rsplit_once('/').unwrap_or(("", name.as_str()));
        for dir in dirs.split('/').filter(|dir| !dir.is_empty()) {
            parent = descend(&parent, dir)?;
        }
        Ok((parent, last))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.published.load(Ordering::Relaxed) {
            return;
        }
        let path = self.path.clone();
        // What cannot be removed now goes with the run's directory.
        let remove = move || drop(fs::remove_dir_all(path));
        match tokio::runtime::Handle::try_current() {
            Ok(_) => FILES.aside("removing files of a fetch that failed", remove),
            Err(_) => remove(),
        }
    }
}

fn descend(parent: &OwnedFd, dir: &str) -> io::Result<OwnedFd> {
    let made = match mkdirat(parent, dir, Mode::S_IRWXU) {
        Ok(()) => true,
        Err(Errno::EEXIST) => false,
        Err(errno) => return Err(errno.into()),
    };
    let fd = openat(parent, dir, DIR_FLAGS, Mode::empty())?;
    if made {
        fchmod(&fd, DIR_MODE)?;
    }
    Ok(fd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn name(text: &str) -> FileName {
        FileName::new(text).unwrap()
    }

    #[test]
    fn it_appears_complete_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let into = dir.path().join("runs/7.1/files");
        let staging = Staging::new(&into).unwrap();
        staging.create(&name("a/b/plan.jmx")).unwrap().write_all(b"x").unwrap();
        staging.make_dir(&name("empty")).unwrap();
        staging.make_dir(&name("a/b")).unwrap();
        assert!(!into.exists());
        staging.publish().unwrap();
        drop(staging);
        let mode = |path: &str| fs::metadata(into.join(path)).unwrap().permissions().mode() & 0o7777;
        assert_eq!([mode(""), mode("a"), mode("empty"), mode("a/b/plan.jmx")], [0o755, 0o755, 0o755, 0o644]);
        assert!(matches!(Staging::new(&into), Err(FetchError::NotEmpty { .. })));
    }

    #[test]
    fn dropped_it_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let staging = Staging::new(&dir.path().join("files")).unwrap();
        staging.create(&name("a")).unwrap();
        drop(staging);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn nothing_is_followed_and_nothing_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let outside = dir.path().join("outside");
        fs::create_dir(&outside).unwrap();
        let staging = Staging::new(&dir.path().join("files")).unwrap();
        symlink(&outside, staging.path.join("link")).unwrap();
        symlink(outside.join("target"), staging.path.join("dangling")).unwrap();
        assert!(staging.create(&name("link/a")).is_err());
        assert!(staging.create(&name("dangling")).is_err());
        assert!(staging.make_dir(&name("link")).is_err());
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
        staging.create(&name("once")).unwrap();
        assert_eq!(staging.create(&name("once")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(staging.create(&name("once/a")).is_err());
    }
}
