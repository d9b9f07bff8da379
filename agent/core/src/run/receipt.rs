//! The final statement about one run: where every sample went, and whether the numbers can be trusted.

use super::outcome::Outcome;
use crate::base::json::is_zero;
use crate::base::limits::FAILURES_STATED_MAX;
use crate::base::run::RunIdentity;
use crate::base::tags::Tags;
use crate::measure::failures::Failure;
use crate::measure::ingest::{ClosedRun, Strays};
use crate::measure::ledger::{SampleAccount, Source};
use crate::measure::stated_totals::StatedTotals;
use crate::outbound::spool::SavedRun;
use crate::trace::TraceAccount;
use crate::trace::redact::Redactor;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Times of a run, wall clock, ns; `None` where it did not come to that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct RunTimes {
    /// The command came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command_received_ns: Option<i64>,
    /// The tool was to start then, together with other nodes'; `tool_started_ns` less this is the achieved skew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_at_ns: Option<i64>,
    /// The tool's process was started.
    pub tool_started_ns: Option<i64>,
    /// End of the first sample.
    pub first_sample_ns: Option<i64>,
    /// End of the last sample.
    pub last_sample_ns: Option<i64>,
    /// A stop was asked for.
    pub stop_asked_ns: Option<i64>,
    /// No process of the tool was left.
    pub tree_empty_ns: Option<i64>,
    /// Everything was delivered, or given up for now.
    pub flushed_ns: Option<i64>,
}

/// How the tool's process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ToolEnd {
    /// Exit code of its leader.
    pub code: Option<i32>,
    /// Signal that ended its leader.
    pub signal: Option<i32>,
    /// Whether its whole tree was seen gone; `None`, in JSON null, where nobody could look everywhere: what has given up every
    /// mark of its run after its supervisor was killed may still be there.
    pub tree_empty: Option<bool>,
    /// Processes that its leader left behind and that had to be killed.
    pub killed_descendants: u32,
}

/// See the module's head.
#[derive(Debug, Clone, Serialize)]
pub struct Receipt {
    /// Layout of this document.
    pub version: u32,
    /// Node that measured.
    pub node: String,
    /// Whose run it was.
    #[serde(flatten)]
    pub identity: RunIdentity,
    /// Free tags of it.
    #[serde(skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Whether `ledger.sent` is what was really sent: every source has said its last word.
    pub sent_exact: bool,
    /// The account up to the closed window.
    pub ledger: SampleAccount,
    /// What happened after that.
    pub delivery: DeliveryAccount,
    /// Every sending process.
    pub sources: Vec<Source>,
    /// Sources beyond those that may be open at once ([`crate::base::limits::SOURCES_MAX`]): their samples are counted, and
    /// how many they sent is not known.
    #[serde(skip_serializing_if = "is_zero")]
    pub sources_beyond: u64,
    /// How far the time stamps of the `restamped` samples were off this node's clock.
    #[serde(flatten)]
    pub strays: Strays,
    /// When things happened.
    pub times: RunTimes,
    /// How the tool ended; `None` where there was none.
    pub tool: Option<ToolEnd>,
    /// Most users active at once; with `sources_beyond`, at least so many.
    pub users_max: u64,
    /// Requests, transactions left out; `None` where the account was lost in a restart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// Of them, failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<u64>,
    /// Why samples failed: the most frequent reasons, at most [`FAILURES_STATED_MAX`]; of transactions, too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
    /// Failed samples of all other reasons: with `failures` it is all samples that failed.
    #[serde(skip_serializing_if = "is_zero")]
    pub failures_others: u64,
    /// Distinct reasons, up to [`crate::base::limits::FAILURE_REASONS_MAX`]: there the run stops telling them apart.
    #[serde(skip_serializing_if = "is_zero")]
    pub failures_kinds: u64,
    /// What the labels came to, where that is whole.
    #[serde(flatten)]
    pub totals: Option<StatedTotals>,
    /// Whether `total`, `labels` and `labels_others` are of every sample that the ledger has aggregated: if not, they are
    /// left out. `None` where nobody added them up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels_whole: Option<bool>,
    /// How the node was while it ran; `None` where nobody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<HealthSummary>,
    /// How long the load was silent before its end, s, where that is no accident ([`super::silence`]): what was under way then is in no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silent_end_s: Option<u64>,
    /// What was changed in the plan, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// What does not fail the run and has to be said of it, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What became of its error traces; `None` where nobody took any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traces: Option<TraceAccount>,
    /// The last lines of the tool's logs, where it failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub log_tail: Vec<String>,
}

/// The node's health over a run, by windows of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HealthSummary {
    /// Windows that were looked at.
    pub windows: u64,
    /// Of them: in which this node's numbers could not be trusted.
    pub saturated: u64,
    /// Those by reason.
    pub reasons: BTreeMap<String, u64>,
}

