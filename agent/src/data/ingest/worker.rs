//! What the ingest thread does all day.

use super::hop::Hop;
use super::rest::Rest;
use super::{Command, ROUNDS_MAX, Stopped};
use crate::base::clock;
use crate::base::lossy::LossySender;
use crate::data::carry::{Notes, Snapshots, keep};
use crate::data::udp::{Batch, DATAGRAMS_MAX, SumpSocket};
use gridnode_core::base::time::{NS_PER_MS, NS_PER_S};
use gridnode_core::measure::ingest::{Ingest, IngestOutput, SocketId, TraceText};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::eventfd::EventFd;
use nix::sys::time::{TimeSpec, TimeValLike};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError};
use tokio::sync::oneshot;

/// The longest wait: the wall clock may step, and a close may come due before its deadline.
const WAIT_NS_MAX: u64 = NS_PER_S;
/// While something is kept back for want of room, how soon to try again.
const RETRY_NS: u64 = 20 * NS_PER_MS;
/// Between two pieces of a snapshot.
const BETWEEN_PIECES_NS: u64 = 2 * NS_PER_MS;
/// Rounds that the end of a run may receive for: a sender that never stops must not keep it open.
const LAST_ROUNDS_MAX: usize = 4_096;

/// Datagrams whose memory is made ready at once.
const AHEAD_DATAGRAMS: usize = 32;

pub(super) struct Worker {
    core: Ingest,
    inbox: Receiver<Command>,
    bell: Arc<EventFd>,
    hop: Hop,
    sockets: Vec<Open>,
    next_socket: u32,
    batch: Batch,
    snapshots: Option<Snapshots>,
    notes: Notes,
    /// How much was counted ([`IngestOutput::Counted`]), by run, until that is noted: else an account could have what the notes
    /// have not.
    counted: Vec<Counted>,
    /// Who takes the `trace` lines of which run.
    trace_lines: Vec<(u32, LossySender<TraceText>)>,
    rest: Rest,
}

struct Counted {
    run: u32,
    /// The last note before it.
    note: u64,
    output: IngestOutput,
}

struct Open {
    id: SocketId,
    socket: SumpSocket,
    /// The run it belongs to, if any.
    run: Option<u32>,
}

/// What some batches from one socket were.
struct Round {
    /// Anything was there.
    has_brought: bool,
    /// There may be more: it ended at its bound.
    has_left: bool,
}

impl Worker {
    pub(super) fn new(
        seed: u64,
        inbox: Receiver<Command>,
        bell: Arc<EventFd>,
        up: SyncSender<IngestOutput>,
        snapshots: Option<Snapshots>,
        notes: Notes,
    ) -> Self {
        Self {
            core: Ingest::new(seed),
            inbox,
            bell,
            hop: Hop::new(up),
            sockets: Vec::new(),
            next_socket: 0,
            batch: Batch::new(),
            snapshots,
            notes,
            counted: Vec::new(),
            trace_lines: Vec::new(),
            rest: Rest::new(),
        }
    }

