//! From a user's plan to a process that can be started: checks, overrides, the spliced copy, directories.

use crate::cage::foreign_file::{head, write_private};
use crate::tool::beside::Used;
use crate::tool::context::{RunContext, environment, tool_spec};
use crate::tool::directories::Directories;
use crate::tool::files::{PARAMETERS_FILE, ToolFiles};
use crate::tool::install::InstallError;
use crate::tool::jmeter::absent::{absent, may_be_elsewhere};
use crate::tool::jmeter::beside::Beside;
use crate::tool::jmeter::install::{JmeterHome, listener_element, plugins};
use crate::tool::prepared::Prepared;
use gridnode_core::report::LoadModel;
use gridnode_launch::jmeter::command::{CommandError, JmeterLaunch};
use gridnode_launch::jmeter::inspect::{FileKind, PlanFacts};
use gridnode_launch::jmeter::log_layout::{LOG_CONFIGURATION, LOG_CONFIGURATION_FILE};
use gridnode_launch::jmeter::overrides::OverrideError;
use gridnode_launch::jmeter::{
    Coordinate, Outlook, Overridden, PLAN_BYTES_MAX, PlanError, Unfit, Value, certain, inspect, load_model,
    outlook, splice, unknown_functions, verdict,
};
use gridnode_launch::{Length, Load, Planned, ToolKind};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Bytes of a data file's first line.
const HEADER_BYTES_MAX: u64 = 64 << 10;
/// JMeter itself would take it.
const LOG_NOTE: &str = "note: the `log4j2.xml` of the working directory is not used: a run is judged by JMeter's log, so \
                        that has one layout";

/// A plan that was found fit to run, with the changes asked for.
#[derive(Debug)]
pub struct CheckedPlan {
    /// The user's file; it is only read.
    path: PathBuf,
    /// Its directory, links resolved.
    directory: PathBuf,
    /// JMeter's working directory.
    working_dir: PathBuf,
    /// What lies beside it for JMeter.
    beside: Beside,
    /// Classes of plug-ins that its elements are of.
    plugin_classes: Vec<String>,
    /// Those that its elements call.
    called_classes: Vec<String>,
    overridden: Overridden,
    length: Length,
    load_model: LoadModel,
    load: Load,
}

/// What is to be run.
#[derive(Debug)]
pub struct RunRequest<'a> {
    /// The plan.
    pub plan: &'a CheckedPlan,
    /// The JMeter to run it with.
    pub home: &'a JmeterHome,
    /// The run.
    pub context: &'a RunContext<'a>,
    /// Plug-ins that have to be installed.
    pub plugins: &'a [Coordinate],
    /// JMeter's own result file, if one is wanted; absolute.
    pub results: Option<PathBuf>,
}

impl CheckedPlan {
    /// What was changed in the plan, a sentence each.
    #[must_use]
    pub fn changes(&self) -> &[String] {
        &self.overridden.changes
    }

    /// Users that were asked for.
    #[must_use]
    pub fn users(&self) -> Option<u32> {
        self.load.users
    }

    /// How long it runs with them.
    #[must_use]
    pub fn length(&self) -> &Length {
        &self.length
    }

