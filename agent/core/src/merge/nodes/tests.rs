use super::*;
use crate::base::ids::LabelId;
use crate::measure::accumulator::Accumulator;
use crate::measure::run_totals::RunTotals;
use crate::measure::series::{SeriesIndex, SeriesInfo};
use proptest::prelude::*;
use std::sync::Arc;

/// Of samples (label, kind, time, passed).
fn totals(samples: &[(u32, bool, u64, bool)]) -> StatedTotals {
    let mut totals = RunTotals::default();
    totals.add_window(10, 20, samples.len() as u64);
    for &(n, is_transaction, us, ok) in samples {
        let label = format!("label {n}");
        let kind = if is_transaction { Kind::Transaction } else { Kind::Request };
        let info = SeriesInfo { label_id: LabelId::of(&label), label: label.into(), kind, alternate: false };
        let mut numbers = Accumulator { count: 1, ..Accumulator::default() };
        *if ok { &mut numbers.passed } else { &mut numbers.failed } = 1;
        numbers.rt.add(us);
        numbers.sketch.record(us);
        totals.add_series(SeriesIndex(n * 2 + u32::from(is_transaction)), &Arc::new(info), &numbers);
    }
    StatedTotals::of(&totals)
}

fn merged(nodes: &[StatedTotals]) -> NodesMerge {
    let mut merge = NodesMerge::default();
    nodes.iter().for_each(|node| merge.add(node).unwrap());
    merge
}

proptest! {
    #[test]
    fn receipts_of_nodes_are_those_of_all_samples(
        samples in prop::collection::vec((0..9_u32, any::<bool>(), 0..9_000_000_u64, any::<bool>()), 0..200),
        cut in 0..200_usize,
    ) {
        let (a, b) = samples.split_at(cut.min(samples.len()));
        let whole = merged(&[totals(&samples)]);
        for nodes in [[totals(a), totals(b)], [totals(b), totals(a)]] {
            let nodes = merged(&nodes);
            prop_assert_eq!(nodes.total(), whole.total());
            prop_assert_eq!(nodes.labels(), whole.labels());
        }
    }

    #[test]
    fn a_receipt_that_was_made_smaller_has_the_same_total(
        samples in prop::collection::vec((0..9_u32, Just(false), 0..9_000_000_u64, any::<bool>()), 1..100),
    ) {
        let whole = totals(&samples);
        let mut small = whole.clone();
        small.shorten().unwrap();
        prop_assert_eq!(merged(&[small]).total(), merged(&[whole]).total());
    }
}

#[test]
fn a_label_that_a_node_may_have_among_its_others_is_partial() {
    let many: Vec<_> = (0..201).map(|n| (n, false, 5, true)).chain([(0, false, 5, true)]).collect();
    let merge = merged(&[totals(&many), totals(&[(0, false, 5, true), (500, false, 5, true)])]);
    assert!(!merge.is_partial("label 0", Kind::Request), "both name it");
    assert!(merge.is_partial("label 0", Kind::Transaction), "the first might have it");
    assert!(merge.is_partial("label 500", Kind::Request));
    assert_eq!(merge.total().count, 204);
}

#[test]
fn what_cannot_be_read_changes_nothing() {
    let mut broken = totals(&[(1, false, 5, true), (2, false, 5, true)]);
    broken.labels[1].numbers.sketch = "no sketch".to_owned();
    let mut merge = NodesMerge::default();
    assert!(merge.add(&broken).is_err());
    assert_eq!((merge.total().count, merge.labels().len()), (0, 0));
}
