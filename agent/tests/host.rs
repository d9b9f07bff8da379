//! Node health of a real tool under the real supervisor.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use gridnode::cage::supervise::{GRACE_MS_DEFAULT, Supervised, ToolSpec};
use gridnode::host::{HealthMeter, HealthSettings, HostSettings, ToolTree, WindowInputs};
use gridnode_core::base::time::{Mono, NS_PER_S};
use std::path::Path;
use std::time::Duration;

/// Its work is done by a child that ends, by one of another session that has lost its parent, and by nobody else.
const SCRIPT: &str = "work() { i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; }
    (work); (setsid sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; touch done; sleep 600' &) ; sleep 600";

async fn measure(use_cgroup: bool) {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let spec = ToolSpec {
        program: "sh".into(),
        args: vec!["-c".into(), SCRIPT.into()],
        env: vec![("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into())],
        working_dir: dir.path().to_owned(),
        stdout_log: at("stdout.log"),
        stderr_log: at("stderr.log"),
        log_bytes_max: 1 << 20,
        exit_file: at("exit.json"),
        marker: format!("health.{}.{use_cgroup}", std::process::id()),
        grace_ms: GRACE_MS_DEFAULT,
        longest_ms: None,
        lease_ms: None,
        limits: Vec::new(),
        remove_at_end: Vec::new(),
        scratch_dirs: Vec::new(),
        use_cgroup,
        out_of_reach: None,
        slot: None,
    };
    let host = HostSettings::new(dir.path().to_owned());
    let mut meter = HealthMeter::start(HealthSettings { host, spool_bytes_max: 0 }, Mono(0));
    let tool = Supervised::spawn_by(Path::new(env!("CARGO_BIN_EXE_gridnode")), spec).await.unwrap();
    for _ in 0..6_000 {
        if at("done").exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(at("done").exists());
    let tree = ToolTree { supervisor_pid: tool.supervisor_pid().unwrap(), cgroup: tool.cgroup_dir() };
    // Without a cgroup of its own on this machine, both ways are the same one.
    assert!(use_cgroup || tree.cgroup.is_none());
    let cgroup = tree.cgroup.is_some();
    let busy = meter.window(Mono(NS_PER_S), std::slice::from_ref(&tree), &WindowInputs::default());
    let idle = meter.window(Mono(2 * NS_PER_S), &[tree], &WindowInputs::default());
    let (busy_percent, idle_percent) = (busy.tool_cpu_percent.unwrap(), idle.tool_cpu_percent.unwrap());
    assert!(busy_percent > 1.0 && idle_percent < busy_percent / 4.0, "{cgroup} {busy:?} {idle:?}");
    // Three shells and two that sleep are at least 2 MB and at most 200.
    assert!(busy.tool_rss_bytes.is_some_and(|bytes| (2e6..2e8).contains(&bytes)), "{cgroup} {busy:?}");
}

#[tokio::test]
async fn a_tree_in_a_cgroup() {
    measure(true).await;
}

#[tokio::test]
async fn a_tree_without_one() {
    measure(false).await;
}
