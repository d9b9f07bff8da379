//! The supervisor process: one loop over the lifeline, `SIGCHLD` and the tree's deadlines. No runtime, no panics.

use super::activation::take_connection;
use super::cgroup::{self, Cgroup};
use super::event::{EndReason, Stream, ToolEvent, TreeEmpty};
use super::exit_file::ExitRecord;
use super::launch::{Launched, launch};
use super::lease::Lease;
use super::lifeline::{Command, Lifeline};
use super::limits_met::LimitsMet;
use super::processes::Process;
use super::pump::{Progress, Pump};
use super::reach;
use super::refusal::{Refusal, clip};
use super::report::Reporter;
use super::spec::ToolSpec;
use super::tree::{Step, Tree};
use crate::base::clock;
use crate::cage::short_path::remove_links_into;
use gridnode_core::base::time::{Mono, NS_PER_MS, Now, Wall};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd as _;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// The subcommand's name on the command line.
const SUBCOMMAND: &str = "supervise";
/// `ps` shows this instead of `exe`.
const PROCESS_NAME: &CStr = c"gridnode-superv";
/// Log losses are looked at this often.
const TICK_MS: u16 = 1_000;
/// For the rest of the tool's output after the last process is gone: only strangers can still hold the pipes.
const LOGS_WAIT: Duration = Duration::from_millis(1_000);
/// For what is done to files at the end, before it is told without them: with the logs less than the agent gives to a kill.
const FILES_WAIT: Duration = Duration::from_secs(2);
/// For the same, once it is told: a disk that is slow and not stuck.
const SLOW_FILES_WAIT: Duration = Duration::from_secs(30);
/// Once the agent is gone, processes that SIGKILL cannot end are given up after this.
const GIVE_UP_NS: u64 = 30_000 * NS_PER_MS;
/// For the last events when the agent is slow to read.
const LAST_WORDS_MS: u16 = 2_000;
/// How many pids of a stuck tree are told.
const STUCK_PIDS_MAX: usize = 16;

/// Runs the supervisor if the command line says `gridnode supervise`. Call it first thing in `main`, before a runtime,
/// a thread or logging exists.
#[must_use]
pub fn dispatch() -> Option<ExitCode> {
    (std::env::args_os().nth(1)? == SUBCOMMAND).then(supervise)
}

fn supervise() -> ExitCode {
    let mut reporter = Reporter::default();
    match start() {
        Ok(supervisor) => supervisor.run(reporter),
        Err(refusal) => {
            reporter.send(&refusal);
            reporter.flush(LAST_WORDS_MS);
            ExitCode::FAILURE
        }
    }
}

/// Everything up to the running tool.
fn start() -> Result<Supervisor, Refusal> {
    let is_in_slot = take_connection()?;
    close_on_exec_from(3);
    let _ = nix::sys::prctl::set_name(PROCESS_NAME);
    let signals = take_signals().map_err(|e| Refusal::system("set up signals", e))?;
    nix::sys::prctl::set_child_subreaper(true).map_err(|e| Refusal::system("become a subreaper", e))?;
    let mut lifeline = Lifeline::default();
    let spec = ToolSpec::from_line(&lifeline.read_spec()?)?;
    if let Some(forbidden) = &spec.out_of_reach {
        reach::check(forbidden)?;
    } else if is_in_slot {
        return Err(Refusal::spec("it does not say what is out of reach in a slot"));
    }
    let cgroup = if spec.use_cgroup { Cgroup::create(&spec.marker, std::process::id()) } else { None };
    let launched = match launch(&spec, cgroup.as_ref()) {
        Ok(launched) => launched,
        Err(refusal) => {
            cgroup.as_ref().map(Cgroup::remove);
            return Err(refusal);
        }
    };
    let Launched { pid, stdout, stderr } = launched;
    let started = clock::now();
    let has_cgroup = cgroup.is_some();
    let mut tree = Tree::new(pid, cgroup, spec.grace_ms);
    if let Some(longest_ms) = spec.longest_ms {
        tree.end_at(started.mono.plus_ns(longest_ms.saturating_mul(NS_PER_MS)));
    }
    let lease = spec.lease_ms.map(|ms| Lease::new(started.mono, ms));
    let logs = [Log::new(Stream::Stdout, stdout), Log::new(Stream::Stderr, stderr)];
    Ok(Supervisor { spec, signals, lifeline, lease, tree, logs, started, has_cgroup, is_in_slot })
}

struct Supervisor {
    spec: ToolSpec,
    signals: SignalFd,
    lifeline: Lifeline,
    lease: Option<Lease>,
    tree: Tree,
    logs: [Log; 2],
    started: Now,
    has_cgroup: bool,
    is_in_slot: bool,
}

