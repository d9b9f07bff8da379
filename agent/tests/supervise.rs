//! Real processes under the real supervisor: whatever a tool does, nothing of it is left.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may fail their test")]

use gridnode::cage::supervise::{
    EndReason, ExitRecord, Limit, Refusal, Resource, Signal, SuperviseError, Supervised, ToolEvent,
    become_subreaper, sweep_marked,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[path = "supervise/run.rs"]
mod run;

use run::*;

#[tokio::test]
async fn a_tool_that_ends_at_once() {
    let run = Run::of("echo out; echo err >&2; exit 3");
    let mut tool = run.start().await;
    let started = next(&mut tool).await;
    let ToolEvent::Started { pid, start_ticks, wall_ns, .. } = started else { panic!("{started:?}") };
    assert!(pid == tool.pid() && start_ticks > 0 && wall_ns > 0);
    let exited = next(&mut tool).await;
    assert!(matches!(exited, ToolEvent::LeaderExited { exit, .. } if exit == code(3)), "{exited:?}");
    let end = run.end(&mut tool).await;
    assert_eq!((end.exit, end.reason, end.killed_descendants), (code(3), EndReason::LeaderExited, 0));
    assert_eq!((end.stdout_bytes, end.stderr_bytes, end.log_bytes_dropped), (4, 4, 0));
    assert!(!end.logs_incomplete && end.exit_file_error.is_none() && end.rss_bytes_max > 0);
    assert_eq!(fs::read(run.path("stdout.log")).unwrap(), b"out\n");
    assert_eq!(fs::read(run.path("stderr.log")).unwrap(), b"err\n");
}

#[tokio::test]
async fn the_tool_sees_what_the_spec_says_and_nothing_else() {
    let mut run = Run::of(
        "env; pwd; ulimit -c; ulimit -n; grep -E 'Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd; cat",
    );
    run.spec.limits.push(Limit { resource: Resource::OpenFiles, value: 77 });
    let mut tool = run.start().await;
    run.end(&mut tool).await;
    let seen = fs::read_to_string(run.path("stdout.log")).unwrap();
    let lines: Vec<&str> =
        seen.lines().filter(|line| !line.starts_with("PWD=") && !line.starts_with("_=")).collect();
    let dir = run.dir.path().canonicalize().unwrap();
    let marker = format!("GRIDNODE_TREE={}", run.spec.marker);
    let mut env = lines[..2].to_vec();
    env.sort_unstable();
    assert_eq!(env, [marker.as_str(), "PATH=/usr/local/bin:/usr/bin:/bin"]);
    let zero = "0000000000000000";
    let expected = [
        dir.to_str().unwrap(),
        "0",
        "77",
        &format!("SigBlk:\t{zero}"),
        &format!("SigIgn:\t{zero}"),
        "0",
        "1",
        "2",
        "3",
    ];
    // Descriptor 3 is ls reading the directory.
    assert_eq!(lines[2..], expected);
}

#[tokio::test]
async fn it_is_outside_of_our_process_group_and_session() {
    let run = Run::of("touch up; sleep 1000");
    let mut tool = run.start().await;
    run.reached("up").await;
    let ids = |pid: i32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let fields: Vec<i32> =
            stat[stat.rfind(')').unwrap() + 4..].split(' ').take(3).map(|n| n.parse().unwrap()).collect();
        (fields[0], fields[1], fields[2])
    };
    let supervisor = i32::try_from(tool.supervisor_pid().unwrap()).unwrap();
    assert_eq!(ids(tool.pid()), (supervisor, tool.pid(), tool.pid()));
    assert_eq!(ids(supervisor).1, supervisor);
    tool.kill_tree().await.unwrap();
    run.end(&mut tool).await;
}

#[tokio::test]
async fn sigterm_is_passed_on_and_can_be_ignored() {
    let run = Run::of("trap 'touch asked' TERM; touch up; while [ -e alive ]; do sleep 0.05; done");
    let mut tool = run.start().await;
    run.reached("up").await;
    tool.signal(Signal::Term).await.unwrap();
    run.reached("asked").await;
    tool.kill_tree().await.unwrap();
    let end = run.end(&mut tool).await;
    assert_eq!((end.exit, end.reason), (signal(9), EndReason::KillTree));
}

