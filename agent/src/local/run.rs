//! One run on this machine, from the started tool to the receipt: the loop around [`Session`] and the tool's
//! process, with [`Flood`] deciding what comes when. `run` and `demo` are both this.

use super::live_judge::{LiveJudge, broken};
use super::machine::Machine;
use crate::base::clock;
use crate::base::clock::sleep_until;
use crate::base::exit::Interrupted;
use crate::base::file_threads::{FILES, NotDone};
use crate::base::signals::Signals;
use crate::cage::supervise::{EndReason, ToolEvent};
use crate::data::session::{Session, SessionEvent};
use crate::tool::{
    LAST_WORDS_WAIT, Measured, NoLastWords, Prepared, RunningTool, TraceSettings, TraceTaker, end_of,
    end_of_lost, exit_of, judge_in_time,
};
use anyhow::Context;
use gridnode_core::base::run::RunName;
use gridnode_core::base::tags::Tags;
use gridnode_core::base::time::Mono;
use gridnode_core::measure::ingest::{ClosedRun, Totals};
use gridnode_core::run::flood::{Flood, FloodInput, FloodOutput, FloodSettings, Phase, StopReason};
use gridnode_core::run::outcome::{Ending, Outcome};
use gridnode_core::run::receipt::{Receipt, ToolEnd};
use gridnode_core::run::silence::drops_what_is_under_way;
use gridnode_core::run::verdict::{Exit, RunFacts};
use gridnode_core::trace::redact::Redactor;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

const SECOND: Duration = Duration::from_secs(1);

/// What a person is told whose plan did not come to its end.
const EXPIRED: &str = "it was still running when its time was over, and was ended: something in the plan does not come to an \
                       end, or needs longer (see --max-runtime)";

/// What a watcher is told while the run goes on.
pub trait Watch {
    /// About once a second: how long it has run, ns, the totals so far, and why this machine was saturated at the latest look.
    fn second(&mut self, elapsed_ns: u64, totals: &Totals, saturated: Option<&str>);
    /// Something that the data path has to say.
    fn event(&mut self, event: &SessionEvent);
    /// Something worth a line.
    fn note(&mut self, sentence: &str);
}

/// What is needed to run.
pub struct LocalRun<'a> {
    /// The data path, with the run open.
    pub session: &'a mut Session,
    /// The run's slot.
    pub slot: u32,
    /// Its sump.
    pub sump: SocketAddr,
    /// The tool.
    pub prepared: &'a Prepared,
    /// What may stop it; one that came before the start counts.
    pub signals: &'a mut Signals,
    /// Deadlines.
    pub flood: FloodSettings,
    /// This node.
    pub node: &'a str,
    /// Its error traces.
    pub traces: Option<TraceSettings>,
    /// Hides what is secret in the receipt's texts.
    pub redactor: &'a Redactor,
    /// What stops it as soon as a threshold is broken.
    pub judge: Option<LiveJudge>,
    /// By what the run is found later.
    pub tags: Tags,
}

/// How it ended.
#[derive(Debug)]
pub struct Ended {
    /// The account of it.
    pub receipt: Receipt,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// The threshold that was broken while it ran, for which it was stopped, and what that came to.
    pub broken: Option<String>,
}

struct State<'w> {
    flood: Flood,
    tool: Option<RunningTool>,
    watch: &'w mut dyn Watch,
    times: gridnode_core::run::receipt::RunTimes,
    tool_end: Option<ToolEnd>,
    exit: Exit,
    start_error: Option<String>,
    closed: Option<(RunName, Box<ClosedRun>)>,
    heard: bool,
    finished: bool,
    started: Option<Mono>,
    last_signal: Option<i32>,
    waiting_said: bool,
    /// The repetition of last words that is under way.
    repeating: Option<JoinHandle<Result<NoLastWords, NotDone>>>,
    no_last_words: NoLastWords,
    traces: Option<TraceTaker>,
    broken: Option<String>,
}

