//! Thresholds on the merged numbers of all nodes, and when they are no verdict.

use super::{GridNode, GridReport, LabelOfKind};
use crate::judge::{Judged, Threshold};

/// Why there is no verdict, at most so many reasons; the others are counted.
const REFUSALS_SAID_MAX: usize = 3;

pub(super) fn judged(thresholds: &[Threshold], accepts_saturated: bool, report: &GridReport) -> Judged {
    if thresholds.is_empty() {
        return Judged::default();
    }
    let flood = Some(&report.flood).filter(|_| report.nodes.iter().any(|node| node.is_merged));
    let found = thresholds.iter().flat_map(|one| one.judge(flood, None)).collect();
    let mut why: Vec<String> = report.unanswered_said().into_iter().collect();
    why.extend(report.nodes.iter().flat_map(of_node));
    let busy: Vec<String> = report
        .nodes
        .iter()
        .filter_map(|node| Some(format!("{}: {}", node.node, node.saturation()?)))
        .collect();
    let caveat = said(&busy).filter(|_| accepts_saturated);
    if caveat.is_none() {
        why.extend(busy);
    }
    why.extend(thresholds.iter().filter_map(|one| of_labels(one, report)));
    if report.nodes.is_empty() {
        why.push("no node answered".to_owned());
    }
    Judged { thresholds: found, refused: said(&why), caveat }
}

/// Why nobody should go by numbers that have, or lack, those of this node.
fn of_node(node: &GridNode) -> Vec<String> {
    let by = |why: String| format!("{}: {why}", node.node);
    let complaint = node.complaint.clone().filter(|_| !node.is_complete());
    complaint.into_iter().chain(node.doubts.iter().cloned()).map(by).collect()
}

/// Why the labels that a threshold is asked of are not whole: a node may have samples of them among the labels that it does not
/// name.
fn of_labels(threshold: &Threshold, report: &GridReport) -> Option<String> {
    let pattern = threshold.label()?;
    let partial = |one: &&LabelOfKind| threshold.fits(&one.label);
    if let Some(LabelOfKind { label, .. }) = report.partial.iter().find(partial) {
        return Some(format!("{threshold}: a node may have {label} among the labels that it does not name"));
    }
    // With a star there may be further ones, and what nobody names may be there all the same.
    let is_open = pattern.contains('*') || !report.flood.labels.iter().any(|row| threshold.fits(&row.label));
    (report.unnamed_max > 0 && is_open)
        .then(|| format!("{threshold}: it may be of labels that a node does not name"))
}

fn said(why: &[String]) -> Option<String> {
    let named = &why[..why.len().min(REFUSALS_SAID_MAX)];
    let more = match why.len() - named.len() {
        0 => String::new(),
        n => format!("; and {n} more"),
    };
    (!why.is_empty()).then(|| format!("{}{more}", named.join("; ")))
}
