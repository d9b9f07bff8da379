//! The sources of a plan that is a directory, or is in one.

use super::layout::Layout;
use crate::base::litter::is_litter;
use crate::cage::foreign_file;
use gridnode_launch::java::SOURCES_MAX;
use gridnode_launch::java::needed::Project;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Directories below a plan's that are looked into.
const DEPTH_MAX: usize = 24;
/// Bytes of a source that are looked at for names.
const TEXT_BYTES_MAX: u64 = 1 << 20;

/// Sources in Gatling's two languages, in a fixed order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Sources {
    pub(super) java: Vec<PathBuf>,
    pub(super) scala: Vec<PathBuf>,
}

impl Sources {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.java.len() + self.scala.len()
    }

    fn of(paths: Vec<PathBuf>) -> Self {
        let (java, scala) = paths.into_iter().partition(|path| extension(path) == "java");
        Self { java, scala }
    }
}

/// The sources of a layout. Of a project, those that the simulations in `plan` need, and where the plan is one file, what that
/// one needs; all of them where there is no simulation to be seen.
pub(super) fn sources_of(layout: &Layout, plan: &Path) -> io::Result<Sources> {
    let mut all = Vec::new();
    for root in &layout.sources {
        all.extend(sources_below(root)?);
    }
    all.sort();
    all.dedup();
    let is_file = plan.is_file();
    if !(layout.is_project || is_file) || all.len() > SOURCES_MAX {
        return Ok(Sources::of(all));
    }
    let mut project = Project::default();
    for (at, path) in all.iter().enumerate() {
        project.add(at, &path.file_stem().unwrap_or_default().to_string_lossy(), &text(path)?);
    }
    let start: BTreeSet<usize> = if is_file {
        all.iter().position(|path| path == plan).into_iter().collect()
    } else {
        project.simulations().into_iter().filter(|at| all[*at].starts_with(plan)).collect()
    };
    if start.is_empty() {
        return Ok(Sources::of(all));
    }
    let mut waiting: Vec<usize> = start.iter().copied().collect();
    let mut needed = start;
    while let Some(at) = waiting.pop() {
        waiting.extend(project.named_in(&text(&all[at])?).into_iter().filter(|named| needed.insert(*named)));
    }
    Ok(Sources::of(needed.into_iter().map(|at| all[at].clone()).collect()))
}

/// All sources; links are not followed, so that nothing comes twice or from elsewhere. What build tools have made of them is
/// left out.
pub(super) fn sources_below(root: &Path) -> io::Result<Vec<PathBuf>> {
    files_below(root, &["java", "scala"])
}

/// Sources in Kotlin, so that a message can name them.
pub(super) fn kotlin_below(root: &Path) -> Vec<PathBuf> {
    files_below(root, &["kt"]).unwrap_or_default()
}

fn files_below(root: &Path, extensions: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![(root.to_owned(), 0)];
    while let Some((dir, depth)) = waiting.pop() {
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            let name = entry.file_name();
            if is_litter(&name) {
                continue;
            }
            let is_hidden = name.to_string_lossy().starts_with('.');
            let is_built = depth == 0 && (name == "target" || name == "build");
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() && depth < DEPTH_MAX && !is_hidden && !is_built {
                waiting.push((path, depth + 1));
            } else if kind.is_file()
                && found.len() <= SOURCES_MAX
                && extensions.contains(&extension(&path).as_str())
            {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The beginning of a source.
pub(super) fn text(path: &Path) -> io::Result<String> {
    Ok(String::from_utf8_lossy(&foreign_file::head(path, TEXT_BYTES_MAX)?).into_owned())
}

pub(super) fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}
