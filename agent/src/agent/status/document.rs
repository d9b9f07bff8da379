//! What an agent says about itself. All of it is for people and scripts that look; nothing is computed from it.

use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunKey;
use gridnode_core::base::time::{NS_PER_S, Wall};
use gridnode_core::measure::ingest::Totals;
use gridnode_core::measure::ledger::SampleAccount;
use gridnode_core::node::{NodeCounters, NodePhase, RunStatus};
use gridnode_core::outbound::delivery::BatchAccount;
use gridnode_core::run::receipt::DeliveryAccount;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

use super::WARNINGS_MAX;

/// The state of an agent at one moment. No secrets are in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusDocument {
    /// Layout; always [`super::VERSION`].
    pub version: u32,
    /// When it was made, RFC 3339.
    pub time: String,
    /// This node.
    pub node: Ident,
    /// Its grid.
    #[serde(default)]
    pub grid: Option<Ident>,
    /// Where it stands.
    #[serde(default)]
    pub region: Option<Ident>,
    /// Version of the agent.
    pub agent_version: String,
    /// How often the agent was started on this node.
    pub incarnation: u64,
    /// Process of the agent.
    pub pid: u32,
    /// Since the agent was started, s.
    pub uptime_s: u64,
    /// Where the node is.
    pub phase: NodePhase,
    /// Floods at once.
    #[serde(default)]
    pub runs_max: Option<u64>,
    /// Runs that are there.
    pub runs: Vec<RunView>,
    /// Where commands come from.
    pub queue: QueueStatus,
    /// Where rollups go.
    pub delivery: DeliveryStatus,
    /// The last window of node health; absent before the first.
    #[serde(default)]
    pub health: Option<HealthStatus>,
    /// What the node has counted since it was started.
    pub counters: NodeCounters,
    /// Events that wait to be published.
    pub events_waiting: u64,
    /// Whether the journal cannot be written: commands are left in the queue then.
    pub journal_broken: bool,
    /// What keeps it from taking runs that it could take otherwise, a sentence each.
    #[serde(default)]
    pub hindrances: Vec<String>,
    /// The latest warnings of the agent, oldest first; at most [`WARNINGS_MAX`].
    #[serde(default)]
    pub warnings: VecDeque<ShownWarning>,
    /// Connections to the status socket that were turned away because too many were open. Set by the server.
    #[serde(default)]
    pub lookers_refused: u64,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    /// The load test.
    pub flood: Ident,
    /// Number of this execution of it.
    pub run: u64,
    /// Its phase: `fetching`, `running`, …
    pub phase: String,
    /// The tool, `jmeter` for example.
    #[serde(default)]
    pub tool: Option<String>,
    /// Process of the tool.
    #[serde(default)]
    pub tool_pid: Option<u32>,
    /// When the tool was started, RFC 3339.
    #[serde(default)]
    pub tool_started_at: Option<String>,
    /// Since then, s.
    #[serde(default)]
    pub elapsed_s: Option<u64>,
    /// Virtual users active now.
    #[serde(default)]
    pub users: Option<u64>,
    /// Requests since the start.
    #[serde(default)]
    pub requests: Option<u64>,
    /// Of them, failed.
    #[serde(default)]
    pub failed_requests: Option<u64>,
    /// Distinct labels.
    #[serde(default)]
    pub labels: Option<u64>,
    /// Windows that were closed.
    #[serde(default)]
    pub windows_closed: Option<u64>,
    /// The last window that was closed.
    #[serde(default)]
    pub last_window: Option<WindowStatus>,
    /// Every sample's account up to the closed window.
    #[serde(default)]
    pub ledger: Option<SampleAccount>,
    /// What happened after that.
    #[serde(default)]
    pub delivery: Option<DeliveryAccount>,
    /// Its files, while they are on their way.
    #[serde(default)]
    pub fetch: Option<FetchStatus>,
}

/// A closed window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WindowStatus {
    /// Its start, s since the epoch.
    pub start_s: i64,
    /// Its length, s.
    pub window_s: u32,
    /// Requests a second in it.
    pub requests_per_s: f64,
    /// 95th percentile of its response times.
    #[serde(default)]
    pub p95_ms: Option<f64>,
}