#[tokio::test]
async fn a_leader_that_obeys_sigterm_takes_its_tree_along() {
    let run = Run::of("trap 'exit 7' TERM; setsid sh -c 'trap \"\" TERM; touch up; sleep 1000' & wait");
    let mut tool = run.start().await;
    run.reached("up").await;
    tool.signal(Signal::Term).await.unwrap();
    let end = run.end(&mut tool).await;
    assert_eq!((end.exit, end.reason), (code(7), EndReason::LeaderExited));
    assert!(end.killed_descendants >= 1);
}

#[tokio::test]
async fn descendants_get_sigterm_and_their_grace() {
    let mut run = Run::of(
        "(trap 'sleep 0.2; touch tidied; exit 0' TERM; touch up; while [ -e alive ]; do sleep 0.01; done) & \
        while ! [ -e up ]; do sleep 0.01; done; exit 0",
    );
    run.spec.grace_ms = 30_000;
    let mut tool = run.start().await;
    let end = run.end(&mut tool).await;
    assert_eq!(end.exit, code(0));
    assert!(run.path("tidied").exists());
}

/// A daemon by the book: two forks, a session of its own, no signal but SIGKILL, the pipes kept open.
const DAEMON: &str = "(setsid sh -c '(trap \"\" TERM HUP INT; touch up; while [ -e alive ]; do sleep 0.1; done) & exit 0' &) ; \
    while ! [ -e up ]; do sleep 0.01; done; exit 0";

#[tokio::test]
async fn double_fork_and_setsid_do_not_escape() {
    for run in [Run::of(DAEMON), Run::of(DAEMON).in_cgroup()] {
        let mut tool = run.start().await;
        let end = run.end(&mut tool).await;
        assert_eq!((end.exit, end.reason), (code(0), EndReason::LeaderExited));
        assert!(end.killed_descendants >= 1 && !end.logs_incomplete, "{end:?}");
    }
}

#[tokio::test]
async fn fifty_megabytes_of_output_neither_stall_the_tool_nor_fill_the_disk() {
    let run = Run::of("head -c 50000000 /dev/zero; head -c 50000000 /dev/zero >&2");
    let mut tool = run.start().await;
    let end = run.end(&mut tool).await;
    assert_eq!((end.exit, end.stdout_bytes, end.stderr_bytes), (code(0), 50_000_000, 50_000_000));
    for name in ["stdout.log", "stderr.log"] {
        let size = |name: &str| fs::metadata(run.path(name)).unwrap().len();
        let kept = size(name) + size(&format!("{name}.1"));
        assert!(kept <= 1 << 20 && (kept >= 1 << 19 || end.log_bytes_dropped > 0), "{kept} bytes");
    }
}

#[tokio::test]
async fn a_log_directory_that_vanishes_costs_log_bytes_and_is_told() {
    let mut run = Run::of(
        "rm -r logs; head -c 3000000 /dev/zero; touch written; while [ -e alive ]; do sleep 0.05; done",
    );
    fs::create_dir(run.path("logs")).unwrap();
    run.spec.stdout_log = run.path("logs/stdout.log");
    let mut tool = run.start().await;
    run.reached("written").await;
    let told = loop {
        if let ToolEvent::LogDropped { bytes_total, why, .. } = next(&mut tool).await {
            break (bytes_total, why);
        }
    };
    assert!(told.0 > 0 && !told.1.is_empty(), "{told:?}");
    fs::remove_file(run.path("alive")).unwrap();
    let end = run.end(&mut tool).await;
    assert_eq!(
        (end.exit, end.stdout_bytes, end.log_bytes_dropped),
        (code(0), 3_000_000, 3_000_000 - (1 << 19))
    );
}

/// Fifty processes, each of which goes on in a child and ends, all the time.
const BOMB: &str = "hop() { [ -e alive ] && (hop &); exit 0; }; \
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do \
      (hop &); (while [ -e alive ]; do (sleep 0.01); done) & done; touch up; ";

