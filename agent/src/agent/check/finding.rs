//! What a check has found.

use serde::Serialize;
use std::collections::BTreeMap;

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// The node works, but not as well as it could.
    Warn,
    /// The node does not work.
    Fail,
    /// There was nothing to check.
    Skipped,
}

impl State {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "-",
        }
    }
}

/// What one check has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was checked.
    pub name: &'static str,
    /// How it stands.
    pub state: State,
    /// One sentence.
    pub detail: String,
    /// What to do, in the imperative; where something is to be done.
    pub remedy: Option<String>,
    /// What is behind a failure, where that may be behind others, too.
    #[serde(skip)]
    pub cause: Option<String>,
}

impl Finding {
    pub(super) fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, state: State::Ok, detail: detail.into(), remedy: None, cause: None }
    }

    pub(super) fn warn(name: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, state: State::Warn, detail: detail.into(), remedy: Some(remedy.into()), cause: None }
    }

    pub(super) fn fail(name: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, state: State::Fail, detail: detail.into(), remedy: Some(remedy.into()), cause: None }
    }

    pub(super) fn skipped(name: &'static str, why: impl Into<String>) -> Self {
        Self { name, state: State::Skipped, detail: why.into(), remedy: None, cause: None }
    }
}

/// What has the same cause as an earlier failure is not said to be one more: whoever mends that looks again.
pub(super) fn fold(findings: &mut [Finding]) {
    let mut known: BTreeMap<String, &'static str> = BTreeMap::new();
    for finding in findings.iter_mut().filter(|finding| finding.state == State::Fail) {
        let Some(cause) = finding.cause.clone() else { continue };
        match known.get(&cause) {
            Some(first) => {
                *finding = Finding::skipped(
                    finding.name,
                    format!("the same as with the {first}: {}", cause.split(" (").next().unwrap_or(&cause)),
                )
            }
            None => drop(known.insert(cause, finding.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cause_is_one_failure() {
        let of = |name, cause: Option<&str>| Finding {
            cause: cause.map(str::to_owned),
            ..Finding::fail(name, "it does not answer", "start it")
        };
        let mut findings = [
            of("event topic", Some("no answer (refused)")),
            of("drain", None),
            of("queue", Some("no answer (refused)")),
            of("java", None),
        ];
        fold(&mut findings);
        let states = findings.each_ref().map(|finding| finding.state);
        assert_eq!(states, [State::Fail, State::Fail, State::Skipped, State::Fail]);
        assert_eq!(findings[2].detail, "the same as with the event topic: no answer");
    }
}
