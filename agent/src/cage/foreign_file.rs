//! Files in directories where a customer's program may put anything: a pipe that nobody writes to, a link to somewhere else, a
//! directory. Opening one of those must neither wait nor lead away, for the thread that does it may be the one that obeys stops.
//!
//! Only the last name of a path is looked at: the directories above it are ours.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// `O_NONBLOCK` matters for the moment between opening and looking only: a regular file is always ready.
const FLAGS: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;

/// Opens a regular file for reading.
///
/// # Errors
/// As opening any file; `InvalidInput` when it is something else, `FilesystemLoop` when it is a link.
pub fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).custom_flags(FLAGS).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(no_file()) }
}

/// The first bytes of a file, at most `bytes_max`.
///
/// # Errors
/// As [`open`], and as reading.
pub fn head(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Makes a file; what has the name already is removed, unless it is a directory.
///
/// # Errors
/// As making any file; `AlreadyExists` when somebody else was faster.
pub fn create(path: &Path) -> io::Result<File> {
    create_with(path, 0o666)
}

/// The same, for its owner's eyes only.
///
/// # Errors
/// As [`create`].
pub fn create_private(path: &Path) -> io::Result<File> {
    create_with(path, 0o600)
}

/// Writes a file that only its owner can read, for parameters may be secret; one that is there is replaced.
///
/// # Errors
/// As [`create`], and as writing.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    create_private(path)?.write_all(bytes)
}

fn create_with(path: &Path, mode: u32) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(mode).custom_flags(FLAGS).open(path)
}

/// Puts a file into place, whole or not at all for whoever looks in between.
///
/// # Errors
/// As [`create`], writing and renaming.
pub fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("new");
    let written = create(&unfinished)?.write_all(bytes).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // On a full disk, half a file keeps the room that another one needs.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

fn no_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;
    use std::path::PathBuf;

    /// What a program may have put at a path; reading or writing the pipe would wait for ever.
    fn traps(dir: &Path) -> [PathBuf; 3] {
        let [pipe, link, directory] = ["pipe", "link", "directory"].map(|name| dir.join(name));
        mkfifo(&pipe, Mode::S_IRWXU).unwrap();
        fs::write(dir.join("elsewhere"), "secret").unwrap();
        std::os::unix::fs::symlink(dir.join("elsewhere"), &link).unwrap();
        fs::create_dir(&directory).unwrap();
        [pipe, link, directory]
    }

    #[test]
    fn only_a_regular_file_is_read() {
        let dir = tempfile::tempdir().unwrap();
        for trap in traps(dir.path()) {
            assert!(head(&trap, 10).is_err(), "{}", trap.display());
        }
        assert_eq!(head(&dir.path().join("elsewhere"), 3).unwrap(), b"sec");
    }

    #[test]
    fn a_trap_at_the_place_of_a_new_file_is_removed_or_refused() {
        let dir = tempfile::tempdir().unwrap();
        let [pipe, link, directory] = traps(dir.path());
        for path in [&pipe, &link] {
            put(path, b"now").unwrap();
            assert_eq!(fs::read(path).unwrap(), b"now");
            create(path).unwrap();
            assert_eq!(fs::read(path).unwrap(), b"");
        }
        assert!(put(&directory, b"now").is_err() && create(&directory).is_err());
        assert_eq!(fs::read(dir.path().join("elsewhere")).unwrap(), b"secret");
        let unfinished = dir.path().join("stop.new");
        mkfifo(&unfinished, Mode::S_IRWXU).unwrap();
        put(&dir.path().join("stop"), b"now").unwrap();
        assert_eq!(fs::read(dir.path().join("stop")).unwrap(), b"now");
    }
}
