//! The directory for a run's results: made if absent, never one in which something would be overwritten.

use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};

/// What a run makes in it, and in part removes at its end. Whatever of it is there before is somebody else's: results of
/// an earlier run, or the user's own `tmp` or `plan`.
const OWN_NAMES: [&str; 15] = [
    "exit.json",
    "home",
    "jmeter.log",
    "plan",
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

/// Makes `out` and gives it as an absolute path.
///
/// # Errors
/// When it cannot be written to, or has something in it that a run would overwrite.
pub fn make(out: &Path) -> anyhow::Result<PathBuf> {
    let out = std::path::absolute(out)?;
    if let Some(name) = OWN_NAMES.iter().find(|name| out.join(name).symlink_metadata().is_ok()) {
        anyhow::bail!(
            "{} has `{name}` in it already, which a run would overwrite; choose another --out",
            out.display()
        );
    }
    let made = fs::create_dir_all(&out).and_then(|()| {
        let probe = out.join(".writable");
        fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe))
    });
    made.with_context(|| format!("failed to write to the output directory {}", out.display()))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_and_may_have_other_things_in_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("notes.txt"), "").unwrap();
        assert_eq!(make(dir.path()).unwrap(), dir.path());
        let new = dir.path().join("a/b");
        assert_eq!(make(&new).unwrap(), new);
        assert_eq!(fs::read_dir(&new).unwrap().count(), 0, "the probe is gone");
    }

    #[test]
    fn what_is_the_users_is_neither_overwritten_nor_removed() {
        for name in OWN_NAMES {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir(dir.path().join(name)).unwrap();
            let error = make(dir.path()).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`")) && error.contains("--out"), "{error}");
        }
    }
}
