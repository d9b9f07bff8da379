//! The life of a process tree, from the running leader to `ECHILD`.

use super::cgroup::Cgroup;
use super::event::{EndReason, ToolExit};
use super::hunt::Hunt;
use super::processes::Process;
use gridnode_core::base::time::{Mono, NS_PER_MS, Now, Wall};
use nix::errno::Errno;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};

/// SIGKILL takes effect at once but for the uninterruptible; after this much the agent is told.
const STUCK_NS: u64 = 10_000 * NS_PER_MS;
/// For a tree whose time is over to end after SIGTERM.
const TERMINATE_NS: u64 = 3_000 * NS_PER_MS;
/// Between two sweeps of a tree that does not go away.
const SWEEP_EVERY_NS: u64 = 5 * NS_PER_MS;
/// Likewise once it is stuck.
const SWEEP_STUCK_EVERY_NS: u64 = 200 * NS_PER_MS;

/// Zombies that are waited for in one go: a tree that makes them as fast as that must not keep us from everything else.
const REAP_MAX: u32 = 1_000;
/// How urgent killing is: the most urgent there is.
const KILL_NICENESS: i32 = -20;

/// The tree under this process, its only child being the leader at first.
pub(super) struct Tree {
    leader: i32,
    cgroup: Option<Cgroup>,
    grace_ns: u64,
    /// When the leader is ended, or, once it was asked to end, all is.
    end_at: Option<Mono>,
    /// Its time was over.
    expired: bool,
    phase: Phase,
    exit: ToolExit,
    leader_ended: Option<Wall>,
    killed_descendants: u32,
    /// There may be more zombies than one go has taken.
    more: bool,
}

#[derive(Clone, Copy)]
enum Phase {
    /// The leader lives, nobody wants its end.
    Running,
    /// The leader is gone, SIGTERM is sent to the rest.
    Grace { until: Mono, reason: EndReason },
    /// SIGKILL, again and again.
    Killing(Killing),
    /// `ECHILD`.
    Empty { reason: EndReason },
}

#[derive(Clone, Copy)]
struct Killing {
    since: Mono,
    /// When the next sweep is due.
    next: Mono,
    reason: EndReason,
    /// That the tree is stuck was told.
    told: bool,
}

/// What one step has brought.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Step {
    /// Nothing to tell.
    Nothing,
    /// The leader has ended.
    LeaderExited,
    /// Some processes survive SIGKILL; told once.
    Stuck(Vec<i32>),
}

impl Tree {
    pub(super) fn new(leader: i32, cgroup: Option<Cgroup>, grace_ms: u64) -> Self {
        Self {
            leader,
            cgroup,
            grace_ns: grace_ms.saturating_mul(NS_PER_MS),
            end_at: None,
            expired: false,
            phase: Phase::Running,
            exit: ToolExit::default(),
            leader_ended: None,
            killed_descendants: 0,
            more: false,
        }
    }

    /// Ends it then, in stages, if nobody else has.
    pub(super) fn end_at(&mut self, then: Mono) {
        self.end_at = Some(then);
    }

    /// Waits for what has ended and does what is due. Call it after every SIGCHLD and at [`Self::wait_ms`].
    pub(super) fn step(&mut self, now: Now) -> Step {
        let leader_ended = self.reap(now);
        match self.phase {
            Phase::Running if self.leader_ended.is_some() => {
                for process in Process::descendants(own_pid()) {
                    process.signal(libc::SIGTERM);
                }
                let until = now.mono.plus_ns(self.grace_ns);
                self.phase = Phase::Grace { until, reason: self.reason() };
            }
            Phase::Running if self.end_at.is_some_and(|then| now.mono >= then) => self.expire(now),
            Phase::Grace { until, reason } if now.mono >= until => self.kill(now, reason),
            Phase::Killing(killing) if now.mono >= killing.next => {
                return self.sweep(now, killing, leader_ended);
            }
            _ => {}
        }
        if leader_ended { Step::LeaderExited } else { Step::Nothing }
    }

