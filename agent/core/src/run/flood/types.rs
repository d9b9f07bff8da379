//! What a run's life is made of: settings, what can happen, what is to be done, and where it is.

use crate::base::time::Mono;

/// Deadlines of one run, ms.
#[derive(Debug, Clone, Copy)]
pub struct FloodSettings {
    /// For all files to be here.
    pub fetch_ms: u64,
    /// For the tool to be made ready.
    pub prepare_ms: u64,
    /// From the order to start to a process, before the tree is killed; `None` is no bound.
    pub start_ms: Option<u64>,
    /// For samples that are under way to finish after a stop was asked for.
    pub finish_ms: u64,
    /// For the tool to stop after it was told to do so now.
    pub stop_now_ms: u64,
    /// For the tool to end after SIGTERM.
    pub terminate_ms: u64,
    /// For the tree to be empty after SIGKILL, before the run is closed all the same.
    pub kill_ms: u64,
    /// For the windows to be closed, before delivery ends all the same; `None` is no bound.
    pub close_ms: Option<u64>,
    /// For delivery after the last window has closed.
    pub flush_ms: u64,
    /// The longest run, whatever the plan says; `None` is no bound.
    pub runtime_max_ms: Option<u64>,
}

impl Default for FloodSettings {
    fn default() -> Self {
        Self {
            fetch_ms: 600_000,
            prepare_ms: 120_000,
            start_ms: None,
            finish_ms: 5_000,
            stop_now_ms: 5_000,
            terminate_ms: 3_000,
            kill_ms: 5_000,
            close_ms: None,
            flush_ms: 20_000,
            runtime_max_ms: None,
        }
    }
}

/// Why a run was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// A person or a command asked for it; the exit code of the signal, if it was one.
    Asked {
        /// SIGINT = 2, SIGTERM = 15.
        signal: Option<i32>,
    },
    /// It ran for as long as it may.
    RuntimeMax,
}

/// What can happen to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloodInput {
    /// Begin with fetching files.
    Fetch,
    /// The files are here.
    Fetched,
    /// The tool is ready to be started.
    Prepared,
    /// It could not be made ready, for want of a file or otherwise.
    NotReady,
    /// Start the tool: at once, or after [`Self::Prepared`].
    Start,
    /// The tool's process is there.
    ToolStarted,
    /// It could not be started.
    ToolNotStarted,
    /// Its supervisor has ended the tool, or is about to, because its time was over: nobody else did. [`Self::TreeEmpty`] follows.
    Expired,
    /// No process of the tool's tree is left.
    TreeEmpty,
    /// A stop is wanted. A second one skips to killing the tree.
    Stop(StopReason),
    /// A stop is wanted, and the tree killed after this time at the latest. A second one can only shorten it.
    StopWithin(StopReason, u64),
    /// All windows are closed and handed over.
    IngestClosed,
    /// Nothing is left to deliver, or what is left cannot be delivered now.
    DeliverySettled,
    /// Be over by then: closing and flushing get no more time than that.
    EndBy(Mono),
    /// Time has passed.
    Tick,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloodOutput {
    /// Fetch the files.
    Fetch,
    /// Stop fetching.
    CancelFetch,
    /// Make the tool ready to be started, and a place for its samples.
    Prepare,
    /// Start the tool.
    Spawn,
    /// Ask it to let samples finish, then end.
    AskToFinish,
    /// Ask it to end now.
    AskToStopNow,
    /// SIGTERM to the tool.
    Terminate,
    /// SIGKILL to every process of the tree.
    KillTree,
    /// Receive what is left, close the windows.
    CloseIngest,
    /// Deliver with little patience until then.
    FlushUntil(Mono),
    /// The run is over.
    Finished,
}

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Not begun.
    Idle,
    /// Files are on their way.
    Fetching,
    /// The tool is being made ready.
    Preparing,
    /// It could start now.
    Ready,
    /// The tool is being started.
    Starting,
    /// The tool runs.
    Running,
    /// It was asked to stop.
    Stopping(Stage),
    /// It is gone; windows are being closed.
    Closing,
    /// What was measured is being delivered.
    Flushing,
    /// Over.
    Finished,
}

impl Phase {
    /// Its word in status and events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "accepted",
            Self::Fetching => "fetching",
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping(_) => "stopping",
            Self::Closing => "closing",
            Self::Flushing => "flushing",
            Self::Finished => "finished",
        }
    }
}

/// How hard the tool was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Samples may finish.
    Finish,
    /// Now.
    StopNow,
    /// SIGTERM.
    Terminate,
    /// SIGKILL to the tree.
    Kill,
}
