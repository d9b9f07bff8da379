//! What the data side and the tasks of runs have to say.

use super::driver::Driver;
use super::error_traces::with_lines;
use super::run::judge;
use super::task_report::{TaskReport, ToolReport};
use crate::base::clock;
use crate::base::file_threads::FILES;
use crate::data::outbound::OutboundEvent;
use crate::data::session::SessionEvent;
use crate::tool::{JUDGE_WAIT, Judgement, Measured, Prepared, unjudged};
use gridnode_core::base::run::RunKey;
use gridnode_core::base::run::RunName;
use gridnode_core::measure::RunSettings;
use gridnode_core::measure::ingest::Remark;
use gridnode_core::measure::window::WindowSettings;
use gridnode_core::node::{Input, RunNotes, StopRequest};
use gridnode_core::run::progress::Progress;

impl Driver {
    pub(super) fn session_event(&mut self, event: SessionEvent) {
        match event {
            SessionEvent::Window(window) => {
                self.health.windows_folded(window.degraded);
                if let Some(key) = self.of_slot(window.run)
                    && let Some(run) = self.runs.get_mut(&key)
                {
                    run.windows += 1;
                    if !window.late {
                        run.last_window = Some(window);
                    }
                }
            }
            SessionEvent::Progress { run, progress } => self.tell_of_progress(run, progress),
            SessionEvent::Closed { name, run: closed } => {
                if let Some(key) = self.of_slot(closed.run)
                    && let Some(run) = self.runs.get_mut(&key)
                {
                    run.name = Some(name);
                    run.closed = Some(closed);
                }
            }
            SessionEvent::Written { name } => self.written(&name),
            SessionEvent::RunFlushed { name } => {
                if let Some(key) = self.of_name(&name) {
                    let account = self.session.account(&name);
                    let traces = self.traces_of(&key, &name);
                    self.tell(Input::DeliverySettled { run: key, account, traces });
                }
            }
            SessionEvent::Outbound(OutboundEvent::Warn(sentence)) => self.warn(sentence),
            SessionEvent::Remark(Remark::HalfOfLabels { run, labels_max }) => {
                let detail = format!(
                    "half of the {labels_max} labels are used up; further ones will be counted together as \
                     `__other__`. Labels with ids in them are the usual cause"
                );
                if let Some(run) = self.of_slot(run) {
                    self.tell(Input::Warning { run, warning: "half_of_labels", detail });
                }
            }
            other => other.log(),
        }
    }

    /// How a run goes so far: to whoever follows, if the last such word has gone out.
    fn tell_of_progress(&mut self, slot: u32, mut progress: Box<Progress>) {
        let Some(key) = self.of_slot(slot) else { return };
        let Some(run) = self.runs.get(&key) else { return };
        let reason = self.health.last().and_then(|last| last.health.reason);
        progress.saturated = reason.map(|reason| reason.name().to_owned());
        let event = self.node.progress_event(clock::now(), &key, progress);
        self.hands.tell(event, &run.telling);
    }

    /// All windows of a run are on disk: its logs are judged, on a thread that may block.
    fn written(&mut self, name: &RunName) {
        let Some(key) = self.of_name(name) else { return };
        let Some(run) = self.runs.get_mut(&key) else { return };
        // The account stays with the run until the judgement is in: should that take too long, it goes without.
        let Some(closed) = run.closed.clone() else { return };
        let (facts, files, done) = (run.facts(&closed), run.files.clone(), self.done.clone());
        let broken = run.broken.take();
        tokio::spawn(async move {
            let measured = Measured::of(&closed);
            let judged = FILES.within(JUDGE_WAIT, move || judge(files.as_ref(), &facts, &measured)).await;
            let (judged, log_tail) = judged.unwrap_or_else(|why| (unjudged(&facts, &why), Vec::new()));
            let judged = judged.but(broken);
            let _ = done.send(TaskReport::Judged { run: key, closed, judged, log_tail }).await;
        });
    }

