//! A look at a plan before anything is installed: whether there is something to compile or to load, and what lies beside
//! it. Which of its classes is the simulation is known once they are compiled.

use super::jars;
use crate::tool::beside::{Around, jars_beside};
use crate::tool::plan_error::PlanError;
use gridnode_launch::Load;
use gridnode_launch::java::SOURCES_MAX;
use gridnode_launch::java::class_file::ClassHead;
use gridnode_launch::params::check_load;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Directories below a plan's that are looked into.
const DEPTH_MAX: usize = 24;
/// Where projects of the usual build tools have their simulations; the first that is there counts.
const PROJECT_ROOTS: [&str; 2] = ["src/gatling", "src/test"];

/// A plan that was found fit to be compiled or loaded.
#[derive(Debug, Clone)]
pub struct CheckedPlan {
    /// The user's file or directory, links resolved.
    pub path: PathBuf,
    /// Where its data files are: its own directory.
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
}

/// What a plan is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanKind {
    /// Source.
    Sources {
        /// Where packages begin.
        root: PathBuf,
        /// Java files.
        java: Vec<PathBuf>,
        /// Scala files.
        scala: Vec<PathBuf>,
    },
    /// A built jar.
    Jar {
        /// Its classes.
        classes: Vec<ClassHead>,
    },
}

/// Checks everything about a plan that can be checked before Gatling is there. `class` names the simulation where a plan
/// has several. A source in Scala is compiled together with those that were [sent](Around::Sent) with it: its compiler does not
/// look for them, as Java's does.
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
    let directory = if is_dir { resolved.clone() } else { resolved.parent().unwrap_or(&resolved).to_owned() };
    let mut beside = vec![directory.clone()];
    let kind = if is_dir {
        let root = PROJECT_ROOTS.iter().map(|root| resolved.join(root)).find(|root| root.is_dir());
        beside.extend(root.iter().map(|root| root.join("resources")).filter(|dir| dir.is_dir()));
        let root = root.unwrap_or_else(|| resolved.clone());
        let Sources { java, scala } = sources_below(&root).map_err(unreadable)?;
        let count = java.len() + scala.len();
        if count == 0 {
            return Err(refuse(format!("there is no source (.java or .scala) in {}", root.display())));
        }
        if count > SOURCES_MAX {
            return Err(refuse(format!("there are more than {SOURCES_MAX} sources in {}", root.display())));
        }
        PlanKind::Sources { root, java, scala }
    } else {
        match of_file(path, &resolved, &directory)? {
            PlanKind::Sources { root, scala, .. } if around == Around::Sent && !scala.is_empty() => {
                let Sources { java, scala } = sources_below(&root).map_err(unreadable)?;
                PlanKind::Sources { root, java, scala }
            }
            kind => kind,
        }
    };
    beside.extend(jars_beside(&resolved, &[directory.clone(), directory.join("lib")])?);
    let class = class.map(str::to_owned);
    let likely = resolved.file_stem().filter(|_| !is_dir).map(|stem| stem.to_string_lossy().into_owned());
    Ok(CheckedPlan { path: resolved, directory, kind, beside, class, likely, load: load.clone() })
}

fn of_file(path: &Path, resolved: &Path, directory: &Path) -> Result<PlanKind, PlanError> {
    let refuse = |why: &str| Err(PlanError::NotAPlan { path: path.to_owned(), why: why.to_owned() });
    if !resolved.is_file() {
        return refuse("it is neither a file nor a directory");
    }
    let (root, only) = (directory.to_owned(), vec![resolved.to_owned()]);
    match extension(resolved).as_str() {
        "java" => Ok(PlanKind::Sources { root, java: only, scala: Vec::new() }),
        "scala" => Ok(PlanKind::Sources { root, java: Vec::new(), scala: only }),
        "jar" => Ok(PlanKind::Jar { classes: jars::of_jar(resolved)? }),
        "kt" => refuse("Kotlin is not compiled here: build a jar of it and run that"),
        _ => refuse("a Gatling plan is a source (.java or .scala), a directory of sources, or a built .jar"),
    }
}

#[derive(Default)]
struct Sources {
    java: Vec<PathBuf>,
    scala: Vec<PathBuf>,
}

/// All sources, in a fixed order; links are not followed, so that nothing comes twice or from elsewhere. What build tools
/// have made of them is left out.
fn sources_below(root: &Path) -> io::Result<Sources> {
    let mut found = Sources::default();
    let mut waiting = vec![(root.to_owned(), 0)];
    while let Some((dir, depth)) = waiting.pop() {
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_hidden = name.to_string_lossy().starts_with('.');
            let is_built = depth == 0 && (name == "target" || name == "build");
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() && depth < DEPTH_MAX && !is_hidden && !is_built {
                waiting.push((path, depth + 1));
            } else if kind.is_file() && found.java.len() + found.scala.len() <= SOURCES_MAX {
                match extension(&path).as_str() {
                    "java" => found.java.push(path),
                    "scala" => found.scala.push(path),
                    _ => {}
                }
            }
        }
    }
    found.java.sort();
    found.scala.sort();
    Ok(found)
}

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}