    /// Orders the end of the whole tree. The first reason stays.
    pub(super) fn kill(&mut self, now: Now, reason: EndReason) {
        let reason = match self.phase {
            Phase::Running => reason,
            Phase::Grace { reason, .. } => reason,
            Phase::Killing(_) | Phase::Empty { .. } => return,
        };
        // A tree that keeps every core busy would starve us. Needs a privilege; without it, it takes longer.
        // SAFETY: three integers; this thread only.
        unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, KILL_NICENESS) };
        self.phase = Phase::Killing(Killing { since: now.mono, next: now.mono, reason, told: false });
    }

    /// SIGTERM to all of it the first time, SIGKILL the second time.
    fn expire(&mut self, now: Now) {
        if std::mem::replace(&mut self.expired, true) {
            return self.kill(now, EndReason::Expired);
        }
        for process in Process::descendants(own_pid()) {
            process.signal(libc::SIGTERM);
        }
        self.end_at = Some(now.mono.plus_ns(TERMINATE_NS));
    }

    /// A signal to the leader's process group; nothing once the leader is gone, when the number may be another's.
    pub(super) fn signal_group(&self, signal: nix::sys::signal::Signal) {
        if self.leader_ended.is_none() {
            let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(self.leader), signal);
        }
    }

    /// How long nothing is due, at most `at_most_ms`.
    pub(super) fn wait_ms(&self, now: Now, at_most_ms: u16) -> u16 {
        if self.more {
            return 0;
        }
        let due = match self.phase {
            Phase::Running => match self.end_at {
                Some(then) => then,
                None => return at_most_ms,
            },
            Phase::Grace { until, .. } => until,
            Phase::Killing(killing) => killing.next,
            Phase::Empty { .. } => return 0,
        };
        let ms = due.since_ns(now.mono).div_ceil(NS_PER_MS);
        u16::try_from(ms).unwrap_or(u16::MAX).min(at_most_ms)
    }

    /// Why the tree ended, once nothing is left of it.
    pub(super) fn empty(&self) -> Option<EndReason> {
        if let Phase::Empty { reason } = self.phase { Some(reason) } else { None }
    }

    /// Why and for how long it is being killed, ns.
    pub(super) fn killing_for(&self, now: Now) -> Option<(EndReason, u64)> {
        match self.phase {
            Phase::Killing(killing) => Some((killing.reason, now.mono.since_ns(killing.since))),
            _ => None,
        }
    }

    pub(super) fn leader(&self) -> i32 {
        self.leader
    }

    pub(super) fn exit(&self) -> ToolExit {
        self.exit
    }

    pub(super) fn leader_ended(&self) -> Option<Wall> {
        self.leader_ended
    }

    pub(super) fn killed_descendants(&self) -> u32 {
        self.killed_descendants
    }

    /// Gives the cgroup back.
    pub(super) fn remove_cgroup(&self) {
        self.cgroup.as_ref().map(Cgroup::remove);
    }

    /// Waits for all that has ended; true if the leader was among them.
    fn reap(&mut self, now: Now) -> bool {
        let mut leader_ended = false;
        self.more = false;
        for _ in 0..REAP_MAX {
            let (pid, exit) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) => (pid, ToolExit { code: Some(code), signal: None }),
                Ok(WaitStatus::Signaled(pid, signal, _)) => {
                    (pid, ToolExit { code: None, signal: Some(signal as i32) })
                }
                Ok(WaitStatus::StillAlive) => return leader_ended,
                Err(Errno::ECHILD) => {
                    self.phase = Phase::Empty { reason: self.reason() };
                    return leader_ended;
                }
                Ok(_) | Err(_) => continue,
            };
            if pid.as_raw() == self.leader && self.leader_ended.is_none() {
                self.exit = exit;
                self.leader_ended = Some(now.wall);
                leader_ended = true;
            } else if exit.signal.is_some() && !matches!(self.phase, Phase::Running) {
                self.killed_descendants = self.killed_descendants.saturating_add(1);
            }
        }
        self.more = true;
        leader_ended
    }

    fn sweep(&mut self, now: Now, killing: Killing, leader_ended: bool) -> Step {
        if let Some(cgroup) = &self.cgroup {
            cgroup.kill();
        }
        let own = own_pid();
        let hunt = Hunt { below: Some(own), marked: None, orphans: false, spared: &[], sole_waiter: true };
        let mut leader_ended = leader_ended;
        hunt.run(|| leader_ended |= self.reap(now));
        if self.empty().is_some() {
            return if leader_ended { Step::LeaderExited } else { Step::Nothing };
        }
        let stuck = now.mono.since_ns(killing.since) >= STUCK_NS;
        let next = now.mono.plus_ns(if stuck { SWEEP_STUCK_EVERY_NS } else { SWEEP_EVERY_NS });
        let tell = stuck && !killing.told && !leader_ended;
        self.phase = Phase::Killing(Killing { next, told: killing.told || tell, ..killing });
        match (leader_ended, tell) {
            (true, _) => Step::LeaderExited,
            (false, true) => Step::Stuck(Process::descendants(own).iter().map(|p| p.pid).collect()),
            (false, false) => Step::Nothing,
        }
    }

    fn reason(&self) -> EndReason {
        match self.phase {
            Phase::Running if self.expired => EndReason::Expired,
            Phase::Running => EndReason::LeaderExited,
            Phase::Grace { reason, .. } | Phase::Empty { reason } => reason,
            Phase::Killing(killing) => killing.reason,
        }
    }
}

fn own_pid() -> i32 {
    nix::unistd::getpid().as_raw()
}
