//! What a plug-in says while its tool runs, each remark once.

use crate::tool::files::ToolFiles;
use gridnode_launch::report::Level;

/// Follows a report.
#[derive(Debug, Default)]
pub struct Remarks {
    seen: usize,
}

impl Remarks {
    /// The warnings that are new. What is fatal is kept for the judgement.
    pub fn fresh(&mut self, files: &ToolFiles) -> Vec<String> {
        let report = files.report();
        let new = report.remarks().get(self.seen..).unwrap_or_default();
        self.seen = self.seen.max(report.remarks().len());
        let mut warnings = Vec::new();
        for remark in new {
            match remark.level {
                Level::Info => tracing::debug!("{}: {}", files.kind.title(), remark.text),
                Level::Warning => warnings.push(remark.text.clone()),
                Level::CutShort | Level::Fatal => {}
            }
        }
        warnings
    }
}
