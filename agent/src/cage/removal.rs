//! Removes directories in which a customer's program may have put anything: it may have taken the owner's own rights away, and
//! nested directories deeper than a path, a stack or a table of open files is long.
//!
//! So nothing here descends: what a directory holds is moved up until it lies right below the one that is removed. Nothing
//! that still runs writes there, so what was looked at stays what it was.

use std::fs::{self, DirEntry, Metadata, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// What an owner needs to empty a directory.
const OWNERS_RIGHTS: u32 = 0o700;
/// Of the names of what was moved up.
const PREFIX: &str = ".going-";

/// Removes `path` and all below it. Of a link only itself is removed. Blocks.
///
/// # Errors
/// `NotFound` when there is nothing; else with the first thing that cannot be removed, when what else can be is gone.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    let meta = path.symlink_metadata()?;
    if !meta.is_dir() {
        return fs::remove_file(path);
    }
    // Where it is empty, only rights to what holds it are needed: it may be somebody else's.
    if fs::remove_dir(path).is_ok() {
        return Ok(());
    }
    open_up(path, &meta)?;
    let mut moved = 0;
    loop {
        let (mut is_changed, mut first_error) = (false, None);
        for entry in fs::read_dir(path)? {
            match entry.and_then(|entry| remove_entry(&entry, path, &mut moved)) {
                Ok(()) => is_changed = true,
                // A supervisor and a later agent may tidy up at the same time.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        if !is_changed {
            return first_error.map_or_else(|| fs::remove_dir(path), Err);
        }
    }
}

/// Removes what lies right below `top`; directories in it are moved up.
fn remove_entry(entry: &DirEntry, top: &Path, moved: &mut u64) -> io::Result<()> {
    let path = entry.path();
    if !entry.file_type()?.is_dir() {
        return fs::remove_file(path);
    }
    if fs::remove_dir(&path).is_ok() {
        return Ok(());
    }
    open_up(&path, &entry.metadata()?)?;
    for below in fs::read_dir(&path)? {
        let below = below?;
        if below.file_type()?.is_dir() {
            // Moving a directory takes the right to write to it, for it knows its parent.
            open_up(&below.path(), &below.metadata()?)?;
            fs::rename(below.path(), free_name(top, moved))?;
        } else {
            fs::remove_file(below.path())?;
        }
    }
    fs::remove_dir(path)
}

/// Gives the owner of a directory, which is no link, his rights.
fn open_up(dir: &Path, meta: &Metadata) -> io::Result<()> {
    if meta.permissions().mode() & OWNERS_RIGHTS == OWNERS_RIGHTS {
        return Ok(());
    }
    fs::set_permissions(dir, Permissions::from_mode(OWNERS_RIGHTS))
}

fn free_name(top: &Path, moved: &mut u64) -> PathBuf {
    loop {
        *moved += 1;
        let name = top.join(format!("{PREFIX}{moved}"));
        if name.symlink_metadata().is_err() {
            return name;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    /// Directories within directories; the path of the last one.
    fn chain(top: &Path, depth: usize) -> PathBuf {
        let mut path = top.to_owned();
        fs::create_dir(&path).unwrap();
        for _ in 0..depth {
            path.push("d");
            fs::create_dir(&path).unwrap();
        }
        path
    }

    #[test]
    fn rights_that_were_taken_away_keep_nothing_there() {
        let dir = tempfile::tempdir().unwrap();
        let tree = dir.path().join("run");
        for mode in [0o000, 0o100, 0o300, 0o500] {
            let outer = tree.join(format!("{mode:o}"));
            let inner = outer.join("inner");
            fs::create_dir_all(&inner).unwrap();
            for dir in [&inner, &outer] {
                fs::write(dir.join("file"), "").unwrap();
                set_mode(dir, mode);
            }
        }
        set_mode(&tree, 0o000);
        remove_tree(&tree).unwrap();
        assert!(tree.symlink_metadata().is_err());
        assert_eq!(remove_tree(&tree).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn an_owner_gets_his_rights_back() {
        // Where tests run as root, who needs no rights, the test above proves nothing.
        let dir = tempfile::tempdir().unwrap();
        for (mode, then) in [(0o000, 0o700), (0o500, 0o700), (0o055, 0o700), (0o755, 0o755)] {
            set_mode(dir.path(), mode);
            open_up(dir.path(), &dir.path().symlink_metadata().unwrap()).unwrap();
            assert_eq!(dir.path().metadata().unwrap().permissions().mode() & 0o777, then, "{mode:o}");
        }
    }

    #[test]
    fn what_links_lead_to_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let [tree, elsewhere, link] = ["run", "elsewhere", "link"].map(|name| dir.path().join(name));
        fs::create_dir_all(tree.join("below")).unwrap();
        fs::create_dir(&elsewhere).unwrap();
        fs::write(elsewhere.join("file"), "").unwrap();
        set_mode(&elsewhere, 0o500);
        for path in [&link, &tree.join("link"), &tree.join("below/link")] {
            symlink(&elsewhere, path).unwrap();
        }
        remove_tree(&tree).unwrap();
        remove_tree(&link).unwrap();
        assert!(tree.symlink_metadata().is_err() && link.symlink_metadata().is_err());
        assert!(elsewhere.join("file").exists());
        assert_eq!(elsewhere.metadata().unwrap().permissions().mode() & 0o777, 0o500);
        set_mode(&elsewhere, 0o700);
    }

    #[test]
    fn a_tree_may_be_deeper_than_a_path_is_long_and_have_names_like_ours() {
        let dir = tempfile::tempdir().unwrap();
        let [tree, other] = ["run", "other"].map(|name| dir.path().join(name));
        let last = chain(&tree, 1_500);
        fs::write(chain(&other, 1_500).join("file"), "").unwrap();
        fs::rename(&other, last.join("d")).unwrap();
        fs::write(tree.join(format!("{PREFIX}1")), "").unwrap();
        fs::create_dir_all(tree.join(format!("{PREFIX}2/d/d"))).unwrap();
        remove_tree(&tree).unwrap();
        assert!(tree.symlink_metadata().is_err());
    }
}
