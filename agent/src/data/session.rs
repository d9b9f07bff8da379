//! The data path of one process, put together: ingest thread → render thread → disk → Drain. `run`, `collect` and
//! `demo` differ in what they do around it.
//!
//! [`Session::next`] is to be polled all the time, in a `select!` with whatever else goes on: it moves the data and
//! tells what is worth telling. It may be dropped between any two awaits without losing anything.

mod closing;
mod copy;
mod earlier;
mod ending;
mod error;
mod error_traces;
mod log;
mod lost;
#[cfg(test)]
mod tests;

pub use error::SessionError;
pub use lost::Lost;

use crate::base::clock::sleep_until;
use crate::base::entropy::random_u64;
use crate::base::{clock, left_behind};
use crate::data::carry::{Carry, Earlier, Notes, Snapshots};
use crate::data::disk::Disk;
use crate::data::drain::{DrainClient, DrainUrl};
use crate::data::ingest::{IngestThread, IngestThreadError, Stopped};
use crate::data::outbound::{Outbound, OutboundEvent, Poster};
use crate::data::progress::Progresses;
use crate::data::render::{Aside, DeliveryAccounts, RenderThread, Rendered, WindowDigest};
use crate::data::spool::Spool;
use crate::data::traces::{self, TraceWay};
use crate::data::udp::SumpSocket;
use closing::Closings;
use earlier::{kept, lost_in, take_carry, taken_over};
use ending::Ending;
use error_traces::next_of;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::{Mono, NS_PER_S};
use gridnode_core::measure::ingest::{ClosedRun, OpenSettings, Remark, RunProgress};
use gridnode_core::outbound::OutboundSettings;
use gridnode_core::outbound::delivery::{BatchAccount, Settings};
use gridnode_core::outbound::pack;
use gridnode_core::outbound::spool::Done;
use gridnode_core::rollup::{Batch, RollupSettings};
use gridnode_core::run::progress::Progress;
use gridnode_core::run::receipt::DeliveryAccount;
use std::collections::VecDeque;
use std::path::PathBuf;
use tokio::sync::{mpsc, watch};

/// What a session needs to know.
pub struct SessionSettings {
    /// This node.
    pub node: Ident,
    /// Where the rollups go.
    pub drain: DrainUrl,
    /// Spool, incarnation and counters.
    pub state_dir: PathBuf,
    /// Key of the timestamps.
    pub timestamp_key: Vec<u8>,
    /// Whether labels are tags, too.
    pub label_tag: bool,
    /// A file that gets a copy of all lines.
    pub copy: Option<PathBuf>,
    /// How delivery behaves.
    pub delivery: Settings,
    /// Whether open windows are kept in memory files.
    pub snapshots: bool,
    /// For somebody who watches.
    pub tap: Option<crate::data::tap::Tap>,
    /// Whether receipts are to say what each label came to: they are all that a sender sees of a node.
    pub totals: bool,
}

/// What is worth telling.
#[derive(Debug)]
pub enum SessionEvent {
    /// A window has closed.
    Window(WindowDigest),
    /// What a run has come to so far, where it was asked for.
    Progress {
        /// Slot of the run.
        run: u32,
        /// All that the data side knows of it.
        progress: Box<Progress>,
    },
    /// A run has closed; all of its batches are with the outbound side.
    Closed {
        /// Its name in the spool.
        name: RunName,
        /// Its account.
        run: Box<ClosedRun>,
    },
    /// From delivery.
    Outbound(OutboundEvent),
    /// From the ingest.
    Remark(Remark),
    /// Everything of a closed run is durable, or given up and counted.
    Written {
        /// Its name in the spool.
        name: RunName,
    },
    /// A run's flush is over, for now at least.
    RunFlushed {
        /// Its name in the spool.
        name: RunName,
    },
    /// Everything that was received is durable, or given up and counted.
    AllWritten,
    /// Everything was delivered, or trying on is of no use for now.
    Flushed,
}

