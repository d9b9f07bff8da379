//! Exclusive, crash-safe work in the tools directory: one lock file, temporary directories beside their targets.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};

use super::access;
use super::progress::Progress;

/// How often a waiting install looks whether the other one is done.
const LOCK_POLL: Duration = Duration::from_millis(200);
const TEMPORARY_PREFIX: &str = ".tmp-";

/// The right to change the tools directory, and a temporary directory in it. Dropping it removes the directory.
#[derive(Debug)]
pub struct Workspace {
    temporary: PathBuf,
    _lock: Flock<File>,
}

/// Why there is no workspace.
#[derive(Debug)]
pub enum WorkspaceError {
    /// The caller cancelled while another installation held the lock.
    Cancelled,
    /// This user must not write there.
    Denied {
        /// The tools directory.
        tools_dir: PathBuf,
        /// Who must.
        owner: String,
        /// What was to be installed, as on the command line.
        what: String,
    },
    /// The path and what the operating system said.
    Io(PathBuf, io::Error),
}

impl Workspace {
    /// Whether [`Self::open`] is worth a try: who must not write here need not look for what an installation takes.
    pub fn may_open(tools_dir: &Path, what: &str) -> Result<(), WorkspaceError> {
        if access::is_writable(tools_dir) { Ok(()) } else { Err(denied(tools_dir, what)) }
    }

    /// Waits for other installations, then clears away what dead ones have left. `what` is to be installed, as
    /// `gridnode tools install` calls it.
    pub fn open(tools_dir: &Path, what: &str, progress: &mut dyn Progress) -> Result<Self, WorkspaceError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |error: io::Error| match error.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    denied(tools_dir, what)
                }
                _ => WorkspaceError::Io(path, error),
            }
        };
        fs::create_dir_all(tools_dir).map_err(at(tools_dir))?;
        let lock_path = tools_dir.join(".lock");
        let file = File::options().create(true).append(true).open(&lock_path).map_err(at(&lock_path))?;
        let lock = lock(file, progress).map_err(|error| match error {
            None => WorkspaceError::Cancelled,
            Some(error) => WorkspaceError::Io(lock_path, error),
        })?;
        remove_leftovers(tools_dir).map_err(at(tools_dir))?;
        let temporary = tools_dir.join(format!("{TEMPORARY_PREFIX}{}", std::process::id()));
        fs::create_dir(&temporary).map_err(at(&temporary))?;
        Ok(Self { temporary, _lock: lock })
    }

    /// An empty directory on the same file system as everything else here.
    pub fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Gives a finished directory its final name. A target that is there already (and was found wanting) makes way.
    pub fn publish(&self, finished: &Path, target: &Path) -> io::Result<()> {
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        if target.symlink_metadata().is_ok() {
            // One name each: an installation may replace several.
            let mut replaced = OsString::from("replaced-");
            replaced.push(target.file_name().unwrap_or_default());
            fs::rename(target, self.temporary.join(replaced))?;
        }
        fs::rename(finished, target)
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next installation.
        let _ = fs::remove_dir_all(&self.temporary);
    }
}

fn denied(tools_dir: &Path, what: &str) -> WorkspaceError {
    let owner = access::owner_of(tools_dir);
    WorkspaceError::Denied { tools_dir: tools_dir.to_owned(), owner, what: what.to_owned() }
}

fn lock(mut file: File, progress: &mut dyn Progress) -> Result<Flock<File>, Option<io::Error>> {
    loop {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Ok(lock),
            Err((back, nix::errno::Errno::EWOULDBLOCK)) => file = back,
            Err((_, errno)) => return Err(Some(errno.into())),
        }
        if progress.is_cancelled() {
            return Err(None);
        }
        progress.working("waiting for another installation");
        std::thread::sleep(LOCK_POLL);
    }
}

/// Only the holder of the lock has a temporary directory: whatever is here now is an orphan.
fn remove_leftovers(tools_dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(tools_dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY_PREFIX) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::install::progress::Silent;

    struct Cancelled;

    impl Progress for Cancelled {
        fn step(&mut self, _: u32, _: u32, _: &str) {}
        fn working(&mut self, _: &str) {}
        fn done(&mut self, _: &str) {}
        fn is_cancelled(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_dead_installations_leftovers_are_removed_and_its_own_when_it_ends() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join(".tmp-1/half/home")).unwrap();
        let workspace = Workspace::open(dir.path(), "jmeter", &mut Silent).unwrap();
        assert!(!dir.path().join(".tmp-1").exists());
        let temporary = workspace.temporary().to_owned();
        assert!(temporary.is_dir());
        drop(workspace);
        assert!(!temporary.exists());
    }

    #[test]
    fn one_installation_replaces_several_directories() {
        let dir = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(dir.path(), "selenium", &mut Silent).unwrap();
        for name in ["home", "plugin"] {
            for text in ["old", "new"] {
                let finished = workspace.temporary().join(name);
                fs::create_dir(&finished).unwrap();
                fs::write(finished.join("text"), text).unwrap();
                workspace.publish(&finished, &dir.path().join(name)).unwrap();
            }
            assert_eq!(fs::read_to_string(dir.path().join(name).join("text")).unwrap(), "new");
        }
    }

    #[test]
    fn a_second_installation_waits_until_it_is_cancelled() {
        let dir = tempfile::tempdir().unwrap();
        let _first = Workspace::open(dir.path(), "jmeter", &mut Silent).unwrap();
        assert!(matches!(
            Workspace::open(dir.path(), "jmeter", &mut Cancelled),
            Err(WorkspaceError::Cancelled)
        ));
    }

    #[test]
    fn a_directory_that_somebody_else_looks_after_is_said_to_be_one() {
        let dir = Path::new("/sys/gridnode-tools");
        let error = Workspace::open(dir, "gatling --version 3.9.5", &mut Silent).unwrap_err();
        let said = crate::tool::install::InstallError::from(error).to_string();
        let remedy = "`gridnode tools install gatling --version 3.9.5 --tools-dir /sys/gridnode-tools`";
        assert!(said.contains(remedy) && said.contains("cannot be written by this user"), "{said}");
    }

    #[test]
    fn publishing_replaces_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a/b");
        fs::create_dir_all(target.join("old")).unwrap();
        let workspace = Workspace::open(dir.path(), "jmeter", &mut Silent).unwrap();
        let finished = workspace.temporary().join("new");
        fs::create_dir_all(finished.join("fresh")).unwrap();
        workspace.publish(&finished, &target).unwrap();
        assert!(target.join("fresh").is_dir() && !target.join("old").exists());
    }
}
