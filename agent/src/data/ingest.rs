//! The ingest thread: the only one that touches the sump's sockets and the data side of the core.
//!
//! It waits in `ppoll` for datagrams, for a command (an eventfd) or for the next deadline, so that windows close when
//! nothing arrives; then it receives at most [`ROUNDS_MAX`] batches and looks at deadlines again. Nothing it does can
//! wait: closed windows go up through a bounded channel, and when that is full they are kept back and folded into
//! each other rather than holding up a datagram.

mod hop;
mod rest;
mod worker;

use crate::base::lossy::{LossyReceiver, LossySender, lossy};
use crate::data::carry::{Notes, Snapshots};
use crate::data::udp::SumpSocket;
use gridnode_core::measure::RunSettings;
use gridnode_core::measure::ingest::{IngestOutput, OpenSettings, Totals, TraceText};
use gridnode_core::measure::ledger::SampleAccount;
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use thiserror::Error;
use tokio::sync::oneshot;

/// Batches received before deadlines and commands are looked at again.
pub const ROUNDS_MAX: usize = 32;
/// Commands under way to the thread; one at a time is the rule.
const COMMANDS_MAX: usize = 16;
/// Lines of published clients that wait for whoever takes a run's traces; each may fill a datagram.
const TRACE_LINES_MAX: usize = 512;
/// What may wait on the way up before windows are kept back.
const UPWARD_MAX: usize = 4;

enum Command {
    OpenRun { socket: SumpSocket, settings: Box<RunSettings>, reply: oneshot::Sender<u32> },
    OpenSocket { socket: SumpSocket, settings: Box<OpenSettings> },
    TakeTraceLines { slot: u32, to: LossySender<TraceText> },
    CloseRun { slot: u32, reply: oneshot::Sender<()> },
    Snapshot { slot: u32, reply: oneshot::Sender<Option<Totals>> },
    Ping { reply: oneshot::Sender<()> },
    Stop { reply: oneshot::Sender<Stopped> },
}

/// What the thread says when it stops.
#[derive(Debug)]
pub struct Stopped {
    /// What belonged to no run.
    pub stray: SampleAccount,
    /// Windows that were folded into others because the disk was slow.
    pub folded_windows: u64,
}

/// Why the ingest thread did not do what it was asked to.
#[derive(Debug, Error)]
pub enum IngestThreadError {
    /// The system would not start it.
    #[error("failed to start the ingest thread: {0}")]
    Start(std::io::Error),
    /// It has ended, which it does only on a fault that it has logged.
    #[error("the ingest thread is gone; its last log line says why")]
    Gone,
    /// It has not got round to earlier commands yet; nothing was done, and asking again later may succeed.
    #[error("the ingest thread is busy: {COMMANDS_MAX} commands wait for it already; try again in a moment")]
    Busy,
}

/// The handle of the thread; dropping it without [`Self::stop`] leaves what is not closed uncounted.
pub struct IngestThread {
    commands: SyncSender<Command>,
    bell: Arc<EventFd>,
}