/// See the module's head.
pub struct Session {
    /// For opening sockets and runs.
    pub ingest: IngestThread,
    outbound: Outbound,
    rendered: mpsc::Receiver<Rendered>,
    fates: watch::Sender<DeliveryAccounts>,
    disk_done: mpsc::Receiver<Done>,
    render: RenderThread,
    pending: VecDeque<SessionEvent>,
    /// The render thread has said everything. Learnt from the end of its channel alone: asking whether that is closed
    /// would race with its closing, and nothing wakes the loop afterwards.
    render_ended: bool,
    phase: Phase,
    /// When the last flush is over at the latest.
    flush_until: Mono,
    ending: Ending,
    closings: Closings,
    incarnation: u32,
    nonce: String,
    lost_before: Lost,
    /// Samples that are `lost_restart`, in all: only a start finds any.
    found_lost: u64,
    carry: Option<Carry>,
    state_dir: PathBuf,
    rollup: RollupSettings,
    /// Of sources on an open socket, which may outlive a process.
    known: Vec<RunProgress>,
    /// What earlier processes had noted, until the accounts have it.
    earlier: Option<Earlier>,
    traces: Option<TraceWay>,
    progresses: Progresses,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// The ingest has stopped; its last windows are being rendered and written.
    Draining,
    AllWritten,
    Flushing,
    Flushed,
}

impl Session {
    /// Opens the state directory and starts the threads.
    ///
    /// # Errors
    /// When the directory is unusable or in use, or the system lacks something.
    pub fn start(settings: SessionSettings) -> Result<(Self, Vec<String>), SessionError> {
        if traces::is_one(&settings.state_dir) {
            return Err(SessionError::TraceSpool(settings.state_dir));
        }
        let (spool, mut found) = Spool::open(&settings.state_dir)?;
        let incarnation = spool.incarnation();
        let rollup = RollupSettings {
            node: settings.node.clone(),
            incarnation: u64::from(incarnation),
            timestamp_key: settings.timestamp_key,
            label_tag: settings.label_tag,
        };
        let nonce = spool.nonce().to_owned();
        let carry = take_carry(&nonce, incarnation, settings.snapshots, &settings.state_dir)?;
        let (carried, mut earlier) = taken_over(
            carry.as_ref(),
            (incarnation, settings.snapshots),
            &rollup,
            &settings.state_dir,
            &mut found,
        );
        let carry = kept(carry, settings.snapshots);
        let client = DrainClient::new(settings.drain, settings.node.as_str())?.with_nonce(&nonce);
        let seed = random_u64()?;
        let notes = Notes::new(carry.clone(), &settings.state_dir, incarnation);
        let closings = Closings::new(notes.closing());
        let (ingest, windows) = IngestThread::start(seed, carry.clone().map(Snapshots::new), notes)?;
        let (fates, stated) = watch::channel(DeliveryAccounts::new());
        let progresses = Progresses::default();
        let (copy, tap, totals) = (copy::open(settings.copy)?, settings.tap, settings.totals);
        let aside = Aside { copy, carry: carry.clone(), tap, totals, progresses: progresses.clone() };
        let render = RenderThread::start(rollup.clone(), windows, stated, aside);
        let (render, rendered) = render.map_err(SessionError::Thread)?;
        let (disk, disk_done) = Disk::start(spool).map_err(SessionError::Thread)?;
        let lost_before = lost_in(&found);
        let way_out =
            OutboundSettings { delivery: Settings { seed, ..settings.delivery }, ..Default::default() };
        let (mut outbound, mut remarks) =
            Outbound::new(way_out, disk, Poster::Drain(Box::new(client)), settings.state_dir.clone(), found);
        carried.into_iter().for_each(|one| outbound.batch(clock::now(), &one.run, one.packed, one.mark));
        let session = Self {
            ingest,
            found_lost: outbound.lost_restart(),
            outbound,
            rendered,
            fates,
            disk_done,
            render,
            pending: VecDeque::new(),
            render_ended: false,
            phase: Phase::Open,
            flush_until: Mono(0),
            ending: Ending::default(),
            closings,
            incarnation,
            nonce,
            lost_before,
            carry,
            state_dir: settings.state_dir,
            rollup,
            known: std::mem::take(&mut earlier.known),
            earlier: Some(earlier),
            traces: None,
            progresses,
        };
        remarks.extend(session.what_lies_aside());
        Ok((session, remarks))
    }

    /// Opens a socket on which every identity is a run of its own; sources that outlived an earlier process go on from where
    /// they were.
    ///
    /// # Errors
    /// When the ingest thread is gone or busy.
    pub fn open_socket(
        &mut self,
        socket: SumpSocket,
        settings: OpenSettings,
    ) -> Result<(), IngestThreadError> {
        let earlier = std::mem::take(&mut self.known);
        self.ingest.open_socket(socket, OpenSettings { earlier, ..settings })
    }

