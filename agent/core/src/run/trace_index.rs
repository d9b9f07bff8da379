//! Which of a run's error traces shows which reason, for its receipt.

use crate::base::fingerprint::{fingerprint, telling};
use crate::base::ids::LabelId;
use crate::measure::failures::{Failure, tidied};
use crate::run::receipt::Receipt;
use crate::trace::marks::between_marks;
use crate::trace::redact::Redactor;
use crate::trace::{Trace, TraceAccount, Why};
use std::collections::HashMap;

/// The account, and the first trace of each kind of failure.
#[derive(Debug, Clone, Default)]
pub struct TraceIndex {
    /// What became of them.
    pub account: TraceAccount,
    /// Why some were not taken, a sentence each.
    pub doubts: Vec<String>,
    /// Whether the tool's plug-in counts each request that fails: what is in none of its counts is lost then.
    pub is_whole: bool,
    /// Names of secrets beside the usual ones: the reasons of a receipt have them, the traces do not.
    secrets: Vec<String>,
    examples: HashMap<Kind, String>,
}

/// Of the beginning that two have in common.
const ALIKE_BYTES_MIN: usize = 24;

/// The label as its samples have it, the code, and the fingerprint of the error without its secrets.
type Kind = (LabelId, String, String);

impl TraceIndex {
    /// An account of which no example is known.
    #[must_use]
    pub fn of(account: TraceAccount) -> Self {
        Self { account, ..Self::default() }
    }

    /// None yet.
    #[must_use]
    pub fn hiding(secrets: &[String]) -> Self {
        Self { secrets: secrets.to_vec(), ..Self::default() }
    }

    /// One that is kept under `name`, rid of its secrets; at most `max` kinds are remembered.
    pub fn add(&mut self, trace: &Trace, label_id: LabelId, name: String, max: usize) {
        self.account.captured += 1;
        self.account.slow += u64::from(trace.why == Why::Slow);
        if self.examples.len() < max {
            let kind = kind(label_id, code_of(&trace.code), &tidied(trace.error.as_bytes()));
            self.examples.entry(kind).or_insert(name);
        }
    }

    /// Forgets those of which the store has no object.
    pub fn keep_examples(&mut self, is_there: impl Fn(&str) -> bool) {
        self.examples.retain(|_, name| is_there(name));
    }

    /// Puts the account into a receipt, why some were not taken, and the name of a trace to each reason that one shows.
    pub fn tell(&self, receipt: &mut Receipt) {
        let mut account = self.account;
        let uncounted = self.uncounted(receipt.failed, receipt.ledger.unattributed);
        account.lost += uncounted;
        if account != TraceAccount::default() || !self.doubts.is_empty() {
            receipt.traces = Some(account);
        }
        receipt.warnings.extend(self.doubts.iter().cloned());
        if uncounted > 0 {
            receipt.warnings.push(format!(
                "{uncounted} of {} failed requests are in no count of error traces, and count as lost: the tool was killed, or the disk of \
                 its directory was full, see its log",
                receipt.failed.unwrap_or_default()
            ));
        }
        receipt.warnings.extend(refused(&account));
        receipt.warnings.extend(waiting(&account));
        receipt.warnings.extend(self.untrue(receipt));
        // Its hashes are compared with nothing.
        let redactor = Redactor::new(b"", &self.secrets);
        for failure in &mut receipt.failures {
            failure.trace = self.example(failure, &redactor).map(str::to_owned);
        }
    }

    /// Failed requests that have no trace and are not counted among those without one. Unknown, and 0, where others than the plug-in
    /// sent samples.
    fn uncounted(&self, failed: Option<u64>, unattributed: u64) -> u64 {
        if !self.is_whole || unattributed > 0 {
            return 0;
        }
        failed.unwrap_or_default().saturating_sub(self.account.counted())
    }

    /// A plan can write counts as a plug-in does: what cannot be true is said. Slow successes that there were too many of are among
    /// those that were suppressed, so that with them nothing is known.
    fn untrue(&self, receipt: &Receipt) -> Option<String> {
        let Receipt { failures, failures_others, ledger, .. } = receipt;
        let failed = receipt.failed.filter(|_| self.is_whole && self.account.slow == 0)?;
        // Transactions that failed have no trace of their own, or one: both may be.
        let reasons = failures.iter().map(|failure| failure.count);
        let failed = reasons.fold(*failures_others, u64::saturating_add).max(failed);
        // What has not arrived, or could not be used, may have failed.
        let unknown = [ledger.lost, ledger.rejected.total(), ledger.truncated];
        let most = unknown.into_iter().fold(failed, u64::saturating_add);
        let told = self.account.told();
        (told > most && ledger.unattributed == 0).then(|| {
            format!(
                "the counts of error traces cannot be true: they tell of {told} failed samples, and no more than {most} can have failed; \
                 something else than the tool's plug-in has written into their directory"
            )
        })
    }

