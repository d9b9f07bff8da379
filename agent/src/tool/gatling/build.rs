//! Compiles a plan. Macros of a plan's libraries run in Scala's compiler, so both compilers get what a tool gets: a made
//! environment, a supervisor, an end of the whole tree.

use super::flood;
use super::plan::{CheckedPlan, PlanKind};
use crate::tool::gatling::install::GatlingHome;
use crate::tool::plan_build::{BuildError, JAVAC_OPTIONS, PlanBuild};
use gridnode_launch::gatling::old_words::advice;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Large suites take a minute.
const COMPILE_LIMIT: Duration = Duration::from_secs(10 * 60);
/// Scala's compiler recurses deeply; the less a short-lived JVM optimizes, the sooner it is done.
const SCALA_JVM: [&str; 3] = ["-Xss8m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/// As Gatling's own plug-ins for build tools compile. Warnings would bury the errors.
const SCALAC_OPTIONS: [&str; 5] =
    ["-encoding", "UTF-8", "-nowarn", "-language:implicitConversions", "-language:postfixOps"];

/// Compiles and returns the directory of the classes; a jar needs nothing, or the package that it was built with.
pub(super) fn build(
    plan: &CheckedPlan,
    home: &GatlingHome,
    build: &PlanBuild<'_>,
) -> Result<Option<PathBuf>, BuildError> {
    let flood = flood::package_for(plan, build.dir)?;
    let (roots, java, scala): (&[PathBuf], &[PathBuf], &[PathBuf]) = match (&plan.kind, &flood) {
        (PlanKind::Sources { roots, java, scala }, _) => (roots, java, scala),
        (PlanKind::Jar { .. }, Some(_)) => (&[], &[], &[]),
        (PlanKind::Jar { .. }, None) => return Ok(None),
    };
    let classes = build.classes()?;
    let class_path = class_path(&classes, home, &plan.beside);
    if !scala.is_empty() || flood.is_some() {
        // It reads the Java sources, too, for what Scala uses of them, and leaves compiling them to the other.
        let mut args: Vec<OsString> = SCALA_JVM.map(OsString::from).into();
        args.extend(["-cp".into(), home.scala().join("*").into(), "scala.tools.nsc.Main".into()]);
        args.extend(SCALAC_OPTIONS.map(OsString::from));
        args.push("-classpath".into());
        args.extend([class_path.clone(), "-d".into(), classes.clone().into()]);
        args.extend(scala.iter().chain(java).chain(&flood).map(OsString::from));
        advised(build.step("scalac", &home.java, args, COMPILE_LIMIT), home)?;
    }
    if !java.is_empty() {
        let mut args: Vec<OsString> = JAVAC_OPTIONS.map(OsString::from).into();
        args.extend(["-cp".into(), class_path, "-sourcepath".into(), list(roots)]);
        args.extend(["-d".into(), classes.clone().into()]);
        args.extend(java.iter().map(OsString::from));
        advised(build.step("javac", &home.javac, args, COMPILE_LIMIT), home)?;
    }
    Ok(Some(classes))
}

/// A compiler's words, below a sentence that says more where they are known.
fn advised(step: Result<(), BuildError>, home: &GatlingHome) -> Result<(), BuildError> {
    step.map_err(|error| match error {
        BuildError::Refused { plan, words } => {
            let advice =
                advice(&words, &home.version).map(|advice| format!("{advice}\n")).unwrap_or_default();
            BuildError::Refused { plan, words: format!("{advice}{words}") }
        }
        other => other,
    })
}

fn class_path(classes: &Path, home: &GatlingHome, beside: &[PathBuf]) -> OsString {
    let lib = home.lib().join("*");
    list([classes, &lib].into_iter().chain(beside.iter().map(PathBuf::as_path)))
}

fn list(paths: impl IntoIterator<Item = impl AsRef<Path>>) -> OsString {
    let mut list = OsString::new();
    for path in paths {
        if !list.is_empty() {
            list.push(":");
        }
        list.push(path.as_ref());
    }
    list
}