    /// From now on a run is told of every so many seconds: [`SessionEvent::Progress`]. Only where receipts have totals.
    pub fn ask_for_progress(&self, run: u32, every_s: u32) {
        self.progresses.ask(run, every_s);
    }

    /// Moves data until there is something to tell.
    pub async fn next(&mut self) -> SessionEvent {
        loop {
            self.after();
            if let Some(event) = self.pending.pop_front() {
                return event;
            }
            let tidy = (self.phase == Phase::Flushing).then(|| self.flush_until.plus_ns(TIDY_NS_MAX));
            let deadlines = [self.outbound.next_deadline(), self.ending.next_deadline(), tidy];
            let deadline = deadlines.into_iter().flatten().min();
            tokio::select! {
                biased;
                done = self.disk_done.recv(), if !self.outbound.is_disk_lost() => match done {
                    Some(done) => self.outbound.disk_done(clock::now(), done),
                    None => self.outbound.disk_lost(clock::now()),
                },
                posted = self.outbound.next_posted() => {
                    self.outbound.posted(clock::now(), posted);
                    self.fates.send_replace(self.outbound.fates());
                }
                rendered = self.rendered.recv(), if !self.render_ended && self.outbound.takes_batches() => {
                    self.rendered(rendered);
                }
                () = next_of(&mut self.traces) => {}
                () = sleep_until(deadline) => self.outbound.tick(clock::now()),
            }
        }
    }

    /// Stops receiving: what is in the sockets is taken, all windows close. [`SessionEvent::AllWritten`] follows.
    ///
    /// # Errors
    /// When the ingest thread is gone.
    pub async fn stop_ingest(&mut self) -> Result<Stopped, IngestThreadError> {
        let stopped = self.ingest.stop().await?;
        self.phase = Phase::Draining;
        let now = clock::now();
        self.last_chance(now.mono.plus_ns(LAST_CHANCE_NS));
        Ok(stopped)
    }

    /// Somebody does not want to wait any longer: what the disk does not take within a moment is given up, so that the
    /// accounts say what is. [`SessionEvent::AllWritten`] follows if everything has been rendered.
    pub fn hurry(&mut self) {
        self.last_chance(clock::now().mono.plus_ns(HURRY_NS));
    }

    /// Delivers with little patience until `deadline`. [`SessionEvent::Flushed`] follows.
    pub fn flush(&mut self, deadline: Mono) {
        self.phase = Phase::Flushing;
        self.flush_until = deadline;
        self.outbound.flush(clock::now(), deadline);
        self.traces.iter_mut().for_each(|traces| traces.flush(deadline));
        self.after();
    }

    /// Delivers a written run with little patience until `deadline`, while others go on. [`SessionEvent::RunFlushed`]
    /// follows, a little before the deadline at the latest.
    pub fn flush_run(&mut self, name: &RunName, deadline: Mono) {
        let now = clock::now();
        let latest = self.ending.flush(name.clone(), now.mono, deadline);
        self.outbound.flush(now, latest);
        self.traces.iter_mut().for_each(|traces| traces.flush(latest));
    }

    /// Takes lines that belong to no run, for delivery under a name of their own.
    pub fn post(&mut self, name: &RunName, batch: Batch) {
        for packed in pack::pack(&batch.body, batch.samples) {
            self.outbound.batch(clock::now(), name, packed, None);
        }
    }

    /// What tells this state directory from every other one.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// Samples of which it has become known since the last start that they are not delivered and do not wait, earlier runs
    /// included.
    #[must_use]
    pub fn lost_since_start(&self) -> Lost {
        self.lost().since(self.lost_before)
    }

    fn lost(&self) -> Lost {
        Lost::of(&self.outbound.total(), self.found_lost)
    }

    /// Nobody but an operator sends it again.
    fn what_lies_aside(&self) -> Option<String> {
        let samples = self.lost().in_quarantine();
        let dir = self.state_dir.display();
        (samples > 0).then(|| {
            format!(
                "{samples} samples that the Drain has refused lie in the quarantine: gridnode spool list --state-dir {dir} says why, and \
                 gridnode spool replay --all --state-dir {dir} sends them again"
            )
        })
    }

    /// Which start of the agent on this state directory it is, from 1.
    #[must_use]
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// Compressed bytes in the spool.
    #[must_use]
    pub fn spool_bytes(&self) -> u64 {
        self.outbound.spool_bytes()
    }

    /// Whether the Drain's last word was that it takes nothing.
    #[must_use]
    pub fn drain_is_away(&self) -> bool {
        self.outbound.drain_is_away()
    }

