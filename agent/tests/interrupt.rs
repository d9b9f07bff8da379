//! Signals that come before there is a run: the real binary, with programs of the test's own instead of Java and Maven.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail their test")]

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Looks for Maven's start, 20 ms apart: only a hang takes all of them.
const LOOKS_MAX: u32 = 3_000;

fn program(dir: &Path, name: &str, script: &str) {
    let path = dir.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Sends `signal` in the middle of an installation: the exit code, and what is left in the tools directory.
fn interrupted_by(signal: Signal) -> (Option<i32>, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let (tools, started) = (dir.path().join("tools"), dir.path().join("started"));
    for name in ["java", "javac", "jar"] {
        program(dir.path(), name, "exit 1");
    }
    program(dir.path(), "mvn", &format!("echo > {}; exec sleep 600", started.display()));
    let mut gridnode = Command::new(env!("CARGO_BIN_EXE_gridnode"))
        .args(["tools", "install", "jmeter", "--tools-dir"])
        .arg(&tools)
        .env("PATH", format!("{}:/usr/bin:/bin", dir.path().display()))
        .env_remove("JAVA_HOME")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..LOOKS_MAX {
        if started.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(started.exists(), "Maven was never started");
    kill(Pid::from_raw(gridnode.id().try_into().unwrap()), signal).unwrap();
    let code = gridnode.wait().unwrap().code();
    let left =
        fs::read_dir(&tools).unwrap().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    (code, left.collect())
}

#[test]
fn an_installation_ends_with_the_code_of_the_signal_and_leaves_nothing() {
    assert_eq!(interrupted_by(Signal::SIGINT), (Some(130), vec![".lock".to_owned()]));
    assert_eq!(interrupted_by(Signal::SIGTERM), (Some(143), vec![".lock".to_owned()]));
}
