//! Which of a run's error traces shows which reason, for its receipt.

use crate::base::fingerprint::fingerprint;
use crate::measure::failures::{Failure, tidied};
use crate::run::receipt::Receipt;
use crate::trace::{Trace, TraceAccount};
use std::collections::HashMap;

/// The account, and the first trace of each kind of failure.
#[derive(Debug, Clone, Default)]
pub struct TraceIndex {
    /// What became of them.
    pub account: TraceAccount,
    examples: HashMap<(String, String, String), String>,
}

impl TraceIndex {
    /// An account of which no example is known.
    #[must_use]
    pub fn of(account: TraceAccount) -> Self {
        Self { account, ..Self::default() }
    }

    /// One that is kept under `name`; at most `max` kinds are remembered.
    pub fn add(&mut self, trace: &Trace, name: String, max: usize) {
        self.account.captured += 1;
        if self.examples.len() < max {
            let key = key(&trace.label, code_of(&trace.code), &tidied(trace.error.as_bytes()));
            self.examples.entry(key).or_insert(name);
        }
    }

    /// Forgets those of which the store has no object.
    pub fn keep_examples(&mut self, is_there: impl Fn(&str) -> bool) {
        self.examples.retain(|_, name| is_there(name));
    }

    /// Puts the account into a receipt, and the name of a trace to each reason that one shows.
    pub fn tell(&self, receipt: &mut Receipt) {
        if self.account != TraceAccount::default() {
            receipt.traces = Some(self.account);
        }
        for failure in &mut receipt.failures {
            failure.trace = self.example(failure).map(str::to_owned);
        }
    }

    /// The trace that shows a reason.
    fn example(&self, failure: &Failure) -> Option<&str> {
        self.examples.get(&key(&failure.label, &failure.code, &failure.error)).map(String::as_str)
    }
}

fn key(label: &str, code: &str, error: &str) -> (String, String, String) {
    let mut print = String::new();
    fingerprint(error, &mut print);
    (label.to_owned(), code.to_owned(), print)
}

/// As failures are told apart: an HTTP status, `none`, or any other.
fn code_of(code: &str) -> &str {
    match code {
        "" | "none" => "none",
        _ if code.parse::<u16>().is_ok_and(|status| (100..600).contains(&status)) => code,
        _ => "other",
    }
}
