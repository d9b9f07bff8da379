//! From a user's plan to a process that can be started: checks, overrides, the spliced copy, directories.

use super::ToolFiles;
use crate::supervise::{GRACE_MS_DEFAULT, ToolSpec};
use crate::tools::jmeter::{JmeterHome, listener_element};
use gridnode_core::ids::Ident;
use gridnode_core::launch::Environment;
use gridnode_core::launch::jmeter::command::{CommandError, JmeterLaunch};
use gridnode_core::launch::jmeter::overrides::OverrideError;
use gridnode_core::launch::jmeter::{
    Overridden, Overrides, PLAN_BYTES_MAX, PlanError, apply, inspect, splice,
};
use gridnode_core::run::RunIdentity;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Bounds of JMeter's own outputs, a stream.
const LOG_BYTES_MAX: u64 = 16 << 20;
/// UDP ports on which a JMeter may listen for its stop: JMeter's own default and a hundred more for neighbours.
const SHUTDOWN_PORTS: (u16, u16) = (4_445, 4_555);
/// Error traces a label, code and window: the contract's default.
const TRACES_PER_LABEL: u32 = 5;

/// A plan that was found fit to run, with the changes asked for.
#[derive(Debug)]
pub struct CheckedPlan {
    /// The user's file; it is only read.
    path: PathBuf,
    /// Its directory, links resolved: where its relative paths start.
    directory: PathBuf,
    overridden: Overridden,
    duration_s: Option<u32>,
    iterations: Option<u32>,
}

/// What is to be run.
#[derive(Debug)]
pub struct RunRequest<'a> {
    /// The plan.
    pub plan: &'a CheckedPlan,
    /// The JMeter to run it with.
    pub home: &'a JmeterHome,
    /// The run.
    pub identity: &'a RunIdentity,
    /// This node.
    pub node: &'a Ident,
    /// Where the plug-in sends to.
    pub sump: SocketAddr,
    /// The run's own directory, absolute; made if absent.
    pub dir: &'a Path,
    /// JMeter's own result file, if one is wanted; absolute.
    pub results: Option<PathBuf>,
    /// Largest heap, MiB.
    pub heap_mib: u32,
    /// More options for the JVM.
    pub jvm_options: Vec<String>,
    /// Marks every process of the run; unique on this machine.
    pub marker: String,
    /// Which of the flood's grids this node's is, from 0.
    pub grid_index: u32,
    /// Which of the grid's nodes this is, from 0.
    pub node_index: u32,
}

/// A run that can be started.
#[derive(Debug)]
pub struct Prepared {
    /// The process.
    pub spec: ToolSpec,
    /// Its files.
    pub files: ToolFiles,
}

impl CheckedPlan {
    /// What was changed in the plan, a sentence each.
    #[must_use]
    pub fn changes(&self) -> &[String] {
        &self.overridden.changes
    }
}

