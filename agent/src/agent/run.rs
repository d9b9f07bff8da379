//! What the shell holds of one run: its tasks, its socket, its tool, and what it has heard of it so far.

use super::run_dir::RunPlace;
use crate::data::render::WindowDigest;
use crate::data::udp::SumpSocket;
use crate::host::ToolTree;
use crate::tool::{self, Judgement, Measured, Prepared, ToolFiles, TraceSettings, TraceTaker};
use gridnode_core::base::run::RunIdentity;
use gridnode_core::base::run::RunName;
use gridnode_core::measure::ingest::ClosedRun;
use gridnode_core::node::command::StartFlood;
use gridnode_core::run::flood::Stage;
use gridnode_core::run::receipt::HealthSummary;
use gridnode_core::run::trace_index::TraceIndex;
use gridnode_core::run::verdict::{Exit, RunFacts, Verdict};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

/// Lines of the tool's logs that go along with a failure.
const TAIL_LINES_MAX: usize = 10;

/// See the module's head. Dropping it ends its fetch and, by way of the tool's task, its tool.
#[derive(Default)]
pub(super) struct Run {
    /// The command; `None` for what an earlier agent left.
    pub(super) start: Option<Arc<StartFlood>>,
    /// Where it is; `None` for what an earlier agent left.
    pub(super) place: Option<RunPlace>,
    pub(super) identity: Option<RunIdentity>,
    pub(super) fetch: Option<AbortOnDropHandle<()>>,
    pub(super) progress: Option<watch::Receiver<crate::files::fetch::Progress>>,
    /// Bound, and not yet with the ingest.
    pub(super) socket: Option<SumpSocket>,
    pub(super) sump: Option<SocketAddr>,
    /// Its number at the ingest, once it is open there.
    pub(super) slot: Option<u32>,
    /// While it is made ready.
    pub(super) preparing: Option<Preparing>,
    /// Ready to be started.
    pub(super) prepared: Option<Prepared>,
    pub(super) files: Option<ToolFiles>,
    /// How its error traces are to be taken, until it starts.
    pub(super) trace_settings: Option<TraceSettings>,
    /// Who takes them.
    pub(super) taker: Option<TraceTaker>,
    /// What was taken, once its tool has ended.
    pub(super) traces: Option<Box<TraceIndex>>,
    /// Where stops go while there is a tool, or one is being started.
    pub(super) stops: Option<mpsc::Sender<Stage>>,
    pub(super) tree: Option<ToolTree>,
    pub(super) pid: Option<i32>,
    pub(super) exit: Option<Exit>,
    /// What it was denied, and so could not do what it should.
    pub(super) broken: Option<String>,
    pub(super) stop_asked: bool,
    /// The listener in the tool was heard of before the windows closed.
    pub(super) heard: bool,
    /// The core wants no tool any more.
    pub(super) closing: bool,
    /// Its name in the spool and its account, once its windows are closed.
    pub(super) name: Option<RunName>,
    pub(super) closed: Option<Box<ClosedRun>>,
    pub(super) health: HealthSummary,
    pub(super) last_window: Option<WindowDigest>,
    pub(super) windows: u64,
    /// Held while a word on how it goes is on its way.
    pub(super) telling: Arc<AtomicBool>,
}

/// Somebody wants it: dropping this calls the preparation off.
#[derive(Debug, Default)]
pub(super) struct Preparing(Arc<AtomicBool>);

impl Preparing {
    /// For whoever prepares it: whether it was called off.
    pub(super) fn called_off(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for Preparing {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Run {
    /// What its account and its tool's end say to whoever judges it.
    pub(super) fn facts(&self, closed: &ClosedRun) -> RunFacts {
        RunFacts::new(closed, self.exit.unwrap_or(Exit::Unknown), self.stop_asked, self.heard)
    }
}

/// Judges a run by its logs; with the last lines of them where it failed. Blocks.
pub(super) fn judge(
    files: Option<&ToolFiles>,
    facts: &RunFacts,
    measured: &Measured,
) -> (Judgement, Vec<String>) {
    // Without files no tool was ever started, and the core knows why.
    let Some(files) = files else { return (Judgement::of(Verdict::Completed), Vec::new()) };
    let judged = tool::judge(files, facts, measured);
    let failed = matches!(judged.verdict, Verdict::Failed { .. });
    (judged, if failed { files.tail(TAIL_LINES_MAX) } else { Vec::new() })
}