impl HealthSummary {
    /// Adds one window; `saturated` has the reason.
    pub fn add(&mut self, saturated: Option<&str>) {
        self.windows += 1;
        if let Some(reason) = saturated {
            self.saturated += 1;
            *self.reasons.entry(reason.to_owned()).or_default() += 1;
        }
    }

    /// Adds what another node has seen.
    pub fn absorb(&mut self, other: &Self) {
        self.windows = self.windows.saturating_add(other.windows);
        self.saturated = self.saturated.saturating_add(other.saturated);
        for (reason, n) in &other.reasons {
            let sum = self.reasons.entry(reason.clone()).or_default();
            *sum = sum.saturating_add(*n);
        }
    }
}

/// Samples by what became of their batches: they add up to `ledger.aggregated`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliveryAccount {
    /// The Drain has them.
    pub delivered: u64,
    /// Waiting on disk.
    pub spooled: u64,
    /// Deleted for want of room, or never written because the disk was full.
    pub evicted: u64,
    /// Set aside because the Drain cannot read them.
    pub quarantined: u64,
    /// Set aside because the Drain stored an unknown part of them.
    pub uncertain: u64,
    /// Set aside because the file could not be read.
    pub set_aside: u64,
    /// Gone from the spool, and no account says why.
    pub unexplained: u64,
    /// Not written before a crash.
    pub lost_restart: u64,
    /// Posts that had to be repeated.
    pub retries: u64,
}

impl DeliveryAccount {
    /// From the account of the way out.
    #[must_use]
    pub fn new(run: &SavedRun) -> Self {
        let account = &run.account;
        Self {
            delivered: account.delivered.samples,
            spooled: account.spooled.samples,
            evicted: account.evicted.samples,
            quarantined: account.quarantined.samples,
            uncertain: account.uncertain.samples,
            set_aside: account.set_aside.samples,
            unexplained: account.unexplained.samples,
            lost_restart: run.lost_restart,
            retries: account.retries,
        }
    }

    /// The fields of a `ledger_sum` point: what was added since `before`; `spooled` is what is there now.
    #[must_use]
    pub fn ledger_fields_since(&self, before: &Self) -> Vec<(&'static str, u64)> {
        vec![
            ("delivered", self.delivered.saturating_sub(before.delivered)),
            ("spooled", self.spooled),
            ("evicted", self.evicted.saturating_sub(before.evicted)),
            ("quarantined", self.quarantined.saturating_sub(before.quarantined)),
            ("uncertain", self.uncertain.saturating_sub(before.uncertain)),
            ("set_aside", self.set_aside.saturating_sub(before.set_aside)),
            ("unexplained", self.unexplained.saturating_sub(before.unexplained)),
            ("lost_restart", self.lost_restart.saturating_sub(before.lost_restart)),
        ]
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        Self {
            delivered: self.delivered.saturating_add(other.delivered),
            spooled: self.spooled.saturating_add(other.spooled),
            evicted: self.evicted.saturating_add(other.evicted),
            quarantined: self.quarantined.saturating_add(other.quarantined),
            uncertain: self.uncertain.saturating_add(other.uncertain),
            set_aside: self.set_aside.saturating_add(other.set_aside),
            unexplained: self.unexplained.saturating_add(other.unexplained),
            lost_restart: self.lost_restart.saturating_add(other.lost_restart),
            retries: self.retries.saturating_add(other.retries),
        }
    }

    /// All samples it accounts for.
    #[must_use]
    pub fn total(&self) -> u64 {
        [
            self.delivered,
            self.spooled,
            self.evicted,
            self.quarantined,
            self.uncertain,
            self.set_aside,
            self.unexplained,
            self.lost_restart,
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }
}

impl Receipt {
    /// Layout that [`Receipt::version`] names.
    pub const VERSION: u32 = 1;

    /// Joins the two halves of the account, with as many reasons of failure as fit into a message.
    #[must_use]
    pub fn new(node: &str, run: ClosedRun, outcome: Outcome, delivery: DeliveryAccount) -> Self {
        let times = RunTimes {
            first_sample_ns: run.sample_span_ns.map(|(first, _)| first),
            last_sample_ns: run.sample_span_ns.map(|(_, last)| last),
            ..RunTimes::default()
        };
        let aggregated = run.account.aggregated;
        let labels_whole = run.totals.as_ref().map(|totals| totals.samples() == aggregated);
        let totals =
            run.totals.filter(|_| labels_whole == Some(true)).map(|totals| StatedTotals::of(&totals));
        let samples_failed = run.failures.total();
        let failures_kinds = run.failures.reasons.len() as u64;
        let mut failures = run.failures.reasons;
        failures.truncate(FAILURES_STATED_MAX);
        let stated: u64 = failures.iter().map(|failure| failure.count).sum();
        Self {
            version: Self::VERSION,
            node: node.to_owned(),
            identity: (*run.identity).clone(),
            tags: Tags::default(),
            outcome,
            sent_exact: run.sent_exact,
            ledger: run.account,
            delivery,
            sources: run.sources,
            sources_beyond: run.sources_beyond,
            strays: run.strays,
            times,
            tool: None,
            users_max: run.users_max,
            requests: run.requests.map(|run| run.requests),
            failed: run.requests.map(|run| run.failed),
            failures,
            failures_others: samples_failed - stated,
            failures_kinds,
            silent_end_s: None,
            totals,
            labels_whole,
            health: None,
            changes: Vec::new(),
            warnings: Vec::new(),
            traces: None,
            log_tail: Vec::new(),
        }
    }

