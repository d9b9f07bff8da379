//! What `gridnode status` is told.

use super::driver::Driver;
use super::run::Run;
use super::settings::AGENT_VERSION;
use crate::agent::status::{
    DeliveryStatus, FetchStatus, HealthStatus, QueueStatus, RunView, StatusDocument, VERSION, WindowStatus,
};
use crate::base::clock;
use crate::control::queue::QueuePhase;
use gridnode_core::base::rfc3339;
use gridnode_core::base::time::{NS_PER_S, Now, Wall};
use gridnode_core::node::RunStatus;
use serde_json::Value;
use std::time::Duration;

/// The ingest thread answers within microseconds, or it is in trouble, and the rest is still worth showing.
const TOTALS_WAIT: Duration = Duration::from_millis(500);

impl Driver {
    pub(super) async fn status_document(&self) -> StatusDocument {
        let now = clock::now();
        let mut runs = Vec::new();
        for status in self.node.runs() {
            runs.push(self.run_view(&status, now).await);
        }
        let address = &self.settings.address;
        StatusDocument {
            version: VERSION,
            time: rfc3339::format(now.wall),
            node: address.node.clone(),
            grid: address.grid.clone(),
            region: address.region.clone(),
            agent_version: AGENT_VERSION.to_owned(),
            incarnation: self.incarnation,
            pid: std::process::id(),
            uptime_s: now.mono.since_ns(self.started) / NS_PER_S,
            phase: self.node.phase(),
            runs_max: Some(self.settings.runs_max as u64),
            runs,
            queue: self.queue_status(),
            delivery: DeliveryStatus {
                drain: self.session.drain_url().to_owned(),
                drain_away: self.session.drain_is_away(),
                total: self.session.delivery_total(),
                spooled_bytes: Some(self.session.spool_bytes()),
                last_warning: None,
                traces_waiting: self.session.waiting_traces(),
                traces_hindrance: self.session.traces_hindrance().map(str::to_owned),
            },
            health: self.health_status(),
            counters: self.node.counters(),
            events_waiting: self.node.events_waiting() as u64,
            journal_broken: self.node.journal_is_broken(),
            hindrances: self.tools.missing().into_iter().chain(self.slots.said()).collect(),
            warnings: self.warnings.clone(),
            lookers_refused: 0,
        }
    }

    async fn run_view(&self, status: &RunStatus, now: Now) -> RunView {
        let mut view = RunView::new(status, now.wall);
        let Some(run) = self.runs.get(&status.run) else { return view };
        if let Some(slot) = run.slot
            && let Ok(Ok(Some(totals))) =
                tokio::time::timeout(TOTALS_WAIT, self.session.ingest.totals(slot)).await
        {
            view = view.with_totals(&totals);
        }
        view.tool = run.start.as_ref().map(|start| start.tool.to_string());
        view.tool_pid = run.pid.and_then(|pid| u32::try_from(pid).ok());
        view.windows_closed = Some(run.windows);
        view.last_window = last_window(run);
        view.delivery = run.name.as_ref().map(|name| self.session.account(name));
        view.fetch = run.progress.as_ref().map(|progress| {
            let progress = progress.borrow();
            FetchStatus {
                files_done: u64::from(progress.files_done),
                files: u64::from(progress.files_total),
                bytes_done: progress.bytes_done,
                bytes: Some(progress.bytes_known),
            }
        });
        view
    }

    fn queue_status(&self) -> QueueStatus {
        let state = self.queue.state();
        let state = state.borrow();
        let ready = state.phase == QueuePhase::Ready;
        let phase = match state.phase {
            QueuePhase::Starting => "starting",
            QueuePhase::Ready => "listening",
            QueuePhase::Away => "away",
            QueuePhase::Leaving => "leaving",
            QueuePhase::Left => "left",
        };
        QueueStatus {
            phase: phase.to_owned(),
            ready,
            name: Some(state.name.clone()),
            last_error: state.last_error.clone().filter(|_| !ready),
            received: Some(state.received),
            deleted: Some(state.deleted),
        }
    }

    fn health_status(&self) -> Option<HealthStatus> {
        let reading = self.health.last()?;
        let values = match serde_json::to_value(reading.health) {
            Ok(Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        Some(HealthStatus {
            start_s: Some(reading.window.start_ns / NS_PER_S as i64),
            saturated: reading.health.saturated(),
            reason: reading.health.reason.map(|reason| reason.name().to_owned()),
            cause: reading.cause.as_ref().map(|cause| cause.readings.clone()),
            since: reading.cause.as_ref().map(|cause| rfc3339::format(Wall(cause.since_ns))),
            values: values.into_iter().filter_map(|(name, value)| Some((name, value.as_f64()?))).collect(),
        })
    }
}

fn last_window(run: &Run) -> Option<WindowStatus> {
    let (window, start) = (run.last_window?, run.start.as_ref()?);
    Some(WindowStatus {
        start_s: window.start_ns / NS_PER_S as i64,
        window_s: start.window_s,
        requests_per_s: window.requests as f64 / f64::from(start.window_s),
        p95_ms: window.times.map(|times| times.p95_us as f64 / 1_000.0),
    })
}
