//! Receipts of good and bad runs as they are printed.

use super::*;
use gridnode_core::ids::Ident;
use gridnode_core::ledger::{Account, Rejected};
use gridnode_core::receipt::{DeliveryAccount, Outcome, RunTimes};
use gridnode_core::run::RunIdentity;

/// A run whose samples all came by the per-metric dialect: 20,412 of them, all delivered.
fn receipt() -> Receipt {
    Receipt {
        version: Receipt::VERSION,
        node: "n1".to_owned(),
        identity: RunIdentity {
            account: None,
            flood: Ident::near("7"),
            project: None,
            grid: None,
            region: None,
            run: 1,
        },
        outcome: Outcome::Completed,
        sent_exact: false,
        ledger: Account { received: 20_412, unattributed: 20_412, aggregated: 20_412, ..Account::default() },
        delivery: DeliveryAccount { delivered: 20_412, ..DeliveryAccount::default() },
        sources: Vec::new(),
        times: RunTimes::default(),
        tool: None,
        users_max: 10,
    }
}

/// The same run, from one source that counts what it sends.
fn counted() -> Receipt {
    let mut book = gridnode_core::ledger::SourceBook::default();
    let mark = gridnode_core::sump::LedgerMark {
        source: b"jmeter-1",
        seq: 1,
        samples: 20_412,
        truncated: 0,
        last: true,
        tags: &[],
    };
    let _ = book.check(&mark, 1);
    book.enter(&mark, 1, 20_412);
    let mut receipt = receipt();
    receipt.sent_exact = true;
    receipt.sources = book.sources().to_vec();
    receipt.ledger.sent = 20_412;
    receipt.ledger.unattributed = 0;
    receipt
}

fn shown(receipt: &Receipt) -> String {
    render_receipt(&Screen::PLAIN, receipt)
}

#[test]
fn a_run_without_doubts() {
    insta::assert_snapshot!(shown(&counted()), @r"");
}

#[test]
fn senders_that_do_not_count() {
    insta::assert_snapshot!(shown(&receipt()), @r"");
}

#[test]
fn everything_that_can_go_wrong() {
    let mut receipt = counted();
    receipt.sent_exact = false;
    receipt.ledger = Account {
        sent: 20_512,
        lost: 100,
        kernel_dropped: 3,
        aggregated: 20_400,
        rejected: Rejected { syntax: 2, out_of_range: 10, ..Rejected::default() },
        late: 7,
        folded_samples: 1,
        folded_labels: 1,
        ..receipt.ledger
    };
    receipt.delivery = DeliveryAccount {
        delivered: 20_000,
        spooled: 100,
        evicted: 100,
        quarantined: 100,
        uncertain: 50,
        lost_restart: 50,
        retries: 4,
    };
    insta::assert_snapshot!(shown(&receipt), @r"");
}

#[test]
fn the_verdict_has_a_colour_and_lines_keep_to_the_screen() {
    let screen = Screen { colour: true, width: 60, live: false };
    insta::assert_snapshot!(render_receipt(&screen, &counted()).replace('\x1b', "ESC"), @r"");
}

#[test]
fn a_run_without_samples_is_not_called_good() {
    let mut receipt = receipt();
    receipt.ledger = Account::default();
    receipt.delivery = DeliveryAccount::default();
    assert!(shown(&receipt).ends_with("no sample arrived"));
}
