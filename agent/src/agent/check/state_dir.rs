//! The state directory: there, or can be made, and can be written.

use super::Subject;
use super::finding::Finding;
use std::fs;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;

const NAME: &str = "state directory";

pub(super) fn usable(subject: &Subject) -> Finding {
    let dir = &subject.config.state_dir;
    let remedy = format!("make {} a directory that the agent's user can write to", dir.display());
    let there = nearest(dir);
    if !there.is_dir() {
        return Finding::fail(NAME, format!("{} is not a directory", there.display()), remedy);
    }
    if let Err(error) = try_write(there) {
        let problem = format!("{} cannot be written by this user ({error})", there.display());
        return Finding::fail(NAME, problem, remedy);
    }
    if there != dir {
        return Finding::ok(NAME, format!("{} is not there yet and can be made", dir.display()));
    }
    match UnixStream::connect(dir.join("status.sock")) {
        Ok(_) => Finding::ok(NAME, format!("{}, in use by an agent that runs", dir.display())),
        Err(_) => Finding::ok(NAME, format!("{} can be written", dir.display())),
    }
}

/// The directory, or the nearest one above it that is there.
pub(super) fn nearest(dir: &Path) -> &Path {
    dir.ancestors().find(|dir| dir.exists()).unwrap_or(Path::new("/"))
}

fn try_write(dir: &Path) -> io::Result<()> {
    let file = dir.join(format!(".gridnode-check-{}", std::process::id()));
    let written = fs::write(&file, b"x");
    // What could not be written may be there all the same, on a full disk.
    let _ = fs::remove_file(&file);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_directory_is_the_one_that_is_there() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(nearest(&dir.path().join("a/b")), dir.path());
        assert_eq!(nearest(dir.path()), dir.path());
        assert!(try_write(dir.path()).is_ok());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left behind");
        assert!(try_write(&dir.path().join("absent")).is_err());
    }
}
