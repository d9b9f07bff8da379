//! The life of one run on this node, from the tool's start to the last delivered window, as a state machine.
//!
//! ```text
//! Idle ─▶ Starting ─▶ Running ─▶ Stopping(stage) ─▶ Closing ─▶ Flushing ─▶ Finished
//!                        └─────── tree empty ──────────▲
//! ```
//!
//! A stop is staged: ask the tool to finish, tell it to stop now, terminate it, kill the whole tree; each stage has a
//! deadline. The tree, not its leader, decides when the tool is gone. Only then is what is left in the sump received
//! and the windows closed (`Closing`), and only then is delivery given a deadline (`Flushing`).

use crate::time::{Mono, NS_PER_MS};
use std::collections::VecDeque;

/// Deadlines of one run, ms.
#[derive(Debug, Clone, Copy)]
pub struct FloodSettings {
    /// For samples that are under way to finish after a stop was asked for.
    pub finish_ms: u64,
    /// For the tool to stop after it was told to do so now.
    pub stop_now_ms: u64,
    /// For the tool to end after SIGTERM.
    pub terminate_ms: u64,
    /// For the tree to be empty after SIGKILL, before the run is closed all the same.
    pub kill_ms: u64,
    /// For delivery after the last window has closed.
    pub flush_ms: u64,
    /// The longest run, whatever the plan says; `None` is no bound.
    pub runtime_max_ms: Option<u64>,
}

impl Default for FloodSettings {
    fn default() -> Self {
        Self {
            finish_ms: 5_000,
            stop_now_ms: 5_000,
            terminate_ms: 3_000,
            kill_ms: 5_000,
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
    /// Begin.
    Start,
    /// The tool's process is there.
    ToolStarted,
    /// It could not be started.
    ToolNotStarted,
    /// No process of the tool's tree is left.
    TreeEmpty,
    /// A stop is wanted. A second one skips to killing the tree.
    Stop(StopReason),
    /// All windows are closed and handed over.
    IngestClosed,
    /// Nothing is left to deliver, or what is left cannot be delivered now.
    DeliverySettled,
    /// Time has passed.
    Tick,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloodOutput {
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

/// See the module's head.
#[derive(Debug)]
pub struct Flood {
    settings: FloodSettings,
    phase: Phase,
    deadline: Option<Mono>,
    stop: Option<StopReason>,
    tree_gone: bool,
    outputs: VecDeque<FloodOutput>,
}

impl Flood {
    /// A run that has not begun.
    #[must_use]
    pub fn new(settings: FloodSettings) -> Self {
        Self {
            settings,
            phase: Phase::Idle,
            deadline: None,
            stop: None,
            tree_gone: true,
            outputs: VecDeque::new(),
        }
    }

    /// Takes one input; empty [`Self::poll_output`] afterwards.
    pub fn handle(&mut self, now: Mono, input: FloodInput) {
        match input {
            FloodInput::Start => self.start(),
            FloodInput::ToolStarted => self.started(now),
            FloodInput::ToolNotStarted => self.gone(),
            FloodInput::TreeEmpty => self.gone(),
            FloodInput::Stop(reason) => self.stop(now, reason),
            FloodInput::IngestClosed => self.closed(now),
            FloodInput::DeliverySettled => self.finish(),
            FloodInput::Tick => {}
        }
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.expired(now);
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<FloodOutput> {
        self.outputs.pop_front()
    }

    /// When [`FloodInput::Tick`] is wanted.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        self.deadline
    }

    /// Where the run is.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Why it was stopped, if it was.
    #[must_use]
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.stop
    }

    /// Whether the tool's tree was seen empty; false only when even SIGKILL did not end it in time.
    #[must_use]
    pub fn tree_gone(&self) -> bool {
        self.tree_gone
    }

    fn start(&mut self) {
        if self.phase == Phase::Idle {
            self.phase = Phase::Starting;
            self.outputs.push_back(FloodOutput::Spawn);
        }
    }

    fn started(&mut self, now: Mono) {
        if !matches!(self.phase, Phase::Starting | Phase::Stopping(_)) {
            return;
        }
        self.tree_gone = false;
        match self.phase {
            // A stop that came while the tool was being started.
            Phase::Stopping(stage) => self.enter(now, stage),
            _ => {
                self.phase = Phase::Running;
                self.deadline =
                    self.settings.runtime_max_ms.map(|ms| now.plus_ns(ms.saturating_mul(NS_PER_MS)));
            }
        }
    }

    fn stop(&mut self, now: Mono, reason: StopReason) {
        match self.phase {
            Phase::Idle => {
                self.stop = Some(reason);
                self.gone();
            }
            Phase::Starting | Phase::Running => {
                self.stop = Some(reason);
                self.enter(now, Stage::Finish);
            }
            Phase::Stopping(Stage::Kill) | Phase::Finished => {}
            Phase::Stopping(_) => self.enter(now, Stage::Kill),
            // Whoever asks twice does not want to wait for a Drain that is away: what is not delivered stays spooled.
            Phase::Closing | Phase::Flushing => self.finish(),
        }
    }

    fn enter(&mut self, now: Mono, stage: Stage) {
        self.phase = Phase::Stopping(stage);
        let (output, wait_ms) = match stage {
            Stage::Finish => (FloodOutput::AskToFinish, self.settings.finish_ms),
            Stage::StopNow => (FloodOutput::AskToStopNow, self.settings.stop_now_ms),
            Stage::Terminate => (FloodOutput::Terminate, self.settings.terminate_ms),
            Stage::Kill => (FloodOutput::KillTree, self.settings.kill_ms),
        };
        self.deadline = Some(now.plus_ns(wait_ms.saturating_mul(NS_PER_MS)));
        self.outputs.push_back(output);
    }

    fn expired(&mut self, now: Mono) {
        self.deadline = None;
        match self.phase {
            Phase::Running => self.stop(now, StopReason::RuntimeMax),
            Phase::Stopping(Stage::Finish) => self.enter(now, Stage::StopNow),
            Phase::Stopping(Stage::StopNow) => self.enter(now, Stage::Terminate),
            Phase::Stopping(Stage::Terminate) => self.enter(now, Stage::Kill),
            Phase::Stopping(Stage::Kill) => self.close(),
            Phase::Flushing => self.finish(),
            Phase::Idle | Phase::Starting | Phase::Closing | Phase::Finished => {}
        }
    }

    fn gone(&mut self) {
        if self.phase < Phase::Closing {
            self.tree_gone = true;
            self.close();
        }
    }

    fn close(&mut self) {
        self.phase = Phase::Closing;
        self.deadline = None;
        self.outputs.push_back(FloodOutput::CloseIngest);
    }

    fn closed(&mut self, now: Mono) {
        if self.phase == Phase::Closing {
            self.phase = Phase::Flushing;
            let deadline = now.plus_ns(self.settings.flush_ms.saturating_mul(NS_PER_MS));
            self.deadline = Some(deadline);
            self.outputs.push_back(FloodOutput::FlushUntil(deadline));
        }
    }

    fn finish(&mut self) {
        if matches!(self.phase, Phase::Closing | Phase::Flushing) {
            self.phase = Phase::Finished;
            self.deadline = None;
            self.outputs.push_back(FloodOutput::Finished);
        }
    }
}

#[cfg(test)]
mod tests;
