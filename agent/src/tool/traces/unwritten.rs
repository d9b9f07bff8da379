//! Traces that a plug-in should have written and has not, and why.

use serde::Deserialize;

/// As it tells them; an older one does not say why.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Unwritten {
    /// All.
    #[serde(rename = "unwritten")]
    pub traces: u64,
    /// Of them: the time at the tool's end was over.
    #[serde(rename = "unwritten_late")]
    late: u64,
    /// Of them: as many as may wait were waiting.
    #[serde(rename = "unwritten_crowded")]
    crowded: u64,
    /// Of them: they could not be read, or their disk did not take them.
    #[serde(rename = "unwritten_failed")]
    failed: u64,
}

impl Unwritten {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            traces: self.traces.saturating_add(other.traces),
            late: self.late.saturating_add(other.late),
            crowded: self.crowded.saturating_add(other.crowded),
            failed: self.failed.saturating_add(other.failed),
        }
    }

    /// What of it is to be said, where there are any.
    pub fn said(&self) -> Option<String> {
        let told = [
            (self.late, "there was no time for at its end"),
            (self.crowded, "came faster than it could write them"),
            (self.failed, "its disk did not take, or could not be read"),
        ];
        let told: Vec<String> = told
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, why)| format!("{count} {why}"))
            .collect();
        let why = if told.is_empty() { String::new() } else { format!(" {},", told.join(", ")) };
        (self.traces > 0).then(|| {
            let traces = self.traces;
            format!(
                "{traces} error traces could not be written by the tool, and count as lost:{why} see its log"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_they_were_not_written_is_said_as_far_as_it_is_told() {
        let of = |json: &str| serde_json::from_str::<Unwritten>(json).unwrap();
        assert_eq!(of(r#"{"others":3}"#).said(), None);
        let old = of(r#"{"unwritten":3}"#);
        assert!(old.said().unwrap().ends_with("by the tool, and count as lost: see its log"));
        let new = of(r#"{"unwritten":5,"unwritten_late":4,"unwritten_failed":1}"#);
        assert_eq!(
            old.plus(new).said().unwrap(),
            "8 error traces could not be written by the tool, and count as lost: 4 there was no time for at its end, 1 its disk did not \
             take, or could not be read, see its log"
        );
    }
}
