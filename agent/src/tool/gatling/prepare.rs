//! From a checked plan to a process that can be started: compilation, choice of the simulation, directories, files.

use super::build;
use super::jars;
use super::plan::{CheckedPlan, PlanKind};
use super::sources::text;
use crate::cage::foreign_file::write_private;
use crate::tool::classes;
use crate::tool::context::{RunContext, environment, tool_spec};
use crate::tool::directories::Directories;
use crate::tool::files::ToolFiles;
use crate::tool::gatling::install::GatlingHome;
use crate::tool::plan_build::{BuildError, PlanBuild};
use crate::tool::plan_error::PlanError;
use crate::tool::prepared::Prepared;
use gridnode_launch::gatling::command::{CommandError, LOG_FILE, LOGBACK_XML};
use gridnode_launch::gatling::old_el;
use gridnode_launch::gatling::{Choice, GatlingLaunch, choose};
use gridnode_launch::{Length, Load, Planned, ToolKind};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What is to be run.
#[derive(Debug)]
pub struct RunRequest<'a> {
    /// The plan.
    pub plan: &'a CheckedPlan,
    /// The Gatling to run it with.
    pub home: &'a GatlingHome,
    /// The run.
    pub context: &'a RunContext<'a>,
}

/// Why a plan cannot be run.
#[derive(Debug, Error)]
pub enum PrepareError {
    /// It does not compile.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// There is no simulation in it, or several; its classes cannot be read.
    #[error(transparent)]
    Plan(#[from] PlanError),
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

/// Compiles, finds the simulation, writes what the JVM reads and makes the process. Blocks, for seconds, within a runtime.
///
/// # Errors
/// With a sentence that says what is wrong, where, and what to do; a compiler's words as it said them.
pub fn prepare(request: &RunRequest<'_>, is_cancelled: &dyn Fn() -> bool) -> Result<Prepared, PrepareError> {
    let RunRequest { plan, home, context } = request;
    let failed = |(path, source)| PrepareError::Write { path, source };
    let dirs = Directories::make(context.dir).map_err(failed)?;
    let steps = PlanBuild {
        plan: &plan.path,
        working_dir: &plan.directory,
        dir: &dirs.plan,
        cage: &context.cage,
        is_cancelled,
    };
    // Macros of the plan's may run in the compiler: what can be written is written before.
    let (conf_dir, results) = (dirs.plan.join("conf"), dirs.run.join("results"));
    for dir in [&conf_dir, &results] {
        fs::create_dir_all(dir).map_err(|source| failed((dir.clone(), source)))?;
    }
    write(&conf_dir.join("logback.xml"), LOGBACK_XML.as_bytes())?;
    let classes = build::build(plan, home, &steps)?;
    let choice = simulation(plan, classes.as_deref())?;
    let mut class_path = plan.beside.clone();
    if matches!(plan.kind, PlanKind::Jar { .. }) {
        class_path.insert(0, plan.path.clone());
    }
    let launch = GatlingLaunch {
        java: home.java.clone(),
        lib: home.lib(),
        plugin_jar: home.plugin_jar.clone(),
        conf_dir,
        classes,
        class_path,
        simulation: choice.class.clone(),
        log: dirs.run.join(LOG_FILE),
        results,
        arguments_file: dirs.make_unforeseen().map_err(failed)?.join("java.args"),
        working_dir: plan.directory.clone(),
        temporary_dir: dirs.temporary.clone(),
        heap_mib: context.heap_mib,
        jvm_options: context.jvm_options.clone(),
        load: plan.load.clone(),
        environment: environment(context, &dirs, &plan.directory, &plan.load),
    };
    let spec = launch.spec()?;
    write(&launch.arguments_file, &launch.arguments())?;
    let load = effective(&plan.load, &choice);
    let length = Length::of(&load);
    let ignored = ignored(plan, &choice);
    let mut planned = Planned::of(&load, &length);
    // Said again after the run: its numbers are of another load than was asked for.
    planned.doubts.extend(ignored.iter().cloned());
    let old = old_expressions(plan, &home.version);
    planned.doubts.extend(old.iter().filter(|(_, is_sure)| *is_sure).map(|(said, _)| said.clone()));
    let files = ToolFiles { planned, ..ToolFiles::new(ToolKind::Gatling, &dirs, launch.arguments_file) };
    let spec = tool_spec(spec, context, &files);
    let mut warnings = ignored;
    warnings.extend(old.map(|(said, _)| said));
    warnings.extend(own_logging(launch.classes.iter().chain(&launch.class_path)));
    warnings.extend(length.warnings);
    Ok(Prepared { spec, files, stop_file: dirs.stop_file(), warnings, changes: Vec::new() })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), PrepareError> {
    write_private(path, bytes).map_err(|source| PrepareError::Write { path: path.to_owned(), source })
}

fn simulation(plan: &CheckedPlan, compiled: Option<&Path>) -> Result<Choice, PrepareError> {
    let own = match (&plan.kind, compiled) {
        (PlanKind::Jar { classes, .. }, _) => classes.clone(),
        (PlanKind::Sources { .. }, Some(dir)) => classes::of_directory(dir)?,
        (PlanKind::Sources { .. }, None) => Vec::new(),
    };
    let others = jars::parents_in(&plan.beside, &own)?;
    choose(&own, &others, plan.class.as_deref(), plan.likely.as_deref())
        .map_err(|why| PlanError::NotAPlan { path: plan.path.clone(), why }.into())
}

/// A project's configuration of Logback: what Gatling logs is read, too, and that could hide it.
fn own_logging<'p>(mut class_path: impl Iterator<Item = &'p PathBuf>) -> Option<String> {
    const NAMES: [&str; 2] = ["logback-test.xml", "logback.xml"];
    let file = class_path
        .find_map(|dir| NAMES.map(|name| dir.join(name)).into_iter().find(|file| file.is_file()))?;
    let name = file.file_name()?.to_string_lossy().into_owned();
    Some(format!(
        "the project's `{name}` is not used: Gatling logs as gridnode needs it to judge the run, warnings and errors to its \
         standard output"
    ))
}

/// What its sources have of the language of an older Gatling, and whether that surely does nothing.
pub(super) fn old_expressions(plan: &CheckedPlan, version: &str) -> Option<(String, bool)> {
    let PlanKind::Sources { java, scala, .. } = &plan.kind else { return None };
    if old_el::is_understood(version) {
        return None;
    }
    let mut found = Vec::new();
    for (path, is_scala) in java.iter().map(|path| (path, false)).chain(scala.iter().map(|path| (path, true)))
    {
        let name = path.strip_prefix(&plan.directory).unwrap_or(path).display().to_string();
        // What cannot be read has not compiled, either.
        let source = text(path).unwrap_or_default();
        found.extend(old_el::of_source(&source, is_scala).into_iter().map(|one| (name.clone(), one)));
        let dirs = [&plan.directory].into_iter().chain(&plan.beside);
        for name in old_el::templates(&source).collect::<BTreeSet<_>>() {
            let template = dirs.clone().map(|dir| dir.join(name)).find(|path| path.is_file());
            let template = template.and_then(|path| text(&path).ok()).unwrap_or_default();
            found.extend(old_el::of_template(&template).into_iter().map(|one| (name.to_owned(), one)));
        }
    }
    old_el::of_sources(&found, version)
}

/// What is asked for and read by the plan.
fn effective(asked: &Load, choice: &Choice) -> Load {
    Load {
        users: asked.users.filter(|_| choice.reads.users),
        ramp_up_s: asked.ramp_up_s.filter(|_| choice.reads.ramp_up),
        iterations: asked.iterations.filter(|_| choice.reads.iterations),
        ..asked.clone()
    }
}

/// What is asked for and cannot have an effect, because no class of the plan reads it.
fn ignored(plan: &CheckedPlan, choice: &Choice) -> Vec<String> {
    let load = &plan.load;
    let asked = [
        ("users", load.users.is_some_and(|users| users > 1), choice.reads.users),
        ("rampUp", load.ramp_up_s.is_some_and(|s| s > 0), choice.reads.ramp_up),
        ("iterations", load.iterations.is_some(), choice.reads.iterations),
    ];
    let ignored: Vec<&str> =
        asked.into_iter().filter(|(_, asked, read)| *asked && !read).map(|(name, ..)| name).collect();
    if ignored.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "{} does not read the system propert{} {}: what was asked for has no effect on its load",
        choice.class,
        if ignored.len() == 1 { "y" } else { "ies" },
        ignored.join(", ")
    )]
}