impl Supervisor {
    fn run(mut self, mut reporter: Reporter) -> ExitCode {
        let pid = self.tree.leader();
        reporter.send(&ToolEvent::Started {
            pid,
            supervisor_pid: std::process::id(),
            // A leader that has ended is still there as a zombie: nobody has waited for it yet.
            start_ticks: Process::read(pid).map_or(0, |leader| leader.start_ticks),
            wall_ns: self.started.wall.0,
            cgroup: self.has_cgroup,
        });
        let mut now = clock::now();
        loop {
            match self.tree.step(now) {
                Step::Nothing => {}
                Step::LeaderExited => {
                    reporter.send(&ToolEvent::LeaderExited { exit: self.tree.exit(), wall_ns: now.wall.0 })
                }
                Step::Stuck(pids) => reporter.send(&stuck(pids)),
            }
            if let Some(reason) = self.tree.empty() {
                return self.finish(reason, reporter);
            }
            if let Some((reason, since_ns)) = self.tree.killing_for(now)
                && self.lifeline.is_closed()
                && since_ns > GIVE_UP_NS
            {
                self.end_files(reason, false).wait(FILES_WAIT);
                return ExitCode::FAILURE;
            }
            self.wait(now);
            now = clock::now();
            self.obey(now);
            for log in &mut self.logs {
                log.tell_losses(now, &mut reporter);
            }
            reporter.flush(0);
        }
    }

    /// Sleeps until a signal, a command, or the next deadline of the tree.
    fn wait(&self, now: Now) {
        let wait_ms = PollTimeout::from(self.tree.wait_ms(now, TICK_MS));
        let signals = PollFd::new(self.signals.as_fd(), PollFlags::POLLIN);
        let stdin = std::io::stdin();
        // An error here is an interruption: the loop comes round again.
        let _ = if self.lifeline.is_closed() {
            poll(&mut [signals], wait_ms)
        } else {
            poll(&mut [signals, PollFd::new(stdin.as_fd(), PollFlags::POLLIN)], wait_ms)
        };
    }

    /// Reads signals and commands and passes them on to the tree.
    fn obey(&mut self, now: Now) {
        while let Ok(Some(signal)) = self.signals.read_signal() {
            if signal.ssi_signo.cast_signed() == libc::SIGTERM {
                self.tree.kill(now, EndReason::SupervisorTerminated);
            }
        }
        while let Some(command) = self.lifeline.poll() {
            self.lease.iter_mut().for_each(|lease| lease.renew(now.mono));
            match command {
                Command::Renew => {}
                Command::Signal(signal) => self.tree.signal_group(signal),
                Command::KillTree => self.tree.kill(now, EndReason::KillTree),
                Command::Closed => self.tree.kill(now, EndReason::LifelineClosed),
            }
        }
        if self.lease.as_ref().is_some_and(|lease| lease.is_over(now.mono)) {
            self.tree.kill(now, EndReason::LeaseOver);
        }
    }

    fn finish(mut self, reason: EndReason, mut reporter: Reporter) -> ExitCode {
        // It may have gone while the tree ended for another reason. Asked before the last event: who has read that one closes, too.
        while self.lifeline.poll().is_some() {}
        let agent_is_gone = self.lifeline.is_closed();
        let [stdout, stderr] = &self.logs;
        let (stdout, stderr) = (stdout.pump.finish(LOGS_WAIT), stderr.pump.finish(LOGS_WAIT));
        let usage = tree_usage();
        let files = self.end_files(reason, true);
        let exit_file_error = files.wait(FILES_WAIT);
        reporter.send(&ToolEvent::TreeEmpty(TreeEmpty {
            exit: self.tree.exit(),
            reason,
            killed_descendants: self.tree.killed_descendants(),
            wall_ns: clock::now().wall.0,
            user_us: usage.user_us,
            system_us: usage.system_us,
            rss_bytes_max: usage.rss_bytes_max,
            limits_met: if self.is_in_slot { cgroup::limits_met() } else { LimitsMet::default() },
            stdout_bytes: stdout.bytes,
            stderr_bytes: stderr.bytes,
            log_bytes_dropped: stdout.dropped_bytes + stderr.dropped_bytes,
            logs_incomplete: !(stdout.done && stderr.done),
            exit_file_error,
        }));
        reporter.flush(LAST_WORDS_MS);
        self.tree.remove_cgroup();
        files.wait(SLOW_FILES_WAIT);
        if agent_is_gone {
            // Nobody waits any more: it may take as long as it takes.
            self.spec
                .scratch_dirs
                .iter()
                .for_each(|dir| drop(crate::cage::removal::remove_tree(dir.as_ref())));
        }
        ExitCode::SUCCESS
    }

