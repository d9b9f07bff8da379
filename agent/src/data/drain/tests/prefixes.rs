//! A crash after any operation of a real run, on real files: a start finds every batch once.

use super::delivered::{Driver, unzipped};
use super::*;
use crate::data::spool::Spool;
use gridnode_core::outbound::Input;
use gridnode_core::outbound::spool::{Job, Operation, SPOOL};
use std::collections::{BTreeMap, BTreeSet};

/// Lines of the batches that have their names in the spool.
fn named(operations: &[Operation]) -> BTreeSet<String> {
    let mut bodies = BTreeMap::new();
    let mut lines = BTreeSet::new();
    for operation in operations {
        match operation {
            Operation::Write { path, body } => drop(bodies.insert(path, body)),
            Operation::Rename { from, to, .. } if to.starts_with(SPOOL) => {
                lines.extend(unzipped(bodies[from]))
            }
            _ => {}
        }
    }
    lines
}

#[tokio::test]
async fn after_any_prefix_of_what_the_disk_was_asked_for_every_line_is_delivered_once() {
    let dir = tempfile::tempdir().unwrap();
    let statuses = [503, 413, 204, 413, 204, 204, 204];
    let drain = FakeDrain::start(statuses.map(|status| response(status, "", "")).to_vec()).await;
    let mut driver = Driver::new(dir.path(), &format!("http://{}", drain.addr));
    for some in [0..4, 4..6, 6..8] {
        let lines: String =
            some.clone().map(|i| format!("transaction_rate_mean,label_id={i} count=10i {i}\n")).collect();
        driver.write(&lines, 10 * some.count() as u64).await;
    }
    let total = driver.run().await;
    assert!(total.delivered.samples == 80 && total.splits == 2, "{total:?}");
    let (asked, _) = driver.end();
    let stored: Vec<Vec<String>> = drain.requests().iter().map(|request| unzipped(&request.body)).collect();
    let operations: Vec<Operation> = asked.iter().map(|(operation, _)| operation.clone()).collect();
    for end in 0..=operations.len() {
        let posts = end.checked_sub(1).map_or(0, |last| asked[last].1);
        let before = stored.iter().enumerate().take(posts);
        let before = before.filter(|(at, _)| statuses[(*at).min(statuses.len() - 1)] == 204);
        let before: BTreeSet<String> = before.flat_map(|(_, lines)| lines.clone()).collect();
        after(&operations[..end], &before).await;
    }
    assert!(operations.len() > 50, "a run that asks for little shows little");
}

/// `before` is what the Drain had by then. What it gets again is what no account had said that it has.
async fn after(operations: &[Operation], before: &BTreeSet<String>) {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = Spool::open(dir.path()).unwrap();
    let done = spool.carry_out(&Job { ticket: 1, operations: operations.to_vec() });
    assert!(done.result.is_ok(), "{done:?}");
    drop(spool);
    let drain = FakeDrain::start(vec![response(204, "", "")]).await;
    let mut driver = Driver::new(dir.path(), &format!("http://{}", drain.addr));
    driver.input(Input::Tick).await;
    let total = driver.run().await;
    let left = driver.end().1;
    let named = named(operations);
    let came: Vec<String> = drain.requests().iter().flat_map(|request| unzipped(&request.body)).collect();
    let what = format!("after {} operations, the last {:?}", operations.len(), operations.last());
    let once: BTreeSet<String> = came.iter().cloned().collect();
    assert_eq!(once.len(), came.len(), "{what}: a line came twice");
    assert!(named.is_subset(&once.union(before).cloned().collect()), "{what}: a line is lost");
    assert!(total.balance() && total.delivered == total.entered, "{what}: {total:?}");
    assert_eq!(total.delivered.samples, 10 * named.len() as u64, "{what}: each batch is in one account");
    assert_eq!(left, 0, "{what}: files are left");
}
