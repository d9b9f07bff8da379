//! The directory for a run's results: made if absent, never one in which something would be overwritten, and gone again when
//! the run could not start.

use crate::base::real_name;
use crate::cage::removal::remove_tree;
use crate::tool::PARAMETERS_FILE;
use anyhow::Context;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a run makes in it, and in part removes at its end. Whatever of it is there before is somebody else's: results of
/// an earlier run, or the user's own `tmp` or `plan`.
const OWN_NAMES: [&str; 20] = [
    "exit.json",
    "failures",
    "gatling.log",
    "gatling.log.1",
    "home",
    "jmeter.log",
    PARAMETERS_FILE,
    "plan",
    "report.html",
    "report.jsonl",
    "rollups.lp",
    "state",
    "stderr.log",
    "stderr.log.1",
    "stdout.log",
    "stdout.log.1",
    "stop",
    "summary.json",
    "tmp",
    "traces",
];
/// Runs of one name in one second.
const TRIES: u32 = 1_000;

/// The directory. Unless it is kept, it goes with this value.
#[derive(Debug)]
pub struct OutDir {
    path: PathBuf,
    /// Of its parents and itself, what was not there before; the outermost first.
    made: Vec<PathBuf>,
    is_kept: bool,
}

impl OutDir {
    /// Makes `out`.
    ///
    /// # Errors
    /// When it cannot be written to, or has something in it that a run would overwrite.
    pub fn named(out: &Path) -> anyhow::Result<Self> {
        let path = real_name::resolved(out)?;
        if let Some(name) = OWN_NAMES.iter().find(|name| path.join(name).symlink_metadata().is_ok()) {
            anyhow::bail!(
                "{} has `{name}` in it already, which a run would overwrite; choose another --out",
                path.display()
            );
        }
        let made = missing(&path);
        let probed = fs::create_dir_all(&path).and_then(|()| {
            let probe = path.join(".writable");
            fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe))
        });
        probed.with_context(|| format!("failed to write to the output directory {}", path.display()))?;
        Ok(Self { path, made, is_kept: false })
    }

    /// Makes a new one: `base`, or where that is taken `base-2`, `base-3`, …
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new_one(base: &Path) -> anyhow::Result<Self> {
        let base = real_name::resolved(base)?;
        let mut made = base.parent().map(missing).unwrap_or_default();
        let mut number = 1;
        loop {
            let mut path = base.clone();
            if number > 1 {
                path.as_mut_os_string().push(format!("-{number}"));
            }
            let parent = base.parent().map_or(Ok(()), fs::create_dir_all);
            match parent.and_then(|()| fs::create_dir(&path)) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < TRIES => number += 1,
                done => {
                    done.with_context(|| format!("failed to make the output directory {}", path.display()))?;
                    made.push(path.clone());
                    return Ok(Self { path, made, is_kept: false });
                }
            }
        }
    }

    /// Where it is: absolute, without links and `..`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The run has taken place: what it left stays.
    pub fn keep(mut self) {
        self.is_kept = true;
    }

    /// Whatever went wrong, measurements are not thrown away.
    fn has_results(&self) -> bool {
        let there = |name: &str| self.path.join(name).metadata().is_ok_and(|meta| meta.len() > 0);
        ["summary.json", "exit.json", "rollups.lp"].into_iter().any(there)
    }
}

impl Drop for OutDir {
    fn drop(&mut self) {
        if self.is_kept || self.has_results() {
            return;
        }
        // Nothing of a run was here before. What cannot be removed is untidy and nothing worse.
        if self.made.last() == Some(&self.path) {
            let _ = remove_tree(&self.path);
        } else {
            for name in OWN_NAMES {
                let _ = remove_tree(&self.path.join(name));
            }
        }
        // Not if another run has begun to use them.
        for dir in self.made.iter().rev() {
            let _ = fs::remove_dir(dir);
        }
    }
}

/// `path` and those of its parents that are not there, the outermost first.
fn missing(path: &Path) -> Vec<PathBuf> {
    let mut missing: Vec<PathBuf> =
        path.ancestors().take_while(|dir| dir.symlink_metadata().is_err()).map(Path::to_owned).collect();
    missing.reverse();
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn it_is_made_and_may_have_other_things_in_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("notes.txt"), "").unwrap();
        assert_eq!(OutDir::named(dir.path()).unwrap().path(), dir.path());
        let new = dir.path().join("a/b");
        let out = OutDir::named(&new).unwrap();
        assert_eq!(out.path(), new);
        assert!(entries(&new).is_empty(), "the probe is gone");
        out.keep();
        assert!(new.is_dir());
    }

    #[test]
    fn its_path_has_no_links_and_does_not_go_up() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        fs::create_dir_all(root.join("data/here")).unwrap();
        std::os::unix::fs::symlink(root.join("data/here"), root.join("link")).unwrap();
        for (out, is) in [
            ("data/../x", "x"),
            ("link/x", "data/here/x"),
            // Up from where the link leads to, as the kernel has it.
            ("link/../y", "data/y"),
            ("absent/../z", "z"),
        ] {
            let named = OutDir::named(&root.join(out)).unwrap();
            assert_eq!(named.path(), root.join(is), "{out}");
            assert!(root.join(is).is_dir(), "{out}");
        }
        let new = OutDir::new_one(&root.join("data/../shop-1")).unwrap();
        assert_eq!(new.path(), root.join("shop-1"));
        drop(new);
        assert_eq!(entries(&root), ["data", "link"], "what was made is gone");
        // What is there is found by any way to it.
        fs::write(root.join("data/summary.json"), "{}").unwrap();
        assert!(OutDir::named(&root.join("absent/../data")).is_err());
        assert_eq!(entries(&root), ["data", "link"]);
    }

    #[test]
    fn what_is_the_users_is_neither_overwritten_nor_removed() {
        for name in OWN_NAMES {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir(dir.path().join(name)).unwrap();
            let error = OutDir::named(dir.path()).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`")) && error.contains("--out"), "{error}");
            assert_eq!(entries(dir.path()), [name]);
        }
    }

    #[test]
    fn runs_of_one_second_have_directories_of_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().join("gridnode-out/shop-1795690828");
        let all: Vec<OutDir> = (0..3).map(|_| OutDir::new_one(&base).unwrap()).collect();
        let expected = ["shop-1795690828", "shop-1795690828-2", "shop-1795690828-3"];
        assert_eq!(entries(&dir.path().join("gridnode-out")), expected);
        all.into_iter().for_each(OutDir::keep);
        assert_eq!(entries(&dir.path().join("gridnode-out")), expected);
    }

    #[test]
    fn a_run_that_did_not_start_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let spoil = |out: &OutDir| fs::create_dir_all(out.path().join("plan/classes")).unwrap();
        let new = OutDir::new_one(&dir.path().join("gridnode-out/shop-1")).unwrap();
        spoil(&new);
        drop(new);
        assert!(entries(dir.path()).is_empty());
        fs::write(dir.path().join("notes.txt"), "").unwrap();
        let named = OutDir::named(dir.path()).unwrap();
        spoil(&named);
        drop(named);
        assert_eq!(entries(dir.path()), ["notes.txt"]);
    }

    #[test]
    fn what_was_measured_stays_whatever_went_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let out = OutDir::new_one(&dir.path().join("shop-1")).unwrap();
        fs::write(out.path().join("rollups.lp"), "x").unwrap();
        drop(out);
        assert_eq!(entries(&dir.path().join("shop-1")), ["rollups.lp"]);
    }
}
