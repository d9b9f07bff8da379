//! The nodes of a grid's run below its table: what each has done of it, how it has started, and what is wrong with it.
//!
//! At most [`NODES_SHOWN_MAX`] are shown, those with something wrong first; the others are one line.

use super::number::{count, of};
use super::screen::{Screen, Style};
use super::text::{clean, fit, pad_end, pad_start, width};
use gridnode_core::report::{GridNode, SkewTo};

/// Nodes that are shown: what a person can take in.
const NODES_SHOWN_MAX: usize = 20;
/// A node's name gets no more, columns: the longest of EC2's fits.
const NAME_COLUMNS_MAX: usize = 40;
/// Reasons of one node that are shown.
const FAULTS_SHOWN_MAX: usize = 4;
/// Where nobody knows.
const UNKNOWN: &str = "–";
const HEADINGS: [&str; 4] = ["node", "requests", "share %", "start ms"];
const GAP: &str = "  ";

/// The nodes of a run, which come in the order of their names.
#[must_use]
pub fn render_nodes(screen: &Screen, nodes: &[GridNode]) -> String {
    let (bad, good): (Vec<&GridNode>, Vec<&GridNode>) =
        nodes.iter().partition(|node| !node.faults().is_empty());
    let room = NODES_SHOWN_MAX.saturating_sub(bad.len());
    let mut shown: Vec<&GridNode> = bad.iter().take(NODES_SHOWN_MAX).copied().collect();
    shown.extend(good.iter().take(room));
    shown.sort_by(|a, b| a.node.cmp(&b.node));
    let rows: Vec<[String; 4]> = shown.iter().map(|node| cells(node)).collect();
    let columns: [usize; 4] =
        std::array::from_fn(|at| rows.iter().map(|row| width(&row[at])).fold(HEADINGS[at].len(), usize::max));
    let mut lines =
        vec![screen.paint(Style::Faint, &line(&HEADINGS.map(str::to_owned), columns)).into_owned()];
    for (node, row) in shown.iter().zip(&rows) {
        lines.push(line(row, columns));
        lines.extend(faults(node).iter().map(|fault| screen.paint(Style::Bad, fault).into_owned()));
    }
    let hidden: Vec<&GridNode> =
        bad.iter().skip(NODES_SHOWN_MAX).chain(good.iter().skip(room)).copied().collect();
    lines.extend(rest(&hidden, bad.len().saturating_sub(NODES_SHOWN_MAX)));
    lines.extend(legend(nodes).map(|legend| screen.paint(Style::Faint, &legend).into_owned()));
    lines.join("\n")
}

fn cells(node: &GridNode) -> [String; 4] {
    let unknown = || UNKNOWN.to_owned();
    [
        fit(&node.node, NAME_COLUMNS_MAX),
        node.requests.map_or_else(unknown, count),
        node.share_percent.map_or_else(unknown, |share| format!("{share:.1}")),
        node.start_skew_ms.map_or_else(unknown, skew),
    ]
}

fn line([node, requests, share, start]: &[String; 4], columns: [usize; 4]) -> String {
    let numbers = [(requests, columns[1]), (share, columns[2]), (start, columns[3])];
    let cells = numbers.map(|(cell, columns)| format!("{GAP}{}", pad_start(cell, columns)));
    format!("{}{}", pad_end(node, columns[0]), cells.concat())
}

fn skew(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "+" };
    format!("{sign}{}", count(ms.unsigned_abs()))
}

fn faults(node: &GridNode) -> Vec<String> {
    let all = node.faults();
    let mut lines: Vec<String> =
        all.iter().take(FAULTS_SHOWN_MAX).map(|fault| format!("  - {}", clean(fault))).collect();
    let more = all.len().saturating_sub(FAULTS_SHOWN_MAX);
    if more > 0 {
        lines.push(format!("  - and {} more", of(more as u64, "reason", "reasons")));
    }
    lines
}

/// Those that are not shown, and how they have started.
fn rest(hidden: &[&GridNode], bad: usize) -> Option<String> {
    let starts = || hidden.iter().filter_map(|node| node.start_skew_ms);
    let range = match (starts().min(), starts().max()) {
        (Some(least), Some(most)) => format!(", started at {} to {} ms", skew(least), skew(most)),
        _ => String::new(),
    };
    let bad = if bad > 0 { format!(", {} with something wrong", count(bad as u64)) } else { String::new() };
    (!hidden.is_empty())
        .then(|| format!("… and {}{range}{bad}", of(hidden.len() as u64, "more node", "more nodes")))
}

/// What the starts are measured against.
fn legend(nodes: &[GridNode]) -> Option<String> {
    let to = nodes.iter().find_map(|node| node.start_skew_to)?;
    let from = match to {
        SkewTo::StartAt => "the moment that was agreed on",
        SkewTo::FirstStart => "the first node's",
        SkewTo::FirstSample => "the first sample of any node",
    };
    Some(format!("start: after {from}, by the nodes' own clocks."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, requests: Option<u64>, skew_ms: Option<i64>, complaint: Option<&str>) -> GridNode {
        GridNode {
            node: name.to_owned(),
            outcome: "completed".to_owned(),
            is_merged: requests.is_some(),
            requests,
            failed: requests.map(|_| 0),
            share_percent: requests.map(|_| 50.04),
            planned_share_percent: 33.3,
            users_max: None,
            start_skew_ms: skew_ms,
            start_skew_to: skew_ms.map(|_| SkewTo::FirstStart),
            health: None,
            has_account_doubts: false,
            complaint: complaint.map(str::to_owned),
            doubts: Vec::new(),
        }
    }

    #[test]
    fn what_is_wrong_stands_below_its_node() {
        let mut lost = node("node-c\x1b[2J", None, None, Some("it was lost"));
        lost.doubts = vec!["about 33 % of the load is\x1b[2J missing".to_owned()];
        let nodes =
            [node("node-a", Some(4_922), Some(0), None), node("node-b", Some(12), Some(-1_012), None), lost];
        insta::assert_snapshot!(render_nodes(&Screen::PLAIN, &nodes), @r"
        node        requests  share %  start ms
        node-a         4,922     50.0        +0
        node-b            12     50.0    -1,012
        node-c�[2J         –        –         –
          - it was lost
          - about 33 % of the load is�[2J missing
        start: after the first node's, by the nodes' own clocks.
        ");
    }

    #[test]
    fn of_many_nodes_those_with_something_wrong_are_shown() {
        let mut nodes: Vec<GridNode> =
            (0..900_u32).map(|n| node(&format!("n{n:03}"), Some(10), Some(i64::from(n)), None)).collect();
        nodes[700].complaint = Some("failed".to_owned());
        let text = render_nodes(&Screen::PLAIN, &nodes);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].starts_with("n000") && lines[20].starts_with("n700"), "{text}");
        assert_eq!(
            lines[21..],
            [
                "  - failed",
                "… and 880 more nodes, started at +19 to +899 ms",
                "start: after the first node's, by the nodes' own clocks."
            ]
        );
    }
}
