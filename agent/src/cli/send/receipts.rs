//! What nodes say at the end of a run, kept while it is shown: receipts are merged as they come, for a grid has many.

use super::printer::Printer;
use super::watch::GridWatch;
use crate::control::aws::Aws;
use crate::control::send::{Listener, News, fetch_receipts};
use crate::local::conclusion::Asked;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunIdentity;
use gridnode_core::base::tags::Tags;
use gridnode_core::node::event::EventBody;
use gridnode_core::node::follow::{Expected, NodeState};
use gridnode_core::report::{GridEnd, GridReport, GridRun, NodeEnd};
use std::collections::BTreeMap;
use std::io;

/// Passes everything on, and keeps what is needed for the end.
pub struct Receipts {
    printer: Printer,
    /// While it goes on; `None` where nodes say nothing then.
    watch: Option<GridWatch>,
    /// It was stopped for a threshold.
    is_called_off: bool,
    run: GridRun,
    /// Why runs did not complete, by node.
    reasons: BTreeMap<Ident, String>,
    /// Receipts that lie elsewhere, by node.
    locations: BTreeMap<String, String>,
    /// How the nodes stand at the end.
    states: BTreeMap<Ident, NodeState>,
}

impl Receipts {
    /// None yet.
    pub fn new(printer: Printer, watch: Option<GridWatch>) -> Self {
        let (run, reasons) = (GridRun::default(), BTreeMap::new());
        let is_called_off = false;
        Self {
            printer,
            watch,
            is_called_off,
            run,
            reasons,
            locations: BTreeMap::new(),
            states: BTreeMap::new(),
        }
    }

    /// Gives the terminal back, if it was taken.
    pub fn watched(&mut self) {
        self.watch = None;
        self.printer.is_aside = false;
    }

    /// Fetches what lies elsewhere, and puts all together.
    pub async fn conclude(
        self,
        aws: &Aws,
        (identity, tags): (RunIdentity, Tags),
        expected: &Expected,
        asked: &Asked<'_>,
    ) -> GridReport {
        let Self { mut run, reasons, locations, states, is_called_off, .. } = self;
        fetch_receipts(aws, locations, |node, fetched| match fetched {
            Ok(receipt) => run.add(&node, &receipt),
            Err(why) => run.add_missing(&node, why),
        })
        .await;
        let accepts_saturated = asked.accepts_saturated;
        let end = GridEnd {
            tags,
            accepts_saturated,
            ..end(identity, (&states, is_called_off), &reasons, expected)
        };
        run.conclude(end, asked.thresholds)
    }
}

impl Listener for Receipts {
    fn hear(&mut self, news: News<'_>) -> io::Result<()> {
        match &news {
            News::Event(event) => {
                if let EventBody::FloodFinished { reason, receipt, receipt_location, .. } = &event.body {
                    let node = event.node.to_string();
                    match (receipt, receipt_location) {
                        (Some(receipt), _) => self.run.add(&node, receipt),
                        (None, Some(location)) => drop(self.locations.insert(node, location.clone())),
                        (None, None) => self.run.add_missing(&node, "it has sent no receipt".to_owned()),
                    }
                    self.reasons.extend(reason.clone().map(|reason| (event.node.clone(), reason)));
                }
            }
            News::Ended(nodes) => {
                self.states = (*nodes).clone();
                self.watched();
            }
            News::Stops(_) => self.is_called_off = true,
            // The figures say more.
            News::Progress { .. } if self.watch.as_mut().is_some_and(GridWatch::has_spoken) => return Ok(()),
            _ => {}
        }
        if let (News::Event(event), Some(watch)) = (&news, &mut self.watch) {
            watch.hear(event);
        }
        self.printer.is_aside = self.watch.as_ref().is_some_and(GridWatch::has_screen);
        self.printer.hear(news)
    }

    fn wants_stop(&mut self) -> Option<String> {
        self.watch.as_mut().and_then(GridWatch::take_broken)
    }
}

fn end(
    identity: RunIdentity,
    (states, is_called_off): (&BTreeMap<Ident, NodeState>, bool),
    reasons: &BTreeMap<Ident, String>,
    expected: &Expected,
) -> GridEnd {
    let end = |node: &Ident, state: &NodeState| match state {
        NodeState::Finished { outcome, .. } if is_called_off && outcome == "stopped" => NodeEnd::CalledOff,
        NodeState::Finished { outcome, .. } => {
            NodeEnd::Finished { outcome: outcome.clone(), reason: reasons.get(node).cloned() }
        }
        NodeState::Refused(why) => NodeEnd::Refused { why: why.clone() },
        NodeState::Taken | NodeState::Running | NodeState::Leaving => NodeEnd::Lost,
    };
    let mut nodes: BTreeMap<String, NodeEnd> =
        states.iter().map(|(node, state)| (node.to_string(), end(node, state))).collect();
    let mut unanswered = 0;
    match expected {
        Expected::Anybody => {}
        Expected::Number(n) => unanswered = n.saturating_sub(states.len()) as u64,
        Expected::Nodes(named) => {
            for node in named {
                nodes.entry(node.to_string()).or_insert(NodeEnd::Silent);
            }
        }
    }
    GridEnd { identity, tags: Tags::default(), nodes, unanswered, accepts_saturated: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> RunIdentity {
        let flood = Ident::near("7");
        RunIdentity { account: None, flood, project: None, grid: None, region: None, run: 1 }
    }

    #[test]
    fn who_is_missing_is_known_by_name_or_by_number() {
        let finished = NodeState::Finished { outcome: "failed".to_owned(), trusted: true };
        let states = BTreeMap::from([(Ident::near("a"), finished), (Ident::near("b"), NodeState::Running)]);
        let reasons = BTreeMap::from([(Ident::near("a"), "no Java".to_owned())]);
        let of = |expected| end(identity(), (&states, false), &reasons, &expected);
        let three = of(Expected::Number(3));
        let failed = NodeEnd::Finished { outcome: "failed".to_owned(), reason: Some("no Java".to_owned()) };
        assert_eq!(three.nodes, BTreeMap::from([("a".to_owned(), failed), ("b".to_owned(), NodeEnd::Lost)]));
        assert_eq!(three.unanswered, 1);
        let named = of(Expected::Nodes(["b", "c"].map(Ident::near).into()));
        assert_eq!((named.nodes.get("c"), named.unanswered), (Some(&NodeEnd::Silent), 0));
        assert_eq!(of(Expected::Anybody).unanswered, 0);
    }
}