impl LocalRun<'_> {
    /// Runs to the end.
    ///
    /// # Errors
    /// When a thread of this process is gone or signals cannot be had, never because of the tool; [`Interrupted`] when a
    /// signal came while the last windows were being closed.
    pub async fn run(mut self, watch: &mut dyn Watch) -> anyhow::Result<Ended> {
        let mut state = State::new(self.flood, watch);
        let dir = self.prepared.stop_file.parent().unwrap_or(Path::new("."));
        let mut machine = Machine::new(dir.to_owned());
        // The first tick of an interval comes at once, when there is nothing to see yet.
        let mut second = interval_at(Instant::now() + SECOND, SECOND);
        second.set_missed_tick_behavior(MissedTickBehavior::Skip);
        state.handle(FloodInput::Start);
        loop {
            self.act(&mut state).await?;
            if state.finished {
                break;
            }
            let deadline = state.flood.next_deadline();
            tokio::select! {
                event = next_tool_event(&mut state.tool) => state.tool_event(event).await,
                event = self.session.next() => {
                    if let (SessionEvent::Window(_), Some(judge)) = (&event, &self.judge) {
                        judge.window();
                    }
                    state.session_event(event);
                }
                why = broken(&mut self.judge) => state.broken(why),
                signal = self.signals.next() => state.signal(signal),
                repeated = last_words(&mut state.repeating) => {
                    state.repeating = None;
                    state.no_last_words = repeated.unwrap_or_else(|why| {
                        state.watch.note(&format!("the tool's last words are not repeated: {why}"));
                        NoLastWords::default()
                    });
                    self.close_ingest(&mut state).await?;
                }
                () = machine.read() => {}
                () = sleep_until(deadline) => state.handle(FloodInput::Tick),
                _ = second.tick() => {
                    state.waiting();
                    if let Some(totals) = self.session.ingest.totals(self.slot).await.ok().flatten() {
                        // Once the tool is gone nothing is measured any more.
                        if state.times.tree_empty_ns.is_none() {
                            machine.second(totals.account.received > 0);
                        }
                        state.second(&totals, machine.saturated());
                    }
                }
            }
        }
        self.ended(state, &machine).await
    }

    /// Carries out what was decided.
    async fn act(&mut self, state: &mut State<'_>) -> anyhow::Result<()> {
        while let Some(output) = state.flood.poll_output() {
            tracing::debug!(?output, "run");
            match output {
                FloodOutput::Spawn => self.spawn(state).await,
                FloodOutput::CloseIngest => state.repeating = Some(self.repeat_last_words()),
                FloodOutput::FlushUntil(deadline) => self.session.flush(deadline),
                FloodOutput::Finished => state.finished = true,
                stop => state.stop_tool(stop).await,
            }
        }
        Ok(())
    }

    async fn spawn(&mut self, state: &mut State<'_>) {
        match RunningTool::start(self.prepared, state.flood.longest_ms()).await {
            Ok(tool) => {
                state.tool = Some(tool);
                state.traces = self.traces.take().and_then(TraceTaker::start);
                state.times.tool_started_ns = Some(clock::now().wall.0);
                state.started = Some(clock::now().mono);
                state.handle(FloodInput::ToolStarted);
            }
            Err(error) => {
                state.start_error =
                    Some(format!("{} could not be started: {error}", self.prepared.files.kind.title()));
                state.handle(FloodInput::ToolNotStarted);
            }
        }
    }

    /// Begun here, and waited for with everything else: whoever interrupts does not wait for a file system that hangs.
    fn repeat_last_words(&self) -> JoinHandle<Result<NoLastWords, NotDone>> {
        let (files, sump) = (self.prepared.files.clone(), self.sump);
        tokio::spawn(FILES.within(LAST_WORDS_WAIT, move || files.repeat_last_words(sump)))
    }

    async fn close_ingest(&mut self, state: &mut State<'_>) -> anyhow::Result<()> {
        state.heard = match self.session.ingest.totals(self.slot).await? {
            Some(totals) => totals.sources > 0,
            None => false,
        };
        self.session.stop_ingest().await?;
        Ok(())
    }

    async fn ended(self, state: State<'_>, machine: &Machine) -> anyhow::Result<Ended> {
        let signal = match state.flood.stop_reason() {
            Some(StopReason::Asked { signal }) => signal,
            _ => None,
        };
        let Some((name, run)) = state.closed else {
            // Somebody did not want to wait until the last windows were closed and written.
            let signal =
                state.last_signal.context("the run ended without its account: a fault of gridnode")?;
            return Err(Interrupted { signal }.into());
        };
        let stop_asked = state.flood.stop_reason().is_some();
        let facts = RunFacts::new(&run, state.exit, stop_asked, state.heard);
        let judged = judge_in_time(&self.prepared.files, facts, Measured::of(&run)).await;
        let mut warnings = judged.warnings(&self.prepared.files.planned.doubts);
        // What was known before has been said before.
        let news = judged.doubts.iter().cloned().chain(machine.warning());
        news.for_each(|warning| state.watch.note(&format!("warning: {warning}")));
        warnings.extend(machine.warning());
        let verdict = judged.verdict;
        let outcome = Outcome::of(Ending {
            fault: state.start_error,
            flood: &state.flood,
            verdict: Some(&verdict),
            tool_started: state.times.tool_started_ns.is_some(),
            stop_why: state.broken.clone().unwrap_or_else(|| stop_text(signal)),
            expired_why: EXPIRED.to_owned(),
        });
        let mut receipt = Receipt::new(self.node, *run, outcome, self.session.account(&name));
        let (first, last) = (receipt.times.first_sample_ns, receipt.times.last_sample_ns);
        receipt.times = state.times;
        receipt.times.first_sample_ns = first;
        receipt.times.last_sample_ns = last;
        receipt.times.flushed_ns = Some(clock::now().wall.0);
        receipt.tool = state.tool_end;
        receipt.changes.clone_from(&self.prepared.changes);
        receipt.tags.clone_from(&self.tags);
        receipt.warnings = warnings;
        let known = receipt.warnings.len();
        match state.traces {
            Some(taker) => {
                let mut index = taker.finish().await;
                state.no_last_words.enter(&mut index);
                index.tell(&mut receipt);
            }
            None => receipt.warnings.extend(state.no_last_words.said()),
        }
        if drops_what_is_under_way(self.prepared.files.kind.as_str()) {
            receipt.look_for_silence();
        }
        for doubt in &receipt.warnings[known..] {
            state.watch.note(&format!("warning: {doubt}"));
        }
        receipt.health = machine.summary();
        receipt.hide_secrets(self.redactor);
        Ok(Ended { receipt, signal, broken: state.broken })
    }
}

