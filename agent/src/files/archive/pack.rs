//! A directory as one file: nodes fetch files, and unpack a `.zip` where it lies.
//!
//! The same content gives the same bytes, whenever and by whatever version it is packed, because an upload is named by its
//! digest and what is there already is not sent again. Hence a fixed order, no times, and no compression.

use crate::base::entropy::random_hex;
use crate::base::litter::is_litter_path;
use anyhow::{Context, bail, ensure};
use gridnode_core::node::command::FileName;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// What build tools and `gridnode run` make at the top of a project.
const MADE: [&str; 3] = ["target", "build", "gridnode-out"];
/// What Python makes anywhere.
const MADE_ANYWHERE: &str = "__pycache__";

/// What one archive may have in it: what the nodes take that unpack it.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// What comes out of it, bytes.
    pub bytes: u64,
    /// Files.
    pub files: usize,
}

/// An archive without a name on disk: it is gone with this value, also when the process is killed.
#[derive(Debug)]
pub struct Packed {
    file: File,
    /// Files in it.
    pub files: usize,
    /// What was left out because it is hidden, a link, or made by a build; relative to the directory, sorted.
    pub left_out: Vec<String>,
}

impl Packed {
    /// Where it can be opened as long as this lives, each time from its beginning.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.file.as_raw_fd()))
    }
}

/// Packs all files of `dir`, below `name`.
///
/// # Errors
/// When something cannot be read, is too much, or has a name that nodes do not take.
pub fn pack(dir: &Path, name: &str, caps: Caps) -> anyhow::Result<Packed> {
    let mut found = Listing { files: Vec::new(), left_out: Vec::new() };
    found.look(dir, name, caps)?;
    ensure!(!found.files.is_empty(), "{} has no file that could be sent", dir.display());
    found.files.sort();
    found.left_out.sort();
    let file = unnamed().context("failed to make a temporary file to pack into")?;
    let mut zip = ZipWriter::new(BufWriter::new(file));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut left = caps.bytes;
    for (name, path) in &found.files {
        let packing = || format!("failed to pack {}", path.display());
        zip.start_file(name.as_str(), options).with_context(packing)?;
        let file = File::open(path).with_context(packing)?;
        let bytes = io::copy(&mut file.take(left.saturating_add(1)), &mut zip).with_context(packing)?;
        let Some(rest) = left.checked_sub(bytes) else {
            bail!("{} has more than {} bytes, which is the most that nodes take", dir.display(), caps.bytes);
        };
        left = rest;
    }
    let packed = zip.finish().context("failed to pack")?.into_inner().map_err(|error| error.into_error());
    Ok(Packed { file: packed.context("failed to pack")?, files: found.files.len(), left_out: found.left_out })
}

struct Listing {
    files: Vec<(FileName, PathBuf)>,
    left_out: Vec<String>,
}

impl Listing {
    /// All regular files; links are not followed, so that nothing comes from elsewhere.
    fn look(&mut self, top: &Path, name: &str, caps: Caps) -> anyhow::Result<()> {
        let mut waiting = vec![(top.to_owned(), name.to_owned())];
        while let Some((dir, name)) = waiting.pop() {
            let reading = || format!("failed to read {}", dir.display());
            for entry in fs::read_dir(&dir).with_context(reading)? {
                let entry = entry.with_context(reading)?;
                let (kind, path) = (entry.file_type().with_context(reading)?, entry.path());
                let Ok(own) = entry.file_name().into_string() else {
                    bail!("{} cannot be sent: its name is not UTF-8", path.display());
                };
                let is_made = own == MADE_ANYWHERE || (dir == top && MADE.contains(&own.as_str()));
                let is_nobodys = is_litter_path(own.as_bytes());
                let is_left_out = own.starts_with('.') || is_nobodys || (kind.is_dir() && is_made);
                let below = format!("{name}/{own}");
                if is_left_out || !(kind.is_dir() || kind.is_file()) {
                    self.left_out.push(path.strip_prefix(top).unwrap_or(&path).display().to_string());
                } else if kind.is_dir() {
                    waiting.push((path, below));
                } else {
                    ensure!(
                        self.files.len() < caps.files,
                        "{} has more than {} files, which is the most that nodes take",
                        top.display(),
                        caps.files
                    );
                    self.files.push((FileName::new(&below)?, path));
                }
            }
        }
        Ok(())
    }
}

/// Ours alone from its first moment: a directory may have secrets in it.
fn unnamed() -> anyhow::Result<File> {
    let path = std::env::temp_dir().join(format!("gridnode-send-{}", random_hex()?));
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use zip::ZipArchive;

    const CAPS: Caps = Caps { bytes: 1_000_000, files: 1_000 };

    fn project() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("src/test/java/Checkout.java", "class Checkout {}"),
            ("users.csv", "name\nann\n"),
            ("target/classes/Checkout.class", "x"),
            ("src/target/kept.csv", "1"),
            (".git/config", "secret"),
            ("src/.env", "secret"),
            ("lib/__pycache__/a.pyc", "x"),
            ("__MACOSX/._users.csv", "x"),
            ("._users.csv", "x"),
        ] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        symlink("/etc", dir.path().join("etc")).unwrap();
        symlink("users.csv", dir.path().join("link.csv")).unwrap();
        dir
    }

    fn bytes(packed: &Packed) -> Vec<u8> {
        fs::read(packed.path()).unwrap()
    }

    #[test]
    fn a_project_is_packed_under_its_name_without_what_is_hidden_linked_or_made() {
        let dir = project();
        let packed = pack(dir.path(), "shop", CAPS).unwrap();
        let archive = ZipArchive::new(io::Cursor::new(bytes(&packed))).unwrap();
        let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        let expected = ["shop/src/target/kept.csv", "shop/src/test/java/Checkout.java", "shop/users.csv"];
        assert_eq!(names, expected);
        assert_eq!(packed.files, 3);
        let left_out =
            ["._users.csv", ".git", "__MACOSX", "etc", "lib/__pycache__", "link.csv", "src/.env", "target"];
        assert_eq!(packed.left_out, left_out);
    }

    #[test]
    fn the_same_content_gives_the_same_bytes() {
        let (one, two) = (project(), project());
        let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        File::options().write(true).open(two.path().join("users.csv")).unwrap().set_modified(old).unwrap();
        let [one, two] = [one, two].map(|dir| bytes(&pack(dir.path(), "shop", CAPS).unwrap()));
        assert_eq!(one, two);
    }

    #[test]
    fn what_nodes_do_not_take_is_said_before_anything_is_sent() {
        let dir = project();
        let error = |caps| pack(dir.path(), "shop", caps).unwrap_err().to_string();
        assert!(error(Caps { bytes: 10, files: 9 }).contains("more than 10 bytes"));
        assert!(error(Caps { bytes: 1_000, files: 2 }).contains("more than 2 files"));
        let deep = dir.path().join("d/".repeat(20));
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("x"), "").unwrap();
        assert!(error(CAPS).contains("components"));
        let empty = tempfile::tempdir().unwrap();
        let none = pack(empty.path(), "shop", CAPS).unwrap_err().to_string();
        assert!(none.contains("no file"), "{none}");
    }
}
