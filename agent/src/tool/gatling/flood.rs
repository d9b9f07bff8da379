//! The package `flood` that plans written for Flood import.

use super::jars;
use super::plan::{CheckedPlan, PlanKind};
use super::sources::text;
use crate::cage::foreign_file::write_private;
use crate::tool::plan_build::BuildError;
use std::path::{Path, PathBuf};

/// Ours.
const SOURCE: &str = include_str!("../../../../plugins/gatling/src/flood/scala/flood/package.scala");
const NAME: &str = "flood-package.scala";
/// How a plan asks for it, and how one says that it has its own.
const ASKS: &str = "import flood.";
const HAS: [&str; 4] = ["package flood", "package object flood", "object flood ", "object flood{"];

/// Writes it to `dir` for a plan in Scala or a built one that imports it and has none of its own, and says where it is.
pub(super) fn package_for(plan: &CheckedPlan, dir: &Path) -> Result<Option<PathBuf>, BuildError> {
    if !asks(&plan.kind) || jars::have_flood(&plan.beside) {
        return Ok(None);
    }
    let path = dir.join(NAME);
    match write_private(&path, SOURCE.as_bytes()) {
        Ok(()) => Ok(Some(path)),
        Err(source) => Err(BuildError::Write { path, source }),
    }
}

fn asks(kind: &PlanKind) -> bool {
    let scala = match kind {
        PlanKind::Sources { scala, .. } => scala,
        PlanKind::Jar { asks_for_flood, .. } => return *asks_for_flood,
    };
    // What cannot be read is the compiler's to say.
    let texts: Vec<String> = scala.iter().filter_map(|path| text(path).ok()).collect();
    let any = |words: &[&str]| texts.iter().any(|text| words.iter().any(|word| text.contains(word)));
    any(&[ASKS]) && !any(&HAS)
}
