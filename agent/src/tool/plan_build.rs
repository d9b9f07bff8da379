//! Compiling a plan: what steps of Gatling's and Selenium's plans have in common.

use crate::cage::Cage;
use crate::tool::build::{Build, BuildFailed, run};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// Compilers see nothing of the agent's environment.
const ENVIRONMENT: [(&str, &str); 2] = [("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LANG", "C.UTF-8")];
/// Options of `javac`. Annotation processors of a customer's jars would run in the compiler.
pub const JAVAC_OPTIONS: [&str; 4] = ["-encoding", "UTF-8", "-proc:none", "-nowarn"];

/// Why a plan does not compile.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The compiler's own words, with file and line.
    #[error("{} does not compile:\n{words}", plan.display())]
    Refused {
        /// The plan.
        plan: PathBuf,
        /// What the compiler said.
        words: String,
    },
    /// It could not be compiled for another reason.
    #[error("failed to compile {}: {source}", plan.display())]
    Failed {
        /// The plan.
        plan: PathBuf,
        /// Why.
        source: BuildFailed,
    },
    /// A source of ours that goes with it cannot be written.
    #[error("failed to write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A directory of the run cannot be made.
    #[error("failed to create {}: {source}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What all steps of one plan share.
pub struct PlanBuild<'a> {
    /// The plan, for errors.
    pub plan: &'a Path,
    /// Where compilers run: the plan's directory.
    pub working_dir: &'a Path,
    /// Where classes and logs go; exists.
    pub dir: &'a Path,
    /// Where the processes are.
    pub cage: &'a Cage,
    /// Whether nobody wants it any more.
    pub is_cancelled: &'a dyn Fn() -> bool,
}

impl PlanBuild<'_> {
    /// The directory for classes, made.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn classes(&self) -> Result<PathBuf, BuildError> {
        let path = self.dir.join("classes");
        match fs::create_dir_all(&path) {
            Ok(()) => Ok(path),
            Err(source) => Err(BuildError::Directory { path, source }),
        }
    }

    /// Carries out one step. Blocks, within a runtime.
    ///
    /// # Errors
    /// With the compiler's words, or why it could not do its work.
    pub fn step(
        &self,
        name: &str,
        program: &Path,
        args: Vec<OsString>,
        limit: Duration,
    ) -> Result<(), BuildError> {
        let step = Build {
            name,
            program: program.to_owned(),
            args,
            env: ENVIRONMENT.map(|(name, value)| (name.into(), value.into())).into(),
            working_dir: self.working_dir.to_owned(),
            log_dir: self.dir,
            cage: self.cage,
            limit,
        };
        run(&step, &mut || (self.is_cancelled)()).map_err(|error| match error {
            BuildFailed::Refused { text } => BuildError::Refused { plan: self.plan.to_owned(), words: text },
            source => BuildError::Failed { plan: self.plan.to_owned(), source },
        })
    }
}
