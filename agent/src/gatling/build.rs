//! Compiles a plan. Macros of a plan's libraries run in Scala's compiler, so both compilers get what a tool gets: a made
//! environment, a supervisor, an end of the whole tree.

use super::plan::{CheckedPlan, PlanKind};
use crate::tool::build::{Build, BuildFailed, run};
use crate::tools::gatling::GatlingHome;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// Large suites take a minute.
const COMPILE_LIMIT: Duration = Duration::from_secs(10 * 60);
/// Scala's compiler recurses deeply; the less a short-lived JVM optimizes, the sooner it is done.
const SCALA_JVM: [&str; 3] = ["-Xss8m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

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
    /// A directory of the run cannot be made.
    #[error("failed to create {}: {source}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Compiles into `dir` and returns the directory of the classes; a jar needs nothing. `marker` marks the processes.
pub(super) fn build(
    plan: &CheckedPlan,
    home: &GatlingHome,
    dir: &Path,
    marker: &str,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Option<PathBuf>, BuildError> {
    let PlanKind::Sources { root, java, scala } = &plan.kind else { return Ok(None) };
    let classes = dir.join("classes");
    fs::create_dir_all(&classes).map_err(|source| BuildError::Directory { path: classes.clone(), source })?;
    let step = |name, program: &Path, args| {
        let env = [("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LANG", "C.UTF-8")];
        let step = Build {
            name,
            program: program.to_owned(),
            args,
            env: env.map(|(name, value)| (name.into(), value.into())).into(),
            working_dir: plan.directory.clone(),
            log_dir: dir,
            marker: marker.to_owned(),
            limit: COMPILE_LIMIT,
        };
        let failed = |source| match source {
            BuildFailed::Refused { text } => BuildError::Refused { plan: plan.path.clone(), words: text },
            source => BuildError::Failed { plan: plan.path.clone(), source },
        };
        run(&step, &mut || is_cancelled()).map_err(failed)
    };
    let class_path = class_path(&classes, home, &plan.beside);
    if !scala.is_empty() {
        // It reads the Java sources, too, for what Scala uses of them, and leaves compiling them to the other.
        let mut args: Vec<OsString> = SCALA_JVM.map(OsString::from).into();
        args.extend(["-cp".into(), home.scala().join("*").into(), "scala.tools.nsc.Main".into()]);
        args.extend(["-encoding", "UTF-8", "-nowarn", "-classpath"].map(OsString::from));
        args.extend([class_path.clone(), "-d".into(), classes.clone().into()]);
        args.extend(scala.iter().chain(java).map(OsString::from));
        step("scalac", &home.java, args)?;
    }
    if !java.is_empty() {
        // Annotation processors of a customer's jars would run in the compiler.
        let options = ["-encoding", "UTF-8", "-proc:none", "-nowarn", "-cp"];
        let mut args: Vec<OsString> = options.map(OsString::from).into();
        args.extend([class_path, "-sourcepath".into(), root.into(), "-d".into(), classes.clone().into()]);
        args.extend(java.iter().map(OsString::from));
        step("javac", &home.javac, args)?;
    }
    Ok(Some(classes))
}

fn class_path(classes: &Path, home: &GatlingHome, beside: &[PathBuf]) -> OsString {
    let mut class_path = classes.as_os_str().to_owned();
    for path in [&home.lib().join("*")].into_iter().chain(beside) {
        class_path.push(":");
        class_path.push(path);
    }
    class_path
}