#[tokio::test]
async fn a_tree_that_forks_all_the_time_is_killed() {
    for run in
        [Run::of(&format!("{BOMB} wait; sleep 1000")), Run::of(&format!("{BOMB} sleep 1000")).in_cgroup()]
    {
        let mut tool = run.start().await;
        run.reached("up").await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert!(run.left().len() > 10);
        tool.kill_tree().await.unwrap();
        let end = run.end(&mut tool).await;
        assert_eq!((end.exit, end.reason), (signal(9), EndReason::KillTree));
        assert!(run.path("alive").exists());
    }
}

#[tokio::test]
async fn a_tool_whose_time_is_over_is_ended_in_stages() {
    let mut obeys = Run::of("touch up; exec sleep 1000");
    let mut resists = Run::of("trap '' TERM; touch up; while [ -e alive ]; do sleep 0.1; done");
    let mut ends = Run::of("true");
    for run in [&mut obeys, &mut resists, &mut ends] {
        run.spec.longest_ms = Some(1_000);
    }
    let mut tools = [obeys.start().await, resists.start().await, ends.start().await];
    let end = obeys.end(&mut tools[0]).await;
    assert_eq!((end.exit, end.reason), (signal(15), EndReason::Expired));
    let end = resists.end(&mut tools[1]).await;
    assert_eq!((end.exit, end.reason), (signal(9), EndReason::Expired));
    assert_eq!(ends.end(&mut tools[2]).await.reason, EndReason::LeaderExited);
}

#[tokio::test]
async fn a_leader_killed_from_outside() {
    let run = Run::of("sleep 1000 & touch up; wait");
    let mut tool = run.start().await;
    run.reached("up").await;
    kill(tool.pid());
    let end = run.end(&mut tool).await;
    assert_eq!((end.exit, end.reason), (signal(9), EndReason::LeaderExited));
    assert_eq!(end.killed_descendants, 1);
}

#[tokio::test]
async fn a_supervisor_killed_from_outside_is_reported_and_its_tree_swept() {
    become_subreaper().unwrap();
    let daemon = DAEMON.replace("exit 0\"", "\"").replace("; exit 0", "; sleep 1000");
    for run in [Run::of(&daemon), Run::of(&daemon).in_cgroup()] {
        let mut tool = run.start().await;
        run.reached("up").await;
        kill(i32::try_from(tool.supervisor_pid().unwrap()).unwrap());
        let end = last(&mut tool).await;
        let ToolEvent::SupervisorLost { why, swept } = end else { panic!("{end:?}") };
        assert!(why.contains("signal: 9"), "{why}");
        assert_eq!(swept.left, 0);
        assert_eq!(run.left(), Vec::<i32>::new());
        assert!(!run.spec.exit_file.exists());
        assert!(matches!(tool.kill_tree().await, Err(SuperviseError::Gone(_))));
    }
}

#[tokio::test]
async fn a_supervisor_that_its_tool_holds_up_cannot_keep_the_tree_alive() {
    // Without a marker, too: what is below a supervisor is found as long as it lives.
    let hold = "(while [ -e alive ]; do kill -STOP $PPID; done) & env -i sleep 1000 & touch up; wait";
    let run = Run::of(hold);
    let mut tool = run.start().await;
    run.reached("up").await;
    tool.kill_tree().await.unwrap();
    let end = last(&mut tool).await;
    let obeyed = matches!(&end, ToolEvent::TreeEmpty(end) if end.reason == EndReason::KillTree);
    assert!(obeyed || format!("{end:?}").contains("it was stopped"), "nor between two stops: {end:?}");
    assert_eq!(run.left(), Vec::<i32>::new());
}

#[tokio::test]
async fn a_stopped_supervisor_obeys() {
    let runs = [(); 2].map(|()| Run::of("kill -STOP $PPID; touch up; exec sleep 1000"));
    let (mut told, dropped) = (runs[0].start().await, runs[1].start().await);
    runs[0].reached("up").await;
    told.signal(Signal::Term).await.unwrap();
    assert_eq!(runs[0].end(&mut told).await.exit, signal(15));
    runs[1].reached("up").await;
    drop(dropped);
    eventually("the exit file", || runs[1].spec.exit_file.exists()).await;
}

