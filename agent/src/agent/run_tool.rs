//! The tools of this node, and how a command becomes a process that can be started.

use super::run_dir::{files_dir, tool_dir};
use crate::cage::Cage;
use crate::tool::install::{InstallOptions, Silent, default_dir};
use crate::tool::selenium::Packages;
use crate::tool::selenium::install::BrowserPaths;
use crate::tool::{Around, Home, Options, Plan, Prepared, RunContext, TraceOptions};
use crate::tool::{gatling, installed, jmeter, selenium};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunIdentity;
use gridnode_core::node::command::StartFlood;
use gridnode_launch::TraceKey;
use gridnode_launch::jmeter::Coordinate;
use gridnode_launch::{Load, ToolKind};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Largest heap of each user's JVM in a Java browser test, MiB.
const BROWSER_HEAP_MIB: u32 = 256;

/// What tools are run with.
#[derive(Debug, Clone)]
pub struct ToolSettings {
    /// Where tools are installed; `None` for the user's own place.
    pub dir: Option<PathBuf>,
    /// A JMeter to use as it is.
    pub jmeter_home: Option<PathBuf>,
    /// Plug-ins of JMeter that have to be installed.
    pub jmeter_plugins: Vec<Coordinate>,
    /// Whether packages that a browser test asks for may be installed.
    pub plan_packages: bool,
    /// Largest heap of a tool's JVM, MiB.
    pub heap_mib: u32,
    /// Further options for it.
    pub jvm_options: Vec<String>,
    /// Where browser and driver are, unless on the path.
    pub browser: BrowserPaths,
    /// The node's number in its grid, from 0.
    pub node_index: u32,
    /// The grid's number in a flood, from 0.
    pub grid_index: u32,
    /// Which error traces are taken.
    pub traces: TraceOptions,
}

/// Parameters of a command that are for the agent: they say how the plan is started, and the plan does not see them.
const CLASS: &str = "gridnode.class";
const KEEP_PROFILE: &str = "gridnode.keep_profile";

/// See the module's head.
#[derive(Debug)]
pub(super) struct InstalledTools {
    settings: ToolSettings,
    /// Of several versions of a tool the preferred one comes first.
    homes: Vec<Home>,
    dir: PathBuf,
}

/// Which run, where.
pub(super) struct Job<'a> {
    pub(super) start: &'a StartFlood,
    pub(super) identity: &'a RunIdentity,
    pub(super) node: &'a Ident,
    pub(super) sump: SocketAddr,
    /// Its directory.
    pub(super) dir: &'a Path,
    pub(super) cage: &'a Cage,
    /// By which its values are hidden.
    pub(super) trace_key: TraceKey,
    /// Whether nobody wants it any more.
    pub(super) is_cancelled: &'a dyn Fn() -> bool,
}

impl InstalledTools {
    /// Looks for what is installed. Blocks, for seconds when a plug-in has to be compiled for a JMeter of the
    /// operator's own. A node without tools is a node all the same: it refuses what it cannot run.
    pub(super) fn find(settings: ToolSettings) -> Self {
        let dir = settings.dir.clone().or_else(|| default_dir(|name| std::env::var_os(name)));
        let Some(dir) = dir else {
            tracing::error!("there is no home directory in which tools could be: set tools.dir");
            return Self { settings, homes: Vec::new(), dir: PathBuf::from("~") };
        };
        let mut found = vec![find_jmeter(&settings, &dir)];
        found.extend(find_gatling(&dir));
        found.push(find_selenium(&settings, &dir));
        let mut homes = Vec::new();
        for found in found {
            match found {
                Ok(home) => homes.extend(home),
                Err(why) => tracing::error!("a tool of this node cannot be used: {why}"),
            }
        }
        for home in &homes {
            tracing::info!(home = %home.dir().display(), version = home.version(), "{}", home.kind().title());
        }
        let found = Self { settings, homes, dir };
        if let Some(why) = found.missing() {
            tracing::error!("{why}");
        }
        found
    }

    /// Why no run can be taken at all, where there is no tool.
    pub(super) fn missing(&self) -> Option<String> {
        let dir = self.dir.display();
        self.homes.is_empty().then(|| {
            format!(
                "no tool is installed in {dir}: run `gridnode tools install jmeter --tools-dir {dir}` as the owner of {dir}, then restart \
                 the agent; until then every start is refused"
            )
        })
    }

    /// The tools that commands may ask for.
    pub(super) fn names(&self) -> Vec<Ident> {
        let mut names: Vec<Ident> = self.homes.iter().map(|home| Ident::near(home.kind().as_str())).collect();
        names.dedup();
        names
    }

    /// The tool that a command asks for.
    fn home(&self, start: &StartFlood) -> Result<&Home, String> {
        let homes: Vec<&Home> =
            self.homes.iter().filter(|home| home.kind().as_str() == start.tool.as_str()).collect();
        let Some(preferred) = homes.first() else {
            return Err(format!("the tool `{}` is not installed on this node", start.tool));
        };
        let Some(wanted) = &start.tool_version else { return Ok(preferred) };
        // A home of the operator's own does not say its version, and is what it is.
        let fits = |home: &&&Home| home.version().is_none_or(|version| version == wanted.as_str());
        homes.iter().find(fits).copied().ok_or_else(|| {
            let there: Vec<&str> = homes.iter().filter_map(|home| home.version()).collect();
            let (title, there) = (preferred.kind().title(), there.join(", "));
            format!("{title} {wanted} is asked for, and this node has {there}")
        })
    }

