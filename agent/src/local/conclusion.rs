//! What a run comes to: its numbers from the very lines that were sent, `summary.json`, the exit.

use super::merge_files::{merge_files, stretches_of};
use super::run::Ended;
use crate::base::exit::Exit;
use crate::cage::foreign_file;
use crate::cage::removal::remove_tree;
use crate::tool::scratch_dirs;
use gridnode_core::judge::{Judged, Threshold};
use gridnode_core::merge::{FloodSummary, Merge, Runs, Stretches, Summary};
use gridnode_core::report::LoadModel;
use gridnode_core::run::outcome::Outcome;
use gridnode_core::run::receipt::Receipt;
use serde::Serialize;
use std::path::Path;

/// See the module's head.
#[derive(Debug)]
pub struct Conclusion {
    /// The numbers.
    pub summary: Summary,
    /// What keeps them from being the whole truth, beside the doubts of the receipt.
    pub doubts: Vec<String>,
    /// Lines that could not be merged.
    pub remarks: Vec<String>,
    /// All samples that were counted are in the numbers.
    pub is_whole: bool,
    /// There is no `summary.json`.
    pub is_unwritten: bool,
    /// What came of the thresholds, and why nobody should go by it.
    pub judged: Judged,
    /// How the command ends.
    pub exit: Exit,
}

/// What a run must keep to.
#[derive(Debug, Default)]
pub struct Asked<'a> {
    /// The thresholds.
    pub thresholds: &'a [Threshold],
    /// They are judged although the machine was too busy.
    pub accepts_saturated: bool,
}

fn judged(
    &Asked { thresholds, accepts_saturated }: &Asked<'_>,
    (summary, stretches): (&Summary, Option<&Stretches>),
    ended: &Ended,
    is_doubtless: bool,
) -> Judged {
    if thresholds.is_empty() {
        return Judged::default();
    }
    let saturated = ended.receipt.health.as_ref().filter(|health| health.saturated > 0);
    let busy = saturated.map(|health| {
        format!("this machine was too busy to measure in {} of {} windows", health.saturated, health.windows)
    });
    let (refused, caveat) = match busy {
        _ if !is_doubtless => (Some("the numbers are not whole".to_owned()), None),
        _ if ended.receipt.silent_end_s.is_some() => {
            (Some("what was under way at the end of the run is in no number".to_owned()), None)
        }
        busy if accepts_saturated => (None, busy),
        busy => (busy, None),
    };
    let flood = summary.floods.first();
    let thresholds = thresholds.iter().flat_map(|one| one.judge(flood, stretches)).collect();
    Judged { thresholds, refused, caveat }
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    receipt: &'a Receipt,
    doubts: &'a [String],
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    judged: Option<&'a Judged>,
    load_model: LoadModel,
    summary: &'a Summary,
}

struct Numbers {
    summary: Summary,
    doubts: Vec<String>,
    remarks: Vec<String>,
}

/// Merges what is in `out`, writes `summary.json` there and removes what nobody needs. `inside`: what the Drain inside of
/// this process got, if it was that one; `asked`: what it must keep to; `load_model`: whether its users waited. A directory that was removed or is full costs the files in it, not the numbers.
#[must_use]
pub fn conclude(
    out: &Path,
    ended: &Ended,
    inside: Option<&Summary>,
    asked: &Asked<'_>,
    load_model: LoadModel,
) -> Conclusion {
    let thresholds = asked.thresholds;
    let receipt = &ended.receipt;
    let Numbers { summary, doubts: mut own_doubts, remarks } = numbers(out, receipt, inside);
    let mut stretches = Threshold::stretches(thresholds);
    if let Some(stretches) = &mut stretches {
        own_doubts
            .extend(stretches_of(&out.join("rollups.lp"), stretches).err().map(|error| error.to_string()));
    }
    let doubts = all_doubts(receipt, &own_doubts);
    let doubtless = |own: &[String]| receipt.account_doubts().is_empty() && own.is_empty();
    let judged = judged(asked, (&summary, stretches.as_ref()), ended, doubtless(&own_doubts));
    let shown = (!thresholds.is_empty()).then_some(&judged);
    let document =
        Document { version: 1, receipt, doubts: &doubts, judged: shown, load_model, summary: &summary };
    let unwritten = write_document(out, &document).err();
    let is_unwritten = unwritten.is_some();
    own_doubts.extend(unwritten);
    tidy(out, receipt);
    let is_whole = samples(&summary) >= receipt.ledger.aggregated;
    let exit = exit(ended, doubtless(&own_doubts), &judged);
    Conclusion { summary, doubts: own_doubts, remarks, is_whole, is_unwritten, judged, exit }
}