#[tokio::test]
async fn a_leader_that_the_sweep_cannot_see_dies_with_its_supervisor() {
    become_subreaper().unwrap();
    let run = Run::of("touch up; exec env -i sleep 1000");
    let mut tool = run.start().await;
    run.reached("up").await;
    eventually("no marker", || run.left().is_empty()).await;
    kill(i32::try_from(tool.supervisor_pid().unwrap()).unwrap());
    let end = last(&mut tool).await;
    // By the death signal or by us, who were given it: whoever comes first.
    assert!(matches!(end, ToolEvent::SupervisorLost { swept, .. } if swept.is_empty), "{end:?}");
    let leader = format!("/proc/{}/comm", tool.pid());
    // Its pid may be a zombie until whoever was given it has waited, or another's by then.
    eventually("the leader's end", || {
        !fs::read_to_string(&leader).is_ok_and(|name| name == "sleep\n") || is_zombie(&leader)
    })
    .await;
}

fn is_zombie(comm: &str) -> bool {
    fs::read_to_string(comm.replace("/comm", "/stat")).is_ok_and(|stat| stat.contains(") Z "))
}

#[tokio::test]
async fn what_bears_no_mark_and_has_lost_its_supervisor_is_ours_to_end() {
    become_subreaper().unwrap();
    let run = Run::of("(setsid env -i sleep 317.5 & echo $! > pid; touch up); sleep 1000");
    let mut tool = run.start().await;
    run.reached("up").await;
    let pid = fs::read_to_string(run.path("pid")).unwrap();
    let comm = format!("/proc/{}/comm", pid.trim());
    eventually("it sleeps", || fs::read_to_string(&comm).is_ok_and(|name| name == "sleep\n")).await;
    kill(i32::try_from(tool.supervisor_pid().unwrap()).unwrap());
    let end = last(&mut tool).await;
    let ToolEvent::SupervisorLost { swept, .. } = end else { panic!("{end:?}") };
    assert_eq!(swept.tree_empty(), Some(true), "{swept:?}");
    assert!(!Path::new(&comm).exists() || is_zombie(&comm));
}

#[tokio::test]
async fn a_supervisor_asked_to_end_ends_its_tree() {
    let run = Run::of(DAEMON.replace("exit 0;", "").replace("; exit 0", "; sleep 1000").as_str());
    let mut tool = run.start().await;
    run.reached("up").await;
    let supervisor = nix::unistd::Pid::from_raw(i32::try_from(tool.supervisor_pid().unwrap()).unwrap());
    nix::sys::signal::kill(supervisor, nix::sys::signal::Signal::SIGINT).unwrap();
    nix::sys::signal::kill(supervisor, nix::sys::signal::Signal::SIGTERM).unwrap();
    let end = run.end(&mut tool).await;
    assert_eq!((end.exit, end.reason), (signal(9), EndReason::SupervisorTerminated));
}

#[tokio::test]
async fn a_dropped_handle_ends_the_tree() {
    let with_leader = Run::of(&format!("{DAEMON} & sleep 1000")).in_cgroup();
    for (run, leader_ends_before) in [(Run::of(DAEMON), true), (with_leader, false)] {
        let mut spec = run.spec.clone();
        spec.grace_ms = 60_000;
        spec.scratch_dirs = vec![run.path("scratch").into()];
        fs::create_dir_all(run.path("scratch/deep")).unwrap();
        fs::write(run.path("scratch/deep/file"), "secret").unwrap();
        let mut tool = Supervised::spawn_by(gridnode(), spec).await.unwrap();
        run.reached("up").await;
        if leader_ends_before {
            while !matches!(next(&mut tool).await, ToolEvent::LeaderExited { .. }) {}
        }
        drop(tool);
        eventually("the exit file", || run.spec.exit_file.exists()).await;
        eventually("nobody else removes it", || !run.path("scratch").exists()).await;
        assert_eq!(run.left(), Vec::<i32>::new());
        assert!(ExitRecord::read(&run.spec.exit_file).unwrap().tree_empty);
    }
}

