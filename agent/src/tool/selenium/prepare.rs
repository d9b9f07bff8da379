//! From a checked plan to a process that can be started: browser, memory, compilation, directories, options file.

use super::build::{self, Compiled};
use super::packages::{self, Packages, PackagesError};
use super::plan::{CheckedPlan, PlanKind};
use crate::base::real_name;
use crate::cage::foreign_file::write_private;
use crate::host::available_memory_bytes;
use crate::tool::classes;
use crate::tool::context::{RunContext, environment, tool_spec};
use crate::tool::directories::Directories;
use crate::tool::files::ToolFiles;
use crate::tool::plan_build::{BuildError, PlanBuild};
use crate::tool::plan_error::PlanError;
use crate::tool::prepared::Prepared;
use crate::tool::selenium::install::{Browser, BrowserError, BrowserPaths, SeleniumHome, sandbox_works};
use gridnode_launch::selenium::command::CommandError;
use gridnode_launch::selenium::{
    Fits, JavaOptions, Need, Options, Profile, SeleniumLaunch, fits, main_class, memory,
};
use gridnode_launch::{Length, ToolKind};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Longest wait for a page, s: the default of WebDriver itself is 300.
const PAGE_LOAD_TIMEOUT_S: u32 = 60;

/// What is to be run.
#[derive(Debug)]
pub struct RunRequest<'a> {
    /// The plan.
    pub plan: &'a CheckedPlan,
    /// The Selenium to run it with.
    pub home: &'a SeleniumHome,
    /// Where browser and driver are, unless on the path.
    pub browser: &'a BrowserPaths,
    /// The run. Its heap is that of each user's JVM in a Java plan.
    pub context: &'a RunContext<'a>,
    /// What becomes of profiles between iterations.
    pub profile: Profile,
    /// Whether packages that it asks for may be installed.
    pub packages: Packages,
}

