//! Node health, every window, idle or not: looked at by a thread of its own, delivered like any other point.

use super::driver::Driver;
use super::settings;
use crate::base::clock;
use crate::config::Config;
use crate::data::session::Session;
use crate::host::{Asked, HealthReading, HealthThread, ToolTree, WindowInputs};
use gridnode_core::base::time::{Mono, NS_PER_MS, NS_PER_S, Now};
use gridnode_core::node::health::{HealthSource, HealthWindow, render};
use gridnode_core::outbound::delivery::RunName;
use gridnode_core::rollup::Batch;
use std::collections::BTreeMap;
use std::time::Duration;

/// The spool's name for points of the node itself: no run has one without a dot.
const NAME: &str = "node";
/// The ingest thread answers within microseconds, or it is in trouble.
const PING_WAIT: Duration = Duration::from_secs(1);

/// See the module's head.
pub(super) struct HealthReports {
    thread: HealthThread,
    source: HealthSource,
    period_ns: u64,
    due: Mono,
    read: Option<HealthReading>,
    last: Option<HealthReading>,
    folded: u64,
    /// Drops that were reported, by slot of the run.
    dropped: BTreeMap<u32, u64>,
    gone: bool,
}

impl HealthReports {
    pub(super) fn start(config: &Config) -> anyhow::Result<Self> {
        let (meter, source) = settings::health(config);
        let now = clock::now();
        let period_ns = u64::from(config.health.period_s) * NS_PER_S;
        Ok(Self {
            thread: HealthThread::start(meter, now.mono)?,
            source,
            period_ns,
            due: next_end(now, period_ns),
            read: None,
            last: None,
            folded: 0,
            dropped: BTreeMap::new(),
            gone: false,
        })
    }

    /// When the next window ends.
    pub(super) fn due(&self) -> Option<Mono> {
        Some(self.due).filter(|_| !self.gone)
    }

    /// Ends when a reading is there. Cancel safe.
    pub(super) async fn read(&mut self) {
        if self.read.is_some() {
            return;
        }
        match self.thread.next().await {
            Some(reading) => self.read = Some(reading),
            None => {
                if !self.gone {
                    tracing::error!("the health thread is gone: no node health is reported any more");
                }
                self.gone = true;
                std::future::pending().await
            }
        }
    }

    /// Windows that were folded because the disk was slow.
    pub(super) fn windows_folded(&mut self, n: u32) {
        self.folded += u64::from(n);
    }

    /// The latest reading.
    pub(super) fn last(&self) -> Option<&HealthReading> {
        self.last.as_ref()
    }
}

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

/// The end of the window that is open at `now`; windows are aligned to the wall clock.
fn next_end(now: Now, period_ns: u64) -> Mono {
    let period = i64::try_from(period_ns).unwrap_or(i64::MAX);
    let left = period - now.wall.0.rem_euclid(period);
    now.mono.plus_ns(u64::try_from(left).unwrap_or(period_ns))
}