/// Files on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FetchStatus {
    /// Files that are here.
    pub files_done: u64,
    /// All files.
    pub files: u64,
    /// Bytes that are here.
    pub bytes_done: u64,
    /// All bytes, where they are known.
    #[serde(default)]
    pub bytes: Option<u64>,
}

/// The queue of commands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QueueStatus {
    /// What it is doing, a word: `creating`, `listening`, …
    pub phase: String,
    /// Whether it is there and subscribed: commands reach this node.
    pub ready: bool,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// What went wrong last, while something is wrong.
    #[serde(default)]
    pub last_error: Option<String>,
    /// Messages that were received since the start.
    #[serde(default)]
    pub received: Option<u64>,
    /// Messages that were deleted since the start.
    #[serde(default)]
    pub deleted: Option<u64>,
}

/// Delivery to the Drain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DeliveryStatus {
    /// The Drain's URL without its password.
    pub drain: String,
    /// Whether the Drain is taken to be away.
    pub drain_away: bool,
    /// What became of batches and samples, those found at the start included.
    pub total: BatchAccount,
    /// What waits on disk, bytes.
    #[serde(default)]
    pub spooled_bytes: Option<u64>,
    /// The last sentence that asked for an operator, and has not been overtaken by a success.
    #[serde(default)]
    pub last_warning: Option<ShownWarning>,
    /// Error traces that wait for their store, of all runs.
    #[serde(default)]
    pub traces_waiting: u64,
    /// What keeps them from it.
    #[serde(default)]
    pub traces_hindrance: Option<String>,
}

/// A warning and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownWarning {
    /// When, RFC 3339.
    pub time: String,
    /// A sentence.
    pub text: String,
}

/// Node health of one window, as it goes to the Drain.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct HealthStatus {
    /// Start of the window, s since the epoch.
    #[serde(default)]
    pub start_s: Option<i64>,
    /// Whether this node's numbers cannot be trusted in this window.
    pub saturated: bool,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// What was read when that reason held by itself the last time: the verdict stays for some windows more.
    #[serde(default)]
    pub cause: Option<String>,
    /// Since when, RFC 3339.
    #[serde(default)]
    pub since: Option<String>,
    /// The numbers by their names in `node_health_mean`: `cpu_percent`, `load1`, ….
    pub values: BTreeMap<String, f64>,
}

impl StatusDocument {
    /// Keeps a warning for the document, in place of the oldest when there are too many.
    pub fn note(warnings: &mut VecDeque<ShownWarning>, wall: Wall, text: impl Into<String>) {
        if warnings.len() >= WARNINGS_MAX {
            warnings.pop_front();
        }
        warnings.push_back(ShownWarning::new(wall, text));
    }
}

impl ShownWarning {
    /// A warning of now.
    #[must_use]
    pub fn new(wall: Wall, text: impl Into<String>) -> Self {
        Self { time: gridnode_core::base::rfc3339::format(wall), text: text.into() }
    }
}

impl RunView {
    /// What the control core knows of a run; the rest is added where it is known.
    #[must_use]
    pub fn new(status: &RunStatus, now: Wall) -> Self {
        let started = status.tool_started_ns.map(Wall);
        Self {
            tool_started_at: started.map(gridnode_core::base::rfc3339::format),
            elapsed_s: started.map(|at| now.0.saturating_sub(at.0).max(0) as u64 / NS_PER_S),
            ..Self::of(&status.run, status.phase)
        }
    }

    /// Adds what the ingest thread counts.
    #[must_use]
    pub fn with_totals(self, totals: &Totals) -> Self {
        Self {
            users: Some(totals.users),
            requests: Some(totals.requests),
            failed_requests: Some(totals.failed_requests),
            labels: Some(totals.labels),
            ledger: Some(totals.account),
            ..self
        }
    }

    fn of(key: &RunKey, phase: &str) -> Self {
        Self {
            flood: key.id.clone(),
            run: key.run,
            phase: phase.to_owned(),
            tool: None,
            tool_pid: None,
            tool_started_at: None,
            elapsed_s: None,
            users: None,
            requests: None,
            failed_requests: None,
            labels: None,
            windows_closed: None,
            last_window: None,
            ledger: None,
            delivery: None,
            fetch: None,
        }
    }
}
