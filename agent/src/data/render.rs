//! The render thread: closed windows become batches of line protocol, away from the ingest and from the driver.
//!
//! What it makes goes to the driver through a small bounded channel; while the driver is busy this thread waits, the
//! hop below it fills, and the ingest folds windows rather than wait for either.

use crate::data::carry::{Carry, Mark, Placed};
use crate::data::progress::Progresses;
use crate::data::run_name::run_name;
use crate::data::tap::Tap;
use gridnode_core::base::run::RunName;
use gridnode_core::live::Latest;
use gridnode_core::measure::ingest::{ClosedRun, ClosedWindow, IngestOutput, Remark};
use gridnode_core::measure::run_totals::RunTotals;
use gridnode_core::measure::sketch::Sketch;
use gridnode_core::outbound::pack::{self, Packed};
use gridnode_core::rollup::{Batch, Rollup, RollupSettings};
use gridnode_core::run::progress::Progress;
use gridnode_core::run::receipt::DeliveryAccount;
use gridnode_core::wire::sump::Kind;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, watch};

/// Batches (each up to 1 MiB) that may wait for the driver.
const RENDERED_MAX: usize = 8;

/// What has become of every run's samples by now: the latest word of the driver, for `ledger_sum`.
pub type DeliveryAccounts = BTreeMap<RunName, DeliveryAccount>;

/// What comes out.
#[derive(Debug)]
pub enum Rendered {
    /// Lines to deliver.
    Batch {
        /// Whose.
        name: RunName,
        /// The lines.
        packed: Packed,
        /// Where they are until they are durable.
        mark: Option<Mark>,
    },
    /// So many samples of a run have been counted, those in open windows included.
    Counted {
        /// Whose.
        name: RunName,
        /// In all.
        aggregated: u64,
    },
    /// A window in brief, after its batches.
    Window(WindowDigest),
    /// What a run has come to so far, where somebody asked for it.
    Progress {
        /// Slot of the run.
        run: u32,
        /// All that the data side knows of it.
        progress: Box<Progress>,
    },
    /// A run's last word, after all of its batches.
    Closed {
        /// Its name in the spool.
        name: RunName,
        /// The account.
        run: Box<ClosedRun>,
    },
    /// From the ingest.
    Remark(Remark),
    /// The copy of all lines cannot be written any more.
    CopyFailed {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// A closed window in brief, for a person who watches.
#[derive(Debug, Clone, Copy)]
pub struct WindowDigest {
    /// Slot of the run.
    pub run: u32,
    /// Start of the window, wall clock, ns.
    pub start_ns: i64,
    /// Whether it is a late part.
    pub late: bool,
    /// Requests (not transactions) in it.
    pub requests: u64,
    /// Of them, failed.
    pub failed: u64,
    /// Of their response times; `None` without any.
    pub times: Option<Latest>,
    /// Most users active.
    pub users: Option<u64>,
    /// Windows that were folded into it.
    pub degraded: u32,
}

/// What the lines and windows go to beside the way to the Drain.
#[derive(Default)]
pub struct Aside {
    /// A file that all lines are also appended to.
    pub copy: Option<(PathBuf, File)>,
    /// Keeps them until they are durable.
    pub carry: Option<Carry>,
    /// Where somebody watches.
    pub tap: Option<Tap>,
    /// Whether each run's last word has what its labels came to.
    pub totals: bool,
    /// Runs that are to be told of before that; needs `totals`.
    pub progresses: Progresses,
}

/// The thread, to be joined after the ingest has stopped.
pub struct RenderThread {
    thread: JoinHandle<()>,
}

impl RenderThread {
    /// Starts it.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(
        settings: RollupSettings,
        windows: Receiver<IngestOutput>,
        fates: watch::Receiver<DeliveryAccounts>,
        aside: Aside,
    ) -> std::io::Result<(Self, mpsc::Receiver<Rendered>)> {
        let (out, rendered) = mpsc::channel(RENDERED_MAX);
        let Aside { copy, carry, tap, totals, progresses } = aside;
        let totals = totals.then(BTreeMap::new);
        let copy = copy.map(|(path, file)| (path, BufWriter::new(file)));
        let stated = DeliveryAccounts::new();
        let mut renderer = Renderer { settings, out, fates, stated, copy, carry, tap, totals, progresses };
        let thread = std::thread::Builder::new().name("render".to_owned()).spawn(move || {
            while let Ok(item) = windows.recv() {
                if renderer.render(item).is_none() {
                    return;
                }
            }
            renderer.flush_copy();
        })?;
        Ok((Self { thread }, rendered))
    }

    /// Waits for its end, which comes when the ingest has stopped and all was read.
    pub fn join(self) {
        let _ = self.thread.join();
    }
}

/// How far a window has come.
struct Sending {
    name: RunName,
    fields: Vec<(&'static str, u64)>,
    /// Batches of which the copy has the lines.
    copied: usize,
    /// Batches, as they are packed, that the driver has.
    sent: usize,
}

struct Renderer {
    settings: RollupSettings,
    out: mpsc::Sender<Rendered>,
    fates: watch::Receiver<DeliveryAccounts>,
    /// What the `ledger_sum` points so far have said.
    stated: DeliveryAccounts,
    copy: Option<(PathBuf, BufWriter<File>)>,
    carry: Option<Carry>,
    tap: Option<Tap>,
    /// By slot; `None` where nobody asks for them.
    totals: Option<BTreeMap<u32, Box<RunTotals>>>,
    progresses: Progresses,
}

impl Renderer {
    /// `None` when nobody listens any more.
    fn render(&mut self, item: IngestOutput) -> Option<()> {
        let rendered = match item {
            IngestOutput::Window(window) => return self.window(&window),
            IngestOutput::Closed(mut run) => {
                run.totals = self.totals.as_mut().map(|totals| totals.remove(&run.run).unwrap_or_default());
                self.progresses.forget(run.run);
                self.flush_copy();
                let name = run_name(&run.identity, self.settings.incarnation, run.run);
                self.stated.remove(&name);
                self.carry.iter().for_each(|carry| carry.told_all(run.run));
                Rendered::Closed { name, run }
            }
            IngestOutput::Counted { identity, run, aggregated } => {
                let name = run_name(&identity, self.settings.incarnation, run);
                Rendered::Counted { name, aggregated }
            }
            IngestOutput::Remark(remark) => Rendered::Remark(remark),
        };
        self.out.blocking_send(rendered).ok()
    }