/// Why a plan cannot be run.
#[derive(Debug, Error)]
pub enum PrepareError {
    /// There is no browser, or none that works.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// So many browsers do not fit.
    #[error("not enough memory: {0}")]
    Memory(memory::Memory),
    /// It does not compile.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Its packages are not there.
    #[error(transparent)]
    Packages(#[from] PackagesError),
    /// No class of it can be started, or several; its classes cannot be read.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The command line cannot be made.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A path that cannot be told to the runner.
    #[error("failed to write the options file: a path is not UTF-8 ({0})")]
    Options(#[from] serde_json::Error),
    /// A file of the run cannot be written.
    #[error("failed to write {}: {source}", path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Checks memory and browser, compiles, writes what the runner reads and makes the process. Blocks, for seconds.
///
/// # Errors
/// With a sentence that says what is wrong, where, and what to do; a compiler's words as it said them.
pub fn prepare(request: &RunRequest<'_>, is_cancelled: &dyn Fn() -> bool) -> Result<Prepared, PrepareError> {
    let RunRequest { plan, home, context, .. } = request;
    let dirs =
        Directories::make(context.dir).map_err(|(path, source)| PrepareError::Write { path, source })?;
    // Where traces are taken, pictures are in them.
    if !context.traces.are_taken {
        let screenshots_dir = dirs.run.join("screenshots");
        fs::create_dir_all(&screenshots_dir).map_err(write_error(&screenshots_dir))?;
    }
    let heap_mib = matches!(plan.kind, PlanKind::Java { .. }).then_some(context.heap_mib);
    let mut warnings = check_memory(available_memory_bytes(), users_of(plan), heap_mib)?;
    let browser = Browser::find(request.browser, &dirs.temporary)?;
    let steps = PlanBuild {
        plan: &plan.path,
        working_dir: &plan.directory,
        dir: &dirs.plan,
        cage: &context.cage,
        is_cancelled,
    };
    let compiled = build::build(plan, home, &steps)?;
    let java = compiled.map(|compiled| java(request, compiled)).transpose()?;
    let python = packages::python(plan, home, request.packages, &dirs, &context.cage, is_cancelled)?;
    warnings.extend(Length::of(&plan.load).warnings);
    Ok(Prepared { warnings, ..launchable(request, &dirs, &browser, Started { java, python })? })
}

/// What a plan is started with, beside what all are.
#[derive(Debug, Default)]
pub(super) struct Started {
    /// A Java plan's JVM.
    pub java: Option<JavaOptions>,
    /// The Python of a plan that has packages of its own.
    pub python: Option<PathBuf>,
}

/// How a Java plan is started.
fn java(request: &RunRequest<'_>, compiled: Compiled) -> Result<JavaOptions, PrepareError> {
    let plan = request.plan;
    let classes = classes::of_directory(&compiled.classes)?;
    let main_class = main_class::choose(&classes, plan.class.as_deref(), plan.likely.as_deref())
        .map_err(|why| PlanError::NotAPlan { path: plan.path.clone(), why })?;
    Ok(JavaOptions {
        java: request.home.java.clone(),
        class_path: compiled.class_path.to_string_lossy().into_owned(),
        main_class,
        heap_mib: request.context.heap_mib,
    })
}

/// The process, once the plan is built.
pub(super) fn launchable(
    request: &RunRequest<'_>,
    dirs: &Directories,
    browser: &Browser,
    started: Started,
) -> Result<Prepared, PrepareError> {
    let RunRequest { plan, home, context, .. } = request;
    let options = options(request, dirs, browser, started.java);
    // A compiler has run by now, and what it was given is a customer's.
    let own = dirs.make_unforeseen().map_err(|(path, source)| PrepareError::Write { path, source })?;
    let options_file = own.join("options.json");
    write_private(&options_file, &options.to_json()?).map_err(write_error(&options_file))?;
    let launch = SeleniumLaunch {
        python: started.python.unwrap_or_else(|| home.python.clone()),
        runner: home.runner.clone(),
        options: options_file.clone(),
        working_dir: plan.directory.clone(),
        temporary_dir: dirs.temporary.clone(),
        screenshots_dir: dirs.run.join("screenshots"),
        environment: environment(context, dirs, &plan.directory, &plan.load),
    };
    let files = ToolFiles::new(ToolKind::Selenium, dirs, options_file);
    let spec = tool_spec(launch.spec()?, context, &files);
    Ok(Prepared { spec, files, stop_file: dirs.stop_file(), warnings: Vec::new(), changes: Vec::new() })
}

fn users_of(plan: &CheckedPlan) -> u32 {
    plan.load.users.unwrap_or(1)
}

/// Refuses what does not fit; where nothing is known of the memory, nothing is refused.
pub(super) fn check_memory(
    available_bytes: Option<u64>,
    users: u32,
    heap_mib: Option<u32>,
) -> Result<Vec<String>, PrepareError> {
    let Some(available_bytes) = available_bytes else { return Ok(Vec::new()) };
    match fits(available_bytes, Need { users, heap_mib }) {
        Fits::Well => Ok(Vec::new()),
        Fits::Tightly(memory) => Ok(vec![format!("memory is tight: {memory}")]),
        Fits::No(memory) => Err(PrepareError::Memory(memory)),
    }
}

fn options(
    request: &RunRequest<'_>,
    dirs: &Directories,
    browser: &Browser,
    java: Option<JavaOptions>,
) -> Options {
    let plan = request.plan;
    let load = &plan.load;
    // A Python plan without an end of its own runs once; a Java plan has its own loop.
    let endless = load.duration_s.is_none() && load.iterations.is_none() && java.is_none();
    Options {
        plan: plan.path.clone(),
        users: users_of(plan),
        ramp_up_s: load.ramp_up_s.unwrap_or(0),
        duration_s: load.duration_s,
        iterations: if endless { Some(1) } else { load.iterations },
        params: load.params.iter().cloned().collect(),
        chromium: browser.chromium.clone(),
        chromedriver: browser.chromedriver.clone(),
        profile: request.profile,
        screenshots_dir: dirs.run.join("screenshots"),
        temporary_dir: real_name::resolved(&dirs.temporary).unwrap_or_else(|_| dirs.temporary.clone()),
        headless: true,
        page_load_timeout_s: PAGE_LOAD_TIMEOUT_S,
        sandbox: sandbox_works(),
        java,
    }
}

fn write_error(path: &Path) -> impl FnOnce(io::Error) -> PrepareError {
    let path = path.to_owned();
    move |source| PrepareError::Write { path, source }
}
