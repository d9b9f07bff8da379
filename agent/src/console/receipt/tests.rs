//! Receipts of good and bad runs as they are printed.

use super::*;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunIdentity;
use gridnode_core::base::tags::Tags;
use gridnode_core::measure::ledger::{Rejected, SampleAccount};
use gridnode_core::run::outcome::Outcome;
use gridnode_core::run::receipt::{DeliveryAccount, RunTimes};

/// A run whose samples all came by the per-metric dialect: 20,412 of them, all delivered.
pub(in crate::console) fn receipt() -> Receipt {
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
        tags: Tags::default(),
        outcome: Outcome::Completed,
        sent_exact: false,
        ledger: SampleAccount {
            received: 20_412,
            unattributed: 20_412,
            aggregated: 20_412,
            ..SampleAccount::default()
        },
        delivery: DeliveryAccount { delivered: 20_412, ..DeliveryAccount::default() },
        sources: Vec::new(),
        sources_beyond: 0,
        strays: Strays::default(),
        times: RunTimes::default(),
        tool: None,
        users_max: 10,
        requests: Some(20_412),
        failed: Some(0),
        failures: Vec::new(),
        failures_others: 0,
        failures_kinds: 0,
        totals: None,
        labels_whole: None,
        silent_end_s: None,
        health: None,
        changes: Vec::new(),
        warnings: Vec::new(),
        traces: None,
        log_tail: Vec::new(),
    }
}