    /// Removes what nobody may find later, which the agent does, too, but may have been killed; and writes the exit file. On a
    /// thread of its own, so that a file system that hangs cannot keep the last event back.
    fn end_files(&self, reason: EndReason, tree_empty: bool) -> EndOfFiles {
        let record = ExitRecord {
            started_wall_ns: self.started.wall.0,
            leader_ended_wall_ns: self.tree.leader_ended().map(|Wall(ns)| ns),
            ended_wall_ns: clock::now().wall.0,
            killed_descendants: self.tree.killed_descendants(),
            tree_empty,
            ..ExitRecord::new(&self.spec.marker, self.tree.leader(), self.tree.exit(), reason)
        };
        let (path, secrets) = (self.spec.exit_file.clone(), self.spec.remove_at_end.clone());
        let (done, written) = std::sync::mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().name("end of files".into()).spawn(move || {
            secrets.iter().for_each(|path| drop(std::fs::remove_file(path)));
            path.parent().into_iter().for_each(remove_links_into);
            // Nobody listens once the wait is over.
            let _ = done.send(record.write(&path));
        });
        EndOfFiles(thread.map(|_| written))
    }
}

/// What is done to files when the tree has ended.
struct EndOfFiles(io::Result<Receiver<io::Result<()>>>);

impl EndOfFiles {
    /// What went wrong, once it is done or `wait` is over.
    fn wait(&self, wait: Duration) -> Option<String> {
        let written = match &self.0 {
            Ok(written) => written,
            Err(error) => return Some(clip(&error.to_string())),
        };
        match written.recv_timeout(wait) {
            Ok(Ok(())) | Err(RecvTimeoutError::Disconnected) => None,
            Ok(Err(error)) => Some(clip(&error.to_string())),
            Err(RecvTimeoutError::Timeout) => Some("the disk is stuck".to_owned()),
        }
    }
}

fn stuck(mut pids: Vec<i32>) -> ToolEvent {
    let remaining = u32::try_from(pids.len()).unwrap_or(u32::MAX);
    pids.truncate(STUCK_PIDS_MAX);
    ToolEvent::TreeStuck { remaining, pids }
}

/// One stream's pump and what was told of its losses.
struct Log {
    stream: Stream,
    pump: Pump,
    told_bytes: u64,
    next: Mono,
}

impl Log {
    fn new(stream: Stream, pump: Pump) -> Self {
        Self { stream, pump, told_bytes: 0, next: Mono(0) }
    }

    fn tell_losses(&mut self, now: Now, reporter: &mut Reporter) {
        if now.mono < self.next {
            return;
        }
        self.next = now.mono.plus_ns(u64::from(TICK_MS) * NS_PER_MS);
        let Progress { dropped_bytes, first_error, .. } = self.pump.progress();
        if dropped_bytes > self.told_bytes {
            self.told_bytes = dropped_bytes;
            let why = clip(&first_error.unwrap_or_default());
            reporter.send(&ToolEvent::LogDropped { stream: self.stream, bytes_total: dropped_bytes, why });
        }
    }
}

/// Ctrl-C and a closing terminal are the agent's business; SIGTERM, to us alone, means the end of the tree.
fn take_signals() -> nix::Result<SignalFd> {
    let mut mask = SigSet::empty();
    for signal in [Signal::SIGCHLD, Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT] {
        mask.add(signal);
    }
    mask.thread_block()?;
    SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
}

/// Descriptors that leaked into the agent must not leak on into the tool.
fn close_on_exec_from(first: i32) {
    // SAFETY: three integers; marks descriptors, closes none.
    let marked = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    if marked == 0 {
        return;
    }
    // Before Linux 5.11.
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else { return };
    for fd in entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()) {
        if fd >= first {
            // SAFETY: two integers and a flag; a descriptor that is gone by now is refused harmlessly.
            unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
    }
}

struct Usage {
    user_us: u64,
    system_us: u64,
    rss_bytes_max: u64,
}

/// Of all that was waited for below this process.
fn tree_usage() -> Usage {
    // SAFETY: all zeroes is a valid rusage, and the kernel fills it in.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage);
        usage
    };
    let us = |time: libc::timeval| {
        u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000 + u64::try_from(time.tv_usec).unwrap_or(0)
    };
    let rss_bytes_max = u64::try_from(usage.ru_maxrss).unwrap_or(0) * 1_024;
    Usage { user_us: us(usage.ru_utime), system_us: us(usage.ru_stime), rss_bytes_max }
}
