//! What a plug-in says while its tool runs, each remark once.

use gridnode_launch::ToolKind;
use gridnode_launch::report::{Level, Report};

/// Follows a report.
#[derive(Debug, Default)]
pub struct Remarks {
    seen: usize,
}

impl Remarks {
    /// The warnings that are new. What judges the run is kept for its end.
    pub fn fresh(&mut self, kind: ToolKind, report: &Report) -> Vec<String> {
        let new = report.remarks().get(self.seen..).unwrap_or_default();
        self.seen = self.seen.max(report.remarks().len());
        let mut warnings = Vec::new();
        for remark in new {
            match remark.level {
                Level::Info => tracing::debug!("{}: {}", kind.title(), remark.text),
                Level::Warning => warnings.push(remark.text.clone()),
                Level::Doubt
                | Level::CutShort
                | Level::Fatal
                | Level::Unsent
                | Level::EndedItself
                | Level::LeftEarly
                | Level::NotBegun
                | Level::ExitedAfter => {}
            }
        }
        warnings
    }
}
