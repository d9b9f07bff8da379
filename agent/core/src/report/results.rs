//! A `summary.json`, read as a stranger's: it may come from another machine, of another version, or be no such document at all.

use super::load_model::LoadModel;
use crate::judge::Judgement;
use crate::measure::ledger::SampleAccount;
use crate::merge::Summary;
use crate::run::receipt::{DeliveryAccount, doubts_of};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The layout that this version knows.
const VERSION: u64 = 1;

/// What a `summary.json` says.
#[derive(Debug, Clone, Deserialize)]
pub struct Results {
    receipt: Receipt,
    /// Why the numbers are not the whole truth, or the run not what its plan says.
    #[serde(default)]
    pub doubts: Vec<String>,
    /// What came of its thresholds.
    #[serde(default)]
    pub thresholds: Vec<Judgement>,
    /// Why they are no verdict.
    #[serde(default)]
    pub thresholds_refused: Option<String>,
    /// Whether users waited for answers.
    #[serde(default)]
    pub load_model: LoadModel,
    /// The numbers.
    pub summary: Summary,
}

#[derive(Debug, Clone, Deserialize)]
struct Receipt {
    node: String,
    #[serde(default)]
    run: Option<i64>,
    outcome: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    sent_exact: bool,
    #[serde(default)]
    ledger: SampleAccount,
    #[serde(default)]
    delivery: DeliveryAccount,
    #[serde(default)]
    failures: Vec<ResultsFailure>,
    #[serde(default)]
    failures_others: u64,
    #[serde(default)]
    health: Option<ResultsHealth>,
    #[serde(default)]
    changes: Vec<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// Failed samples of one reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct ResultsFailure {
    /// The label.
    pub label: String,
    /// `request` or `transaction`.
    pub kind: String,
    /// `404`, `other`, `none`.
    pub code: String,
    /// What the tool says.
    pub error: String,
    /// Whether that is the first of several texts.
    pub varies: bool,
    /// Samples.
    pub count: u64,
    /// Where one of them is shown in full, below the results.
    pub trace: Option<String>,
}

/// How the node was.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct ResultsHealth {
    /// Windows that were looked at.
    pub windows: u64,
    /// Of them: the numbers cannot be trusted.
    pub saturated: u64,
    /// Those by reason.
    pub reasons: BTreeMap<String, u64>,
}

/// Why a text is no `summary.json` that can be read here; completes "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// Not JSON.
    #[error("it is not JSON ({0}): was it cut off? `gridnode report` of the rollups.lp beside it needs none")]
    NotJson(serde_json::Error),
    /// Another layout.
    #[error(
        "it has version {version}, and this gridnode reads {VERSION}: make the report with the gridnode that ran it, or a newer one"
    )]
    Newer {
        /// Which.
        version: String,
    },
    /// JSON of something else.
    #[error(
        "it is not what a run leaves as its summary ({0}): name the directory of a run's results, or its rollups.lp"
    )]
    Other(serde_json::Error),
}

impl Results {
    /// Reads one.
    ///
    /// # Errors
    /// See [`ResultsError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ResultsError> {
        let value: Value = serde_json::from_slice(bytes).map_err(ResultsError::NotJson)?;
        if let Some(version) = value.get("version").filter(|version| version.as_u64() != Some(VERSION)) {
            return Err(ResultsError::Newer { version: version.to_string() });
        }
        serde_json::from_value(value).map_err(ResultsError::Other)
    }

    /// Node that measured.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.receipt.node
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> Option<i64> {
        self.receipt.run
    }

    /// `completed`, `stopped`, `failed`, `expired`, `assertions_failed`.
    #[must_use]
    pub fn outcome(&self) -> &str {
        &self.receipt.outcome
    }

    /// Why it ended so, where there is something to say.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.receipt.reason.as_deref()
    }

    /// Whether every source has said its last word.
    #[must_use]
    pub fn sent_exact(&self) -> bool {
        self.receipt.sent_exact
    }

    /// The account up to the closed window.
    #[must_use]
    pub fn ledger(&self) -> &SampleAccount {
        &self.receipt.ledger
    }

    /// What happened after that.
    #[must_use]
    pub fn delivery(&self) -> &DeliveryAccount {
        &self.receipt.delivery
    }

    /// Why the account is not whole, a sentence each.
    #[must_use]
    pub fn account_doubts(&self) -> Vec<String> {
        doubts_of(self.ledger(), self.delivery())
    }

    /// Why samples failed.
    #[must_use]
    pub fn failures(&self) -> &[ResultsFailure] {
        &self.receipt.failures
    }

    /// Failed samples of other reasons.
    #[must_use]
    pub fn failures_others(&self) -> u64 {
        self.receipt.failures_others
    }

    /// How the node was; `None` where nobody looked.
    #[must_use]
    pub fn health(&self) -> Option<&ResultsHealth> {
        self.receipt.health.as_ref()
    }

    /// Its free tags.
    #[must_use]
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.receipt.tags
    }

    /// What was changed in the plan.
    #[must_use]
    pub fn changes(&self) -> &[String] {
        &self.receipt.changes
    }
}
