//! A label's requests and its transactions, apart: both may have the same text, and so the same `label_id`.
//!
//! Only `transaction_rate_mean` says which of the two a point is of; the other points of the same series and window
//! share its timestamp. They come close together, so a small memory of latest times joins them. Points whose time is
//! forgotten before their kind was said are `undecided`: they go to the only kind that the label has, if it has one.

use super::label::{Change, Label};
use std::collections::VecDeque;

/// Times of a label that are remembered, of each sort. One node writes a label's points next to each other; this leaves
/// room for several writers at once.
const TIMES_MAX: usize = 16;

/// One label's merged numbers by kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Sides {
    request: Option<Label>,
    transaction: Option<Label>,
    undecided: Label,
    /// Times whose kind is known: true for a transaction.
    known: VecDeque<(i64, bool)>,
    /// Points of times whose kind is not known yet.
    waiting: VecDeque<(i64, Label)>,
}

impl Sides {
    pub(super) fn change(&mut self, change: Change, time_ns: i64) {
        if let Change::Transactions { kind, .. } = &change {
            let is_transaction = kind == "transaction";
            self.learn(time_ns, is_transaction);
            return self.side(is_transaction).change(change);
        }
        if let Some(&(_, is_transaction)) = self.known.iter().rev().find(|(time, _)| *time == time_ns) {
            return self.side(is_transaction).change(change);
        }
        if let Some((_, label)) = self.waiting.iter_mut().find(|(time, _)| *time == time_ns) {
            return label.change(change);
        }
        let mut label = Label::default();
        label.change(change);
        self.waiting.push_back((time_ns, label));
        if self.waiting.len() > TIMES_MAX
            && let Some((_, label)) = self.waiting.pop_front()
        {
            self.undecided.add(&label);
        }
    }

    /// One label for each kind there is; at least one.
    pub(super) fn labels(&self) -> Vec<Label> {
        let mut rest = self.undecided.clone();
        self.waiting.iter().for_each(|(_, label)| rest.add(label));
        let mut labels: Vec<Label> = self.request.iter().chain(&self.transaction).cloned().collect();
        match labels.first_mut() {
            Some(first) => first.add(&rest),
            None => labels.push(rest),
        }
        labels
    }

    fn learn(&mut self, time_ns: i64, is_transaction: bool) {
        self.known.push_back((time_ns, is_transaction));
        if self.known.len() > TIMES_MAX {
            self.known.pop_front();
        }
        if let Some(at) = self.waiting.iter().position(|(time, _)| *time == time_ns)
            && let Some((_, label)) = self.waiting.remove(at)
        {
            self.side(is_transaction).add(&label);
        }
    }

    fn side(&mut self, is_transaction: bool) -> &mut Label {
        let side = if is_transaction { &mut self.transaction } else { &mut self.request };
        side.get_or_insert_with(Label::default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::Merge;
    use crate::merge::label::Times;

    fn transactions(count: u64, kind: &str) -> Change {
        let (label, kind) = ("login".to_owned(), kind.to_owned());
        Change::Transactions { count, passed: count, failed: 0, window_s: 1, label, kind }
    }

    fn times(count: u64) -> Change {
        Change::ResponseTime(Times { count, ..Times::default() })
    }

    fn counts(sides: &Sides) -> Vec<(String, u64, u64)> {
        sides.labels().into_iter().map(|label| (label.kind.clone(), label.count, label.times.count)).collect()
    }

    #[test]
    fn points_join_their_kind_by_time_whichever_comes_first() {
        let mut sides = Sides::default();
        sides.change(times(3), 10);
        sides.change(times(1), 20);
        sides.change(transactions(1, "transaction"), 20);
        sides.change(transactions(3, "request"), 10);
        sides.change(Change::Throughput { rx: 5, tx: 0 }, 20);
        assert_eq!(counts(&sides), [("request".to_owned(), 3, 3), ("transaction".to_owned(), 1, 1)]);
        assert_eq!(sides.labels()[1].rx, 5);
    }

    #[test]
    fn with_one_kind_nothing_depends_on_the_order() {
        let mut sides = Sides::default();
        (0..100).for_each(|time| sides.change(times(1), time));
        (0..100).for_each(|time| sides.change(transactions(1, "transaction"), time));
        assert_eq!(counts(&sides), [("transaction".to_owned(), 100, 100)]);
    }

    #[test]
    fn the_total_is_of_requests_only() {
        let mut merge = Merge::new();
        for (time, kind) in [(1, "request"), (2, "transaction")] {
            let line = format!(
                "transaction_rate_mean,flood=7,label_id=00 value=2.0,count=2i,passed=2i,failed=0i,window_s=1.0,\
                 label=\"login\",kind=\"{kind}\" {time}"
            );
            merge.add_line(line.as_bytes()).unwrap();
        }
        let flood = &merge.summary().floods[0];
        let rows: Vec<_> = flood.labels.iter().map(|row| (row.kind.as_str(), row.count)).collect();
        assert_eq!((rows, flood.total.count), (vec![("request", 2), ("transaction", 2)], 2));
    }
}
