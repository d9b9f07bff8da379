//! How a node is doing in one window, and whether its numbers can be trusted: what becomes a `node_health_mean` point.
//!
//! - [`NodeHealth`] is one window's reading. What the machine cannot tell is `None` and left out of the point, never 0.
//! - [`Saturation`] comes to the verdict, from a window's [`Strain`]: thresholds, hysteresis and a named [`Reason`].
//!
//! Percentages of the processor are of the whole machine (100 is every processor busy), so that a tool's and the
//! agent's share can be subtracted from the total.

mod reason;
mod saturation;
mod strain;

pub use reason::Reason;
pub use saturation::{HANG_WINDOWS_MAX, LEAVE_WINDOWS, Saturation};
pub use strain::{Stalled, Strain};

use crate::node::command::NodeAddress;
use crate::rollup::timestamp::Stamper;
use crate::wire::encode::{PointWriter, push_tag};
use serde::Serialize;

/// One window's reading (contract, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct NodeHealth {
    /// Time that the machine's processors worked, without stolen time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<f64>,
    /// Time that the hypervisor gave to others while work was waiting here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_steal_percent: Option<f64>,
    /// Load average of the last minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load1: Option<f64>,
    /// Memory that could not be had without swapping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_used_percent: Option<f64>,
    /// Swap in use; 0 on a machine that has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap_used_percent: Option<f64>,
    /// What an ordinary user may still write to the file system of the state directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_free_bytes: Option<f64>,
    /// Received by all interfaces but loopback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_rx_bytes_per_s: Option<f64>,
    /// Sent by all interfaces but loopback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_tx_bytes_per_s: Option<f64>,
    /// All tools' process trees, children that have ended included; 0 without a tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_cpu_percent: Option<f64>,
    /// All tools' resident memory; 0 without a tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_rss_bytes: Option<f64>,
    /// This process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_cpu_percent: Option<f64>,
    /// This process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_rss_bytes: Option<f64>,
    /// Rollups on disk that the Drain does not have yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spool_bytes: Option<f64>,
    /// How far the wall clock may be off, by the kernel's estimate; absent where nothing disciplines the clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_error_ms: Option<f64>,
    /// Runs under way.
    pub runs: u64,
    /// Why this node's numbers cannot be trusted in this window; `None` when they can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

impl NodeHealth {
    /// The verdict: whether this node's numbers cannot be trusted in this window.
    #[must_use]
    pub fn saturated(&self) -> bool {
        self.reason.is_some()
    }

    /// Every float field with its name, in the contract's order.
    fn floats(&self) -> [(&'static str, Option<f64>); 14] {
        [
            ("cpu_percent", self.cpu_percent),
            ("cpu_steal_percent", self.cpu_steal_percent),
            ("load1", self.load1),
            ("memory_used_percent", self.memory_used_percent),
            ("swap_used_percent", self.swap_used_percent),
            ("disk_free_bytes", self.disk_free_bytes),
            ("net_rx_bytes_per_s", self.net_rx_bytes_per_s),
            ("net_tx_bytes_per_s", self.net_tx_bytes_per_s),
            ("tool_cpu_percent", self.tool_cpu_percent),
            ("tool_rss_bytes", self.tool_rss_bytes),
            ("agent_cpu_percent", self.agent_cpu_percent),
            ("agent_rss_bytes", self.agent_rss_bytes),
            ("spool_bytes", self.spool_bytes),
            ("clock_error_ms", self.clock_error_ms),
        ]
    }
}

/// Whose health it is.
#[derive(Debug, Clone)]
pub struct HealthSource {
    /// The node; its grid and region become tags, absent ones are left out.
    pub address: NodeAddress,
    /// Version of the agent.
    pub version: String,
    /// Key of the timestamps.
    pub timestamp_key: Vec<u8>,
}

/// The window that a reading belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthWindow {
    /// Start, wall clock, ns; a multiple of the period.
    pub start_ns: i64,
    /// Length, ns.
    pub period_ns: u64,
}

impl HealthWindow {
    /// The last window of `period_ns` that has ended at `wall_ns`.
    #[must_use]
    pub fn ended_before(wall_ns: i64, period_ns: u64) -> Self {
        let period = i64::try_from(period_ns.max(1)).unwrap_or(i64::MAX);
        let current = wall_ns.div_euclid(period).saturating_mul(period);
        Self { start_ns: current.saturating_sub(period), period_ns }
    }
}

/// The point, one line with its `\n`: a gauge, so part 0 only, and without flood and run in its timestamp.
#[must_use]
pub fn render(health: &NodeHealth, source: &HealthSource, window: HealthWindow) -> Vec<u8> {
    let node = source.address.node.as_str();
    let mut tags = Vec::with_capacity(160);
    push_tag(&mut tags, "grid", source.address.grid.as_ref().map(|grid| grid.as_str()));
    push_tag(&mut tags, "region", source.address.region.as_ref().map(|region| region.as_str()));
    let mut out = PointWriter::default();
    out.start("node_health_mean", &tags);
    out.text("node", node);
    out.text("version", &source.version);
    for (name, value) in health.floats() {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            out.float(name, rounded(value));
        }
    }
    out.int("runs", health.runs);
    out.bool("saturated", health.saturated());
    // Also when there is none: or a store's last value of the field would stay the reason of long ago.
    out.text("reason", health.reason.map_or("", Reason::name));
    let mut stamper = Stamper::new(&source.timestamp_key, node, None, None);
    out.end(stamper.stamp_ns(None, window.start_ns, window.period_ns, 0));
    out.body
}

/// To a thousandth: no reading is better than that, and digits are bytes on every node's way out.
fn rounded(value: f64) -> f64 {
    let rounded = (value * 1_000.0).round() / 1_000.0;
    if rounded.is_finite() { rounded } else { value }
}

#[cfg(test)]
mod tests;
