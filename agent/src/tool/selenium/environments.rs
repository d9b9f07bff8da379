//! Environments that plans have brought packages for are kept for further runs, and not all of them for ever.

use crate::base::clock;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// One has some 100 MB with a large package; who changes a list every day has eight days of them.
const KEPT_MAX: usize = 8;
/// Between a run's look at its environment and the start of its Python.
const STARTING_MAX: Duration = Duration::from_secs(60 * 60);
/// Its time of change is when the environment was used last.
const MARK: &str = ".used";

/// Notes that a run is about to use it. Where that cannot be written, somebody else looks after the directory.
pub(super) fn used(environment: &Path) {
    let _ = File::create(environment.join(MARK)).and_then(|mark| mark.set_modified(now()));
}

/// Removes those that were not used for longest, but none that a process runs from or is about to. The caller holds the lock of
/// the tools directory.
pub(super) fn remove_old(all: &Path) {
    let entries = fs::read_dir(all).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<(SystemTime, PathBuf)> =
        entries.filter(|path| path.join("bin").is_dir()).map(|path| (last_use(&path), path)).collect();
    found.sort();
    let excess = found.len().saturating_sub(KEPT_MAX);
    for (at, path) in &found[..excess] {
        let is_starting = now().duration_since(*at).is_ok_and(|ago| ago < STARTING_MAX);
        if is_starting || is_running(path) {
            continue;
        }
        if let Err(error) = fs::remove_dir_all(path) {
            tracing::debug!(%error, path = %path.display(), "old packages stay");
        }
        let _ = fs::remove_file(path.with_extension("log"));
    }
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(u64::try_from(clock::now().wall.0).unwrap_or(0))
}

fn last_use(environment: &Path) -> SystemTime {
    let mark = fs::metadata(environment.join(MARK)).or_else(|_| fs::metadata(environment));
    mark.and_then(|meta| meta.modified()).unwrap_or(UNIX_EPOCH)
}

/// Whether a process was started from it, as far as this user can see.
fn is_running(environment: &Path) -> bool {
    let prefix = [environment.as_os_str().as_bytes(), b"/"].concat();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| fs::read(process.path().join("cmdline")).ok())
        .any(|line| line.split(|byte| *byte == 0).any(|word| word.starts_with(&prefix)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn the_least_recently_used_go_and_none_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let make = |n: u64, ago_s: u64| {
            let path = dir.path().join(format!("e{n}"));
            fs::create_dir_all(path.join("bin")).unwrap();
            used(&path);
            let mark = File::options().write(true).open(path.join(MARK)).unwrap();
            mark.set_modified(now() - Duration::from_secs(ago_s)).unwrap();
            path
        };
        let all: Vec<PathBuf> = (0..KEPT_MAX as u64 + 3).map(|n| make(n, 100_000 - n)).collect();
        let sleep = all[1].join("bin/sleep");
        std::os::unix::fs::symlink("/bin/sleep", &sleep).unwrap();
        let mut running = Command::new(&sleep).arg("60").spawn().unwrap();
        used(&all[2]);
        remove_old(dir.path());
        running.kill().unwrap();
        running.wait().unwrap();
        let there: Vec<bool> = all.iter().map(|path| path.is_dir()).collect();
        // The third one was used just now, so it is among the newest.
        assert_eq!(there[..5], [false, true, true, false, true]);
        assert!(there[5..].iter().all(|is_there| *is_there));
    }
}
