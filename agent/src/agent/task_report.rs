//! What tasks beside the driver's loop report to it.

use crate::host::ToolTree;
use crate::tool::{Judgement, Prepared};
use gridnode_core::base::run::RunKey;
use gridnode_core::measure::ingest::ClosedRun;
use gridnode_core::node::Input;
use gridnode_core::run::receipt::ToolEnd;
use gridnode_core::run::trace_index::TraceIndex;
use gridnode_core::run::verdict::Exit;
use gridnode_core::trace::Pointer;

/// Reports that wait for the driver: each task has one or two to make, and waits for room.
pub(super) const TASK_REPORTS_MAX: usize = 64;

/// See the module's head.
pub(super) enum TaskReport {
    /// The core's to judge as it is.
    Input(Input),
    /// A tool can be started.
    Prepared(RunKey, Box<Prepared>),
    /// Whether a slot in which no run is may have one, or why not.
    Slot(u32, Result<(), String>),
    /// The last words of a run's plug-ins are repeated, or do not come.
    LastWordsOver(RunKey),
    /// An error trace of a run: its pointer, and its object.
    Trace(RunKey, Box<Pointer>, Vec<u8>),
    /// All traces of a run were taken.
    Traces(RunKey, Box<TraceIndex>),
    /// Of a tool.
    Tool(RunKey, ToolReport),
    /// A closed run was judged by its logs.
    Judged { run: RunKey, closed: Box<ClosedRun>, judged: Judgement, log_tail: Vec<String> },
}

/// What happens to a tool.
#[derive(Debug)]
pub(super) enum ToolReport {
    /// Its process is there.
    Started { pid: i32, tree: Option<ToolTree>, at_ns: i64 },
    /// It could not be started.
    NotStarted(String),
    /// No process of it is left; `expired` where its supervisor has ended it because its time was over; `broken` says what it was denied.
    Gone { exit: Exit, end: ToolEnd, expired: bool, broken: Option<String> },
    /// Something that whoever watches the run wants to know. One name on its whole way: here, `Output::Warning`, the event `flood.warning`.
    Warning(String),
}
