//! The tools of this node, and how a command becomes a process that can be started.

use super::leftovers::{run_dir, tree_marker};
use crate::jmeter::{RunRequest, check, prepare};
use crate::tool::{self, Prepared, RunContext};
use crate::tools::jmeter::{InstallOptions, JmeterHome, ensure, use_home};
use crate::tools::{Silent, default_dir, list};
use gridnode_core::command::StartFlood;
use gridnode_core::ids::Ident;
use gridnode_core::launch::Load;
use gridnode_core::run::RunIdentity;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The name by which commands ask for JMeter.
const JMETER: &str = "jmeter";

/// What tools are run with.
#[derive(Debug, Clone)]
pub struct ToolSettings {
    /// Where tools are installed; `None` for the user's own place.
    pub dir: Option<PathBuf>,
    /// A JMeter to use as it is.
    pub jmeter_home: Option<PathBuf>,
    /// Largest heap of a tool's JVM, MiB.
    pub heap_mib: u32,
    /// Further options for it.
    pub jvm_options: Vec<String>,
    /// The node's number in its grid, from 0.
    pub node_index: u32,
    /// The grid's number in a flood, from 0.
    pub grid_index: u32,
}

/// See the module's head.
#[derive(Debug)]
pub(super) struct Toolbox {
    settings: ToolSettings,
    jmeter: Option<JmeterHome>,
}

/// Which run, where.
pub(super) struct Job<'a> {
    pub(super) start: &'a StartFlood,
    pub(super) identity: &'a RunIdentity,
    pub(super) node: &'a Ident,
    pub(super) sump: SocketAddr,
    pub(super) state_dir: &'a Path,
}

impl Toolbox {
    /// Looks for what is installed. Blocks, for seconds when a plug-in has to be compiled for a JMeter of the
    /// operator's own. A node without tools is a node all the same: it refuses what it cannot run.
    pub(super) fn find(settings: ToolSettings) -> Self {
        let jmeter = find_jmeter(&settings).unwrap_or_else(|why| {
            tracing::error!("no JMeter on this node: {why}; install it with `gridnode tools install jmeter`");
            None
        });
        if let Some(home) = &jmeter {
            tracing::info!(home = %home.home.display(), version = home.version, "JMeter");
        }
        Self { settings, jmeter }
    }

    /// The tools that commands may ask for.
    pub(super) fn names(&self) -> Vec<Ident> {
        self.jmeter.iter().map(|_| Ident::near(JMETER)).collect()
    }

    /// Makes a tool ready to start. Blocks. The error is a sentence.
    pub(super) fn prepare(&self, job: &Job<'_>) -> Result<Prepared, String> {
        let start = job.start;
        let (JMETER, Some(home)) = (start.tool.as_str(), &self.jmeter) else {
            return Err(format!("the tool `{}` is not installed on this node", start.tool));
        };
        if let (Some(wanted), Some(there)) = (&start.tool_version, &home.version)
            && wanted.as_str() != there
        {
            return Err(format!("JMeter {wanted} is asked for, and this node has {there}"));
        }
        let run = run_dir(job.state_dir, &start.key());
        let plan = files_dir(&run).join(start.plan.as_str());
        let plan = check(&plan, &overrides(start)?).map_err(|error| error.to_string())?;
        for change in plan.changes() {
            tracing::debug!(flood = %start.id, run = start.run, "{change}");
        }
        let context = RunContext {
            identity: job.identity,
            node: job.node,
            sump: job.sump,
            dir: &tool_dir(&run),
            heap_mib: self.settings.heap_mib,
            jvm_options: self.settings.jvm_options.clone(),
            marker: tree_marker(job.state_dir, &start.key()),
            grid_index: self.settings.grid_index,
            node_index: self.settings.node_index,
        };
        prepare(&RunRequest { plan: &plan, home, context: &context, results: None })
            .map_err(|error| error.to_string())
    }
}

/// Where a run's end is noted.
pub(super) fn exit_file(run_dir: &Path) -> PathBuf {
    tool::exit_file(&tool_dir(run_dir))
}

/// Where a run's files are; also where its tool starts.
pub(super) fn files_dir(run_dir: &Path) -> PathBuf {
    run_dir.join("files")
}

/// Directories of the tool that hold nothing that is read after its end.
pub(super) fn scratch_dirs(run_dir: &Path) -> [PathBuf; 2] {
    ["home", "tmp"].map(|name| tool_dir(run_dir).join(name))
}

fn tool_dir(run_dir: &Path) -> PathBuf {
    run_dir.join("tool")
}

fn find_jmeter(settings: &ToolSettings) -> Result<Option<JmeterHome>, String> {
    let dir = settings.dir.clone().or_else(|| default_dir(|name| std::env::var_os(name)));
    let dir = dir.ok_or("there is no home directory in which tools could be: set tools.dir")?;
    let found = match &settings.jmeter_home {
        Some(home) => use_home(&dir, home, &mut Silent).map(Some),
        // What is missing may be the plug-in of this very binary; that is made without a network.
        None if list(&dir).iter().any(|tool| tool.tool == JMETER) => {
            let options = InstallOptions { offline: true, ..InstallOptions::new(dir) };
            ensure(&options, &mut Silent).map(Some)
        }
        None => return Err(format!("none is installed in {}", dir.display())),
    };
    found.map_err(|error| error.to_string())
}

fn overrides(start: &StartFlood) -> Result<Load, String> {
    let small = |what: &str, n: u64| u32::try_from(n).map_err(|_| format!("{what} {n} is too large"));
    Ok(Load {
        users: Some(start.users),
        ramp_up_s: Some(small("ramp_up_s", start.ramp_up_s)?),
        duration_s: start.duration_s.map(|s| small("duration_s", s)).transpose()?,
        iterations: start.iterations.map(|n| small("iterations", n)).transpose()?,
        params: start.parameters.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
    })
}