    fn window(&mut self, window: &ClosedWindow) -> Option<()> {
        let name = run_name(&window.identity, self.settings.incarnation, window.run);
        let fields = if window.account.is_some() { self.ledger_fields(&name) } else { Vec::new() };
        let mut sending = Sending { name, fields, copied: 0, sent: 0 };
        let carry = self.carry.clone();
        if let (Some(carry), Some(account)) = (&carry, &window.account) {
            carry.told(window.run, &sending.name, &account.total);
        }
        let placed = carry.and_then(|carry| self.carry(&carry, window, &mut sending));
        let is_whole = match placed {
            Some(placed) => self.send_placed(placed, &mut sending)?,
            None => false,
        };
        if !is_whole {
            self.directly(window, &mut sending)?;
        }
        // Should this process be killed, the file is whole up to here.
        self.flush_copy();
        self.totals.iter_mut().for_each(|totals| window.add_to(totals.entry(window.run).or_default()));
        self.tap = self.tap.take().and_then(|tap| tap.window(window));
        self.out.blocking_send(Rendered::Window(digest(window))).ok()?;
        self.progress(window)
    }

    /// Says how the run goes, where it is time to.
    fn progress(&mut self, window: &ClosedWindow) -> Option<()> {
        let totals = self.totals.as_ref().and_then(|totals| totals.get(&window.run));
        let (Some(totals), Some(account)) = (totals, &window.account) else { return Some(()) };
        if !self.progresses.is_due(window) {
            return Some(());
        }
        let users = window.users.map_or(0, |users| users.max);
        let progress = Box::new(Progress::of(totals, account, users));
        self.out.blocking_send(Rendered::Progress { run: window.run, progress }).ok()
    }

