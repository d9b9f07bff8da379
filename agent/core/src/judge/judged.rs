//! What came of all thresholds together, and whether anybody should go by it.

use super::Judgement;
use serde::Serialize;

/// The thresholds' part of a summary.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Judged {
    /// In the order in which they were given, a judgement a label.
    pub thresholds: Vec<Judgement>,
    /// Why they are no verdict: samples are missing, or a machine was too busy to measure.
    #[serde(skip_serializing_if = "Option::is_none", rename = "thresholds_refused")]
    pub refused: Option<String>,
    /// Why they are a weak one, where somebody wanted it all the same: a machine was too busy to measure.
    #[serde(skip_serializing_if = "Option::is_none", rename = "thresholds_caveat")]
    pub caveat: Option<String>,
}

impl Judged {
    /// Whether none is broken, whatever it is worth.
    #[must_use]
    pub fn all_hold(&self) -> bool {
        self.thresholds.iter().all(|judgement| judgement.holds)
    }
}
