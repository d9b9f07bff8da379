//! What the end of a run means, whatever its tool.

use crate::base::file_threads::{FILES, NotDone};
use crate::tool::files::ToolFiles;
use crate::tool::judgement::{Judgement, Measured};
use crate::tool::{gatling, jmeter};
use gridnode_core::run::verdict::{RunFacts, Verdict};
use gridnode_launch::ToolKind;
use gridnode_launch::report::Level;
use gridnode_launch::selenium::verdict as selenium;
use std::time::Duration;

/// Time for a judgement: logs may be long.
pub const JUDGE_WAIT: Duration = Duration::from_secs(15);

/// Judges a run by its files and what is known of it. Blocks.
pub fn judge(files: &ToolFiles, facts: &RunFacts, measured: &Measured) -> Judgement {
    match files.kind {
        ToolKind::Jmeter => jmeter::judge(files, facts, &measured.labels),
        ToolKind::Gatling => gatling::judge(files, facts, measured),
        ToolKind::Selenium => {
            let report = files.report();
            let verdict = selenium::judge(facts, report.fatal(), report.cut_short());
            let said = report.of(Level::Doubt).filter(|_| !facts.stop_asked);
            Judgement { verdict, doubts: said.map(|remark| remark.text.clone()).collect() }
        }
    }
}

/// Judges a run, without its files should they not come in time.
pub async fn judge_in_time(files: &ToolFiles, facts: RunFacts, measured: Measured) -> Judgement {
    let files = files.clone();
    let judged = FILES.within(JUDGE_WAIT, move || judge(&files, &facts, &measured)).await;
    judged.unwrap_or_else(|why| unjudged(&facts, &why))
}

/// Of a run whose files could not be read.
pub fn unjudged(facts: &RunFacts, why: &NotDone) -> Judgement {
    if facts.stop_asked {
        return Judgement::of(Verdict::Stopped);
    }
    let verdict =
        Verdict::Failed { reason: format!("nobody knows how it ended, its logs could not be read: {why}") };
    Judgement::of(verdict)
}