    pub(super) fn run(mut self) {
        loop {
            self.wait();
            let _ = self.bell.read();
            loop {
                match self.inbox.try_recv() {
                    Ok(Command::Stop { reply }) => return self.stop(reply),
                    Ok(command) => self.obey(command),
                    Err(TryRecvError::Empty) => break,
                    // The handle was dropped without a stop: nobody is left to read what we count.
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            self.receive_all();
            self.tick();
            keep(self.snapshots.as_mut(), &mut self.notes, &self.core, clock::now().mono);
            self.say_what_was_counted();
        }
    }

    fn receive_all(&mut self) {
        if self.rest.ns(self.least_granted_bytes()).is_some() {
            self.rest.woken(clock::now().mono, self.sockets.iter().filter_map(|open| open.socket.fill()));
        }
        let (mut any, mut is_left) = (false, false);
        for at in 0..self.sockets.len() {
            let Round { has_brought, has_left } = self.receive(at, ROUNDS_MAX, false);
            any |= has_brought;
            is_left |= has_left;
        }
        self.rest.received(clock::now().mono, any, is_left);
    }

    fn wait(&mut self) {
        if self.rest.goes_on() {
            let _ = self.hop.pump();
            return;
        }
        let now = clock::now();
        let mut wait_ns = self.core.next_deadline(now).map_or(WAIT_NS_MAX, |at| at.since_ns(now.mono));
        if !self.hop.pump() {
            wait_ns = wait_ns.min(RETRY_NS);
        }
        // Where the notes have no room, nothing is to be done for the snapshots before those are tried again.
        let snapshots = self.snapshots.as_ref().filter(|_| self.notes.are_in_memory());
        let snapshot = snapshots.and_then(|snapshots| snapshots.wait_ns(&self.core, now.mono));
        wait_ns = snapshot.map_or(wait_ns, |due| wait_ns.min(due.max(BETWEEN_PIECES_NS)));
        let mut fds = vec![PollFd::new(self.bell.as_fd(), PollFlags::POLLIN)];
        if let Some(rest_ns) = self.rest.ns(self.least_granted_bytes()) {
            wait_ns = wait_ns.min(rest_ns);
        } else {
            fds.extend(self.sockets.iter().map(|open| PollFd::new(open.socket.as_fd(), PollFlags::POLLIN)));
        }
        let timeout = TimeSpec::nanoseconds(i64::try_from(wait_ns.min(WAIT_NS_MAX)).unwrap_or(0));
        // Interrupted or not: the loop looks at everything anyway.
        let _ = ppoll(&mut fds, Some(timeout), None);
    }

    fn least_granted_bytes(&self) -> usize {
        self.sockets.iter().map(|open| open.socket.granted_bytes()).min().unwrap_or(0)
    }

    /// Receives what is there, at most `rounds` batches. A batch that is not full was all there was; `to_the_last` makes sure of
    /// that with one more call, for the end of a run.
    fn receive(&mut self, at: usize, rounds: usize, to_the_last: bool) -> Round {
        let Self { core, sockets, batch, trace_lines, .. } = self;
        let open = &sockets[at];
        let mut round = Round { has_brought: false, has_left: true };
        for _ in 0..rounds {
            let received = match open.socket.receive(batch) {
                Ok(received) => received,
                Err(error) => {
                    tracing::error!(%error, "failed to receive from the sump");
                    round.has_left = false;
                    return round;
                }
            };
            round.has_brought |= received > 0;
            // Read after the receive: a sample's time is never later than this, unless a clock is wrong.
            let now = clock::now();
            for (n, datagram) in batch.datagrams().enumerate() {
                if n.is_multiple_of(AHEAD_DATAGRAMS) {
                    core.look_ahead(open.id, batch.datagrams().skip(n).take(AHEAD_DATAGRAMS));
                }
                core.datagram(now, open.id, datagram);
                while let Some(text) = core.poll_trace_line() {
                    let taker = trace_lines.iter().find(|(run, _)| *run == text.run);
                    if let Some((_, taker)) = taker {
                        taker.send(text);
                    }
                }
            }
            if received == 0 || (received < DATAGRAMS_MAX && !to_the_last) {
                round.has_left = false;
                break;
            }
        }
        round
    }

    fn tick(&mut self) {
        let now = clock::now();
        if self.core.next_deadline(now).is_some_and(|at| at <= now.mono) {
            self.count_drops();
        }
        // Also when nothing is due: a clock that has gone back shows itself here.
        self.core.tick(now);
        self.hand_on();
    }

    fn count_drops(&mut self) {
        for open in &mut self.sockets {
            let dropped = open.socket.newly_dropped();
            if dropped > 0 {
                self.core.kernel_dropped(open.id, dropped);
            }
        }
    }

    fn hand_on(&mut self) {
        self.hop.next_close();
        self.notes.have_closed(self.core.take_closing());
        let (mut is_noted, before) = (false, self.notes.last());
        while let Some(output) = self.core.poll_output() {
            match &output {
                IngestOutput::Counted { run, .. } => {
                    let run = *run;
                    self.counted.retain(|counted| counted.run != run);
                    self.counted.push(Counted { run, note: before, output });
                    continue;
                }
                IngestOutput::Closed(closed) => self.counted.retain(|counted| counted.run != closed.run),
                IngestOutput::Window(_) => {}
                IngestOutput::Remark(_) => {
                    self.hop.push(output);
                    continue;
                }
            }
            if !std::mem::replace(&mut is_noted, true) {
                self.notes.note(&self.core);
            }
            self.hop.push(output);
        }
    }

    /// What is counted is said of the moment of the last note, or an earlier one.
    fn say_what_was_counted(&mut self) {
        for counted in std::mem::take(&mut self.counted) {
            if self.notes.are_later_than(counted.note, &self.core) {
                self.hop.push(counted.output);
            } else {
                self.counted.push(counted);
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::OpenRun { socket, settings, reply } => {
                let id = self.new_socket_id();
                let run = self.core.open_run(clock::now(), id, *settings);
                self.sockets.push(Open { id, socket, run: Some(run) });
                let _ = reply.send(run);
            }
            Command::OpenSocket { socket, settings } => {
                let id = self.new_socket_id();
                self.core.open_socket(id, *settings);
                self.sockets.push(Open { id, socket, run: None });
                self.notes.note(&self.core);
            }
            Command::TakeTraceLines { slot, to } => {
                self.core.take_trace_lines(slot);
                self.trace_lines.push((slot, to));
            }
            Command::CloseRun { slot, reply } => {
                self.close_run(slot);
                let _ = reply.send(());
            }
            Command::Snapshot { slot, reply } => {
                let _ = reply.send(self.core.totals(clock::now(), slot));
            }
            Command::Ping { reply } => {
                let _ = reply.send(());
            }
            Command::Stop { .. } => {}
        }
    }

    fn close_run(&mut self, slot: u32) {
        if let Some(at) = self.sockets.iter().position(|open| open.run == Some(slot)) {
            self.receive(at, LAST_ROUNDS_MAX, true);
            self.count_drops();
            self.sockets.remove(at);
        }
        self.core.close_run(clock::now(), slot);
        self.trace_lines.retain(|(run, _)| *run != slot);
        self.hand_on();
    }

    fn stop(mut self, reply: oneshot::Sender<Stopped>) {
        for at in 0..self.sockets.len() {
            self.receive(at, LAST_ROUNDS_MAX, true);
        }
        self.count_drops();
        self.core.close_all(clock::now());
        self.hand_on();
        // The answer first: whoever asked must be free to read what is still coming.
        let _ = reply.send(Stopped { stray: *self.core.stray(), folded_windows: self.hop.folded_windows });
        self.hop.drain();
    }

    fn new_socket_id(&mut self) -> SocketId {
        self.next_socket += 1;
        SocketId(self.next_socket)
    }
}
