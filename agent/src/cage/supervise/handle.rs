//! The agent's side of one supervised tool.

use super::cgroup;
use super::event::{EVENT_BYTES_MAX, ToolEvent};
use super::lease::renew_every;
use super::link::Link;
use super::processes::Process;
use super::refusal::Refusal;
use super::spec::ToolSpec;
use super::sweep::{Lost, Swept, sweep_lost, wait_for_orphan};
use crate::base::file_threads::KILLS;
use crate::cage::slot::{self, SlotError};
use serde::Deserialize;
use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

/// From the spec to the first event: an exec and a few files, on a machine that may be swapping.
const START_WAIT: Duration = Duration::from_secs(20);
/// After its output has ended a supervisor has nothing left to do.
const EXIT_WAIT: Duration = Duration::from_secs(2);
/// After an order to kill, between two looks at whether the supervisor is held up: a tool may stop its own, and a kill that is
/// not obeyed would leave it running. Shorter than any time that is given to a kill.
const HELD_UP_WAIT: Duration = Duration::from_secs(2);
/// Between two sweeps of what a lost supervisor has left.
const SWEEP_WAIT: Duration = Duration::from_secs(3);
/// Between two looks whether a supervisor that has not reported its start was stopped.
const STOPPED_LOOK: Duration = Duration::from_millis(50);
/// For one sweep: it reads of processes, which may hang themselves.
const SWEEP_WAIT_MAX: Duration = Duration::from_secs(20);

/// A running tool. Dropping it closes the lifeline: the supervisor then kills the whole tree.
#[derive(Debug)]
pub struct Supervised {
    link: Link,
    /// Of a unit, whose pid the agent does not know by itself.
    supervisor_pid: Option<u32>,
    /// Bytes of events that are not yet read, at most one event and one read.
    buffer: Vec<u8>,
    first: Option<ToolEvent>,
    marker: String,
    leader: i32,
    ended: bool,
    /// Between two renewals of the lease.
    renew_every: Option<Duration>,
    renew_next: Instant,
    /// When to look at what became of an order to kill.
    kill_check: Option<Instant>,
    /// Why the supervisor is lost.
    lost: Option<String>,
    /// The supervisor is stopped, and to be ended by the next sweep.
    held_up: bool,
    sweep: Option<oneshot::Receiver<Swept>>,
    /// The sweep that is under way is given up then.
    sweep_by: Instant,
    sweep_next: Option<Instant>,
    swept: Swept,
}

/// A signal for the tool's leader and its process group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ask it to end.
    Term,
    /// What Ctrl-C sends.
    Int,
    /// A thread dump on the output of a JVM.
    Quit,
    /// End it; what is left of the tree follows after the grace.
    Kill,
}