impl IngestThread {
    /// Starts the thread. Closed windows come out of the receiver, which somebody must keep reading; open ones go into
    /// `snapshots` now and then.
    ///
    /// # Errors
    /// When the system has no thread or descriptor left.
    pub fn start(
        seed: u64,
        snapshots: Option<Snapshots>,
        notes: Notes,
    ) -> Result<(Self, Receiver<IngestOutput>), IngestThreadError> {
        let bell = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK);
        let bell = Arc::new(bell.map_err(|errno| IngestThreadError::Start(errno.into()))?);
        let (commands, inbox) = sync_channel(COMMANDS_MAX);
        let (up, upward) = sync_channel(UPWARD_MAX);
        let worker = worker::Worker::new(seed, inbox, Arc::clone(&bell), up, snapshots, notes);
        let builder = std::thread::Builder::new().name("ingest".to_owned());
        builder.spawn(move || worker.run()).map_err(IngestThreadError::Start)?;
        Ok((Self { commands, bell }, upward))
    }

    /// Opens a run with a socket of its own; gives its slot.
    ///
    /// # Errors
    /// When the thread is gone, or too busy to take a command.
    pub async fn open_run(
        &self,
        socket: SumpSocket,
        settings: RunSettings,
    ) -> Result<u32, IngestThreadError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::OpenRun { socket, settings: Box::new(settings), reply })?;
        answer.await.map_err(|_| IngestThreadError::Gone)
    }

    /// Opens a socket on which every identity is a run of its own.
    ///
    /// # Errors
    /// When the thread is gone, or too busy to take a command.
    pub fn open_socket(&self, socket: SumpSocket, settings: OpenSettings) -> Result<(), IngestThreadError> {
        self.send(Command::OpenSocket { socket, settings: Box::new(settings) })
    }

    /// From here on a run's `trace` and `object` lines come out of this; those that do not fit are counted.
    ///
    /// # Errors
    /// When the thread is gone, or too busy to take a command.
    pub fn take_trace_lines(&self, slot: u32) -> Result<LossyReceiver<TraceText>, IngestThreadError> {
        let (to, lines) = lossy(TRACE_LINES_MAX);
        self.send(Command::TakeTraceLines { slot, to })?;
        Ok(lines)
    }

    /// Receives what is still in the run's socket, closes its windows and hands everything up. A barrier: when this
    /// returns, all of it is on its way.
    ///
    /// # Errors
    /// When the thread is gone, or too busy to take a command.
    pub async fn close_run(&self, slot: u32) -> Result<(), IngestThreadError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::CloseRun { slot, reply })?;
        answer.await.map_err(|_| IngestThreadError::Gone)
    }

    /// How a run is doing; `None` when there is no such run.
    ///
    /// # Errors
    /// When the thread is gone, or too busy to take a command.
    pub async fn totals(&self, slot: u32) -> Result<Option<Totals>, IngestThreadError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Snapshot { slot, reply })?;
        answer.await.map_err(|_| IngestThreadError::Gone)
    }

    /// Asks the thread for a sign of life, for the watchdog. The answer comes when it has gone through its loop; it is
    /// the caller's to wait for, so that nothing else has to.
    ///
    /// # Errors
    /// When the thread is gone, or does not even empty its commands any more.
    pub fn ping(&self) -> Result<oneshot::Receiver<()>, IngestThreadError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Ping { reply })?;
        Ok(answer)
    }

    /// Receives what is left, closes every run and ends the thread. When this returns, the last windows are on their
    /// way up; the receiver ends after them.
    ///
    /// # Errors
    /// When the thread is gone, or too busy to take a command.
    pub async fn stop(&self) -> Result<Stopped, IngestThreadError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Stop { reply })?;
        answer.await.map_err(|_| IngestThreadError::Gone)
    }

    fn send(&self, command: Command) -> Result<(), IngestThreadError> {
        self.commands.try_send(command).map_err(|refused| match refused {
            TrySendError::Full(_) => IngestThreadError::Busy,
            TrySendError::Disconnected(_) => IngestThreadError::Gone,
        })?;
        // A full eventfd counter means that it is ringing already.
        let _ = self.bell.write(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A handle whose thread is played by whoever holds the inbox.
    fn handle() -> (IngestThread, Receiver<Command>) {
        let (commands, inbox) = sync_channel(COMMANDS_MAX);
        let bell = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK).unwrap());
        (IngestThread { commands, bell }, inbox)
    }

    fn ask(thread: &IngestThread) -> Result<(), IngestThreadError> {
        thread.send(Command::Snapshot { slot: 0, reply: oneshot::channel().0 })
    }

    #[test]
    fn a_full_queue_is_busy_and_takes_commands_again() {
        let (thread, inbox) = handle();
        (0..COMMANDS_MAX).for_each(|_| ask(&thread).unwrap());
        assert!(matches!(ask(&thread), Err(IngestThreadError::Busy)));
        inbox.recv().unwrap();
        assert!(ask(&thread).is_ok());
    }

    #[test]
    fn without_a_thread_it_is_gone_however_full_the_queue() {
        let (thread, inbox) = handle();
        (0..COMMANDS_MAX).for_each(|_| ask(&thread).unwrap());
        drop(inbox);
        assert!(matches!(ask(&thread), Err(IngestThreadError::Gone)));
    }
}
