//! Compiles a plan. Macros of a plan's libraries run in Scala's compiler, so both compilers get what a tool gets: a made
//! environment, a supervisor, an end of the whole tree.

use super::plan::{CheckedPlan, PlanKind};
use crate::tool::gatling::install::GatlingHome;
use crate::tool::plan_build::{BuildError, JAVAC_OPTIONS, PlanBuild};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Large suites take a minute.
const COMPILE_LIMIT: Duration = Duration::from_secs(10 * 60);
/// Scala's compiler recurses deeply; the less a short-lived JVM optimizes, the sooner it is done.
const SCALA_JVM: [&str; 3] = ["-Xss8m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/// Compiles and returns the directory of the classes; a jar needs nothing.
pub(super) fn build(
    plan: &CheckedPlan,
    home: &GatlingHome,
    build: &PlanBuild<'_>,
) -> Result<Option<PathBuf>, BuildError> {
    let PlanKind::Sources { root, java, scala } = &plan.kind else { return Ok(None) };
    let classes = build.classes()?;
    let class_path = class_path(&classes, home, &plan.beside);
    if !scala.is_empty() {
        // It reads the Java sources, too, for what Scala uses of them, and leaves compiling them to the other.
        let mut args: Vec<OsString> = SCALA_JVM.map(OsString::from).into();
        args.extend(["-cp".into(), home.scala().join("*").into(), "scala.tools.nsc.Main".into()]);
        args.extend(["-encoding", "UTF-8", "-nowarn", "-classpath"].map(OsString::from));
        args.extend([class_path.clone(), "-d".into(), classes.clone().into()]);
        args.extend(scala.iter().chain(java).map(OsString::from));
        build.step("scalac", &home.java, args, COMPILE_LIMIT)?;
    }
    if !java.is_empty() {
        let mut args: Vec<OsString> = JAVAC_OPTIONS.map(OsString::from).into();
        args.extend(["-cp".into(), class_path, "-sourcepath".into(), root.into()]);
        args.extend(["-d".into(), classes.clone().into()]);
        args.extend(java.iter().map(OsString::from));
        build.step("javac", &home.javac, args, COMPILE_LIMIT)?;
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
