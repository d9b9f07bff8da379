//! Events and all other news as lines that a person reads.

mod finished;
mod notes;

pub use notes::{distrusted, goes_on, nobody, waits};

use crate::console::number::clock;
use crate::console::{clean, clean_lines, of};
use crate::control::send::News;
use gridnode_core::base::ids::Ident;
use gridnode_core::node::event::{Event, EventBody};
use gridnode_core::node::follow::{GridVerdict, NodeState};
use std::collections::BTreeMap;

/// How further lines of an event begin: a compiler's words, the reasons of failures.
const INDENT: &str = "    ";
/// Nodes that are named in one line; the rest is counted.
const NAMED_MAX: usize = 10;

/// One event: `09:30:05  i-0abc  running   …`. What has several lines keeps them, indented. Texts from outside are
/// cleaned for the terminal.
#[must_use]
pub fn line(event: &Event) -> String {
    let (word, detail) = match &event.body {
        EventBody::NodeReady { .. } => ("ready", String::new()),
        EventBody::CommandRefused { reason, detail } => ("refused", format!("{reason}: {detail}")),
        EventBody::FloodAccepted { start_at: Some(at) } => ("accepted", format!("starts at {at}")),
        EventBody::FloodAccepted { start_at: None } => ("accepted", String::new()),
        EventBody::FloodRunning { start_skew_ms, changes, .. } => {
            let skew = start_skew_ms.map(|skew| format!("{skew} ms after the agreed moment"));
            ("running", skew.into_iter().chain(changes.iter().cloned()).collect::<Vec<_>>().join("; "))
        }
        EventBody::FloodWarning { warning, detail } => ("warning", format!("{warning}: {detail}")),
        EventBody::FloodProgress(progress) => {
            ("progress", of(progress.totals.total.count, "request", "requests"))
        }
        EventBody::FloodFinished { outcome, reason, receipt, receipt_location, .. } => (
            "finished",
            finished::text(outcome, reason.as_deref(), receipt.as_ref(), receipt_location.as_deref()),
        ),
        EventBody::NodeStopping { reason } => ("stopping", reason.clone()),
    };
    let time = event.time.get(11..19).unwrap_or(&event.time);
    clean_lines(&format!("{time}  {}  {word:<8}  {detail}", event.node), INDENT)
}

/// One piece of news in a line.
#[must_use]
pub fn note(news: &News<'_>) -> String {
    match news {
        News::Misplaced(source) => format!("warning: {}", notes::misplaced(source)),
        News::OfPlan(sentence) => format!("note: {sentence}"),
        News::LeftOut { dir, names } => notes::left_out(dir, names),
        News::Packed { dir, files, name } => {
            format!("packed {} ({}) as {name}", dir.display(), of(*files, "file", "files"))
        }
        News::GoesAlong { name } => format!("{name} goes along, because the plan reads it"),
        News::LiesBeside { name } => {
            format!("{name} goes along, because `run` takes it from beside the plan")
        }
        News::IsThere { file, uri } => format!("{} is there already: {uri}", file.display()),
        News::Uploaded { file, bytes, uri } => {
            format!("uploaded {} ({}) to {uri}", file.display(), of(*bytes, "byte", "bytes"))
        }
        News::Sent { command, topic } => format!("sent {} ({}) to {topic}", command.id, notes::asks(command)),
        News::Event(event) => line(event),
        News::Lingers { left_ms, nodes } => {
            let left_s = left_ms.div_ceil(1_000);
            format!(
                "waiting {left_s} s for other nodes to answer; with --expect {nodes} it ends when so many are done"
            )
        }
        News::Progress { elapsed_s, nodes } => progress(*elapsed_s, nodes),
        News::Stops(why) => format!("stopping the run on all nodes: {}", clean(why)),
        News::NotStopped(error) => format!("warning: the stop is not sent yet: {error:#}; trying again"),
        News::Retries(error) => format!("warning: {error}; trying again"),
        News::Ended(nodes) => summary(nodes),
        News::QueueStays { url, error } => format!("warning: {url} stays: {error}; gridnode reap removes it"),
    }
}

/// How the nodes stand, in one line: `00:45  3 nodes have answered: 1 still running, 2 completed`.
fn progress(elapsed_s: u64, nodes: &BTreeMap<Ident, NodeState>) -> String {
    let time = clock(elapsed_s);
    match nodes.len() as u64 {
        0 => format!("{time}  no node has answered yet"),
        n => {
            let all = of(n, "node has answered", "nodes have answered");
            format!("{time}  {all}: {}", clean(&counts(nodes)))
        }
    }
}

/// All nodes in one line: `3 nodes: 2 completed, 1 refused (busy)`.
#[must_use]
pub fn summary(nodes: &BTreeMap<Ident, NodeState>) -> String {
    clean(&format!("{}: {}", of(nodes.len() as u64, "node", "nodes"), counts(nodes)))
}

fn counts(nodes: &BTreeMap<Ident, NodeState>) -> String {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for state in nodes.values() {
        let word = match state {
            NodeState::Taken => "accepted and not heard of since".to_owned(),
            NodeState::Running => "still running".to_owned(),
            NodeState::Finished { outcome, .. } => outcome.clone(),
            NodeState::Refused(reason) => format!("refused ({reason})"),
            NodeState::Leaving => "going away".to_owned(),
        };
        *counts.entry(word).or_default() += 1;
    }
    let parts: Vec<String> = counts.into_iter().map(|(word, n)| format!("{n} {word}")).collect();
    parts.join(", ")
}

/// What a verdict means, where it is not a good one.
#[must_use]
pub fn complaint(verdict: &GridVerdict) -> Option<String> {
    match verdict {
        GridVerdict::Done | GridVerdict::Doubtful | GridVerdict::AssertionsFailed | GridVerdict::NotAll => {
            None
        }
        GridVerdict::TooFew(n) => {
            Some(format!("only {} of those expected", of(*n as u64, "node answered", "nodes answered")))
        }
        GridVerdict::Nobody => Some("no node answered".to_owned()),
        GridVerdict::Distrusted(n) => Some(format!(
            "no node took the command: {} commands that are not signed with a key they know",
            of(*n as u64, "node refuses", "nodes refuse")
        )),
        GridVerdict::TimedOut(open) => {
            let named: Vec<&str> = open.iter().take(NAMED_MAX).map(Ident::as_str).collect();
            let more = match open.len() - named.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            Some(format!("the time to wait is over, and not done yet: {}{more}", named.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests;
