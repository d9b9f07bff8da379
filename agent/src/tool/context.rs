//! One run as its tool sees it: whose it is, where it lives, what its environment says.

use crate::base::entropy::random_hex;
use crate::cage::Cage;
use crate::cage::supervise::{GRACE_MS_DEFAULT, ToolSpec};
use crate::tool::directories::{Directories, exit_file, scratch_dirs};
use crate::tool::files::ToolFiles;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::limits::{TRACES_PER_LABEL, TRACES_PER_WINDOW, TRACES_WINDOW_S};
use gridnode_core::base::run::RunIdentity;
use gridnode_launch::{Environment, LaunchSpec, Load, TraceKey};
use std::net::SocketAddr;
use std::path::Path;

/// Bounds of a tool's own outputs, a stream.
const LOG_BYTES_MAX: u64 = 16 << 20;
/// Where tools look for programs.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Which samples a run's plug-in shows in full, and what it hides in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceOptions {
    /// Whether anybody takes them: otherwise none are written, for nothing else bounds what lies there.
    pub are_taken: bool,
    /// Failures a label, code, fingerprint and window.
    pub per_label: u32,
    /// Failures a window.
    pub per_window: u32,
    /// What such a window is long, s.
    pub window_s: u32,
    /// Successes slower than this, too.
    pub slower_ms: Option<u32>,
    /// Names of secrets beside the usual ones.
    pub secrets: Vec<String>,
    /// By which values are hidden, where others of the run are to be hidden by it, too; else the run's environment has one of its own.
    pub key: Option<TraceKey>,
}

impl Default for TraceOptions {
    fn default() -> Self {
        Self {
            are_taken: false,
            per_label: TRACES_PER_LABEL,
            per_window: TRACES_PER_WINDOW,
            window_s: TRACES_WINDOW_S,
            slower_ms: None,
            secrets: Vec::new(),
            key: None,
        }
    }
}

/// One run, whatever the tool.
#[derive(Debug)]
pub struct RunContext<'a> {
    /// The run.
    pub identity: &'a RunIdentity,
    /// This node.
    pub node: &'a Ident,
    /// Where the plug-in sends to.
    pub sump: SocketAddr,
    /// The run's own directory, absolute; made if absent.
    pub dir: &'a Path,
    /// Largest heap of a JVM, MiB.
    pub heap_mib: u32,
    /// More options for it.
    pub jvm_options: Vec<String>,
    /// Where its processes are.
    pub cage: Cage,
    /// Which of the flood's grids this node's is, from 0.
    pub grid_index: u32,
    /// Which of the grid's nodes this is, from 0.
    pub node_index: u32,
    /// Its error traces.
    pub traces: TraceOptions,
}

/// The environment of a run's processes; `files_dir`: where the plan's data files are.
#[must_use]
pub fn environment(
    context: &RunContext<'_>,
    dirs: &Directories,
    files_dir: &Path,
    load: &Load,
) -> Environment {
    let identity = context.identity;
    // Published clients need a value; on a laptop there is none of these.
    let local = |ident: &Option<Ident>| ident.clone().unwrap_or_else(|| Ident::near("0"));
    Environment {
        path: PATH.into(),
        tz: std::env::var("TZ").unwrap_or_else(|_| "UTC".to_owned()),
        home: dirs.home.clone(),
        sump: context.sump,
        flood: identity.flood.clone(),
        account: local(&identity.account),
        project: local(&identity.project),
        grid: local(&identity.grid),
        region: local(&identity.region),
        node: context.node.clone(),
        grid_index: context.grid_index,
        node_index: context.node_index,
        run: identity.run,
        files_dir: files_dir.to_owned(),
        duration_s: load.duration_s,
        iterations: load.iterations,
        webdriver: None,
        trace_dir: dirs.traces.clone(),
        traces_per_label: context.traces.per_label,
        traces_per_window: context.traces.per_window,
        trace_window_s: context.traces.window_s,
        // Each run has its own, and nobody keeps it. Without one no secret can be hidden, so there are no traces.
        trace_key: context.traces.are_taken.then(|| context.traces.key.clone().or_else(trace_key)).flatten(),
        trace_slower_ms: context.traces.slower_ms,
        trace_secrets: context.traces.secrets.clone(),
        stop_file: dirs.stop_file(),
        report_file: dirs.report_file(),
    }
}

/// 16 random bytes in base 16; `None` where the system has none.
#[must_use]
pub fn trace_key() -> Option<TraceKey> {
    Some(TraceKey(random_hex().ok()? + &random_hex().ok()?))
}

/// The process for the supervisor.
#[must_use]
pub fn tool_spec(command: LaunchSpec, context: &RunContext<'_>, files: &ToolFiles) -> ToolSpec {
    ToolSpec {
        program: command.program,
        args: command.args,
        env: command.env.into_iter().map(|(name, value)| (name.into(), value)).collect(),
        working_dir: command.working_dir,
        stdout_log: files.stdout.clone(),
        stderr_log: files.stderr.clone(),
        log_bytes_max: LOG_BYTES_MAX,
        exit_file: exit_file(context.dir),
        marker: context.cage.marker.clone(),
        grace_ms: GRACE_MS_DEFAULT,
        longest_ms: None,
        lease_ms: context.cage.lease_ms(),
        limits: Vec::new(),
        remove_at_end: vec![files.arguments.clone().into()],
        scratch_dirs: scratch_dirs(context.dir).map(Into::into).into(),
        use_cgroup: true,
        out_of_reach: context.cage.out_of_reach.clone(),
        slot: context.cage.slot.clone(),
    }
}
