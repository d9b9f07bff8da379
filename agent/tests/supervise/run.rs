//! A run in a directory of its own, and what is waited for.

use gridnode::cage::supervise::{
    ExitRecord, GRACE_MS_DEFAULT, MARKER_VARIABLE, Refusal, SuperviseError, Supervised, ToolEvent, ToolExit,
    ToolSpec, TreeEmpty,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// Only a hang takes this long.
pub const HANG: Duration = Duration::from_secs(60);

pub struct Run {
    pub dir: TempDir,
    pub spec: ToolSpec,
}

impl Run {
    /// A run of `sh -c script`. Its directory is `$PWD`; loops in scripts end when `alive` in it goes.
    pub fn of(script: &str) -> Self {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("alive"), "").unwrap();
        let at = |name: &str| dir.path().join(name);
        let spec = ToolSpec {
            program: "sh".into(),
            args: vec!["-c".into(), script.into()],
            env: vec![("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into())],
            working_dir: dir.path().to_owned(),
            stdout_log: at("stdout.log"),
            stderr_log: at("stderr.log"),
            log_bytes_max: 1 << 20,
            exit_file: at("exit.json"),
            marker: format!("test.{}.{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed)),
            grace_ms: GRACE_MS_DEFAULT,
            longest_ms: None,
            lease_ms: None,
            limits: Vec::new(),
            remove_at_end: Vec::new(),
            scratch_dirs: Vec::new(),
            use_cgroup: false,
            out_of_reach: None,
            slot: None,
        };
        Self { dir, spec }
    }

    /// The same with a cgroup of its own, where this machine has one to give.
    pub fn in_cgroup(mut self) -> Self {
        self.spec.use_cgroup = true;
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub async fn start(&self) -> Supervised {
        Supervised::spawn_by(gridnode(), self.spec.clone()).await.unwrap()
    }

    pub async fn refused(&self) -> Refusal {
        match Supervised::spawn_by(gridnode(), self.spec.clone()).await {
            Err(SuperviseError::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the script has made the file `name`.
    pub async fn reached(&self, name: &str) {
        let path = self.path(name);
        eventually(&format!("{name} exists"), || path.exists()).await;
    }

    /// Everything up to the end of the tree, and that nothing is left of it.
    pub async fn end(&self, tool: &mut Supervised) -> TreeEmpty {
        let end = last(tool).await;
        let ToolEvent::TreeEmpty(end) = end else { panic!("{end:?}") };
        assert_eq!(self.left(), Vec::<i32>::new());
        let record = ExitRecord::read(&self.spec.exit_file).unwrap();
        assert_eq!((record.code, record.signal), (end.exit.code, end.exit.signal));
        assert_eq!((record.reason, record.killed_descendants), (end.reason, end.killed_descendants));
        assert!(record.tree_empty && record.pid == tool.pid() && record.marker == self.spec.marker);
        assert!(record.started_wall_ns > 0 && record.started_wall_ns <= record.ended_wall_ns);
        assert!(!fs::exists(self.path("exit.json.tmp")).unwrap());
        end
    }

    /// Living processes that carry the run's marker.
    pub fn left(&self) -> Vec<i32> {
        let entry = format!("{MARKER_VARIABLE}={}", self.spec.marker).into_bytes();
        let pids =
            fs::read_dir("/proc").unwrap().flatten().filter_map(|e| e.file_name().to_str()?.parse().ok());
        let marked = |pid: &i32| {
            fs::read(format!("/proc/{pid}/environ"))
                .is_ok_and(|env| env.split(|b| *b == 0).any(|e| e == entry))
        };
        pids.filter(marked).collect()
    }
}

pub fn gridnode() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_gridnode"))
}

pub async fn next(tool: &mut Supervised) -> ToolEvent {
    tokio::time::timeout(HANG, tool.next_event()).await.expect("an event")
}

pub async fn last(tool: &mut Supervised) -> ToolEvent {
    loop {
        let event = next(tool).await;
        if event.is_last() {
            return event;
        }
    }
}

pub async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(HANG, wait).await.unwrap_or_else(|_| panic!("never: {what}"));
}

pub const fn code(code: i32) -> ToolExit {
    ToolExit { code: Some(code), signal: None }
}

pub const fn signal(signal: i32) -> ToolExit {
    ToolExit { code: None, signal: Some(signal) }
}

pub fn kill(pid: i32) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL).unwrap();
}
