//! Runs the helper programs of an installation: quiet, cancellable, with their last words at hand when they fail.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::error::InstallError;
use super::progress::Progress;
use crate::cage::tail::tail;

/// How often a running program is looked at.
const POLL: Duration = Duration::from_millis(200);
/// Of a failed program's output, the end is shown.
pub const TAIL_BYTES_MAX: u64 = 2_000;

/// How a program ended.
#[derive(Debug)]
pub enum Ended {
    /// With code 0.
    Well,
    /// Otherwise: the status and the last part of its output.
    Badly(ExitStatus, String),
    /// It was stopped because `tick` said so or it took more polls than allowed.
    Stopped,
}

impl Ended {
    /// Turns a program's end into a result. `doing` completes "failed to …".
    pub fn finished(
        self,
        doing: &'static str,
        program: &Path,
        progress: &dyn Progress,
    ) -> Result<(), InstallError> {
        let (status, output) = match self {
            Self::Well => return Ok(()),
            Self::Stopped if progress.is_cancelled() => return Err(InstallError::Cancelled),
            Self::Stopped => ("no end: it was stopped because it took too long".to_owned(), String::new()),
            Self::Badly(status, output) => (status.to_string(), output),
        };
        Err(InstallError::Program { doing, program: program.display().to_string(), status, output })
    }
}

/// Runs `command` with both outputs going to the file `log`; calls `tick` about five times a second until it returns
/// `false`, which ends the program and all its children. After `limit` it is ended too.
pub fn run(
    command: &mut Command,
    log: &Path,
    limit: Duration,
    mut tick: impl FnMut() -> bool,
) -> io::Result<Ended> {
    let output = File::create(log)?;
    let mut child =
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).process_group(0).spawn()?;
    let mut waited = Duration::ZERO;
    loop {
        if let Some(status) = child.try_wait()? {
            if status.success() {
                return Ok(Ended::Well);
            }
            return Ok(Ended::Badly(status, tail(log, TAIL_BYTES_MAX).unwrap_or_default()));
        }
        if !tick() || waited >= limit {
            if let Ok(group) = i32::try_from(child.id()) {
                // It may have ended by itself in between: then there is nothing left to kill.
                let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
            }
            child.wait()?;
            return Ok(Ended::Stopped);
        }
        std::thread::sleep(POLL);
        waited += POLL;
    }
}

/// One argument of an option and its path.
pub(crate) fn joined(prefix: &str, path: &Path) -> OsString {
    let mut arg = OsString::from(prefix);
    arg.push(path);
    arg
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_failure_carries_the_last_words() {
        let dir = tempfile::tempdir().unwrap();
        let ended = run(
            Command::new("sh").args(["-c", "echo one; echo two >&2; exit 3"]),
            &dir.path().join("log"),
            LONG,
            || true,
        );
        match ended.unwrap() {
            Ended::Badly(status, words) => {
                assert_eq!(status.code(), Some(3));
                assert_eq!(words, "one\ntwo");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_cancelled_program_is_gone_with_its_children() {
        let dir = tempfile::tempdir().unwrap();
        let pid_file = dir.path().join("pid");
        let script = format!("sleep 600 & echo $! > {}; wait", pid_file.display());
        let ended = run(Command::new("sh").args(["-c", &script]), &dir.path().join("log"), LONG, || {
            !fs::read_to_string(&pid_file).is_ok_and(|pid| pid.ends_with('\n'))
        });
        assert!(matches!(ended.unwrap(), Ended::Stopped));
        let grandchild = fs::read_to_string(&pid_file).unwrap();
        let stat = || fs::read_to_string(format!("/proc/{}/stat", grandchild.trim())).unwrap_or_default();
        let gone = || stat().is_empty() || stat().contains(") Z ") || stat().contains(") X ");
        // Nobody here is its parent, so nobody can wait for it: the kernel takes a moment. Only a hang takes 10 s.
        assert!(
            (0..1_000).any(|_| gone() || {
                std::thread::sleep(Duration::from_millis(10));
                false
            }),
            "{}",
            stat()
        );
    }

    #[test]
    fn a_program_that_hangs_meets_its_limit() {
        let dir = tempfile::tempdir().unwrap();
        let ended = run(Command::new("sleep").arg("600"), &dir.path().join("log"), Duration::ZERO, || true);
        assert!(matches!(ended.unwrap(), Ended::Stopped));
    }
}
