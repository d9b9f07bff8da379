//! A look at a plan before anything is installed: what it is, whether the load makes sense. Where a Java plan starts is known
//! once it is compiled.

use crate::base::litter::is_litter;
use crate::tool::beside::jars_beside;
use crate::tool::plan_error::PlanError;
use gridnode_launch::Load;
use gridnode_launch::java::SOURCES_MAX;
use gridnode_launch::params::check_load;
use gridnode_launch::selenium::{SOURCE_BYTES_MAX, USERS_MAX};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Directories below a plan's that are looked into.
const DEPTH_MAX: usize = 16;

/// A plan that was found fit to run.
#[derive(Debug, Clone)]
pub struct CheckedPlan {
    /// The user's file or directory, links resolved.
    pub path: PathBuf,
    /// Where its data files are: its own directory.
    pub directory: PathBuf,
    /// What it is.
    pub kind: PlanKind,
    /// The class to start, where one was named.
    pub class: Option<String>,
    /// The last name of the class to start where there are several and none was named: that of the plan's file.
    pub likely: Option<String>,
    /// The load asked for.
    pub load: Load,
}

/// What a plan is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanKind {
    /// A script for our runner.
    Python,
    /// Source of a program with a `main`.
    Java {
        /// What is compiled.
        sources: Vec<PathBuf>,
        /// Jars beside it, helpers of the user's own.
        jars: Vec<PathBuf>,
    },
}

/// Checks everything about a plan that can be checked before Selenium is there. `class` names the class to start where a
/// Java plan has several.
///
/// # Errors
/// With a sentence that says what is wrong, where, and what to do.
pub fn check(path: &Path, load: &Load, class: Option<&str>) -> Result<CheckedPlan, PlanError> {
    check_load(load, USERS_MAX)?;
    let unreadable = |source| PlanError::Unreadable { path: path.to_owned(), source };
    let resolved = fs::canonicalize(path).map_err(unreadable)?;
    let refuse = |why: String| PlanError::NotAPlan { path: path.to_owned(), why };
    let is_dir = resolved.is_dir();
    let directory = if is_dir { resolved.clone() } else { resolved.parent().unwrap_or(&resolved).to_owned() };
    let extension = resolved.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let kind = match extension.as_str() {
        _ if is_dir => java(path, sources_below(&resolved).map_err(unreadable)?, &directory)?,
        "py" => {
            if class.is_some() {
                return Err(refuse("--class is for Java plans; a Python plan has one start".to_owned()));
            }
            check_readable(&resolved, path)?;
            PlanKind::Python
        }
        "java" => java(path, vec![resolved.clone()], &directory)?,
        _ => {
            return Err(refuse(
                "a browser test is a Python script (.py), a Java source (.java) or a directory of Java sources".to_owned(),
            ));
        }
    };
    let class = class.map(str::to_owned);
    let likely = resolved.file_stem().filter(|_| !is_dir).map(|stem| stem.to_string_lossy().into_owned());
    Ok(CheckedPlan { path: resolved, directory, kind, class, likely, load: load.clone() })
}

fn java(plan: &Path, sources: Vec<PathBuf>, directory: &Path) -> Result<PlanKind, PlanError> {
    let refuse = |why: String| PlanError::NotAPlan { path: plan.to_owned(), why };
    if sources.is_empty() {
        return Err(refuse("there is no Java source (.java) in this directory".to_owned()));
    }
    if sources.len() > SOURCES_MAX {
        return Err(refuse(format!("there are more than {SOURCES_MAX} Java sources in this directory")));
    }
    sources.iter().try_for_each(|source| check_readable(source, plan))?;
    let jars = jars_beside(plan, &[directory.to_owned()])?;
    Ok(PlanKind::Java { sources, jars })
}

fn check_readable(file: &Path, plan: &Path) -> Result<(), PlanError> {
    let unreadable = |source| PlanError::Unreadable { path: file.to_owned(), source };
    let meta = fs::metadata(file).map_err(unreadable)?;
    let refuse = |why: String| Err(PlanError::NotAPlan { path: plan.to_owned(), why });
    if !meta.is_file() {
        return refuse(format!("{} is not a file", file.display()));
    }
    if meta.len() > SOURCE_BYTES_MAX {
        return refuse(format!("{} is larger than {} MiB", file.display(), SOURCE_BYTES_MAX >> 20));
    }
    File::open(file).map(drop).map_err(unreadable)
}

/// All Java sources, in a fixed order; links are not followed, so that nothing comes twice or from elsewhere.
fn sources_below(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![(root.to_owned(), 0)];
    while let Some((dir, depth)) = waiting.pop() {
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            if is_litter(&entry.file_name()) {
                continue;
            }
            let kind = entry.file_type()?;
            let path = entry.path();
            let is_source = path.extension().is_some_and(|extension| extension == "java");
            if kind.is_dir() && depth < DEPTH_MAX {
                waiting.push((path, depth + 1));
            } else if kind.is_file() && is_source && found.len() <= SOURCES_MAX {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