    /// What became of a run's samples.
    #[must_use]
    pub fn account(&self, name: &RunName) -> DeliveryAccount {
        self.outbound.account(name)
    }

    /// What became of the samples of a run of an earlier start, as far as that was made durable.
    #[must_use]
    pub fn account_of(&self, flood: &Ident, run: u64) -> DeliveryAccount {
        self.outbound.fate_of(flood, run)
    }

    /// What became of all batches that delivery still keeps account of.
    #[must_use]
    pub fn delivery_total(&self) -> BatchAccount {
        self.outbound.total()
    }

    /// Samples that are still spooled, of all runs.
    #[must_use]
    pub fn spooled_samples(&self) -> u64 {
        self.outbound.total().spooled.samples
    }

    /// The Drain without secrets.
    #[must_use]
    pub fn drain_url(&self) -> &str {
        self.outbound.drain_url()
    }

    /// Ends the threads; everything on disk is then as it will be found again. A disk that hangs is not waited for for
    /// long: what was not written then is lost, as in a crash.
    pub async fn close(self) {
        let Self { outbound, render, disk_done, rendered, ingest, carry, traces, closings, .. } = self;
        drop((disk_done, rendered, ingest));
        left_behind::wait_for("the disk", move || {
            outbound.stop();
            traces.into_iter().for_each(TraceWay::stop);
            render.join();
            // The last note waits for the disk, if that has it.
            drop(closings);
            carry.iter().for_each(Carry::close);
        })
        .await;
    }

    fn rendered(&mut self, rendered: Option<Rendered>) {
        let event = match rendered {
            Some(Rendered::Batch { name, packed, mark }) => {
                return self.outbound.batch(clock::now(), &name, packed, mark);
            }
            Some(Rendered::Counted { name, aggregated }) => {
                return self.outbound.aggregated(clock::now(), name, aggregated);
            }
            Some(Rendered::Window(digest)) => SessionEvent::Window(digest),
            Some(Rendered::Progress { run, progress }) => SessionEvent::Progress { run, progress },
            Some(Rendered::Closed { name, run }) => {
                self.ending.closed(name.clone());
                self.closings.closed(name.clone(), run.run);
                SessionEvent::Closed { name, run }
            }
            Some(Rendered::Remark(remark)) => SessionEvent::Remark(remark),
            Some(Rendered::CopyFailed { path, error }) => {
                SessionEvent::Outbound(OutboundEvent::Warn(format!(
                    "failed to write {}: {error}; delivery to the Drain goes on without the copy",
                    path.display()
                )))
            }
            None => {
                self.render_ended = true;
                return;
            }
        };
        self.pending.push_back(event);
    }

    /// What was delivered is to be gone from the spool where it can, and the accounts to be on the disk: a disk that hangs is not
    /// waited for.
    fn may_end_or_late(&self) -> bool {
        (self.outbound.may_end() && self.traces.as_ref().is_none_or(TraceWay::may_end))
            || self.flush_until.plus_ns(TIDY_NS_MAX) <= clock::now().mono
    }

    fn after(&mut self) {
        if self.earlier.is_some() && self.outbound.has_saved() {
            self.earlier.take().into_iter().for_each(Earlier::forget);
        }
        self.point_to_objects();
        let told = self.outbound.told().into_iter().map(SessionEvent::Outbound);
        self.pending.extend(told);
        self.closings.advance(&mut self.outbound, self.phase == Phase::Open);
        self.ending.advance(clock::now(), &mut self.outbound, self.traces.as_mut(), &mut self.pending);
        let written = self.outbound.all_written() && self.traces.as_ref().is_none_or(TraceWay::all_written);
        if self.phase == Phase::Draining && self.render_ended && written {
            self.phase = Phase::AllWritten;
            self.pending.push_back(SessionEvent::AllWritten);
        }
        if self.phase == Phase::Flushing && self.is_flushed() && self.may_end_or_late() {
            self.phase = Phase::Flushed;
            self.pending.push_back(SessionEvent::Flushed);
        }
    }
}

/// For a disk or a Drain to come back at the very end.
const LAST_CHANCE_NS: u64 = 15 * NS_PER_S;
/// For writes that are under way.
const HURRY_NS: u64 = 2 * NS_PER_S;
/// A few syncs of a disk that is well.
const TIDY_NS_MAX: u64 = 2 * NS_PER_S;
