//! What the agent has written for a run becomes its user's: by the group of its slot, which the agent is a member of.
//!
//! A plan may have written here before (its compiler ran). So nothing is followed: each directory and file is opened without
//! links, and only what is the agent's own is touched; what is the slot's user's has its rights already.

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag};
use nix::sys::stat::{Mode, SFlag, fchmod, fstat, fstatat};
use nix::unistd::{Gid, Uid, fchown};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Entries of a run's directory; a plan of more has no business on a node.
const ENTRIES_MAX: u64 = 2_000_000;
/// Directories within each other.
const DEPTH_MAX: usize = 256;
/// Only who has made an entry of it removes that.
const STICKY: u32 = 0o1000;
/// Of an owner's rights, those that his group gets: all, or all but writing.
const ALL: u32 = 0o700;
const LOOK: u32 = 0o500;

/// Why a run's files could not be given to it.
#[derive(Debug, Error)]
#[error("failed to give {} to the run's user: {why}", path.display())]
pub struct HandOverError {
    path: PathBuf,
    why: String,
}

/// Gives `dir` and all below it that is this process's own to `group`, which gets the rights that the owner has. Blocks.
///
/// Names by which the agent finds things again stay the agent's: nobody else makes or removes any right in `dir`, and in `lasting`,
/// the directories right below it that are named so, only who has made an entry removes it.
///
/// # Errors
/// With the first path that could not be given; then a run must not start.
pub(super) fn hand_over(dir: &Path, lasting: &[&str], group: u32) -> Result<(), HandOverError> {
    let at = |why: &dyn std::fmt::Display| HandOverError { path: dir.to_owned(), why: why.to_string() };
    let top = nix::fcntl::open(dir, OPEN_DIR, Mode::empty()).map_err(|why| at(&why))?;
    let mut walk = Walk { lasting, group: Gid::from_raw(group), own: Uid::effective(), entries: 0 };
    walk.directory(top, dir, 0)
}

const OPEN_DIR: OFlag =
    OFlag::O_RDONLY.union(OFlag::O_DIRECTORY).union(OFlag::O_NOFOLLOW).union(OFlag::O_CLOEXEC);
/// Never waits for a pipe's other end.
const OPEN_FILE: OFlag =
    OFlag::O_RDONLY.union(OFlag::O_NONBLOCK).union(OFlag::O_NOFOLLOW).union(OFlag::O_CLOEXEC);

struct Walk<'a> {
    lasting: &'a [&'a str],
    group: Gid,
    own: Uid,
    entries: u64,
}

