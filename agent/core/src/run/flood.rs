//! The life of one run on this node as a state machine, from its files to the last delivered window.
//!
//! ```text
//! Idle ─▶ Fetching ─▶ Preparing ─▶ Ready ─▶ Starting ─▶ Running ─▶ Stopping(stage) ─▶ Closing ─▶ Flushing ─▶ Finished
//!   └─────────── a local run ────────────────▲             └─────── tree empty ─────────▲
//! ```
//!
//! A run on a grid fetches and prepares first and starts when it is told to; a local one starts at once. A stop is
//! staged: ask the tool to finish, tell it to stop now, terminate it, kill the whole tree; each stage has a deadline,
//! and all of them may have one in common. The tree, not its leader, decides when the tool is gone. Only then is what
//! is left in the sump received and the windows closed (`Closing`), and only then is delivery given a deadline
//! (`Flushing`). A run that never got a place for its samples has nothing to close: it is over at once.

mod types;

pub use types::{FloodInput, FloodOutput, FloodSettings, Phase, Stage, StopReason};

use crate::base::time::{Mono, NS_PER_MS};
use std::collections::VecDeque;

/// See the module's head.
#[derive(Debug)]
pub struct Flood {
    settings: FloodSettings,
    phase: Phase,
    deadline: Option<Mono>,
    /// The tree is killed then, whatever stage the stop has reached.
    kill_by: Option<Mono>,
    /// The stages before the kill as they were set, before a grace changed them.
    own_stages_ms: u64,
    /// Closing and flushing end then.
    end_by: Option<Mono>,
    stop: Option<StopReason>,
    /// The phase whose deadline passed although nobody had asked for a stop.
    overdue: Option<Phase>,
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
            kill_by: None,
            own_stages_ms: settings
                .finish_ms
                .saturating_add(settings.stop_now_ms)
                .saturating_add(settings.terminate_ms),
            end_by: None,
            stop: None,
            overdue: None,
            tree_gone: true,
            outputs: VecDeque::new(),
        }
    }

    /// A run of an agent that is no more: what may be left of its tree is killed first.
    #[must_use]
    pub fn recovered(settings: FloodSettings, now: Mono) -> Self {
        let mut flood = Self::new(settings);
        flood.tree_gone = false;
        flood.enter(now, Stage::Kill);
        flood
    }

    /// Takes one input; empty [`Self::poll_output`] afterwards.
    pub fn handle(&mut self, now: Mono, input: FloodInput) {
        match input {
            FloodInput::Fetch => self.fetch(now),
            FloodInput::Fetched => self.fetched(now),
            FloodInput::Prepared => self.prepared(),
            FloodInput::Start => self.start(now),
            FloodInput::ToolStarted => self.started(now),
            FloodInput::ToolNotStarted | FloodInput::TreeEmpty | FloodInput::NotReady => self.gone(now),
            FloodInput::Expired => self.expired_elsewhere(),
            FloodInput::Stop(reason) => self.stop(now, reason),
            FloodInput::StopWithin(reason, grace_ms) => self.stop_within(now, reason, grace_ms),
            FloodInput::IngestClosed => self.closed(now),
            FloodInput::DeliverySettled => self.settled(),
            FloodInput::EndBy(then) => self.hurry(then),
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

    /// The first phase that took longer than it may, if one did (a stop's stages and delivery do not count).
    #[must_use]
    pub fn overdue(&self) -> Option<Phase> {
        self.overdue
    }

    /// Whether the tool's tree was seen empty; false only when even SIGKILL did not end it in time.
    #[must_use]
    pub fn tree_gone(&self) -> bool {
        self.tree_gone
    }

    /// The longest time from the tool's start to the kill of its tree, ms, whoever asks for what; `None` is no bound.
    #[must_use]
    pub fn longest_ms(&self) -> Option<u64> {
        self.settings.runtime_max_ms.map(|ms| ms.saturating_add(self.own_stages_ms))
    }

    fn fetch(&mut self, now: Mono) {
        if self.phase == Phase::Idle {
            self.phase = Phase::Fetching;
            self.deadline = Some(after_ms(now, self.settings.fetch_ms));
            self.outputs.push_back(FloodOutput::Fetch);
        }
    }

    fn fetched(&mut self, now: Mono) {
        if self.phase == Phase::Fetching {
            self.phase = Phase::Preparing;
            self.deadline = Some(after_ms(now, self.settings.prepare_ms));
            self.outputs.push_back(FloodOutput::Prepare);
        }
    }

    fn prepared(&mut self) {
        if self.phase == Phase::Preparing {
            self.phase = Phase::Ready;
            self.deadline = None;
        }
    }

    fn start(&mut self, now: Mono) {
        if matches!(self.phase, Phase::Idle | Phase::Ready) {
            self.phase = Phase::Starting;
            self.deadline = self.settings.start_ms.map(|ms| after_ms(now, ms));
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
            Phase::Stopping(stage) => {
                if let (Some(kill_by), Some(most_ms)) = (self.kill_by, self.longest_ms()) {
                    self.kill_by = Some(kill_by.min(after_ms(now, most_ms)));
                }
                self.enter(now, stage);
            }
            _ => {
                self.phase = Phase::Running;
                self.deadline = self.settings.runtime_max_ms.map(|ms| after_ms(now, ms));
            }
        }
    }

    fn stop(&mut self, now: Mono, reason: StopReason) {
        match self.phase {
            Phase::Idle => {
                self.stop = Some(reason);
                self.close(now);
            }
            Phase::Fetching | Phase::Preparing | Phase::Ready => {
                self.stop = Some(reason);
                self.gone(now);
            }
            Phase::Starting | Phase::Running => {
                self.stop = Some(reason);
                self.enter(now, Stage::Finish);
            }
            Phase::Stopping(Stage::Kill) | Phase::Finished => {}
            Phase::Stopping(_) => self.enter(now, Stage::Kill),
            // Whoever asks twice does not want to wait for a Drain that is away: what is not delivered stays spooled.
            Phase::Closing | Phase::Flushing => self.settled(),
        }
    }

    /// This process was held up, and did not see the end of the longest time itself.
    fn expired_elsewhere(&mut self) {
        if matches!(self.phase, Phase::Running | Phase::Stopping(_)) {
            self.stop.get_or_insert(StopReason::RuntimeMax);
        }
    }

    fn stop_within(&mut self, now: Mono, reason: StopReason, grace_ms: u64) {
        if self.phase >= Phase::Closing {
            return;
        }
        let grace_ms = self.bounded_ms(now, grace_ms);
        let kill_by = after_ms(now, grace_ms);
        let first = !matches!(self.phase, Phase::Stopping(_));
        self.kill_by = Some(self.kill_by.map_or(kill_by, |before| before.min(kill_by)));
        self.fit_stages(grace_ms);
        if first {
            self.stop(now, reason);
        }
        if let (Phase::Stopping(stage), Some(kill_by)) = (self.phase, self.kill_by)
            && stage < Stage::Kill
        {
            self.deadline = self.deadline.map(|deadline| deadline.min(kill_by));
        }
    }

    /// A generous grace must not make a run longer than one that nobody stops.
    fn bounded_ms(&self, now: Mono, grace_ms: u64) -> u64 {
        match (self.phase, self.deadline) {
            (Phase::Running, Some(runtime_max)) => {
                grace_ms.min((runtime_max.since_ns(now) / NS_PER_MS).saturating_add(self.own_stages_ms))
            }
            _ => grace_ms,
        }
    }

    /// Room for all stages within the grace: the later ones keep theirs, as long as that leaves half for the first.
    fn fit_stages(&mut self, grace_ms: u64) {
        let settings = &mut self.settings;
        let later_ms = settings.stop_now_ms.saturating_add(settings.terminate_ms);
        if later_ms > grace_ms / 2 {
            settings.stop_now_ms = grace_ms / 4;
            settings.terminate_ms = grace_ms / 4;
        }
        settings.finish_ms = grace_ms.saturating_sub(settings.stop_now_ms + settings.terminate_ms);
    }

    fn enter(&mut self, now: Mono, stage: Stage) {
        let late = self.kill_by.is_some_and(|kill_by| kill_by <= now);
        let stage = if late { Stage::Kill } else { stage };
        self.phase = Phase::Stopping(stage);
        let (output, wait_ms) = match stage {
            Stage::Finish => (FloodOutput::AskToFinish, self.settings.finish_ms),
            Stage::StopNow => (FloodOutput::AskToStopNow, self.settings.stop_now_ms),
            Stage::Terminate => (FloodOutput::Terminate, self.settings.terminate_ms),
            Stage::Kill => (FloodOutput::KillTree, self.settings.kill_ms),
        };
        let deadline = after_ms(now, wait_ms);
        self.deadline = match (stage, self.kill_by) {
            (Stage::Kill, _) | (_, None) => Some(deadline),
            (_, Some(kill_by)) => Some(deadline.min(kill_by)),
        };
        self.outputs.push_back(output);
    }

    fn expired(&mut self, now: Mono) {
        self.deadline = None;
        let overdue =
            matches!(self.phase, Phase::Fetching | Phase::Preparing | Phase::Starting | Phase::Closing);
        if overdue && self.overdue.is_none() {
            self.overdue = Some(self.phase);
        }
        match self.phase {
            Phase::Fetching | Phase::Preparing => self.gone(now),
            Phase::Starting => {
                // Nobody knows whether there is a process.
                self.tree_gone = false;
                self.enter(now, Stage::Kill);
            }
            Phase::Running => self.stop(now, StopReason::RuntimeMax),
            Phase::Stopping(Stage::Finish) => self.enter(now, Stage::StopNow),
            Phase::Stopping(Stage::StopNow) => self.enter(now, Stage::Terminate),
            Phase::Stopping(Stage::Terminate) => self.enter(now, Stage::Kill),
            Phase::Stopping(Stage::Kill) => self.close(now),
            Phase::Closing => self.closed(now),
            Phase::Flushing => self.settled(),
            Phase::Idle | Phase::Ready | Phase::Finished => {}
        }
    }

    fn gone(&mut self, now: Mono) {
        match self.phase {
            Phase::Fetching => {
                self.outputs.push_back(FloodOutput::CancelFetch);
                self.finish();
            }
            phase if phase < Phase::Closing => {
                self.tree_gone = true;
                self.close(now);
            }
            _ => {}
        }
    }

    fn close(&mut self, now: Mono) {
        self.phase = Phase::Closing;
        self.deadline = self.settings.close_ms.map(|ms| self.in_time(after_ms(now, ms)));
        self.outputs.push_back(FloodOutput::CloseIngest);
    }

    fn closed(&mut self, now: Mono) {
        if self.phase == Phase::Closing {
            self.phase = Phase::Flushing;
            let deadline = self.in_time(after_ms(now, self.settings.flush_ms));
            self.deadline = Some(deadline);
            self.outputs.push_back(FloodOutput::FlushUntil(deadline));
        }
    }

    fn hurry(&mut self, then: Mono) {
        self.end_by = Some(self.end_by.map_or(then, |before| before.min(then)));
        match self.phase {
            Phase::Closing => self.deadline = Some(self.in_time(self.deadline.unwrap_or(then))),
            Phase::Flushing => {
                let before = self.deadline.unwrap_or(then);
                let deadline = self.in_time(before);
                self.deadline = Some(deadline);
                if deadline < before {
                    self.outputs.push_back(FloodOutput::FlushUntil(deadline));
                }
            }
            _ => {}
        }
    }

    fn in_time(&self, deadline: Mono) -> Mono {
        self.end_by.map_or(deadline, |end_by| deadline.min(end_by))
    }

    fn settled(&mut self) {
        if matches!(self.phase, Phase::Closing | Phase::Flushing) {
            self.finish();
        }
    }

    fn finish(&mut self) {
        self.phase = Phase::Finished;
        self.deadline = None;
        self.outputs.push_back(FloodOutput::Finished);
    }
}

fn after_ms(now: Mono, ms: u64) -> Mono {
    now.plus_ns(ms.saturating_mul(NS_PER_MS))
}

#[cfg(test)]
mod tests;
