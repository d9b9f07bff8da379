//! A look at a plan before anything is installed: whether there is something to compile or to load, and what lies beside
//! it. Which of its classes is the simulation is known once they are compiled.

use super::jars;
use super::layout::Layout;
use super::sources::{Sources, extension, kotlin_below, sources_of, text};
use crate::tool::beside::{Around, jars_beside};
use crate::tool::plan_error::PlanError;
use gridnode_core::report::LoadModel;
use gridnode_launch::Load;
use gridnode_launch::gatling::{load_model, max_duration};
use gridnode_launch::java::SOURCES_MAX;
use gridnode_launch::java::class_file::ClassHead;
use gridnode_launch::java::package;
use gridnode_launch::params::check_load;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const KOTLIN: &str = "Kotlin is not compiled here: build a jar of it and run that";

/// A plan that was found fit to be compiled or loaded.
#[derive(Debug, Clone)]
pub struct CheckedPlan {
    /// The user's file or directory, links resolved.
    pub path: PathBuf,
    /// Where it runs: its own directory, its project's or its bundle's.
    pub directory: PathBuf,
    /// What it is.
    pub kind: PlanKind,
    /// Directories and jars that it may load from besides, in the class path's order.
    pub beside: Vec<PathBuf>,
    /// The simulation's class, where one was named.
    pub class: Option<String>,
    /// The simulation's last name where there are several and none was named: that of the plan's file.
    pub likely: Option<String>,
    /// The load asked for.
    pub load: Load,
    /// What a person should know before the start, a sentence each.
    pub notes: Vec<String>,
}

/// What a plan is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanKind {
    /// Source.
    Sources {
        /// Where packages begin.
        roots: Vec<PathBuf>,
        /// Java files.
        java: Vec<PathBuf>,
        /// Scala files.
        scala: Vec<PathBuf>,
    },
    /// A built jar.
    Jar {
        /// Its classes.
        classes: Vec<ClassHead>,
        /// Whether its code names the package `flood` and has none of its own.
        asks_for_flood: bool,
    },
}

impl CheckedPlan {
    /// How long its load may last at most by its own `maxDuration`, s, where its sources say so.
    #[must_use]
    pub fn longest_s(&self) -> Option<u64> {
        let PlanKind::Sources { java, scala, .. } = &self.kind else { return None };
        let sources: Option<Vec<String>> = java.iter().chain(scala).map(|path| text(path).ok()).collect();
        max_duration::of_sources(sources?.iter().map(String::as_str))
    }

    /// Whether its users wait for their answers, where its sources say so.
    #[must_use]
    pub fn load_model(&self) -> LoadModel {
        let PlanKind::Sources { java, scala, .. } = &self.kind else { return LoadModel::Unknown };
        let sources: Vec<String> = java.iter().chain(scala).filter_map(|path| text(path).ok()).collect();
        load_model::of_sources(sources.iter().map(String::as_str))
    }
}

