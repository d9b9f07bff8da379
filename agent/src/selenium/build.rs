//! What is done to a plan before a browser starts: Python's syntax check, Java's compiler. Neither runs anything of the plan.
//! Both see an empty environment and are ended when they take too long.

use super::plan::{CheckedPlan, PlanKind};
use crate::tools::process::{self, Ended};
use crate::tools::selenium::SeleniumHome;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use thiserror::Error;

/// Large suites take half a minute.
const COMPILE_LIMIT: Duration = Duration::from_secs(5 * 60);
const SYNTAX_LIMIT: Duration = Duration::from_secs(60);
/// Only compiles: nothing of the script is run.
const SYNTAX_SCRIPT: &str = "\
import sys, traceback
try:
    with open(sys.argv[1], 'rb') as script:
        compile(script.read(), sys.argv[1], 'exec', dont_inherit=True)
except Exception as error:
    print(''.join(traceback.format_exception_only(type(error), error)).strip())
    sys.exit(1)
";

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
    /// It took too long, or was cancelled.
    #[error("compiling {} was stopped before it was done", .0.display())]
    Stopped(PathBuf),
    /// The compiler cannot be run.
    #[error("failed to run {}: {source}", program.display())]
    NotRun {
        /// Which.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Builds `plan` below `dir` and returns the class path of its own part, for a Java plan.
pub fn build(
    plan: &CheckedPlan,
    home: &SeleniumHome,
    dir: &Path,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Option<OsString>, BuildError> {
    match &plan.kind {
        PlanKind::Python => {
            let mut command = Command::new(&home.python);
            command.args(["-I", "-B", "-c", SYNTAX_SCRIPT]).arg(&plan.path);
            run(command, plan, &dir.join("syntax.log"), SYNTAX_LIMIT, is_cancelled)?;
            Ok(None)
        }
        PlanKind::Java { sources, jars, .. } => {
            let classes = dir.join("classes");
            let failed = |source| BuildError::NotRun { program: home.javac.clone(), source };
            fs::create_dir_all(&classes).map_err(failed)?;
            let mut class_path = classes.clone().into_os_string();
            for jar in jars {
                class_path.push(":");
                class_path.push(jar);
            }
            class_path.push(":");
            class_path.push(home.class_path());
            let mut command = Command::new(&home.javac);
            // Annotation processors of a customer's jars would run in the compiler.
            command.args(["-encoding", "UTF-8", "-proc:none", "-nowarn", "-cp"]).arg(&class_path);
            command.arg("-sourcepath").arg(&plan.directory).arg("-d").arg(&classes).args(sources);
            run(command, plan, &dir.join("javac.log"), COMPILE_LIMIT, is_cancelled)?;
            Ok(Some(class_path))
        }
    }
}

fn run(
    mut command: Command,
    plan: &CheckedPlan,
    log: &Path,
    limit: Duration,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<(), BuildError> {
    let program = PathBuf::from(command.get_program());
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LANG", "C.UTF-8");
    command.current_dir(&plan.directory);
    match process::run(&mut command, log, limit, || !is_cancelled()) {
        Ok(Ended::Well) => Ok(()),
        Ok(Ended::Badly(_, words)) => {
            Err(BuildError::Refused { plan: plan.path.clone(), words: first_of(log, words) })
        }
        Ok(Ended::Stopped) => Err(BuildError::Stopped(plan.path.clone())),
        Err(source) => Err(BuildError::NotRun { program, source }),
    }
}

/// A compiler's first error is the one to mend; `tail` is what to show where the log cannot be read.
fn first_of(log: &Path, tail: String) -> String {
    const LINES_MAX: usize = 40;
    match fs::read(log) {
        Ok(text) => {
            let text = String::from_utf8_lossy(&text);
            text.lines().take(LINES_MAX).collect::<Vec<_>>().join("\n")
        }
        Err(_) => tail,
    }
}
