//! What lies beside a plan.

use crate::base::litter::is_litter;
use crate::tool::plan_error::PlanError;
use std::fs;
use std::path::{Path, PathBuf};

/// More are a dump of somebody's repository, and a class path of them would be a command line of 100 KiB.
const JARS_MAX: usize = 512;

/// What else lies where a plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    /// Anything: a person's directory.
    Anything,
    /// What was sent with it, and nothing else.
    Sent,
}

/// A file that a plan uses where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// Relative to the plan's directory, or to where its tool works.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its name begins where the tool works.
    pub is_of_start: bool,
}

impl Used {
    /// That of a file below `dir`, where its name can be said.
    pub(super) fn of(path: &Path, dir: &Path, is_of_start: bool) -> Option<Self> {
        let name = path.strip_prefix(dir).ok()?.to_str()?.to_owned();
        Some(Self { name, path: path.to_owned(), is_of_start })
    }
}

/// Jars in `dirs`, sorted, but for the plan itself; what is not there holds none, but the first directory must be.
///
/// # Errors
/// When there are too many, or the first directory cannot be read.
pub fn jars_beside(plan: &Path, dirs: &[PathBuf]) -> Result<Vec<PathBuf>, PlanError> {
    let mut jars = Vec::new();
    for (at, dir) in dirs.iter().enumerate() {
        let entries = match fs::read_dir(dir) {
            Err(source) if at == 0 => return Err(PlanError::Unreadable { path: dir.clone(), source }),
            entries => entries.into_iter().flatten(),
        };
        let is_jar = |path: &PathBuf| {
            path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jar"))
                && path != plan
                && path.is_file()
        };
        let entries = entries.flatten().filter(|entry| !is_litter(&entry.file_name()));
        jars.extend(entries.map(|entry| entry.path()).filter(is_jar));
    }
    if jars.len() > JARS_MAX {
        let why = format!(
            "there are {} jars beside it, more than {JARS_MAX}: leave those that it needs, or build one of them",
            jars.len()
        );
        return Err(PlanError::NotAPlan { path: plan.to_owned(), why });
    }
    jars.sort();
    Ok(jars)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_jars_are_taken_or_the_plan_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let [root, lib] = [dir.path().to_owned(), dir.path().join("lib")];
        fs::create_dir(&lib).unwrap();
        let plan = root.join("plan.jar");
        for path in [&plan, &root.join("b.JAR"), &root.join("notes.txt")] {
            fs::write(path, "").unwrap();
        }
        (0..JARS_MAX - 1).for_each(|n| fs::write(lib.join(format!("{n}.jar")), "").unwrap());
        let dirs = [root.clone(), lib.clone(), root.join("absent")];
        assert_eq!(jars_beside(&plan, &dirs).unwrap().len(), JARS_MAX);
        fs::write(lib.join("last.jar"), "").unwrap();
        assert!(jars_beside(&plan, &dirs).unwrap_err().to_string().contains("513 jars"));
        assert!(jars_beside(&plan, &[root.join("absent")]).is_err());
    }
}
