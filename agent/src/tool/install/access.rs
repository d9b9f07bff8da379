//! Who may use what is in a tools directory: one that an administrator has filled is used by others, who cannot write there.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, Uid, User, access};

/// Links that are followed to say where a program really is.
const LINKS_MAX: usize = 16;

/// Whether every user can run this program, by its real path.
pub fn is_open_to_all(program: &Path) -> bool {
    let mode = |path: &Path| fs::metadata(path).map_or(0, |meta| meta.permissions().mode());
    mode(program) & 0o005 == 0o005 && program.parent().is_some_and(is_reachable_by_all)
}

/// Whether every user can get into this directory; of one that is not there yet, into its parents.
pub fn is_reachable_by_all(dir: &Path) -> bool {
    let modes =
        dir.ancestors().filter_map(|dir| fs::metadata(dir).ok()).map(|meta| meta.permissions().mode());
    modes.into_iter().all(|mode| mode & 0o001 != 0)
}

/// Whether this user can make something in `dir`, which may itself have to be made.
pub fn is_writable(dir: &Path) -> bool {
    nearest(dir).is_some_and(|dir| access(dir, AccessFlags::W_OK | AccessFlags::X_OK).is_ok())
}

/// The name of whoever owns `dir`, or its nearest parent that is there.
pub fn owner_of(dir: &Path) -> String {
    let Some(uid) = nearest(dir).and_then(|dir| fs::metadata(dir).ok()).map(|meta| meta.uid()) else {
        return "its owner".to_owned();
    };
    let name = User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name);
    name.unwrap_or_else(|| format!("the user {uid}"))
}

/// Where a program is that is there and that this user cannot run; `None` when it runs, or is not there at all.
pub fn forbidden(program: &Path) -> Option<PathBuf> {
    match access(program, AccessFlags::X_OK) {
        Err(nix::errno::Errno::EACCES) => Some(target(program)),
        Ok(()) | Err(_) => None,
    }
}

/// Follows links as far as this user can see.
fn target(program: &Path) -> PathBuf {
    let mut path = program.to_owned();
    for _ in 0..LINKS_MAX {
        let Ok(next) = fs::read_link(&path) else { break };
        path = path.parent().map_or(next.clone(), |dir| dir.join(&next));
    }
    path
}

fn nearest(dir: &Path) -> Option<&Path> {
    dir.ancestors().find(|dir| dir.exists())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn with_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_program_is_open_when_it_and_all_directories_above_it_are() {
        let dir = tempfile::tempdir().unwrap();
        with_mode(dir.path(), 0o755);
        let program = dir.path().join("private/python3");
        fs::create_dir(program.parent().unwrap()).unwrap();
        fs::write(&program, "").unwrap();
        for (dir_mode, mode, is_open) in
            [(0o755, 0o755, true), (0o711, 0o755, true), (0o700, 0o755, false), (0o755, 0o750, false)]
        {
            with_mode(program.parent().unwrap(), dir_mode);
            with_mode(&program, mode);
            assert_eq!(is_open_to_all(&program), is_open, "{dir_mode:o} {mode:o}");
        }
        with_mode(program.parent().unwrap(), 0o700);
        assert!(!is_reachable_by_all(&program.with_file_name("tools/selenium")));
    }

    #[test]
    fn a_program_that_cannot_be_run_is_told_from_one_that_is_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let (link, real) = (dir.path().join("python"), dir.path().join("real"));
        symlink("python3", &link).unwrap();
        symlink(&real, dir.path().join("python3")).unwrap();
        assert_eq!(forbidden(&link), None);
        fs::write(&real, "").unwrap();
        // Root, too, cannot run what nobody may run.
        with_mode(&real, 0o644);
        assert_eq!(forbidden(&link), Some(real.clone()));
        with_mode(&real, 0o755);
        assert_eq!(forbidden(&link), None);
    }

    #[test]
    fn what_is_to_be_made_is_judged_by_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        assert!(is_writable(&dir.path().join("a/b")));
        assert_eq!(owner_of(&dir.path().join("a/b")), owner_of(dir.path()));
    }
}