    /// Hides what is secret in texts of the plan's, its tool's and its targets': a receipt goes where traces do not. Labels stay:
    /// they are the names of series, here as in the Drain.
    pub fn hide_secrets(&mut self, redactor: &Redactor) {
        let outcome = match &mut self.outcome {
            Outcome::Completed => None,
            Outcome::Stopped(why)
            | Outcome::Failed(why)
            | Outcome::Expired(why)
            | Outcome::AssertionsFailed(why) => Some(why),
        };
        let errors = self.failures.iter_mut().map(|failure| &mut failure.error);
        let texts = errors.chain(outcome).chain(&mut self.warnings).chain(&mut self.log_tail);
        texts.for_each(|text| *text = redactor.text(text));
    }

    /// Everything that keeps these numbers from being the whole truth, a sentence each; empty is what one wants.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = self.account_doubts();
        if let Some(health) = self.health.as_ref().filter(|health| health.saturated > 0) {
            let reasons: Vec<&str> = health.reasons.keys().map(String::as_str).collect();
            doubts.push(format!(
                "in {} of {} windows this node was saturated ({}): its response times may be its own, not the target's",
                health.saturated,
                health.windows,
                reasons.join(", ")
            ));
        }
        doubts
    }

    /// Those of the account alone: a machine that was saturated has lost no sample.
    #[must_use]
    pub fn account_doubts(&self) -> Vec<String> {
        let mut doubts = doubts_of(&self.ledger, &self.delivery);
        let two = self.sources.iter().filter(|source| source.inconsistent).map(|source| source.name.as_str());
        let two: Vec<&str> = two.collect();
        if !two.is_empty() {
            doubts.push(format!(
                "source {} contradicts itself: two senders share one name, or its count went backwards",
                two.join(", ")
            ));
        }
        doubts
    }
}

/// [`Receipt::doubts`] of the account alone, where the list of sources is not at hand.
#[must_use]
pub fn doubts_of(ledger: &SampleAccount, delivery: &DeliveryAccount) -> Vec<String> {
    let mut doubts = Vec::new();
    let mut doubt = |n: u64, sentence: &str| {
        if n > 0 {
            doubts.push(format!("{n} {sentence}"));
        }
    };
    doubt(ledger.lost, "samples were sent and never arrived");
    doubt(ledger.kernel_dropped, "datagrams were dropped by the kernel: the receive buffer was full");
    doubt(ledger.truncated, "samples could not be written into a datagram and were not sent");
    doubts.extend(ledger.rejected.said());
    let mut doubt = |n: u64, sentence: &str| {
        if n > 0 {
            doubts.push(format!("{n} {sentence}"));
        }
    };
    doubt(delivery.spooled, "samples are not delivered yet: they wait in the spool");
    doubt(delivery.evicted, "samples were given up because there was no room for them");
    doubt(delivery.quarantined, "samples were refused by the Drain and set aside");
    doubt(delivery.uncertain, "samples are in batches of which the Drain stored an unknown part");
    doubt(delivery.set_aside, "samples were in files that could not be read, and were set aside");
    doubt(delivery.unexplained, "samples are gone from the spool, and no account says why");
    doubt(delivery.lost_restart, "samples were lost in a restart");
    if !ledger.balances() || ledger.aggregated != delivery.total() {
        doubts.push(format!(
            "the account does not balance ({} aggregated, {} accounted for): this is a fault of gridnode",
            ledger.aggregated,
            delivery.total()
        ));
    }
    doubts
}

/// [`doubts_of`] of a receipt that came from outside; one that cannot be read says so.
#[must_use]
pub fn doubts_of_json(receipt: &Value) -> Vec<String> {
    let part = |name: &str| receipt.get(name).cloned().unwrap_or_default();
    let ledger: Result<SampleAccount, _> = serde_json::from_value(part("ledger"));
    let delivery: Result<DeliveryAccount, _> = serde_json::from_value(part("delivery"));
    match (ledger, delivery) {
        (Ok(ledger), Ok(delivery)) => doubts_of(&ledger, &delivery),
        _ => vec!["the receipt cannot be read by this version of gridnode".to_owned()],
    }
}
