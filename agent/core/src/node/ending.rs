//! A node's end, step by step: runs, goodbye, over.

use super::Node;
use super::shutdown::{Shutdown, Step};
use super::types::{Output, StopRequest};
use crate::base::run::RunKey;
use crate::base::time::Now;
use crate::node::event::{EventBody, clip};
use crate::run::flood::{FloodInput, Stage};

impl Node {
    pub(super) fn stop(&mut self, now: Now, request: &StopRequest) {
        let plan = Shutdown::new(now.mono, request, self.settings.shutdown_ms);
        let first = self.shutdown.is_none();
        match &mut self.shutdown {
            Some(shutdown) => shutdown.tighten(plan),
            none => *none = Some(plan),
        }
        if first {
            self.outputs.push_back(Output::StopListening);
            let event = self.event(now, EventBody::NodeStopping { reason: clip(&request.reason) }, |_| {});
            self.write(event.into_iter().collect());
        }
        if let Some(shutdown) = &self.shutdown {
            let why = format!("the node is going away: {}", shutdown.reason);
            let (grace_ms, end_by) = (shutdown.grace_ms(now.mono), shutdown.runs_end_by);
            for live in self.live.values_mut() {
                live.stop(now, grace_ms, &why);
                live.flood.handle(now.mono, FloodInput::EndBy(end_by));
            }
        }
    }

    pub(super) fn queue_left(&mut self) {
        if let Some(Shutdown { step: Step::Goodbye { queue }, .. }) = &mut self.shutdown {
            *queue = false;
        }
    }

    /// The steps of the node's end.
    pub(super) fn leave(&mut self, now: Now) {
        let Some(mut shutdown) = self.shutdown.take() else { return };
        if shutdown.step == Step::Runs && shutdown.runs_end_by <= now.mono {
            let late: Vec<RunKey> = self.live.keys().cloned().collect();
            for run in &late {
                self.outputs.push_back(Output::StopTool { run: run.clone(), stage: Stage::Kill });
                self.with(run, |live| live.fault("there was no time left to end it in order".to_owned()));
                self.finish(now, run);
            }
        }
        if shutdown.step == Step::Runs && self.live.is_empty() {
            shutdown.step = Step::Goodbye { queue: shutdown.for_good };
            if shutdown.for_good {
                self.outputs.push_back(Output::LeaveQueue);
            }
        }
        let clean = self.state.outbox.is_empty() && self.journal.is_idle();
        let done = shutdown.step == Step::Goodbye { queue: false } && clean;
        let out_of_time = matches!(shutdown.step, Step::Goodbye { .. }) && shutdown.ends <= now.mono;
        if done || out_of_time {
            shutdown.step = Step::Over;
            self.outputs.push_back(Output::Exit { clean, for_good: shutdown.for_good });
        }
        self.shutdown = Some(shutdown);
    }
}