    /// Makes a tool ready to start. Blocks. The error is a sentence.
    pub(super) fn prepare(&self, job: &Job<'_>) -> Result<Prepared, String> {
        let start = job.start;
        let home = self.home(start)?;
        let Asked { load, class, keep_profile } = asked(start)?;
        let files = files_dir(job.dir);
        let plan = files.join(start.plan.as_str());
        let plan = Plan::check(home.kind(), &plan, &load, class.as_deref(), Around::Sent, &files)?;
        for change in plan.changes() {
            tracing::debug!(flood = %start.id, run = start.run, "{change}");
        }
        let context = RunContext {
            identity: job.identity,
            node: job.node,
            sump: job.sump,
            dir: &tool_dir(job.dir),
            heap_mib: match home.kind() {
                ToolKind::Selenium => BROWSER_HEAP_MIB,
                ToolKind::Jmeter | ToolKind::Gatling => self.settings.heap_mib,
            },
            jvm_options: self.settings.jvm_options.clone(),
            cage: job.cage.clone(),
            grid_index: self.settings.grid_index,
            node_index: self.settings.node_index,
            traces: TraceOptions { key: Some(job.trace_key.clone()), ..self.settings.traces.clone() },
        };
        let browser = self.settings.browser.clone();
        let plugins = self.settings.jmeter_plugins.clone();
        let packages = if self.settings.plan_packages { Packages::Install } else { Packages::Refuse };
        let options = Options { results: None, plugins, browser, keep_profile, packages };
        plan.prepare(home, &context, &options, job.is_cancelled)
    }
}

fn offline(dir: &Path, version: &str) -> InstallOptions {
    InstallOptions { offline: true, ..InstallOptions::new(dir, version) }
}

fn find_jmeter(settings: &ToolSettings, dir: &Path) -> Result<Option<Home>, String> {
    let found = match &settings.jmeter_home {
        Some(home) => jmeter::install::use_home(dir, home, &mut Silent),
        // What is missing may be the plug-in of this very binary; that is made without a network.
        None if is_there(dir, ToolKind::Jmeter) => {
            let options = offline(dir, jmeter::install::VERSION_DEFAULT);
            return jmeter::install::ensure(&options, &mut Silent).map(|home| Some(Home::Jmeter(home))).map_err(|error| {
                let dir = dir.display();
                format!(
                    "{error}; where it lacks jars of this version of gridnode, `gridnode tools install jmeter --tools-dir {dir}` \
                     adds them"
                )
            });
        }
        None => return Ok(None),
    };
    found.map(|home| Some(Home::Jmeter(home))).map_err(|error| error.to_string())
}

/// All that are installed, newest first.
fn find_gatling(dir: &Path) -> Vec<Result<Option<Home>, String>> {
    let installed = installed(dir).into_iter().filter(|tool| tool.tool == ToolKind::Gatling.as_str());
    let homes = installed.map(|tool| {
        gatling::install::ensure(&offline(dir, &tool.version), &mut Silent)
            .map(|home| Some(Home::Gatling(home)))
    });
    homes.map(|home| home.map_err(|error| error.to_string())).collect()
}

fn find_selenium(settings: &ToolSettings, dir: &Path) -> Result<Option<Home>, String> {
    if !is_there(dir, ToolKind::Selenium) {
        return Ok(None);
    }
    let options = offline(dir, selenium::install::VERSION_DEFAULT);
    let found = selenium::install::ensure(&options, &settings.browser, &mut Silent);
    found.map(|home| Some(Home::Selenium(home))).map_err(|error| error.to_string())
}

fn is_there(dir: &Path, kind: ToolKind) -> bool {
    installed(dir).iter().any(|tool| tool.tool == kind.as_str())
}

/// What a command asks of a tool.
#[derive(Debug)]
struct Asked {
    load: Load,
    class: Option<String>,
    keep_profile: bool,
}

fn asked(start: &StartFlood) -> Result<Asked, String> {
    let small = |what: &str, n: u64| u32::try_from(n).map_err(|_| format!("{what} {n} is too large"));
    let mut params = start.parameters.clone();
    let class = params.remove(CLASS);
    let keep_profile = match params.remove(KEEP_PROFILE).as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(format!("the parameter `{KEEP_PROFILE}` is neither `true` nor `false`")),
    };
    let load = Load {
        users: start.users,
        ramp_up_s: start.ramp_up_s.map(|s| small("ramp_up_s", s)).transpose()?,
        duration_s: start.duration_s.map(|s| small("duration_s", s)).transpose()?,
        iterations: start.iterations.map(|n| small("iterations", n)).transpose()?,
        params: params.into_iter().collect(),
    };
    Ok(Asked { load, class, keep_profile })
}

#[cfg(test)]
mod tests;
