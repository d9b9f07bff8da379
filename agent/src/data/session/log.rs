//! What the data path says, as lines of the log.

use super::SessionEvent;
use crate::base::entropy::random_hex;
use crate::data::outbound::OutboundEvent;
use crate::data::render::WindowDigest;
use gridnode_core::measure::ingest::Remark;
use gridnode_core::trace::redact::Redactor;

impl SessionEvent {
    /// Logs what is not specific to a command.
    pub fn log(&self) {
        match self {
            Self::Outbound(OutboundEvent::Warn(sentence)) => tracing::warn!("{sentence}"),
            Self::Outbound(OutboundEvent::Notice(sentence)) => tracing::info!("{sentence}"),
            Self::Remark(Remark::Rejected { reason, why, excerpt }) => {
                // A label or an error text may have anything. Its marks are compared with nothing.
                let line = Redactor::new(random_hex().unwrap_or_default().as_bytes(), &[]).text(excerpt);
                tracing::warn!(reason = reason.name(), why, line, "a line was rejected");
            }
            Self::Remark(Remark::HalfOfLabels { labels_max, .. }) => tracing::warn!(
                labels_max,
                "half of the labels are used up; further ones will be counted together as `__other__`. \
                 Labels with ids in them are the usual cause"
            ),
            Self::Remark(Remark::TimeUnit { unit, .. }) => tracing::warn!(
                "timestamps are in {unit}, but nanoseconds are due: multiply them by {}. These samples are counted, but \
                 in the oldest open window and not where they belong",
                unit.ns()
            ),
            Self::Window(window) => window.log(),
            Self::Closed { .. }
            | Self::Progress { .. }
            | Self::Written { .. }
            | Self::RunFlushed { .. }
            | Self::AllWritten
            | Self::Flushed => {}
        }
    }
}

impl WindowDigest {
    /// Logs a window in which something happened.
    pub fn log(&self) {
        if self.requests > 0 || self.degraded > 0 {
            let Self { requests, failed, users, degraded, late, .. } = *self;
            let p95_ms = self.times.map(|times| times.p95_us as f64 / 1_000.0);
            tracing::debug!(requests, failed, ?users, ?p95_ms, late, degraded, "window closed");
        }
    }
}
