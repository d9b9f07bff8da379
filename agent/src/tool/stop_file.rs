//! A tool's stop file, in which it finds a wish to end. Made before the tool starts and kept open: whoever looks up a name on a
//! file system that hangs keeps everybody who wants something in the same directory from ending, the tool too, even on SIGKILL.

use crate::cage::foreign_file;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Its requests are all as long as the longest, so that one covers the one before.
const REQUEST_BYTES: usize = 7;

/// See the module's head.
#[derive(Debug)]
pub struct StopFile {
    path: PathBuf,
    /// `None` where it could not be made beforehand.
    file: Option<File>,
}

impl StopFile {
    /// Makes it, empty. May wait for the file system.
    #[must_use]
    pub fn create(path: &Path) -> Self {
        let file = foreign_file::create(path)
            .inspect_err(|error| tracing::debug!("{} is not there yet: {error}", path.display()))
            .ok();
        Self { path: path.to_owned(), file }
    }

    /// One that is not made before somebody asks.
    #[must_use]
    pub fn later(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    /// Writes a request: `finish` or `now`. May wait for the file system.
    ///
    /// # Errors
    /// As writing any file.
    pub fn ask(&self, request: &str) -> io::Result<()> {
        let line = format!("{request:<width$}\n", width = REQUEST_BYTES - 1);
        match &self.file {
            // The plan may have removed it.
            Some(file) if file.metadata()?.nlink() > 0 => file.write_all_at(line.as_bytes(), 0),
            _ => foreign_file::put(&self.path, line.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_request_covers_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("stop");
        let stop = StopFile::create(&path);
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
        for request in ["finish", "now"] {
            stop.ask(request).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap().trim(), request);
        }
    }

    #[test]
    fn one_that_was_removed_or_could_not_be_made_is_put_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("stop");
        let stop = StopFile::create(&path);
        fs::remove_file(&path).unwrap();
        stop.ask("now").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap().trim(), "now");

        let path = dir.path().join("later").join("stop");
        let stop = StopFile::create(&path);
        assert!(stop.ask("now").is_err());
        fs::create_dir(dir.path().join("later")).unwrap();
        stop.ask("now").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap().trim(), "now");
    }
}
