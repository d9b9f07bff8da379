//! A fixture `/proc` in which trees live and end.

use super::*;
use std::fs;

const PAGE: u64 = 4_096;

struct Machine {
    dir: tempfile::TempDir,
    source: Source,
    meter: ToolMeter,
}

impl Machine {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { source: Source::new(dir.path().join("proc")), dir, meter: ToolMeter::new(PAGE) }
    }

    /// Times in ticks of 10 ms.
    fn process(&self, pid: u32, parent: u32, own: u64, children: u64) {
        let dir = self.dir.path().join("proc").join(pid.to_string());
        fs::create_dir_all(&dir).unwrap();
        let stat =
            format!("{pid} (t) S {parent} 1 1 0 -1 0 0 0 0 0 {own} 0 {children} 0 20 0 1 0 5 4096 10 0\n");
        fs::write(dir.join("stat"), stat).unwrap();
    }

    fn end(&self, pid: u32) {
        fs::remove_dir_all(self.dir.path().join("proc").join(pid.to_string())).unwrap();
    }

    fn cgroup(&self, name: &str, text: &str) -> PathBuf {
        let dir = self.dir.path().join("cgroup");
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join(name), text).unwrap();
        dir
    }

    fn read(&mut self, trees: &[ToolTree]) -> ToolUse {
        self.meter.read(&mut self.source, trees)
    }
}

fn tree(supervisor_pid: u32) -> ToolTree {
    ToolTree { supervisor_pid, cgroup: None }
}

#[test]
fn a_tree_counts_from_its_beginning_and_without_its_supervisor() {
    let mut machine = Machine::new();
    machine.process(10, 1, 500, 0);
    machine.process(11, 10, 30, 0);
    machine.process(12, 11, 20, 5);
    machine.process(99, 1, 700, 700);
    assert_eq!(machine.read(&[tree(10)]), ToolUse { cpu_us: 550_000, rss_bytes: 20 * PAGE, skipped: 0 });
    machine.process(11, 10, 35, 0);
    assert_eq!(machine.read(&[tree(10)]).cpu_us, 50_000);
    assert_eq!(machine.read(&[]), ToolUse::default());
}

#[test]
fn short_lived_children_count_through_their_parent_and_never_twice() {
    let mut machine = Machine::new();
    machine.process(10, 1, 0, 0);
    machine.process(11, 10, 30, 0);
    machine.process(12, 11, 20, 0);
    machine.read(&[tree(10)]);
    // 12 has used 4 more and was waited for; another child lived and died unseen with 6.
    machine.end(12);
    machine.process(11, 10, 30, 24 + 6);
    assert_eq!(machine.read(&[tree(10)]).cpu_us, 100_000);
    // 11 ends, too; the supervisor waits for it and for an orphan that used 3.
    machine.end(11);
    machine.process(10, 1, 0, 30 + 30 + 3);
    assert_eq!(machine.read(&[tree(10)]).cpu_us, 30_000);
}

#[test]
fn a_child_that_nobody_waits_for_does_not_hide_the_others() {
    let mut machine = Machine::new();
    machine.process(10, 1, 0, 0);
    machine.process(11, 10, 30, 0);
    machine.process(12, 11, 900, 0);
    machine.read(&[tree(10)]);
    machine.end(12);
    machine.process(11, 10, 37, 0);
    machine.process(13, 11, 2, 0);
    assert_eq!(machine.read(&[tree(10)]).cpu_us, 90_000);
}

#[test]
fn two_tools_are_added_up() {
    let mut machine = Machine::new();
    for (pid, parent, own) in [(10, 1, 0), (11, 10, 30), (20, 1, 0), (21, 20, 4)] {
        machine.process(pid, parent, own, 0);
    }
    let used = machine.read(&[tree(10), tree(20)]);
    assert_eq!(used, ToolUse { cpu_us: 340_000, rss_bytes: 20 * PAGE, skipped: 0 });
}

#[test]
fn a_cgroup_is_exact_and_its_memory_controller_counts_pages_once() {
    let mut machine = Machine::new();
    machine.process(10, 1, 0, 0);
    machine.process(11, 10, 30, 0);
    let cgroup = Some(machine.cgroup("cpu.stat", "usage_usec 7000\nuser_usec 5000\n"));
    let trees = [ToolTree { supervisor_pid: 10, cgroup }];
    machine.cgroup("cgroup.procs", "11\n77\n");
    // No memory controller: its processes, of which one is gone already.
    assert_eq!(machine.read(&trees), ToolUse { cpu_us: 7_000, rss_bytes: 10 * PAGE, skipped: 0 });
    machine.cgroup("cpu.stat", "usage_usec 9500\n");
    machine.cgroup("memory.stat", "anon 1000\nfile 900000\nfile_mapped 24\n");
    assert_eq!(machine.read(&trees), ToolUse { cpu_us: 2_500, rss_bytes: 1_024, skipped: 0 });
}

#[test]
fn when_the_cgroup_goes_the_tree_is_walked() {
    let mut machine = Machine::new();
    machine.process(10, 1, 0, 0);
    machine.process(11, 10, 30, 0);
    let dir = machine.cgroup("cpu.stat", "usage_usec 7000\n");
    let trees = [ToolTree { supervisor_pid: 10, cgroup: Some(dir.clone()) }];
    machine.read(&trees);
    fs::remove_dir_all(dir).unwrap();
    assert_eq!(machine.read(&trees), ToolUse { cpu_us: 0, rss_bytes: 10 * PAGE, skipped: 0 });
    machine.process(11, 10, 31, 0);
    assert_eq!(machine.read(&trees).cpu_us, 10_000);
}

/// The real `/proc`: a shell that has burnt processor time in a child of its child.
#[test]
fn a_real_tree() {
    let script = "(i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done) & wait; echo done; read line";
    let mut shell = std::process::Command::new("sh")
        .args(["-c", script])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(shell.stdout.take().unwrap()), &mut said)
        .unwrap();
    let mut source = Source::new("/proc".into());
    let used = ToolMeter::new(PAGE).read(&mut source, &[tree(std::process::id())]);
    drop(shell.stdin.take());
    shell.wait().unwrap();
    assert!(used.cpu_us > 0 && used.rss_bytes > 0, "{used:?}");
}