/// Why a plan cannot be run.
#[derive(Debug, Error)]
pub enum PrepareError {
    /// Cannot be read.
    #[error("failed to read the plan {}: {source}", path.display())]
    Unreadable {
        /// The plan.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Is no file, or too large a one.
    #[error("failed to read the plan {}: {why}", path.display())]
    NotAPlanFile {
        /// The plan.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Is not a JMeter plan.
    #[error("{}: {source}", path.display())]
    Plan {
        /// The plan.
        path: PathBuf,
        /// Where and why.
        source: PlanError,
    },
    /// Would do nothing, or lacks a file.
    #[error("{}: {why}", path.display())]
    CannotWork {
        /// The plan.
        path: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// Its load cannot be changed as asked.
    #[error("{}: {source}", path.display())]
    Override {
        /// The plan.
        path: PathBuf,
        /// Why.
        source: OverrideError,
    },
    /// The command line cannot be made.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A file of the run cannot be written.
    #[error("failed to write {}: {source}", path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Checks everything about a plan that can be checked before there is a JMeter, and applies the changes asked for.
///
/// # Errors
/// With a sentence that says what is wrong, where, and what to do.
pub fn check(path: &Path, overrides: &Overrides) -> Result<CheckedPlan, PrepareError> {
    let plan = read_plan(path)?;
    let directory = plan_directory(path)?;
    let path = path.to_owned();
    let facts = inspect(&plan).map_err(|source| PrepareError::Plan { path: path.clone(), source })?;
    facts.check_runnable().map_err(|why| PrepareError::CannotWork { path: path.clone(), why })?;
    for (file, name) in facts.known_files(&overrides.params) {
        if !directory.join(name).is_file() {
            let why = file.missing(name, &directory.display().to_string());
            return Err(PrepareError::CannotWork { path, why });
        }
    }
    let overridden = apply(&plan, overrides);
    let mut overridden =
        overridden.map_err(|source| PrepareError::Override { path: path.clone(), source })?;
    overridden.changes.extend(unmentioned(&plan, &overrides.params));
    let (duration_s, iterations) = (overrides.duration_s, overrides.iterations);
    Ok(CheckedPlan { path, directory, overridden, duration_s, iterations })
}

/// A sentence for each parameter whose name is nowhere in the plan: most often it is misspelt, but JMeter itself, or a
/// file that the plan includes, may use it.
fn unmentioned(plan: &[u8], params: &[(String, String)]) -> Vec<String> {
    let text = String::from_utf8_lossy(plan);
    let unknown = params.iter().filter(|(name, _)| !text.contains(name.as_str()));
    unknown.map(|(name, _)| format!("note: the plan itself does not mention the property `{name}`")).collect()
}

/// Writes the plan that runs to the run's directory and makes the process.
///
/// # Errors
/// With a sentence that says what is wrong, where, and what to do.
pub fn prepare(request: &RunRequest<'_>) -> Result<Prepared, PrepareError> {
    let CheckedPlan { path, directory, overridden, .. } = request.plan;
    // The element comes with its empty tree, which splicing adds by itself.
    let element = listener_element().trim_end_matches("<hashTree/>");
    let spliced = splice(&overridden.plan, element)
        .map_err(|source| PrepareError::Plan { path: path.clone(), source })?;
    let dirs = Directories::make(request.dir)?;
    let name = path.file_name().map_or_else(|| "plan.jmx".into(), PathBuf::from);
    let plan_to_run = dirs.plan.join(name);
    write(&plan_to_run, &spliced)?;
    let files = dirs.files();
    let launch = JmeterLaunch {
        java: request.home.java.clone(),
        home: request.home.home.clone(),
        launcher: request.home.java_args(),
        plan: plan_to_run,
        log: files.log.clone(),
        results: request.results.clone(),
        search_paths: Vec::new(),
        working_dir: directory.clone(),
        temporary_dir: dirs.temporary.clone(),
        heap_mib: request.heap_mib,
        jvm_options: request.jvm_options.clone(),
        shutdown_port_min: SHUTDOWN_PORTS.0,
        shutdown_port_max: SHUTDOWN_PORTS.1,
        properties: overridden.properties.clone(),
        environment: environment(request, &dirs),
    };
    Ok(Prepared { spec: tool_spec(&launch, &dirs, request)?, files })
}

/// Where a run's end is noted, below its directory.
#[must_use]
pub fn exit_file(run_dir: &Path) -> PathBuf {
    run_dir.join("exit.json")
}

fn read_plan(path: &Path) -> Result<Vec<u8>, PrepareError> {
    let unreadable = |source| PrepareError::Unreadable { path: path.to_owned(), source };
    let refuse = |why: String| Err(PrepareError::NotAPlanFile { path: path.to_owned(), why });
    let meta = fs::metadata(path).map_err(unreadable)?;
    if !meta.is_file() {
        return refuse("it is not a file; name the .jmx file itself".to_owned());
    }
    if meta.len() > PLAN_BYTES_MAX as u64 {
        return refuse(format!("it is larger than {} MiB", PLAN_BYTES_MAX >> 20));
    }
    fs::read(path).map_err(unreadable)
}

/// Where the plan's relative paths start: its own directory, links resolved.
fn plan_directory(path: &Path) -> Result<PathBuf, PrepareError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::canonicalize(parent).map_err(|source| PrepareError::Unreadable { path: path.to_owned(), source })
}

struct Directories {
    run: PathBuf,
    plan: PathBuf,
    home: PathBuf,
    temporary: PathBuf,
    traces: PathBuf,
}

impl Directories {
    fn make(run: &Path) -> Result<Self, PrepareError> {
        let dirs = Self {
            run: run.to_owned(),
            plan: run.join("plan"),
            home: run.join("home"),
            temporary: run.join("tmp"),
            traces: run.join("traces"),
        };
        for dir in [&dirs.run, &dirs.plan, &dirs.home, &dirs.temporary, &dirs.traces] {
            fs::create_dir_all(dir).map_err(|source| PrepareError::Write { path: dir.clone(), source })?;
        }
        Ok(dirs)
    }

    fn files(&self) -> ToolFiles {
        ToolFiles {
            log: self.run.join("jmeter.log"),
            stdout: self.run.join("stdout.log"),
            stderr: self.run.join("stderr.log"),
            final_dir: self.traces.clone(),
        }
    }
}

fn environment(request: &RunRequest<'_>, dirs: &Directories) -> Environment {
    let identity = request.identity;
    // Published clients need a value; on a laptop there is none of these.
    let local = |ident: &Option<Ident>| ident.clone().unwrap_or_else(|| Ident::near("0"));
    Environment {
        path: "/usr/local/bin:/usr/bin:/bin".into(),
        tz: std::env::var("TZ").unwrap_or_else(|_| "UTC".to_owned()),
        home: dirs.home.clone(),
        sump: request.sump,
        flood: identity.flood.clone(),
        account: local(&identity.account),
        project: local(&identity.project),
        grid: local(&identity.grid),
        region: local(&identity.region),
        node: request.node.clone(),
        grid_index: request.grid_index,
        node_index: request.node_index,
        run: identity.run,
        files_dir: request.plan.directory.clone(),
        duration_s: request.plan.duration_s,
        iterations: request.plan.iterations,
        webdriver: None,
        trace_dir: dirs.traces.clone(),
        traces_per_label: TRACES_PER_LABEL,
    }
}

fn tool_spec(
    launch: &JmeterLaunch,
    dirs: &Directories,
    request: &RunRequest<'_>,
) -> Result<ToolSpec, PrepareError> {
    let command = launch.spec()?;
    let files = dirs.files();
    Ok(ToolSpec {
        program: command.program,
        args: command.args,
        env: command.env.into_iter().map(|(name, value)| (name.into(), value)).collect(),
        working_dir: command.working_dir,
        stdout_log: files.stdout,
        stderr_log: files.stderr,
        log_bytes_max: LOG_BYTES_MAX,
        exit_file: exit_file(&dirs.run),
        marker: request.marker.clone(),
        grace_ms: GRACE_MS_DEFAULT,
        limits: Vec::new(),
        use_cgroup: true,
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), PrepareError> {
    fs::write(path, bytes).map_err(|source| PrepareError::Write { path: path.to_owned(), source })
}