    /// The trace that shows a reason.
    fn example(&self, failure: &Failure, redactor: &Redactor) -> Option<&str> {
        let error = redactor.text(&failure.error);
        let kind = kind(LabelId::of(&failure.label), &failure.code, &error);
        self.examples.get(&kind).or_else(|| self.alike(&kind)).map(String::as_str)
    }

    /// One of its label and code that begins as it does: a text that was cut in the middle of a secret is not the same when the whole
    /// of it was hidden.
    fn alike(&self, (label, code, print): &Kind) -> Option<&String> {
        let of_it = self.examples.iter().filter(|((l, c, _), _)| l == label && c == code);
        let common = |other: &str| {
            print.bytes().zip(other.bytes()).take_while(|(one, another)| one == another).count()
        };
        let (_, _, name) = of_it
            .map(|((_, _, other), name)| (common(other), other, name))
            .filter(|(common, other, _)| *common >= ALIKE_BYTES_MIN.max(print.len().min(other.len()) / 2))
            .max_by_key(|(common, other, _)| (*common, std::cmp::Reverse(*other)))?;
        Some(name)
    }
}

fn refused(account: &TraceAccount) -> Option<String> {
    let TraceAccount { refused, .. } = account;
    (*refused > 0).then(|| {
        format!(
            "{refused} error traces were refused, for they are none or cannot be read: failed requests in full may be missing, or \
             something else than the tool's plug-in has written into their directory"
        )
    })
}

fn waiting(account: &TraceAccount) -> Option<String> {
    let waiting = account.waiting.filter(|waiting| *waiting > 0)?;
    Some(format!(
        "{waiting} error traces wait for their store and are not there yet: they come when it takes them, see `gridnode status` of the node"
    ))
}

fn kind(label_id: LabelId, code: &str, error: &str) -> Kind {
    let error: String = between_marks(error).collect();
    let mut print = String::new();
    fingerprint(telling(&error), &mut print);
    (label_id, code.to_owned(), print)
}