/// Why a tool is not, or no longer, under control.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SuperviseError {
    /// The supervisor would not start it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The supervisor itself could not be started.
    #[error("failed to start the supervisor: {0}")]
    Start(#[source] io::Error),
    /// The supervisor did not answer, or not in its language.
    #[error("the supervisor gave no proper answer: {0}")]
    Silent(String),
    /// The unit that it should run in is not there.
    #[error(transparent)]
    NoSlot(#[from] SlotError),
    /// The supervisor has ended.
    #[error("the supervisor has ended: {0}")]
    Gone(#[source] io::Error),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Event(ToolEvent),
    Refused(Refusal),
}

impl Supervised {
    /// Starts a tool under a supervisor, which is this very program once more. Returns when the tool's `exec` has
    /// succeeded; [`ToolEvent::Started`] is then the first event. Dropping the future ends what it has started.
    ///
    /// A test's own executable does not know the subcommand: tests use [`Self::spawn_by`].
    ///
    /// # Errors
    /// [`SuperviseError::Refused`] says in a sentence what is wrong with the spec, the program or a path.
    pub async fn spawn(spec: ToolSpec) -> Result<Self, SuperviseError> {
        // A link that still leads to the running program after the file was replaced by an update.
        Self::spawn_by(Path::new("/proc/self/exe"), spec).await
    }

    /// The same with the `gridnode` program at `gridnode`.
    ///
    /// # Errors
    /// As [`Self::spawn`].
    pub async fn spawn_by(gridnode: &Path, spec: ToolSpec) -> Result<Self, SuperviseError> {
        let line = spec.to_line()?;
        let link = match &spec.slot {
            Some(slot) => Link::unit(slot).await?,
            None => Link::child(gridnode).map_err(SuperviseError::Start)?,
        };
        let marker = spec.marker;
        let buffer = Vec::new();
        let mut this = Self {
            link,
            supervisor_pid: None,
            buffer,
            first: None,
            marker,
            leader: 0,
            ended: false,
            renew_every: spec.lease_ms.map(renew_every),
            renew_next: Instant::now(),
            kill_check: None,
            lost: None,
            held_up: false,
            sweep: None,
            sweep_by: Instant::now(),
            sweep_next: None,
            swept: Swept::default(),
        };
        let pid = this.raw_supervisor_pid();
        let started = tokio::select! {
            started = timeout(START_WAIT, this.start(&line)) => started,
            never = keep_going(pid) => match never {},
        };
        match started {
            Ok(started) => started.map(|()| this),
            Err(_) => Err(SuperviseError::Silent(format!("nothing within {} s", START_WAIT.as_secs()))),
        }
    }

    /// The leader's pid: also its process group and session.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.leader
    }

    /// The supervisor's pid, while it runs.
    #[must_use]
    pub fn supervisor_pid(&self) -> Option<u32> {
        self.link.child_pid().or(self.supervisor_pid)
    }

    /// The directory of the tree's own cgroup, where it has one.
    #[must_use]
    pub fn cgroup_dir(&self) -> Option<PathBuf> {
        let supervisor = self.supervisor_pid()?;
        let dir = match self.link.slot() {
            Some(_) => cgroup::dir_below(supervisor, &self.marker),
            None => cgroup::dir_of(&self.marker, supervisor),
        };
        dir.filter(|dir| dir.is_dir())
    }

    /// The next event. Cancel safe. After the last one ([`ToolEvent::is_last`]) it never returns.
    ///
    /// When the supervisor dies, what it left is swept by the marker first, which may take seconds. What even that has left is
    /// swept again, until [`ToolEvent::SupervisorLost`] says that nothing is.
    pub async fn next_event(&mut self) -> ToolEvent {
        if let Some(event) = self.first.take() {
            return event;
        }
        if self.ended {
            self.link.reap().await;
            return std::future::pending().await;
        }
        if self.lost.is_none() {
            let why = match self.read_event_and_renew().await {
                Ok(Line::Event(event)) => {
                    self.ended = event.is_last();
                    return event;
                }
                Ok(Line::Refused(refusal)) => refusal.to_string(),
                Err(error) => error.to_string(),
            };
            self.lost = Some(why);
        }
        let before = self.sweep_next.is_some();
        loop {
            if let Some(at) = self.sweep_next {
                sleep_until(at).await;
            }
            self.sweep().await;
            if self.swept.left == 0 || !before {
                break;
            }
        }
        let exit = self.link.exit(EXIT_WAIT).await;
        self.ended = self.swept.left == 0;
        let why = self.lost.as_deref().unwrap_or_default();
        ToolEvent::SupervisorLost { why: format!("{why} ({exit})"), swept: self.swept }
    }

    /// Sends a signal to the leader's process group. Nothing happens if the leader has already ended.
    ///
    /// # Errors
    /// [`SuperviseError::Gone`] when the supervisor has ended.
    pub async fn signal(&mut self, signal: Signal) -> Result<(), SuperviseError> {
        self.command(match signal {
            Signal::Term => b"signal TERM\n",
            Signal::Int => b"signal INT\n",
            Signal::Quit => b"signal QUIT\n",
            Signal::Kill => b"signal KILL\n",
        })
        .await
    }

    /// Kills the whole tree at once. [`ToolEvent::TreeEmpty`] follows.
    ///
    /// # Errors
    /// [`SuperviseError::Gone`] when the supervisor has ended.
    pub async fn kill_tree(&mut self) -> Result<(), SuperviseError> {
        self.kill_check.get_or_insert_with(|| Instant::now() + HELD_UP_WAIT);
        self.command(b"kill-tree\n").await
    }

    async fn command(&mut self, line: &[u8]) -> Result<(), SuperviseError> {
        self.let_go_on();
        self.link.write_all(line).await.map_err(SuperviseError::Gone)
    }

    async fn start(&mut self, line: &[u8]) -> Result<(), SuperviseError> {
        // A supervisor that refuses early may not read it all: its answer says more than the broken pipe.
        let sent = self.link.write_all(line).await;
        match self.read_line().await {
            Ok(Line::Event(event @ ToolEvent::Started { pid, supervisor_pid, .. })) => {
                self.leader = pid;
                self.supervisor_pid = Some(supervisor_pid);
                self.first = Some(event);
                Ok(())
            }
            Ok(Line::Event(_)) => Err(SuperviseError::Silent("it did not begin with the start".to_owned())),
            Ok(Line::Refused(refusal)) => Err(refusal.into()),
            Err(error) => Err(SuperviseError::Silent(sent.err().unwrap_or(error).to_string())),
        }
    }

    async fn read_line(&mut self) -> io::Result<Line> {
        loop {
            if let Some(at) = self.buffer.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=at).collect();
                return Ok(serde_json::from_slice(&line)?);
            }
            if self.buffer.len() > EVENT_BYTES_MAX {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "an event without an end"));
            }
            if self.link.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ended without a last word"));
            }
        }
    }

    /// What the supervisor says next; meanwhile it is told that somebody listens.
    async fn read_event_and_renew(&mut self) -> io::Result<Line> {
        loop {
            let Some(every) = self.renew_every else { return self.read_event().await };
            if let Ok(line) = timeout_at(self.renew_next, self.read_event()).await {
                return line;
            }
            // What a supervisor that is gone or stopped does not take is no loss: that shows otherwise.
            self.renew_next = Instant::now() + every;
            let _ = timeout(every, self.link.write_all(b"renew\n")).await;
        }
    }

    /// What the supervisor says next; or, where it was ordered to kill and is held up, that it is lost.
    async fn read_event(&mut self) -> io::Result<Line> {
        while let Some(at) = self.kill_check {
            if let Ok(line) = timeout_at(at, self.read_line()).await {
                return line;
            }
            self.kill_check = Some(Instant::now() + HELD_UP_WAIT);
            if self.link.slot().is_some() {
                // systemd ends it all, whatever the tool does to its supervisor and however fast it forks.
                return Err(io::Error::other("the tree did not end in time, and its unit was ended"));
            }
            if self.raw_supervisor_pid().is_some_and(Process::is_stopped) {
                self.held_up = true;
                return Err(io::Error::other("it was stopped, and could not obey"));
            }
        }
        self.read_line().await
    }

    /// One sweep, and what came of all of them. Cancel safe: the same one is waited for when it is taken up again.
    async fn sweep(&mut self) {
        if self.sweep.is_none() {
            let (leader, marker) = (self.leader, self.marker.clone());
            let lost = Lost { supervisor: self.raw_supervisor_pid(), held_up: self.held_up };
            let slot = self.link.slot();
            let sweep = KILLS.start(move || {
                if let Some(number) = slot {
                    return Swept::of_slot(slot::end(number));
                }
                let swept = sweep_lost(&marker, lost);
                wait_for_orphan(leader);
                swept
            });
            self.sweep =
                sweep.inspect_err(|why| tracing::warn!("nobody can look for what is left: {why}")).ok();
            self.sweep_by = Instant::now() + SWEEP_WAIT_MAX;
        }
        let round = match &mut self.sweep {
            Some(sweep) => timeout_at(self.sweep_by, sweep).await.ok().and_then(Result::ok),
            None => None,
        };
        let round = round.unwrap_or(Swept::UNKNOWN);
        self.sweep = None;
        self.swept = Swept { killed: self.swept.killed.saturating_add(round.killed), ..round };
        self.sweep_next = Some(Instant::now() + SWEEP_WAIT);
    }

    /// Takes back a SIGSTOP, which the tool may send to its supervisor: both are of one user.
    fn let_go_on(&self) {
        self.link.let_go_on();
    }

    fn raw_supervisor_pid(&self) -> Option<i32> {
        self.supervisor_pid().and_then(|pid| i32::try_from(pid).ok())
    }
}

impl Drop for Supervised {
    /// A supervisor that is stopped would not see the lifeline close.
    fn drop(&mut self) {
        self.let_go_on();
    }
}

/// A tool may stop its supervisor before the start was reported: then it is told to go on.
async fn keep_going(supervisor: Option<i32>) -> Infallible {
    loop {
        tokio::time::sleep(STOPPED_LOOK).await;
        let stopped = supervisor.filter(|pid| Process::is_stopped(*pid)).and_then(Process::read);
        if let Some(process) = stopped {
            process.signal(libc::SIGCONT);
        }
    }
}