#[tokio::test]
async fn what_cannot_start_is_refused_in_a_sentence() {
    let mut run = Run::of("");
    run.spec.program = "no-such-tool".into();
    assert_eq!(
        run.refused().await.to_string(),
        "program `no-such-tool` not found in PATH `/usr/local/bin:/usr/bin:/bin`: install it or give its path"
    );
    run.spec.program = "/no/such/tool".into();
    assert_eq!(
        run.refused().await.to_string(),
        "program `/no/such/tool` not found: install it or give its path"
    );
    run.spec.program = run.path("alive");
    assert!(run.refused().await.to_string().contains("no execute permission"));
    run.spec.program = script(&run, "#!/no/such/interpreter\n");
    assert!(run.refused().await.to_string().contains("interpreter or loader is missing"));
    run.spec.program = "sh".into();
    run.spec.stderr_log = "/no/such/dir/log".into();
    assert!(run.refused().await.to_string().starts_with("cannot write `/no/such/dir/log`"));
    run.spec.stderr_log = run.path("stderr.log");
    run.spec.exit_file = "/no/such/dir/exit".into();
    assert!(run.refused().await.to_string().starts_with("cannot write `/no/such/dir/exit`"));
    run.spec.working_dir = "/no/such/dir".into();
    assert_eq!(
        run.refused().await.to_string(),
        "working directory `/no/such/dir` is not usable: it does not exist"
    );
    run.spec.marker = "a b".into();
    assert!(matches!(run.refused().await, Refusal::Spec { .. }));
    assert_eq!(run.left(), Vec::<i32>::new());
}

#[tokio::test]
async fn a_supervisor_without_a_proper_spec_says_so_and_ends() {
    use std::io::Write as _;
    for (input, expected) in [
        (&b""[..], "standard input ended before its line did"),
        (b"{\"program\"", "standard input ended"),
        (b"kill-tree\n", "expected value"),
        (b"{}\n", "missing field"),
        (&[b'x'; 9 << 20], "longer than"),
    ] {
        let mut command = std::process::Command::new(gridnode());
        command.arg("supervise").stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        // The pipe breaks when the supervisor has seen enough.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        let said: Refusal = serde_json::from_slice(&output.stdout).unwrap();
        assert!(said.to_string().contains(expected), "{said}");
        assert_eq!(output.status.code(), Some(1));
    }
}

fn script(run: &Run, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = run.path("script");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[tokio::test]
async fn a_sweep_spares_other_markers() {
    // Both processes are there before it is up: a shell that had yet to start the second one would be counted alone, and with a `touch` there were three.
    const TWO: &str = "sleep 1000 & : > up; wait";
    let (run, other) = (Run::of(TWO), Run::of(TWO));
    let (mut tool, mut neighbour) = (run.start().await, other.start().await);
    run.reached("up").await;
    other.reached("up").await;
    let marker = run.spec.marker.clone();
    let swept = tokio::task::spawn_blocking(move || sweep_marked(&marker)).await.unwrap();
    assert_eq!((swept.killed, swept.left), (2, 0));
    assert_eq!(run.end(&mut tool).await.exit, signal(9));
    assert_eq!(other.left().len(), 2);
    neighbour.kill_tree().await.unwrap();
    other.end(&mut neighbour).await;
}

#[tokio::test]
async fn a_run_ends_whose_agent_stands_still() {
    let mut runs = [(); 2].map(|()| Run::of("touch up; exec sleep 1000"));
    runs.iter_mut().for_each(|run| run.spec.lease_ms = Some(1_500));
    let (mut listens, mut stands_still) = (runs[0].start().await, runs[1].start().await);
    runs[1].reached("up").await;
    // The one handle is asked for events all the time, the other one not at all until its tool is gone.
    tokio::select! {
        event = async { loop { let event = next(&mut listens).await; if event.is_last() { return event; } } } => {
            panic!("the agent was there: {event:?}")
        }
        () = eventually("the run has ended", || runs[1].left().is_empty()) => {}
    }
    let end = runs[1].end(&mut stands_still).await;
    assert_eq!((end.exit, end.reason), (signal(9), EndReason::LeaseOver));
    assert!(end.reason.trouble().is_some());
    listens.kill_tree().await.unwrap();
    assert_eq!(runs[0].end(&mut listens).await.reason, EndReason::KillTree);
}
