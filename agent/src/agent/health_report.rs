//! What the loop does for node health: asks for a reading when a window is over, delivers what comes of it.

use super::driver::Driver;
use super::health::{NAME, PING_WAIT, next_end};
use crate::base::clock;
use crate::data::session::Session;
use crate::host::{Asked, ToolTree, WindowInputs};
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::NS_PER_MS;
use gridnode_core::node::health::{HealthWindow, render};
use gridnode_core::rollup::Batch;

impl Driver {
    /// The window is over: asks for its health.
    pub(super) async fn ask_for_health(&mut self) {
        let slots: Vec<u32> = self.runs.values().filter_map(|run| run.slot).collect();
        let tools: Vec<ToolTree> = self.runs.values().filter_map(|run| run.tree.clone()).collect();
        let ingest_lag_ms = lag_ms(&self.session).await;
        let mut datagrams_dropped = 0;
        for slot in &slots {
            let totals = tokio::time::timeout(PING_WAIT, self.session.ingest.totals(*slot)).await;
            if let Ok(Ok(Some(totals))) = totals {
                let dropped = totals.account.kernel_dropped;
                let before = self.health.dropped.insert(*slot, dropped).unwrap_or(0);
                datagrams_dropped += dropped.saturating_sub(before);
            }
        }
        self.health.dropped.retain(|slot, _| slots.contains(slot));
        let now = clock::now();
        let inputs = WindowInputs {
            runs: self.node.runs().len() as u64,
            spool_bytes: self.session.spool_bytes(),
            datagrams_dropped,
            windows_folded: std::mem::take(&mut self.health.folded),
            ingest_lag_ms,
        };
        let window = HealthWindow::ended_before(now.wall.0, self.health.period_ns);
        match self.health.thread.ask(now.mono, window, tools, inputs) {
            Asked::Taken => {}
            Asked::Busy => tracing::warn!("the file system or /proc hangs: a window is without node health"),
            Asked::Gone => self.health.gone = true,
        }
        self.health.due = next_end(now, self.health.period_ns);
    }

    /// A reading is there: to the Drain, and to the runs of its window.
    pub(super) fn report_health(&mut self) {
        let Some(reading) = self.health.read.take() else { return };
        let body = render(&reading.health, &self.health.source, reading.window);
        self.session.post(&RunName::from(NAME), Batch { body, points: 1, samples: 0 });
        let reason = reading.health.reason.map(|reason| reason.name());
        for run in self.runs.values_mut().filter(|run| run.tree.is_some()) {
            run.health.add(reason);
        }
        let before = self.health.last.as_ref().and_then(|last| last.health.reason);
        if reading.health.reason != before {
            match reason {
                Some(reason) => {
                    self.warn(format!("this node is saturated ({reason}): its numbers are doubtful"))
                }
                None => tracing::info!("this node is not saturated any more"),
            }
        }
        self.health.last = Some(reading);
    }
}

/// How long the ingest thread takes to answer; `None` when it is gone.
async fn lag_ms(session: &Session) -> Option<f64> {
    let asked = clock::now().mono;
    let answer = session.ingest.ping().ok()?;
    let _ = tokio::time::timeout(PING_WAIT, answer).await;
    Some(clock::now().mono.since_ns(asked) as f64 / NS_PER_MS as f64)
}