/// As failures are told apart: an HTTP status, `none`, or any other.
fn code_of(code: &str) -> &str {
    match code {
        "" | "none" => "none",
        _ if code.parse::<u16>().is_ok_and(|status| (100..600).contains(&status)) => code,
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::run::RunIdentity;
    use crate::measure::failures::FailureCounts;
    use crate::measure::ingest::{ClosedRun, LabelCounts, RequestCounts, Strays};
    use crate::measure::ledger::SampleAccount;
    use crate::run::outcome::Outcome;
    use crate::run::receipt::DeliveryAccount;
    use crate::wire::sump::Kind as SampleKind;
    use std::sync::Arc;

    fn failure(label: &str, error: &str) -> Failure {
        Failure {
            label: label.to_owned(),
            kind: SampleKind::Request,
            code: "500".to_owned(),
            error: error.to_owned(),
            varies: false,
            count: 1,
            trace: None,
        }
    }

    #[test]
    fn failed_requests_that_are_in_no_count_are_known() {
        let of = |account| TraceIndex { is_whole: true, ..TraceIndex::of(account) };
        let account =
            TraceAccount { captured: 12, slow: 2, suppressed: 50, refused: 1, lost: 4, ..Default::default() };
        assert_eq!(of(account).uncounted(Some(100), 0), 35, "what was slow has not failed");
        assert_eq!(of(TraceAccount::default()).uncounted(Some(100), 0), 100, "not even a file was written");
        let evicted = TraceAccount { lost: 7, uploaded: Some(6), waiting: Some(3), ..account };
        assert_eq!(of(evicted).uncounted(Some(100), 0), 35, "three are in two of its numbers");
        assert_eq!(of(TraceAccount { suppressed: 95, ..account }).uncounted(Some(100), 0), 0);
        assert_eq!(of(account).uncounted(Some(100), 1), 0, "somebody else has sent samples");
        assert_eq!(TraceIndex::of(account).uncounted(Some(100), 0), 0);
        assert_eq!(of(account).uncounted(None, 0), 0);
    }

    fn receipt(failed: u64, account: SampleAccount) -> Receipt {
        let flood = "7".parse().unwrap();
        let identity = RunIdentity { account: None, flood, project: None, grid: None, region: None, run: 1 };
        let closed = ClosedRun {
            run: 0,
            identity: Arc::new(identity),
            account,
            sent_exact: true,
            sources: Vec::new(),
            sources_beyond: 0,
            strays: Strays::default(),
            sample_span_ns: None,
            users_max: 0,
            requests: Some(RequestCounts { requests: 2 * failed, failed }),
            labels: LabelCounts::default(),
            failures: FailureCounts::default(),
            totals: None,
        };
        Receipt::new("n", closed, Outcome::Completed, DeliveryAccount::default())
    }

    #[test]
    fn counts_that_cannot_be_true_are_said() {
        let said = |account: TraceAccount, ledger: SampleAccount| {
            let mut receipt = receipt(100, ledger);
            TraceIndex { is_whole: true, ..TraceIndex::of(account) }.tell(&mut receipt);
            receipt.warnings
        };
        let account = TraceAccount { captured: 12, suppressed: 500, ..TraceAccount::default() };
        let warnings = said(account, SampleAccount::default());
        assert!(warnings.len() == 1 && warnings[0].contains("cannot be true"), "{warnings:?}");
        assert!(warnings[0].contains("512 failed samples, and no more than 100"), "{warnings:?}");
        for ledger in [
            SampleAccount { lost: 412, ..SampleAccount::default() },
            SampleAccount { unattributed: 1, ..SampleAccount::default() },
        ] {
            assert_eq!(said(account, ledger), Vec::<String>::new(), "some may have failed: {ledger:?}");
        }
        let true_ones = TraceAccount { suppressed: 88, ..account };
        assert_eq!(said(true_ones, SampleAccount::default()), Vec::<String>::new());
        let slow = TraceAccount { slow: 1, ..account };
        assert_eq!(said(slow, SampleAccount::default()), Vec::<String>::new(), "some were slow ones");
    }

    #[test]
    fn traces_that_were_refused_or_wait_are_said() {
        let account = TraceAccount {
            captured: 100,
            refused: 50_000,
            uploaded: Some(97),
            waiting: Some(3),
            ..TraceAccount::default()
        };
        let mut receipt = receipt(100, SampleAccount::default());
        TraceIndex { is_whole: true, ..TraceIndex::of(account) }.tell(&mut receipt);
        let [refused, waiting] = &receipt.warnings[..] else { panic!("{:?}", receipt.warnings) };
        assert!(refused.starts_with("50000 error traces were refused"), "{refused}");
        assert!(waiting.starts_with("3 error traces wait for their store"), "{waiting}");
    }

    #[test]
    fn a_reason_whose_secrets_its_trace_hides_has_it_all_the_same() {
        let json = serde_json::json!({
            "label": "GET /?token=abc", "code": "500", "error": "refused: pin=hunter2 street=elm", "time_ns": 0, "rt_ms": 1,
        });
        let trace = Trace::read(json.to_string().as_bytes()).unwrap();
        let secrets = ["street".to_owned()];
        let mut index = TraceIndex::hiding(&secrets);
        let shown = trace.clone().redacted(&Redactor::new(b"key of the run", &secrets));
        assert!(
            shown.label != trace.label && !shown.error.contains("hunter2") && !shown.error.contains("elm")
        );
        index.add(&shown, LabelId::of(&trace.label), "one".to_owned(), 10);
        let slow = Trace { why: Why::Slow, ..shown.clone() };
        index.add(&slow, LabelId::of("slow"), "two".to_owned(), 10);
        assert_eq!((index.account.captured, index.account.slow), (2, 1));
        let redactor = Redactor::new(b"", &secrets);
        let example = |label: &str, error: &str| index.example(&failure(label, error), &redactor);
        assert_eq!(example("GET /?token=abc", "refused: pin=hunter2 street=elm"), Some("one"));
        assert_eq!(
            example("GET /?token=abc", "refused: pin=another street=oak"),
            Some("one"),
            "another of its kind"
        );
        assert_eq!(example("GET /?token=abd", "refused: pin=hunter2 street=elm"), None);
        let long = |end: &str| format!("the card was refused by the shop in the High Street {end}");
        let trace = Trace { error: long("token=‹redacted:12345678› and more"), ..shown.clone() };
        index.add(&trace, LabelId::of("long"), "three".to_owned(), 10);
        let example = |label: &str, error: &str| index.example(&failure(label, error), &redactor);
        assert_eq!(example("long", &long("tok")), Some("three"), "it was cut");
        assert_eq!(example("long", "the card was taken"), None);
        assert_eq!(example("GET /?token=abc", "accepted: pin=hunter2 street=elm"), None);
    }
}
