//! The package `flood` that plans written for Flood import.

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

/// Writes it to `dir` for a plan in Scala that imports it and has none of its own, and says where it is.
pub(super) fn package_for(plan: &CheckedPlan, dir: &Path) -> Result<Option<PathBuf>, BuildError> {
    let PlanKind::Sources { scala, .. } = &plan.kind else { return Ok(None) };
    // What cannot be read is the compiler's to say.
    let texts: Vec<String> = scala.iter().filter_map(|path| text(path).ok()).collect();
    let any = |words: &[&str]| texts.iter().any(|text| words.iter().any(|word| text.contains(word)));
    if !any(&[ASKS]) || any(&HAS) {
        return Ok(None);
    }
    let path = dir.join(NAME);
    match write_private(&path, SOURCE.as_bytes()) {
        Ok(()) => Ok(Some(path)),
        Err(source) => Err(BuildError::Write { path, source }),
    }
}