impl<'w> State<'w> {
    fn new(settings: FloodSettings, watch: &'w mut dyn Watch) -> Self {
        Self {
            flood: Flood::new(settings),
            tool: None,
            watch,
            times: gridnode_core::run::receipt::RunTimes::default(),
            tool_end: None,
            exit: Exit::Unknown,
            start_error: None,
            closed: None,
            heard: false,
            finished: false,
            started: None,
            last_signal: None,
            waiting_said: false,
            repeating: None,
            no_last_words: NoLastWords::default(),
            traces: None,
            broken: None,
        }
    }

    fn handle(&mut self, input: FloodInput) {
        self.flood.handle(clock::now().mono, input);
    }

    async fn tool_event(&mut self, event: ToolEvent) {
        if let Some(trouble) = event.trouble() {
            self.watch.note(&trouble);
        }
        match event {
            ToolEvent::LeaderExited { exit, .. } => self.exit = exit_of(exit),
            ToolEvent::TreeEmpty(end) => {
                self.last_look().await;
                self.exit = exit_of(end.exit);
                self.times.tree_empty_ns = Some(end.wall_ns);
                self.tool_end = Some(end_of(&end));
                if end.reason == EndReason::Expired {
                    self.handle(FloodInput::Expired);
                }
                self.handle(FloodInput::TreeEmpty);
            }
            ToolEvent::SupervisorLost { swept, .. } if swept.left == 0 => {
                self.times.tree_empty_ns = Some(clock::now().wall.0);
                self.tool_end = Some(end_of_lost(&swept));
                self.exit = Exit::Unsupervised;
                self.handle(FloodInput::TreeEmpty);
            }
            ToolEvent::Started { .. }
            | ToolEvent::TreeStuck { .. }
            | ToolEvent::LogDropped { .. }
            | ToolEvent::SupervisorLost { .. } => {}
        }
    }