/// For whoever reads the document alone: what is wrong with the account, with the run and with the machine. A saturated
/// machine is in the warnings.
fn all_doubts(receipt: &Receipt, own: &[String]) -> Vec<String> {
    let account = receipt.account_doubts();
    account
        .into_iter()
        .chain(receipt.outcome.complaint())
        .chain(receipt.warnings.iter().cloned())
        .chain(own.iter().cloned())
        .collect()
}

fn exit(ended: &Ended, doubtless: bool, judged: &Judged) -> Exit {
    match (&ended.receipt.outcome, ended.signal) {
        (Outcome::Failed(_), None) if ended.receipt.ledger.aggregated == 0 => Exit::CouldNotRun,
        (Outcome::Failed(_) | Outcome::Expired(_), None) => Exit::ToolFailed,
        (_, Some(signal)) => Exit::by_signal(signal),
        _ if !doubtless => Exit::NotTrustworthy,
        (Outcome::AssertionsFailed(_), None) => Exit::AssertionsFailed,
        _ if judged.refused.is_some() => Exit::NotTrustworthy,
        // Late samples may have mended it since: the run was stopped for it all the same.
        _ if ended.broken.is_some() || !judged.all_hold() => Exit::AssertionsFailed,
        _ => Exit::Fine,
    }
}

fn write_document(out: &Path, document: &Document<'_>) -> Result<(), String> {
    let path = out.join("summary.json");
    let json = serde_json::to_vec_pretty(document).map_err(std::io::Error::from);
    let written = json.and_then(|json| foreign_file::put(&path, &json));
    written.map_err(|error| {
        // Half a document is worse than none.
        let _ = std::fs::remove_file(&path);
        format!("failed to write {}: {error}", path.display())
    })
}

/// The numbers, and what keeps them from being the whole truth: merged from the copy of the lines that went to the
/// Drain, or, where that file did not survive the run, what the Drain inside of this process has.
fn numbers(out: &Path, receipt: &Receipt, inside: Option<&Summary>) -> Numbers {
    let aggregated = receipt.ledger.aggregated;
    let all_delivered = receipt.delivery.delivered == aggregated;
    let mut remarks = Vec::new();
    let mut doubts = Vec::new();
    let own = match merge_files(&[out.join("rollups.lp")], Runs::Apart) {
        Ok(merged) => {
            remarks = merged.remarks;
            merged.summary
        }
        Err(error) => {
            doubts.push(error.to_string());
            Merge::new().summary()
        }
    };
    let is_whole = samples(&own) >= aggregated;
    match inside {
        Some(inside) if is_whole && all_delivered => doubts.extend(differs(inside, &own)),
        Some(inside) if samples(inside) >= aggregated => {
            doubts
                .push("rollups.lp is not whole; the numbers shown are those that were delivered".to_owned());
            return Numbers { summary: inside.clone(), doubts, remarks };
        }
        _ if is_whole => {}
        _ => doubts.push(format!(
            "only {} of {aggregated} samples are in the numbers shown: rollups.lp is not whole",
            samples(&own)
        )),
    }
    Numbers { summary: own, doubts, remarks }
}

fn samples(summary: &Summary) -> u64 {
    summary.floods.iter().flat_map(|flood| &flood.labels).map(|label| label.count).sum()
}

/// What the Drain got must be what was sent.
fn differs(inside: &Summary, own: &Summary) -> Option<String> {
    (comparable(inside) != comparable(own)).then(|| {
        "the Drain inside of this process got other numbers than were sent: this is a fault of gridnode"
            .to_owned()
    })
}

/// Standard deviations are sums of floats, which depend on the order of writes; everything else does not.
fn comparable(summary: &Summary) -> Vec<FloodSummary> {
    let mut floods = summary.floods.clone();
    for flood in &mut floods {
        let labels = flood.labels.iter_mut().chain([&mut flood.total]);
        labels.for_each(|label| label.response_time.stddev_ms = None);
    }
    floods
}

/// Removes what nobody needs: the spool, when everything left it.
fn tidy(out: &Path, receipt: &Receipt) {
    let delivery = &receipt.delivery;
    if delivery.spooled + delivery.quarantined + delivery.uncertain == 0 {
        // A leftover is untidy and nothing worse.
        let _ = remove_tree(&out.join("state"));
    }
    for dir in scratch_dirs(out) {
        let _ = remove_tree(&dir);
    }
}