impl Walk<'_> {
    fn directory(&mut self, dir: OwnedFd, path: &Path, depth: usize) -> Result<(), HandOverError> {
        let failed = |path: &Path, why: &dyn std::fmt::Display| HandOverError {
            path: path.to_owned(),
            why: why.to_string(),
        };
        if depth > DEPTH_MAX {
            return Err(failed(path, &"directories are too deep"));
        }
        let is_lasting = depth == 1
            && path.file_name().is_some_and(|name| self.lasting.iter().any(|known| name == *known));
        let rights = if depth == 0 { LOOK } else { ALL };
        let extra = if is_lasting { STICKY } else { 0 };
        self.give(&dir, rights, extra).map_err(|why| failed(path, &why))?;
        let mut dir = Dir::from_fd(dir).map_err(|why| failed(path, &why))?;
        let names: Result<Vec<_>, Errno> =
            dir.iter().map(|entry| entry.map(|entry| entry.file_name().to_owned())).collect();
        for name in names.map_err(|why| failed(path, &why))? {
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            self.entries += 1;
            if self.entries > ENTRIES_MAX {
                return Err(failed(path, &"there are too many files"));
            }
            let below = path.join(std::ffi::OsStr::new(&*name.to_string_lossy()));
            let stat = match fstatat(&dir, name.as_c_str(), AtFlags::AT_SYMLINK_NOFOLLOW) {
                Ok(stat) if stat.st_uid == self.own.as_raw() => stat,
                Ok(_) | Err(Errno::ENOENT) => continue,
                Err(why) => return Err(failed(&below, &why)),
            };
            let kind = SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT;
            let open = |flags| nix::fcntl::openat(&dir, name.as_c_str(), flags, Mode::empty());
            if kind == SFlag::S_IFDIR {
                let found = open(OPEN_DIR).map_err(|why| failed(&below, &why))?;
                self.directory(found, &below, depth + 1)?;
            } else if kind == SFlag::S_IFREG {
                let found = open(OPEN_FILE).map_err(|why| failed(&below, &why))?;
                self.give(&found, ALL, 0).map_err(|why| failed(&below, &why))?;
            }
        }
        Ok(())
    }

    /// Looks once more, at what was opened: a name may lead to something else by now.
    fn give(&self, file: impl AsFd, rights: u32, extra: u32) -> nix::Result<()> {
        let stat = fstat(file.as_fd())?;
        if stat.st_uid != self.own.as_raw() {
            return Ok(());
        }
        if stat.st_gid != self.group.as_raw() {
            fchown(file.as_fd(), None, Some(self.group))?;
        }
        let mode = stat.st_mode & 0o7777;
        let wanted = mode | ((mode & rights) >> 3) | extra;
        if wanted != mode || stat.st_gid != self.group.as_raw() {
            fchmod(file.as_fd(), Mode::from_bits_truncate(wanted))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_group_gets_what_the_owner_has() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().join("run");
        for made in ["files/deep", "tool/tool"] {
            fs::create_dir_all(top.join(made)).unwrap();
        }
        for made in ["", "files", "files/deep", "tool", "tool/tool"] {
            set_mode(&top.join(made), 0o700);
        }
        for (name, before) in
            [("files/plan", 0o600), ("files/deep/run.sh", 0o700), ("files/read-only", 0o400)]
        {
            fs::write(top.join(name), "").unwrap();
            set_mode(&top.join(name), before);
        }
        hand_over(&top, &["tool"], Gid::current().as_raw()).unwrap();
        assert_eq!(mode(&top.join("files/plan")), 0o660);
        assert_eq!(mode(&top.join("files/deep/run.sh")), 0o770);
        assert_eq!(mode(&top.join("files/read-only")), 0o440);
        let dirs = ["", "files", "files/deep", "tool", "tool/tool"].map(|name| mode(&top.join(name)));
        assert_eq!(dirs, [0o750, 0o770, 0o770, 0o1770, 0o770]);
    }

    #[test]
    fn links_and_pipes_lead_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        let [top, elsewhere] = ["run", "elsewhere"].map(|name| dir.path().join(name));
        for made in [&top, &elsewhere] {
            fs::create_dir(made).unwrap();
        }
        fs::write(elsewhere.join("file"), "").unwrap();
        set_mode(&elsewhere.join("file"), 0o600);
        set_mode(&elsewhere, 0o700);
        symlink(&elsewhere, top.join("directory")).unwrap();
        symlink(elsewhere.join("file"), top.join("file")).unwrap();
        nix::unistd::mkfifo(&top.join("pipe"), Mode::from_bits_truncate(0o600)).unwrap();
        hand_over(&top, &["tool"], Gid::current().as_raw()).unwrap();
        assert_eq!((mode(&elsewhere), mode(&elsewhere.join("file"))), (0o700, 0o600));
        symlink(&top, dir.path().join("link")).unwrap();
        assert!(hand_over(&dir.path().join("link"), &[], Gid::current().as_raw()).is_err());
    }

    #[test]
    fn what_is_somebody_elses_stays_as_it_is() {
        if !Uid::effective().is_root() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        set_mode(&file, 0o600);
        std::os::unix::fs::chown(&file, Some(12_345), Some(12_345)).unwrap();
        hand_over(dir.path(), &[], 54_321).unwrap();
        let meta = fs::metadata(&file).unwrap();
        assert_eq!((meta.uid(), meta.gid(), mode(&file)), (12_345, 12_345, 0o600));
        assert_eq!(fs::metadata(dir.path()).unwrap().gid(), 54_321);
    }
}