    /// Whether its users wait for their answers.
    #[must_use]
    pub fn load_model(&self) -> LoadModel {
        self.load_model
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
        source: Box<OverrideError>,
    },
    /// Its plug-ins cannot be used.
    #[error(transparent)]
    Plugins(#[from] InstallError),
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

impl PrepareError {
    fn of(path: &Path, unfit: Unfit) -> Self {
        let path = path.to_owned();
        match unfit {
            Unfit::Plan(source) => Self::Plan { path, source },
            Unfit::Override(source) => Self::Override { path, source },
            Unfit::CannotWork(why) => Self::CannotWork { path, why },
        }
    }
}

/// Checks everything about a plan that can be checked before there is a JMeter, and applies the changes asked for. `start`:
/// where its relative paths start, before its own directory.
///
/// # Errors
/// With a sentence that says what is wrong, where, and what to do.
pub fn check(path: &Path, overrides: &Load, start: &Path) -> Result<CheckedPlan, PrepareError> {
    let plan = read_plan(path)?;
    let directory = plan_directory(path)?;
    let path = path.to_owned();
    let facts = inspect(&plan).map_err(|source| PrepareError::Plan { path: path.clone(), source })?;
    facts.check_runnable().map_err(|why| PrepareError::CannotWork { path: path.clone(), why })?;
    let working_dir = working_dir(&facts, &overrides.params, start, &directory);
    let lies_in = |dir: &Path, name: &str| dir.join(name).is_file();
    for (file, name) in facts.needed_files(&overrides.params) {
        if !lies_in(&working_dir, name) && !lies_in(&directory, name) {
            let why = file.missing(name, &directory.display().to_string());
            return Err(PrepareError::CannotWork { path, why });
        }
    }
    let beside = Beside::of(&path, &directory, &working_dir);
    let first_line = |name: &Value<String>| {
        let name = certain(name, &overrides.params, beside.property_files())?;
        header_line(&[&working_dir, &directory].map(|dir| dir.join(name)))
    };
    let looked = outlook(&plan, overrides, beside.property_files(), &first_line);
    let Outlook { mut overridden, length } = looked.map_err(|unfit| PrepareError::of(&path, unfit))?;
    overridden.changes.extend(unmentioned(&plan, &overrides.params));
    overridden.changes.extend(beside.note());
    overridden.changes.extend(beside.replaced_note());
    let text = String::from_utf8_lossy(&plan);
    overridden.changes.extend(beside.unread_note(|name| text.contains(name)));
    if working_dir.join(LOG_CONFIGURATION_FILE).is_file() {
        overridden.changes.push(LOG_NOTE.to_owned());
    }
    let load = overrides.clone();
    let load_model = load_model(&facts);
    let (plugin_classes, called_classes) = (facts.plugin_classes, facts.called_classes);
    Ok(CheckedPlan {
        path,
        directory,
        working_dir,
        beside,
        plugin_classes,
        called_classes,
        overridden,
        length,
        load_model,
        load,
    })
}

/// What lies beside a plan that JMeter takes, as [`check`] finds it; of a plan that cannot be read, nothing.
#[must_use]
pub fn used_beside(path: &Path, params: &[(String, String)], start: &Path) -> Vec<Used> {
    let (Ok(plan), Ok(directory)) = (read_plan(path), plan_directory(path)) else { return Vec::new() };
    let Ok(facts) = inspect(&plan) else { return Vec::new() };
    let working_dir = working_dir(&facts, params, start, &directory);
    Beside::of(path, &directory, &working_dir).files(&directory, &working_dir)
}

/// The first line of the first of these files that is there, if it is text.
fn header_line(paths: &[PathBuf]) -> Option<String> {
    let path = paths.iter().find(|path| path.is_file())?;
    // It may be a link.
    let bytes = head(&fs::canonicalize(path).ok()?, HEADER_BYTES_MAX).ok()?;
    let end = bytes.iter().position(|b| *b == b'\n');
    let line = end.map_or(&bytes[..], |end| &bytes[..end]);
    let is_whole = end.is_some() || (bytes.len() as u64) < HEADER_BYTES_MAX;
    let line = String::from_utf8(line.to_vec()).ok()?;
    // One of UTF-16 has such.
    (is_whole && !line.contains('\0')).then_some(line)
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
    let CheckedPlan { path, directory, working_dir, beside, overridden, load, .. } = request.plan;
    let context = request.context;
    // The element comes with its empty tree, which splicing adds by itself.
    let element = listener_element().trim_end_matches("<hashTree/>");
    let spliced = splice(&overridden.plan, element)
        .map_err(|source| PrepareError::Plan { path: path.clone(), source })?;
    let dirs =
        Directories::make(context.dir).map_err(|(path, source)| PrepareError::Write { path, source })?;
    let user_plan = std::path::absolute(path)
        .map_err(|source| PrepareError::Unreadable { path: path.clone(), source })?;
    let name = path.file_name().map_or_else(|| "plan.jmx".into(), PathBuf::from);
    let plan_to_run = dirs.plan.join(name);
    write(&plan_to_run, &spliced)?;
    let log_configuration = dirs.plan.join(LOG_CONFIGURATION_FILE);
    write(&log_configuration, LOG_CONFIGURATION.as_bytes())?;
    // What lies beside the plan comes first: a version of a plug-in that was sent with it is the one that it wants.
    let of_tools = plugins::jars(&request.home.plugins_dir, request.plugins)?;
    let jars: Vec<PathBuf> = beside.jars.iter().cloned().chain(of_tools).collect();
    let Classes { absent, warning } = classes(request, &jars)?;
    let functions = functions(request, &jars)?;
    let mut planned = Planned::of(load, &request.plan.length);
    planned.doubts.extend(functions.iter().cloned());
    let files = ToolFiles {
        planned,
        absent_classes: absent,
        ..ToolFiles::new(ToolKind::Jmeter, &dirs, dirs.run.join(PARAMETERS_FILE))
    };
    let search_paths = std::iter::once(request.home.plugin_jar.clone()).chain(jars.iter().cloned());
    let elsewhere = beside.elsewhere(&overridden.properties, [working_dir, directory]);
    let class_path: Vec<PathBuf> = jars.iter().cloned().chain(elsewhere).collect();
    let launch = JmeterLaunch {
        java: request.home.java.clone(),
        home: request.home.home.clone(),
        launcher: request.home.java_args(&class_path),
        plan: plan_to_run,
        user_plan,
        property_files: beside.properties.clone(),
        system_property_files: beside.system_properties.clone(),
        has_modules: request.home.has_modules(),
        log: files.log.clone().unwrap_or_default(),
        log_configuration,
        results: request.results.clone(),
        search_paths: search_paths.collect(),
        plans_search_paths: beside.search_paths(),
        working_dir: working_dir.clone(),
        temporary_dir: dirs.temporary.clone(),
        heap_mib: context.heap_mib,
        jvm_options: context.jvm_options.clone(),
        properties: overridden.properties.clone(),
        parameters_file: files.arguments.clone(),
        environment: environment(context, &dirs, directory, load),
    };
    let spec = launch.spec()?;
    let written = write_private(&launch.parameters_file, &launch.parameters());
    written.map_err(|source| PrepareError::Write { path: launch.parameters_file.clone(), source })?;
    Ok(Prepared {
        spec: tool_spec(spec, context, &files),
        files,
        stop_file: dirs.stop_file(),
        warnings: request.plan.length.warnings.iter().cloned().chain(warning).chain(functions).collect(),
        changes: overridden.changes.clone(),
    })
}

/// Classes of the plan that no jar has.
struct Classes {
    absent: Vec<String>,
    /// That they are not there, where JMeter may find them all the same.
    warning: Option<String>,
}

/// Looks for the plan's classes, and refuses it where JMeter could not read it.
fn classes(request: &RunRequest<'_>, jars: &[PathBuf]) -> Result<Classes, PrepareError> {
    let CheckedPlan { path, beside, plugin_classes, called_classes, load, .. } = request.plan;
    let home = &request.home.home;
    let (of_elements, called) = (absent(plugin_classes, jars, home), absent(called_classes, jars, home));
    let is_certain = !may_be_elsewhere(&load.params, beside.property_files(), home);
    let warning = match is_certain {
        true => verdict::absent(&names(&of_elements), &names(&called))
            .map_err(|why| PrepareError::CannotWork { path: path.clone(), why })?,
        false => None,
    };
    Ok(Classes { absent: of_elements.into_iter().chain(called).collect(), warning })
}

/// Calls of functions that JMeter does not have, a sentence each: only where no jar is there that may have them.
fn functions(request: &RunRequest<'_>, jars: &[PathBuf]) -> Result<Vec<String>, PrepareError> {
    let CheckedPlan { path, beside, overridden, load, .. } = request.plan;
    let is_own = request.home.version.is_some() && jars.is_empty();
    if !is_own || may_be_elsewhere(&load.params, beside.property_files(), &request.home.home) {
        return Ok(Vec::new());
    }
    unknown_functions(&overridden.plan).map_err(|source| PrepareError::Plan { path: path.clone(), source })
}

fn names(classes: &[String]) -> Vec<&str> {
    classes.iter().map(String::as_str).collect()
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

/// Where JMeter works: where relative paths start, as with JMeter itself, which looks beside the plan for what is not
/// there. Only script files it looks for nowhere else: where they lie beside the plan alone, that is where it works.
fn working_dir(facts: &PlanFacts, params: &[(String, String)], start: &Path, directory: &Path) -> PathBuf {
    let scripts = || facts.known_files(params).filter(|(file, _)| file.kind == FileKind::Script);
    let all_in = |dir: &Path| scripts().all(|(_, name)| dir.join(name).is_file());
    if all_in(directory) && !all_in(start) { directory.to_owned() } else { start.to_owned() }
}

/// The plan's own directory, links resolved.
fn plan_directory(path: &Path) -> Result<PathBuf, PrepareError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::canonicalize(parent).map_err(|source| PrepareError::Unreadable { path: path.to_owned(), source })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), PrepareError> {
    fs::write(path, bytes).map_err(|source| PrepareError::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
