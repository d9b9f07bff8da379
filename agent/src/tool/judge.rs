//! What the end of a run means, whatever its tool.

use crate::tool::files::ToolFiles;
use crate::tool::jmeter;
use gridnode_core::run::verdict::{RunFacts, Verdict};
use gridnode_launch::ToolKind;
use gridnode_launch::gatling::verdict as gatling;
use gridnode_launch::selenium::verdict as selenium;

/// Judges a run by its files and what is known of it. Blocks.
pub fn judge(files: &ToolFiles, facts: &RunFacts) -> Verdict {
    match files.kind {
        ToolKind::Jmeter => jmeter::judge(files, facts),
        ToolKind::Selenium => selenium::judge(facts, files.report().fatal()),
        ToolKind::Gatling => gatling::judge(facts, &files.report(), &files.said()),
    }
}
