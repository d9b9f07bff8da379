//! Rows of the page's smaller tables.

use crate::console::number::{count, rate};
use crate::console::text::clean;
use gridnode_core::judge::Judgement;
use gridnode_core::report::{FailureRow, Node};
use std::fmt::Write as _;

/// Where a run leaves its traces.
const TRACES: &str = "failures/";

pub(super) struct ThresholdCells {
    pub(super) threshold: String,
    pub(super) label: String,
    pub(super) value: String,
    /// Every digit.
    pub(super) exact: String,
    pub(super) holds: &'static str,
    pub(super) tone: &'static str,
}

pub(super) struct FailureCells {
    pub(super) count: String,
    pub(super) label: String,
    pub(super) code: String,
    pub(super) error: String,
    pub(super) trace: String,
    /// Where it leads, if it may.
    pub(super) href: Option<String>,
}

pub(super) struct NodeCells {
    pub(super) name: String,
    pub(super) tone: &'static str,
    /// Whether it is a number, and what it says.
    pub(super) cells: Vec<(bool, String)>,
}

pub(super) fn threshold(judged: &Judgement) -> ThresholdCells {
    let exact = judged.value.map(|value| value.to_string());
    ThresholdCells {
        threshold: clean(&judged.threshold),
        label: judged.label.as_deref().map_or_else(|| "all requests".to_owned(), clean),
        value: judged.value.map_or_else(|| "–".to_owned(), rate),
        exact: exact.unwrap_or_default(),
        holds: if judged.holds { "yes" } else { "no" },
        tone: if judged.holds { "" } else { "bad" },
    }
}

pub(super) fn failure(row: &FailureRow, is_beside_traces: bool) -> FailureCells {
    let failure = &row.failure;
    let mark = if failure.kind == "transaction" { "[T] " } else { "" };
    let example = if failure.varies { "e.g. " } else { "" };
    let trace = failure.trace.as_deref();
    let shown = match (trace, is_beside_traces) {
        (Some(trace), false) => format!("{}: {}", clean(&row.node), clean(trace)),
        (trace, _) => trace.map(clean).unwrap_or_default(),
    };
    FailureCells {
        count: count(failure.count),
        label: format!("{mark}{}", clean(&failure.label)),
        code: clean(&failure.code),
        error: format!("{example}{}", clean(&failure.error)),
        trace: shown,
        href: trace.filter(|_| is_beside_traces).and_then(href),
    }
}

/// Of a file right below `failures` only, where names say nothing of a directory: one that leads anywhere else is no trace of ours.
fn href(trace: &str) -> Option<String> {
    let name = trace.strip_prefix(TRACES).unwrap_or(trace);
    if !name.ends_with(".json") || name.contains(['/', '\\']) || name.starts_with('.') {
        return None;
    }
    let mut link = TRACES.to_owned();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            link.push(char::from(byte));
        } else {
            // Writing to a text does not fail.
            let _ = write!(link, "%{byte:02X}");
        }
    }
    Some(link)
}

pub(super) fn node(node: &Node) -> NodeCells {
    let amount = |name: &str| {
        let amount = node.amounts.get(name).copied().unwrap_or(0);
        (true, count(u64::try_from(amount).unwrap_or(0)))
    };
    let percent = |value: Option<f64>| {
        (true, value.map_or_else(|| "–".to_owned(), |value| format!("{} %", rate(value))))
    };
    let readings = node.readings.clone().unwrap_or_default();
    let saturated = node.saturated.map_or_else(|| "–".to_owned(), |(bad, all)| format!("{bad} of {all}"));
    let is_bad =
        node.amounts.get("lost").is_some_and(|n| *n > 0) || node.saturated.is_some_and(|(bad, _)| bad > 0);
    NodeCells {
        name: clean(&node.name),
        tone: if is_bad { "bad" } else { "" },
        cells: vec![
            (true, node.run.to_string()),
            (false, node.outcome.as_deref().map_or_else(|| "not known".to_owned(), clean)),
            amount("received"),
            amount("aggregated"),
            amount("lost"),
            amount("rejected"),
            (true, saturated),
            percent(readings.cpu_percent_max),
            percent(readings.memory_percent_max),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_trace_and_nowhere_else() {
        assert_eq!(
            href("failures/GET-cart-500-3f9a.json").as_deref(),
            Some("failures/GET-cart-500-3f9a.json")
        );
        assert_eq!(href("GET-cart-500-3f9a.json"), href("failures/GET-cart-500-3f9a.json"));
        assert_eq!(href("failures/a b\"<#?.json").as_deref(), Some("failures/a%20b%22%3C%23%3F.json"));
        for elsewhere in [
            "javascript:alert(1)",
            "failures/../summary.json",
            "../summary.json",
            "failures/..",
            "failures/",
            "//x/failures/a",
            "/etc/passwd",
        ] {
            assert_eq!(href(elsewhere), None, "{elsewhere}");
        }
    }
}
