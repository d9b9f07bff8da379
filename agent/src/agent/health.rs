//! Node health, every window, idle or not: looked at by a thread of its own, delivered like any other point.

use super::settings;
use crate::base::clock;
use crate::config::Config;
use crate::host::{HealthReading, HealthThread};
use gridnode_core::base::time::{Mono, NS_PER_S, Now};
use gridnode_core::node::health::HealthSource;
use std::collections::BTreeMap;
use std::time::Duration;

/// The spool's name for points of the node itself: no run has one without a dot.
pub(super) const NAME: &str = "node";
/// The ingest thread answers within microseconds, or it is in trouble.
pub(super) const PING_WAIT: Duration = Duration::from_secs(1);

/// See the module's head.
pub(super) struct HealthReports {
    pub(super) thread: HealthThread,
    pub(super) source: HealthSource,
    pub(super) period_ns: u64,
    pub(super) due: Mono,
    pub(super) read: Option<HealthReading>,
    pub(super) last: Option<HealthReading>,
    pub(super) folded: u64,
    /// Drops that were reported, by slot of the run.
    pub(super) dropped: BTreeMap<u32, u64>,
    pub(super) gone: bool,
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

/// The end of the window that is open at `now`; windows are aligned to the wall clock.
pub(super) fn next_end(now: Now, period_ns: u64) -> Mono {
    let period = i64::try_from(period_ns).unwrap_or(i64::MAX);
    let left = period - now.wall.0.rem_euclid(period);
    now.mono.plus_ns(u64::try_from(left).unwrap_or(period_ns))
}
