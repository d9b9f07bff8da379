//! What is done to a plan before a browser starts: Python's syntax check, Java's compiler. Neither is meant to run anything of the
//! plan; both get what a tool gets all the same, so that they end with whoever wants them.

use super::plan::{CheckedPlan, PlanKind};
use crate::tool::plan_build::{BuildError, JAVAC_OPTIONS, PlanBuild};
use crate::tool::selenium::install::SeleniumHome;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

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

/// A compiled Java plan.
#[derive(Debug)]
pub(super) struct Compiled {
    /// The directory of its classes.
    pub classes: PathBuf,
    /// All that it is started with.
    pub class_path: OsString,
}

/// Builds a plan; a script needs nothing.
pub(super) fn build(
    plan: &CheckedPlan,
    home: &SeleniumHome,
    build: &PlanBuild<'_>,
) -> Result<Option<Compiled>, BuildError> {
    match &plan.kind {
        PlanKind::Python => {
            let mut args: Vec<OsString> = ["-I", "-B", "-c", SYNTAX_SCRIPT].map(OsString::from).into();
            args.push(plan.path.clone().into());
            build.step("syntax", &home.python, args, SYNTAX_LIMIT)?;
            Ok(None)
        }
        PlanKind::Java { sources, jars } => {
            let classes = build.classes()?;
            let mut class_path = classes.clone().into_os_string();
            for jar in jars {
                class_path.push(":");
                class_path.push(jar);
            }
            class_path.push(":");
            class_path.push(home.class_path());
            let mut args: Vec<OsString> = JAVAC_OPTIONS.map(OsString::from).into();
            // A helper of the plan's own stands before ours of the same name, whichever file is newer.
            args.push("-Xprefer:source".into());
            args.extend(["-cp".into(), class_path.clone(), "-sourcepath".into()]);
            args.extend([plan.directory.clone().into(), "-d".into(), classes.clone().into()]);
            args.extend(sources.iter().map(OsString::from));
            build.step("javac", &home.javac, args, COMPILE_LIMIT)?;
            Ok(Some(Compiled { classes, class_path }))
        }
    }
}
