//! A fixture `/proc`, and this machine's own.

use super::*;
use std::fs;
use std::path::Path;

const STAT: [&str; 2] = [
    "cpu  100 0 50 800 40 0 10 0 0 0\ncpu0 1\ncpu1 1\nintr 5\n",
    "cpu  130 0 60 830 40 5 15 20 0 0\ncpu0 1\ncpu1 1\nintr 5\n",
];
const DEV: [&str; 2] = [
    "h\nh\n lo: 1 0 0 0 0 0 0 0 1 0\neth0: 1000 0 0 0 0 0 0 0 100 0\n",
    "h\nh\n lo: 9 0 0 0 0 0 0 0 9 0\neth0: 11000 0 0 0 0 0 0 0 1100 0\n",
];
const PRESSURE: [&str; 2] =
    ["some avg10=0.00 total=100\nfull total=0\n", "some avg10=0.00 total=1000100\nfull total=500000\n"];
const VMSTAT: [&str; 2] =
    ["nr_free_pages 5\npswpin 10\npswpout 0\n", "nr_free_pages 5\npswpin 110\npswpout 0\n"];
const SELF: [u64; 2] = [40, 60];

fn write_proc(root: &Path, at: usize) {
    fs::create_dir_all(root.join("pressure")).unwrap();
    fs::create_dir_all(root.join("net")).unwrap();
    fs::create_dir_all(root.join("self")).unwrap();
    for (file, text) in [
        ("stat", STAT[at]),
        ("net/dev", DEV[at]),
        ("pressure/cpu", PRESSURE[at]),
        ("pressure/memory", PRESSURE[0]),
        ("vmstat", VMSTAT[at]),
    ] {
        fs::write(root.join(file), text).unwrap();
    }
    let own = SELF[at];
    let stat = format!("5 (gridnode) S 1 1 1 0 -1 0 0 0 0 0 {own} 0 900 0 20 0 1 0 5 4096 10 0\n");
    fs::write(root.join("self/stat"), stat).unwrap();
}

#[test]
fn rates_are_of_the_time_between_two_readings() {
    let dir = tempfile::tempdir().unwrap();
    let proc_root = dir.path().join("proc");
    write_proc(&proc_root, 0);
    let settings = HostSettings { state_dir: dir.path().to_owned(), proc_root: proc_root.clone() };
    let mut probe = HostProbe::new(settings);
    let first = probe.sample(Mono(0), &[]);
    assert!(first.cpu.is_none() && first.network.is_none() && first.agent_cpu_percent.is_none());
    assert!(first.disk_free_bytes.is_some_and(|free| free > 0.0));
    assert_eq!(first.tool_rss_bytes, Some(0.0));

    write_proc(&proc_root, 1);
    let second = probe.sample(Mono(10 * NS_PER_S), &[]);
    assert_eq!(second.cpu, Some(CpuShare { busy_percent: 50.0, steal_percent: 20.0 }));
    assert_eq!(second.cpu_stalled, Some(Stalled { some_percent: 10.0, full_percent: 5.0 }));
    assert_eq!(second.memory_stalled, Some(Stalled::default()));
    assert_eq!(second.io_stalled, None, "this kernel does not tell");
    assert_eq!(second.network, Some(NetworkRate { rx_bytes_per_s: 1_000.0, tx_bytes_per_s: 100.0 }));
    assert_eq!(second.swap_in_bytes_per_s, Some(10.0 * probe.page_bytes as f64));
    // 0.2 s of 10 s on two processors; its children's time is not its own.
    assert_eq!(second.agent_cpu_percent, Some(1.0));
    assert_eq!(second.tool_cpu_percent, Some(0.0));
    assert_eq!(second.agent_rss_bytes, Some(10.0 * probe.page_bytes as f64));
}

#[test]
fn two_readings_at_one_time_divide_nothing_by_zero() {
    let mut probe = HostProbe::new(HostSettings::new(".".into()));
    probe.sample(Mono(5), &[]);
    let second = probe.sample(Mono(5), &[]);
    assert!(second.cpu.is_none() && second.tool_cpu_percent.is_none());
}

#[test]
fn a_machine_that_tells_nothing_has_no_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let absent = dir.path().join("absent");
    let mut probe = HostProbe::new(HostSettings { state_dir: absent.clone(), proc_root: absent });
    probe.sample(Mono(0), &[]);
    let trees = [ToolTree { supervisor_pid: 4, cgroup: Some("/absent".into()) }];
    let sample = probe.sample(Mono(NS_PER_S), &trees);
    let expected = HostSample {
        load1: sample.load1,
        memory_used_percent: sample.memory_used_percent,
        swap_used_percent: sample.swap_used_percent,
        clock: sample.clock,
        tool_rss_bytes: Some(0.0),
        ..HostSample::default()
    };
    assert_eq!(sample, expected);
}

#[test]
fn garbage_does_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().to_owned();
    write_proc(&root, 0);
    for file in ["stat", "net/dev", "pressure/cpu", "vmstat", "self/stat"] {
        fs::write(root.join(file), b"\xff\xfe cpu : ( ) 18446744073709551616 -1\n\n").unwrap();
    }
    let mut probe = HostProbe::new(HostSettings { state_dir: root.clone(), proc_root: root.clone() });
    probe.sample(Mono(0), &[]);
    write_proc(&root, 1);
    let sample = probe.sample(Mono(NS_PER_S), &[]);
    assert!(
        sample.cpu.is_none() && sample.agent_cpu_percent.is_none() && sample.swap_in_bytes_per_s.is_none()
    );
    assert!(sample.agent_rss_bytes.is_some());
}

#[test]
fn this_machine() {
    let mut probe = HostProbe::new(HostSettings::new(".".into()));
    probe.sample(Mono(0), &[]);
    // The kernel books processor time in ticks of 10 ms: let some pass.
    std::thread::sleep(std::time::Duration::from_millis(50));
    let sample = probe.sample(Mono(50_000_000), &[]);
    for percent in
        [sample.cpu.map(|cpu| cpu.busy_percent), sample.memory_used_percent, sample.swap_used_percent]
    {
        assert!(percent.is_some_and(|percent| (0.0..=100.0).contains(&percent)), "{sample:?}");
    }
    assert!(sample.load1.is_some() && sample.network.is_some() && sample.agent_cpu_percent.is_some());
    assert!(sample.agent_rss_bytes.is_some_and(|bytes| bytes > 1e6));
}
