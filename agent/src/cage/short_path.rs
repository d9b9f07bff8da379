//! Short names for long directories: links in `/tmp`. Chromium makes sockets in its temporary directory, and the kernel takes
//! paths of 107 bytes.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Longer ones get another name; what Chromium appends is some 50 bytes long.
const PATH_BYTES_MAX: usize = 50;
/// Where the links are; the runner of browser tests makes them at the same place, with the same prefix.
const PLACE: &str = "/tmp";
const PREFIX: &str = "gn-";

/// A directory by a short name, for as long as this lives.
#[derive(Debug)]
pub struct ShortPath {
    path: PathBuf,
    is_link: bool,
}

impl ShortPath {
    /// `directory` itself, where that is short enough.
    ///
    /// # Errors
    /// When no link can be made.
    pub fn of(directory: &Path) -> io::Result<Self> {
        if directory.as_os_str().as_bytes().len() <= PATH_BYTES_MAX {
            return Ok(Self { path: directory.to_owned(), is_link: false });
        }
        let mut number = 0;
        loop {
            let path = Path::new(PLACE).join(format!("{PREFIX}{}-{number}", std::process::id()));
            match symlink(directory, &path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1_000 => number += 1,
                made => return made.map(|()| Self { path, is_link: true }),
            }
        }
    }

    /// The name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for ShortPath {
    fn drop(&mut self) {
        if self.is_link {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes the links that lead into `directory`: whoever made them may have been killed.
pub fn remove_links_into(directory: &Path) {
    let Ok(entries) = fs::read_dir(PLACE) else { return };
    let ours = entries.flatten().filter(|entry| entry.file_name().as_bytes().starts_with(PREFIX.as_bytes()));
    for entry in ours {
        let path = entry.path();
        if fs::read_link(&path).is_ok_and(|target| target.starts_with(directory)) {
            let _ = fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_has_a_short_name_for_a_while() {
        let dir = tempfile::tempdir().unwrap();
        let long = dir.path().join("long-".repeat(20));
        fs::create_dir(&long).unwrap();
        let short = ShortPath::of(&long).unwrap();
        let other = ShortPath::of(&long).unwrap();
        assert!(short.path().as_os_str().len() <= PATH_BYTES_MAX && short.path() != other.path());
        fs::write(short.path().join("file"), "").unwrap();
        assert!(long.join("file").exists());
        let name = short.path().to_owned();
        drop(short);
        assert!(name.symlink_metadata().is_err() && other.path().exists() && long.exists());
        remove_links_into(Path::new("/elsewhere"));
        assert!(other.path().exists());
        remove_links_into(dir.path());
        assert!(other.path().symlink_metadata().is_err());
    }

    #[test]
    fn a_short_path_is_its_own_name() {
        let short = ShortPath::of(Path::new("/tmp")).unwrap();
        assert_eq!(short.path(), Path::new("/tmp"));
        drop(short);
        assert!(Path::new("/tmp").is_dir());
    }
}