    pub(super) async fn done(&mut self, done: TaskReport) {
        match done {
            TaskReport::Input(input) => self.tell(input),
            TaskReport::Prepared(key, prepared) => self.prepared(key, *prepared).await,
            TaskReport::Slot(slot, fit) => {
                let is_fit = fit.is_ok();
                match self.slots.looked_at(slot, fit) {
                    Some(news) if is_fit => tracing::info!("{news}"),
                    Some(news) => self.warn(news),
                    None => {}
                }
            }
            TaskReport::LastWordsOver(key) => self.close_windows(key).await,
            TaskReport::Trace(key, pointer, json) => self.trace(&key, &pointer, &json),
            TaskReport::Traces(key, traces) => self.traces_taken(key, traces),
            TaskReport::Tool(key, report) => self.tool(key, report),
            TaskReport::Judged { run, closed, judged, log_tail } => {
                let files = self.runs.get(&run).and_then(|run| run.files.as_ref());
                let warnings = judged.warnings(files.map_or(&[], |files| &files.planned.doubts[..]));
                let Judgement { verdict, doubts } = judged;
                // What was known before the run has been told before it.
                for detail in doubts {
                    self.tell(Input::Warning { run: run.clone(), warning: "tool", detail });
                }
                let health = self.runs.get_mut(&run).map(|run| {
                    run.closed = None;
                    run.health.clone()
                });
                let notes = RunNotes { health, warnings, log_tail };
                self.tell(Input::RunClosed { run, closed: Some(closed), verdict, notes });
            }
        }
    }

    async fn prepared(&mut self, key: RunKey, prepared: Prepared) {
        let traces = self.trace_settings(&key, &prepared);
        // A run that was called off meanwhile has no use for it.
        let Some(run) = self.runs.get_mut(&key).filter(|run| !run.closing) else { return };
        let (Some(socket), Some(identity), Some(start)) =
            (run.socket.take(), run.identity.clone(), run.start.clone())
        else {
            return;
        };
        let settings = RunSettings {
            identity,
            window: WindowSettings { period_s: start.window_s, grace_ms: self.settings.grace_ms },
            labels_max: self.settings.labels_max,
        };
        match self.session.ingest.open_run(socket, settings).await {
            Ok(slot) => {
                run.slot = Some(slot);
                start.progress_s.iter().for_each(|every_s| self.session.ask_for_progress(slot, *every_s));
                run.files = Some(prepared.files.clone());
                run.trace_settings = traces.map(|traces| with_lines(&self.session.ingest, slot, traces));
                let changes = prepared.changes.clone();
                let warnings = prepared.warnings.clone();
                run.prepared = Some(prepared);
                for detail in warnings {
                    self.tell(Input::Warning { run: key.clone(), warning: "tool", detail });
                }
                self.tell(Input::Prepared { run: key, changes });
            }
            Err(error) => {
                let why = error.to_string();
                self.lost_ingest(&why);
                self.tell(Input::NotReady { run: key, why });
            }
        }
    }

    fn tool(&mut self, key: RunKey, report: ToolReport) {
        let Some(run) = self.runs.get_mut(&key) else { return };
        match report {
            ToolReport::Started { pid, tree, at_ns } => {
                tracing::info!(flood = %key.id, run = key.run, pid, "the tool runs");
                run.pid = Some(pid);
                run.tree = tree;
                self.tell(Input::ToolStarted { run: key, at_ns });
            }
            ToolReport::NotStarted(why) => {
                run.stops = None;
                self.tell(Input::ToolNotStarted { run: key, why });
            }
            ToolReport::Gone { exit, end, expired, broken } => {
                tracing::info!(flood = %key.id, run = key.run, ?exit, "no process of the tool is left");
                run.stops = None;
                run.tree = None;
                run.exit = Some(exit);
                run.stop_asked |= expired;
                run.broken = broken;
                if expired {
                    self.tell(Input::ToolExpired { run: key.clone() });
                }
                self.tell(Input::TreeEmpty { run: key, end: Some(end) });
            }
            ToolReport::Warning(detail) => {
                tracing::warn!(flood = %key.id, run = key.run, "{detail}");
                self.tell(Input::Warning { run: key, warning: "tool", detail });
            }
        }
    }

    /// Without the ingest thread nothing can be measured: the agent ends, and the service manager starts a new one.
    pub(super) fn lost_ingest(&mut self, why: &str) {
        self.stop(StopRequest { reason: why.to_owned(), for_good: false, by: None });
    }

    pub(super) fn of_slot(&self, slot: u32) -> Option<RunKey> {
        self.runs.iter().find(|(_, run)| run.slot == Some(slot)).map(|(key, _)| key.clone())
    }

    fn of_name(&self, name: &RunName) -> Option<RunKey> {
        self.runs.iter().find(|(_, run)| run.name.as_ref() == Some(name)).map(|(key, _)| key.clone())
    }
}