    /// Puts all batches of a window where they outlive this process; `None` where there is no room.
    fn carry(&mut self, carry: &Carry, window: &ClosedWindow, sending: &mut Sending) -> Option<Placed> {
        let mut writing = carry.begin(&sending.name.0, window).ok()?;
        let settings = self.settings.clone();
        let mut rollup = Rollup::new(&settings, window).with_ledger_fields(sending.fields.clone());
        while let Some(batch) = rollup.next_batch() {
            self.copy_once(sending, &batch);
            for packed in pack::pack(&batch.body, batch.samples) {
                if let Err(error) = writing.add(&packed) {
                    tracing::debug!(%error, "a closed window is not carried");
                    writing.give_up();
                    return None;
                }
            }
        }
        writing.finish().ok()
    }

    /// Sends what was put there, and gives whether that was all: what cannot be read back is rendered once more.
    fn send_placed(&mut self, placed: Placed, sending: &mut Sending) -> Option<bool> {
        for placed in placed {
            let Ok((packed, mark)) = placed else { return Some(false) };
            self.send(sending, packed, Some(mark))?;
        }
        Some(true)
    }

    /// Renders and sends what has not been sent yet.
    fn directly(&mut self, window: &ClosedWindow, sending: &mut Sending) -> Option<()> {
        let settings = self.settings.clone();
        let mut rollup = Rollup::new(&settings, window).with_ledger_fields(sending.fields.clone());
        let (mut batches, mut n) = (0, 0);
        while let Some(batch) = rollup.next_batch() {
            batches += 1;
            if batches > sending.copied {
                self.copy_once(sending, &batch);
            }
            for packed in pack::pack(&batch.body, batch.samples) {
                n += 1;
                if n > sending.sent {
                    self.send(sending, packed, None)?;
                }
            }
        }
        Some(())
    }

    fn send(&mut self, sending: &mut Sending, packed: Packed, mark: Option<Mark>) -> Option<()> {
        sending.sent += 1;
        self.out.blocking_send(Rendered::Batch { name: sending.name.clone(), packed, mark }).ok()
    }

    fn copy_once(&mut self, sending: &mut Sending, batch: &Batch) {
        sending.copied += 1;
        self.copy(|file| file.write_all(&batch.body));
    }

    /// What became of a run's samples since its last `ledger_sum`. Delivery is always a little behind: the run's receipt
    /// has the last word.
    fn ledger_fields(&mut self, name: &RunName) -> Vec<(&'static str, u64)> {
        let now = self.fates.borrow().get(name).copied().unwrap_or_default();
        let before = self.stated.insert(name.clone(), now).unwrap_or_default();
        now.ledger_fields_since(&before)
    }

    fn flush_copy(&mut self) {
        self.copy(BufWriter::flush);
    }

    fn copy(&mut self, act: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) {
        let Some((path, file)) = &mut self.copy else { return };
        if let Err(error) = act(file) {
            let path = std::mem::take(path);
            self.copy = None;
            let _ = self.out.blocking_send(Rendered::CopyFailed { path, error });
        }
    }
}

fn digest(window: &ClosedWindow) -> WindowDigest {
    let mut sketch = Sketch::new();
    let (mut requests, mut failed, mut min_us, mut max_us) = (0, 0, u64::MAX, 0);
    for series in window.series.iter().filter(|series| series.info.kind == Kind::Request) {
        requests += series.numbers.count;
        failed += series.numbers.failed;
        min_us = min_us.min(series.numbers.rt.min_us);
        max_us = max_us.max(series.numbers.rt.max_us);
        sketch.merge(&series.numbers.sketch);
    }
    WindowDigest {
        run: window.run,
        start_ns: window.start_ns,
        late: window.part_n > 0,
        requests,
        failed,
        times: (!sketch.is_empty()).then(|| {
            let [p50_us, p95_us, p99_us] = [500, 950, 990].map(|p| sketch.percentile_us(p, min_us, max_us));
            Latest { p50_us, p95_us, p99_us }
        }),
        users: window.users.map(|users| users.max),
        degraded: window.degraded,
    }
}
