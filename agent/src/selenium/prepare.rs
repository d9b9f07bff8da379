//! From a checked plan to a process that can be started: browser, memory, compilation, directories, options file.

use super::build::{self, BuildError};
use super::plan::{CheckedPlan, PlanKind};
use crate::host::available_memory_bytes;
use crate::supervise::{GRACE_MS_DEFAULT, ToolSpec};
use crate::tools::selenium::{Browser, BrowserError, BrowserPaths, SeleniumHome, sandbox_works};
use gridnode_core::launch::Environment;
use gridnode_core::launch::selenium::command::CommandError;
use gridnode_core::launch::selenium::{
    Fits, JavaOptions, Need, Options, Profile, SeleniumLaunch, fits, memory,
};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Bounds of the runner's outputs, a stream.
const LOG_BYTES_MAX: u64 = 16 << 20;
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
    /// The run's own directory, absolute; made if absent.
    pub dir: &'a Path,
    /// What becomes of profiles between iterations.
    pub profile: Profile,
    /// Largest heap of each user's JVM in a Java plan, MiB.
    pub heap_mib: u32,
    /// Marks every process of the run; unique on this machine.
    pub marker: String,
    /// The run's environment; its `home` and `trace_dir` are those of [`RunFiles`].
    pub environment: Environment,
}

/// Where a run's files are.
#[derive(Debug, Clone)]
pub struct RunFiles {
    /// The runner's standard output.
    pub stdout: PathBuf,
    /// Its standard error.
    pub stderr: PathBuf,
    /// Pictures of failures.
    pub screenshots: PathBuf,
    /// Profiles and other things that go away with the run.
    pub temporary: PathBuf,
    /// Everything the runner is told.
    pub options: PathBuf,
    /// How it ended.
    pub exit: PathBuf,
    home: PathBuf,
    traces: PathBuf,
}

/// A run that can be started.
#[derive(Debug)]
pub struct Prepared {
    /// The process.
    pub spec: ToolSpec,
    /// Its files.
    pub files: RunFiles,
    /// The browser.
    pub browser: Browser,
    /// What a person should know, a sentence each.
    pub warnings: Vec<String>,
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

impl RunFiles {
    /// The files of a run in `dir`.
    #[must_use]
    pub fn below(dir: &Path) -> Self {
        Self {
            stdout: dir.join("stdout.log"),
            stderr: dir.join("stderr.log"),
            screenshots: dir.join("screenshots"),
            temporary: dir.join("tmp"),
            options: dir.join("options.json"),
            exit: dir.join("exit.json"),
            home: dir.join("home"),
            traces: dir.join("traces"),
        }
    }

    fn make(&self) -> Result<(), PrepareError> {
        for dir in [&self.screenshots, &self.temporary, &self.home, &self.traces] {
            fs::create_dir_all(dir).map_err(write_error(dir))?;
        }
        Ok(())
    }
}

/// Checks memory and browser, compiles, writes what the runner reads and makes the process. Blocks, for seconds.
///
/// # Errors
/// With a sentence that says what is wrong, where, and what to do; a compiler's words as it said them.
pub fn prepare(request: &RunRequest<'_>, is_cancelled: &dyn Fn() -> bool) -> Result<Prepared, PrepareError> {
    let RunRequest { plan, home, .. } = request;
    let files = RunFiles::below(request.dir);
    files.make()?;
    let heap_mib = matches!(plan.kind, PlanKind::Java { .. }).then_some(request.heap_mib);
    let warnings = check_memory(available_memory_bytes(), users_of(plan), heap_mib)?;
    let browser = Browser::find(request.browser, &files.temporary)?;
    let class_path = build::build(plan, home, &files.temporary, is_cancelled)?;
    let java = match (&plan.kind, class_path) {
        (PlanKind::Java { main_class, .. }, Some(class_path)) => Some(JavaOptions {
            java: home.java.clone(),
            class_path: class_path.to_string_lossy().into_owned(),
            main_class: main_class.clone(),
            heap_mib: request.heap_mib,
        }),
        _ => None,
    };
    let options = options(request, &files, &browser, java);
    write_private(&files.options, &options.to_json()?)?;
    let environment = Environment {
        home: files.home.clone(),
        trace_dir: files.traces.clone(),
        ..request.environment.clone()
    };
    let launch = SeleniumLaunch {
        python: home.python.clone(),
        runner: home.runner.clone(),
        options: files.options.clone(),
        working_dir: plan.directory.clone(),
        temporary_dir: files.temporary.clone(),
        screenshots_dir: files.screenshots.clone(),
        environment,
    };
    Ok(Prepared { spec: tool_spec(launch, &files, request.marker.clone())?, files, browser, warnings })
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
    files: &RunFiles,
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
        screenshots_dir: files.screenshots.clone(),
        temporary_dir: files.temporary.clone(),
        headless: true,
        page_load_timeout_s: PAGE_LOAD_TIMEOUT_S,
        sandbox: sandbox_works(),
        java,
    }
}

fn tool_spec(launch: SeleniumLaunch, files: &RunFiles, marker: String) -> Result<ToolSpec, PrepareError> {
    let command = launch.spec()?;
    Ok(ToolSpec {
        program: command.program,
        args: command.args,
        env: command.env.into_iter().map(|(name, value)| (name.into(), value)).collect(),
        working_dir: command.working_dir,
        stdout_log: files.stdout.clone(),
        stderr_log: files.stderr.clone(),
        log_bytes_max: LOG_BYTES_MAX,
        exit_file: files.exit.clone(),
        marker,
        grace_ms: GRACE_MS_DEFAULT,
        limits: Vec::new(),
        use_cgroup: true,
    })
}

/// For its owner only: parameters may be secret.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), PrepareError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(write_error(path)(source)),
        _ => {}
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(bytes)).map_err(write_error(path))
}

fn write_error(path: &Path) -> impl FnOnce(io::Error) -> PrepareError {
    let path = path.to_owned();
    move |source| PrepareError::Write { path, source }
}