/// Checks everything about a plan that can be checked before Gatling is there. `class` names the simulation where a plan
/// has several. A source in Scala is compiled together with those that were [sent](Around::Sent) with it, or that its project or
/// bundle has for it.
///
/// # Errors
/// With a sentence that says what is wrong, where, and what to do.
pub fn check(
    path: &Path,
    load: &Load,
    class: Option<&str>,
    around: Around,
) -> Result<CheckedPlan, PlanError> {
    check_load(load, u32::MAX)?;
    let unreadable = |source| PlanError::Unreadable { path: path.to_owned(), source };
    let refuse = |why: String| PlanError::NotAPlan { path: path.to_owned(), why };
    let resolved = fs::canonicalize(path).map_err(unreadable)?;
    let is_dir = resolved.is_dir();
    let layout = if is_dir { Layout::of_directory(&resolved) } else { Layout::of_file(&resolved) };
    let kind = if is_dir {
        let sources = sources_of(&layout, &resolved).map_err(unreadable)?;
        let roots: Vec<String> = layout.sources.iter().map(|root| root.display().to_string()).collect();
        match sources.count() {
            0 if layout.sources.iter().any(|root| !kotlin_below(root).is_empty()) => {
                return Err(refuse(KOTLIN.to_owned()));
            }
            0 => return Err(refuse(format!("there is no source (.java or .scala) in {}", roots.join(", ")))),
            count if count > SOURCES_MAX => {
                return Err(refuse(format!(
                    "there are more than {SOURCES_MAX} sources in {}",
                    roots.join(", ")
                )));
            }
            _ => PlanKind::Sources { roots: layout.roots.clone(), java: sources.java, scala: sources.scala },
        }
    } else {
        match of_file(path, &resolved, &layout)? {
            PlanKind::Sources { roots, scala, .. } if !scala.is_empty() => {
                let Sources { java, scala } = with_scala(&resolved, &layout, around).map_err(unreadable)?;
                PlanKind::Sources { roots, java, scala }
            }
            kind => kind,
        }
    };
    let mut beside = layout.data.clone();
    let mut jars = vec![layout.directory.clone()];
    jars.extend(resolved.parent().filter(|own| !is_dir && *own != layout.directory).map(Path::to_owned));
    jars.extend(layout.libraries.iter().filter(|dir| !is_gatlings_own(dir)).cloned());
    beside.extend(jars_beside(&resolved, &jars)?);
    let class = class.map(str::to_owned);
    let likely = resolved.file_stem().filter(|_| !is_dir).map(|stem| stem.to_string_lossy().into_owned());
    let notes = if is_dir { kotlin_note(&layout).into_iter().collect() } else { Vec::new() };
    let directory = layout.directory;
    Ok(CheckedPlan { path: resolved, directory, kind, beside, class, likely, load: load.clone(), notes })
}

/// Sources in Kotlin among others, which nobody compiles.
fn kotlin_note(layout: &Layout) -> Option<String> {
    let found: Vec<PathBuf> = layout.sources.iter().flat_map(|root| kotlin_below(root)).collect();
    let first = found.first()?;
    let first = first.strip_prefix(&layout.directory).unwrap_or(first).display();
    let more = if found.len() > 1 { format!(" and {} more are", found.len() - 1) } else { " is".to_owned() };
    Some(format!("note: `{first}`{more} left out: {KOTLIN}, or write it in Java or Scala"))
}

/// Scala's compiler does not look for what a source needs, as Java's does. A person's directory may hold anything, so nothing of it
/// is taken unless it is known whose it is.
fn with_scala(plan: &Path, layout: &Layout, around: Around) -> io::Result<Sources> {
    let is_alone = layout.sources.first() == Some(&layout.directory);
    match around {
        Around::Anything if is_alone => Ok(Sources { java: Vec::new(), scala: vec![plan.to_owned()] }),
        Around::Sent if is_alone => sources_of(layout, &layout.directory),
        Around::Anything | Around::Sent => sources_of(layout, plan),
    }
}

/// A bundle has Gatling itself in its `lib`, of whatever version; ours runs.
fn is_gatlings_own(lib: &Path) -> bool {
    let entries = fs::read_dir(lib).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().starts_with("gatling-core-"))
}

fn of_file(path: &Path, resolved: &Path, layout: &Layout) -> Result<PlanKind, PlanError> {
    let refuse = |why: &str| Err(PlanError::NotAPlan { path: path.to_owned(), why: why.to_owned() });
    if !resolved.is_file() {
        return refuse("it is neither a file nor a directory");
    }
    let (mut roots, only) = (layout.roots.clone(), vec![resolved.to_owned()]);
    match extension(resolved).as_str() {
        "java" => {
            roots.extend(package_root(resolved).filter(|root| !layout.roots.contains(root)));
            Ok(PlanKind::Sources { roots, java: only, scala: Vec::new() })
        }
        "scala" => Ok(PlanKind::Sources { roots, java: Vec::new(), scala: only }),
        "jar" => {
            let jars::PlanJar { classes, asks_for_flood } = jars::of_jar(resolved)?;
            Ok(PlanKind::Jar { classes, asks_for_flood })
        }
        "kt" => refuse(KOTLIN),
        _ => refuse("a Gatling plan is a source (.java or .scala), a directory of sources, or a built .jar"),
    }
}

/// Where the package of a source in Java begins, where the source lies as its package says.
fn package_root(source: &Path) -> Option<PathBuf> {
    let package = package::directory(text(source).ok()?.as_bytes());
    let own = source.parent()?;
    if package.is_empty() || !own.ends_with(&package) {
        return None;
    }
    own.ancestors().nth(package.split('/').count()).map(Path::to_owned)
}