    fn session_event(&mut self, event: SessionEvent) {
        self.watch.event(&event);
        match event {
            SessionEvent::Closed { name, run } => self.closed = Some((name, run)),
            SessionEvent::AllWritten => self.handle(FloodInput::IngestClosed),
            SessionEvent::Flushed => self.handle(FloodInput::DeliverySettled),
            _ => {}
        }
    }

    fn signal(&mut self, signal: i32) {
        self.last_signal = Some(signal);
        let again = self.flood.stop_reason().is_some();
        if !again {
            self.times.stop_asked_ns = Some(clock::now().wall.0);
        }
        self.watch.note(match (again, self.flood.phase()) {
            (_, Phase::Closing | Phase::Flushing) => "not waiting for what is not yet delivered",
            (false, _) => "stopping: samples under way may finish (once more to stop at once)",
            (true, _) => "stopping at once",
        });
        self.handle(FloodInput::Stop(StopReason::Asked { signal: Some(signal) }));
    }

    /// As a first Ctrl-C does it. Who has been asked to stop is not asked a second time, which would hurry.
    fn broken(&mut self, why: String) {
        if self.flood.stop_reason().is_some() || self.flood.phase() != Phase::Running {
            return;
        }
        self.times.stop_asked_ns = Some(clock::now().wall.0);
        self.watch.note(&format!("stopping: threshold {why}; samples under way may finish"));
        self.broken = Some(format!("threshold {why}"));
        self.handle(FloodInput::Stop(StopReason::Asked { signal: None }));
    }

    async fn stop_tool(&mut self, how: FloodOutput) {
        let Some(tool) = &mut self.tool else { return };
        match how {
            FloodOutput::AskToFinish => tool.ask_to_finish(),
            FloodOutput::AskToStopNow => tool.ask_to_stop_now(),
            FloodOutput::Terminate => tool.terminate().await,
            _ => tool.kill_tree().await,
        }
    }

    /// Says once what it takes so long for, after the tool has ended.
    fn waiting(&mut self) {
        if self.flood.phase() == Phase::Flushing && !self.waiting_said {
            self.waiting_said = true;
            self.watch.note("waiting for the Drain to take what is left (Ctrl-C to wait no longer)");
        }
    }

    /// Passes on what the tool's plug-in warns of.
    fn look(&mut self) {
        let warnings = self.tool.as_mut().map(RunningTool::look).unwrap_or_default();
        self.warn(&warnings);
    }

    /// What it has warned of at its end; nothing of it is left.
    async fn last_look(&mut self) {
        let Some(tool) = &mut self.tool else { return };
        let warnings = tool.last_look().await;
        self.warn(&warnings);
    }

    fn warn(&mut self, warnings: &[String]) {
        warnings.iter().for_each(|warning| self.watch.note(&format!("warning: {warning}")));
    }

    fn second(&mut self, totals: &Totals, saturated: Option<&str>) {
        self.look();
        let Some(started) = self.started else { return };
        if self.flood.phase() < Phase::Closing {
            self.watch.second(clock::now().mono.since_ns(started), totals, saturated);
        }
    }
}

async fn next_tool_event(tool: &mut Option<RunningTool>) -> ToolEvent {
    match tool {
        Some(tool) => tool.next_event().await,
        None => std::future::pending().await,
    }
}

/// Once last words are repeated, what was none; or why they could not be.
async fn last_words(
    repeating: &mut Option<JoinHandle<Result<NoLastWords, NotDone>>>,
) -> Result<NoLastWords, NotDone> {
    match repeating {
        Some(repeating) => repeating.await.unwrap_or(Err(NotDone::Broke)),
        None => std::future::pending().await,
    }
}

fn stop_text(signal: Option<i32>) -> String {
    match signal {
        Some(libc::SIGINT) => "interrupted (Ctrl-C)".to_owned(),
        Some(libc::SIGHUP) => "the terminal was closed (SIGHUP)".to_owned(),
        Some(signal) => format!("signal {signal}"),
        None => "asked to".to_owned(),
    }
}