/// The same run, from one source that counts what it sends.
fn counted() -> Receipt {
    let mut book = gridnode_core::measure::ledger::SourceBook::default();
    let mark = gridnode_core::wire::sump::LedgerMark {
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
    receipt.sources = book.sources().cloned().collect();
    receipt.ledger.sent = 20_412;
    receipt.ledger.unattributed = 0;
    receipt
}

fn shown(receipt: &Receipt) -> String {
    render_receipt(&Screen::PLAIN, receipt, true)
}

#[test]
fn without_the_last_word_there_is_no_tick() {
    let mut receipt = counted();
    receipt.sent_exact = false;
    insta::assert_snapshot!(shown(&receipt), @r"
    sent 20,412 = received 20,412 + lost 0
    received 20,412 = aggregated 20,412 + rejected 0
    aggregated 20,412 = delivered 20,412 + spooled 0
    every sample that arrived is accounted for, but
    the tool ended without its last word: what it may have sent after that cannot be known
    ");
}

#[test]
fn time_stamps_that_are_off_are_told_with_how_far() {
    let mut receipt = counted();
    receipt.ledger.restamped = 5;
    for (ahead_ms, behind_ms, words) in [
        (
            3_600_000,
            0,
            "5 samples with a time stamp that cannot be used (up to 60 min 00 s ahead of this machine's clock)",
        ),
        (0, 172_800_000, "(up to 2 days behind this machine's clock), counted in the nearest window"),
        (
            1_500,
            60_000,
            "(up to 1.5 s ahead of this machine's clock, 1 min 00 s behind this machine's clock)",
        ),
        (0, 0, "that cannot be used, counted"),
    ] {
        receipt.strays = Strays { ahead_ms, behind_ms };
        let text = shown(&receipt).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn sources_beyond_those_that_may_be_open_are_the_reason_told() {
    let mut receipt = counted();
    receipt.sent_exact = false;
    receipt.sources_beyond = 44;
    insta::assert_snapshot!(shown(&receipt), @r"
    sent 20,412 = received 20,412 + lost 0
    received 20,412 = aggregated 20,412 + rejected 0
    aggregated 20,412 = delivered 20,412 + spooled 0
    every sample that arrived is accounted for, but
    44 sources came beyond the 256 that may be open at once: what arrived of them is counted, what they sent is not known, and there were at least as many users as are shown
    ");
    // Whoever was heard of and ended without a last word is another reason.
    receipt.sources[0].closed = false;
    assert!(shown(&receipt).ends_with("what it may have sent after that cannot be known"));
}

#[test]
fn a_run_without_doubts() {
    insta::assert_snapshot!(shown(&counted()), @r"
    sent 20,412 = received 20,412 + lost 0
    received 20,412 = aggregated 20,412 + rejected 0
    aggregated 20,412 = delivered 20,412 + spooled 0
    ✔ every sample is accounted for
    ");
}

#[test]
fn only_repeats_beyond_the_usual_are_mentioned() {
    let mut receipt = counted();
    receipt.ledger.duplicate_datagrams = 3;
    assert!(!shown(&receipt).contains("twice"));
    receipt.ledger.duplicate_datagrams = 4;
    assert!(shown(&receipt).contains("\n1 datagram came twice, counted once\n"), "{}", shown(&receipt));
}

#[test]
fn senders_that_do_not_count() {
    insta::assert_snapshot!(shown(&receipt()), @r"
    received 20,412 from senders that do not count what they send
    received 20,412 = aggregated 20,412 + rejected 0
    aggregated 20,412 = delivered 20,412 + spooled 0
    every sample that arrived is accounted for, but
    20,412 samples of a sender that does not count: what was lost of them is not known
    ");
}

#[test]
fn everything_that_can_go_wrong() {
    let mut receipt = counted();
    receipt.sent_exact = false;
    receipt.ledger = SampleAccount {
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
        ..DeliveryAccount::default()
    };
    insta::assert_snapshot!(shown(&receipt), @r"
    sent 20,512 = received 20,412 + lost 100
    received 20,412 = aggregated 20,400 + rejected 12
    aggregated 20,400 = delivered 20,000 + spooled 100 + evicted 100 + quarantined 100 + uncertain 50 + lost in a restart 50
    rejected as syntax: 2 · rejected as out_of_range: 10 · 7 late, in parts of their own
      1 sample of 1 label beyond the label limit, in __other__
      sending to the Drain failed 4 times and was tried again, nothing is counted twice
    ✘ these numbers are not the whole truth:
      - 100 samples were sent and never arrived
      - 3 datagrams were dropped by the kernel: the receive buffer was full
      - 12 lines could not be used (2 syntax, 10 out_of_range)
      - 100 samples are not delivered yet: they wait in the spool
      - 100 samples were given up because there was no room for them
      - 100 samples were refused by the Drain and set aside
      - 50 samples are in batches of which the Drain stored an unknown part
      - 50 samples were lost in a restart
      what to do: let the kernel grant larger receive buffers: sudo sysctl -w net.core.rmem_max=67108864
      what to do: look for `a line was rejected` in the log: it shows the first rejected lines and why
      what to do: check that the Drain is up and takes writes: what is spooled stays on disk and can be sent later
      what to do: make room on the disk, or give the spool more of it
      what to do: mend what the Drain's answer (in the log, and in `gridnode spool list`) complains of, then `gridnode spool replay` sends the quarantine again
    the tool ended without its last word: what it may have sent after that cannot be known
    ");
}

#[test]
fn the_verdict_has_a_colour_and_lines_keep_to_the_screen() {
    let screen = Screen { colour: true, width: 60, live: false };
    insta::assert_snapshot!(render_receipt(&screen, &counted(), true).replace('\x1b', "ESC"), @r"
    sent 20,412 = received 20,412 + lost 0
    received 20,412 = aggregated 20,412 + rejected 0
    aggregated 20,412 = delivered 20,412 + spooled 0
    ESC[32m✔ every sample is accounted forESC[0m
    ");
}

#[test]
fn a_run_without_samples_is_not_called_good() {
    let mut receipt = receipt();
    receipt.ledger = SampleAccount::default();
    receipt.delivery = DeliveryAccount::default();
    assert!(shown(&receipt).ends_with("no sample arrived"));
}

#[test]
fn a_run_in_which_all_failed_has_no_tick_and_says_so() {
    use gridnode_core::measure::failures::Failure;
    use gridnode_core::wire::sump::Kind;
    let failed = |samples: u64, requests: u64, counted: u64| {
        let mut receipt = counted_of(samples);
        receipt.requests = Some(requests);
        receipt.failed = Some(counted.min(requests));
        receipt.failures = vec![Failure {
            label: "a".to_owned(),
            kind: Kind::Request,
            code: "500".to_owned(),
            error: String::new(),
            varies: false,
            count: counted,
            trace: None,
        }];
        shown(&receipt)
    };
    assert!(failed(12, 12, 12).ends_with("every sample is accounted for, and all 12 samples failed"));
    assert!(failed(1, 1, 1).ends_with("and the only sample failed"));
    assert!(failed(14, 12, 12).ends_with("and all 12 requests failed"));
    assert!(failed(12, 12, 11).ends_with("✔ every sample is accounted for"));
    assert!(!render_receipt(&Screen::PLAIN, &counted(), false).contains('✔'), "its files are not whole");
}

fn counted_of(samples: u64) -> Receipt {
    let mut receipt = counted();
    receipt.ledger.received = samples;
    receipt.ledger.aggregated = samples;
    receipt.ledger.sent = samples;
    receipt.delivery.delivered = samples;
    receipt
}
