//! What to make of a run: did it run as asked, are the numbers whole, what came of it. Three questions, for a run can be whole and
//! fail its thresholds, or fail and every number of it be true.

use super::results::Results;
use crate::judge::Judgement;
use crate::merge::FloodSummary;

/// How good it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// All is well.
    Good,
    /// Nobody can say.
    Unknown,
    /// A person should look at it.
    Doubtful,
    /// It is not.
    Bad,
}

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// How good it is.
    pub tone: Tone,
    /// The answer.
    pub text: String,
    /// Why, a sentence each.
    pub why: Vec<String>,
}

/// All of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Did it run as asked?
    pub ran: Statement,
    /// Are the numbers whole?
    pub whole: Statement,
    /// What came of it?
    pub came: Statement,
    /// What came of each threshold.
    pub thresholds: Vec<Judgement>,
    /// What else is doubted, a sentence each.
    pub doubts: Vec<String>,
}

impl Tone {
    /// A word, for styles.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unknown => "unknown",
            Self::Doubtful => "doubtful",
            Self::Bad => "bad",
        }
    }
}

impl Verdict {
    pub(super) fn of(
        flood: &FloodSummary,
        results: &[Results],
        refused_lines: u64,
        thresholds: Vec<Judgement>,
        refused: Option<String>,
    ) -> Self {
        let (ran, whole) = (ran(results), whole(flood, results, refused_lines));
        let came = came(flood, results, &thresholds, refused);
        let said = |text: &String| {
            [&ran, &whole, &came].iter().any(|one| one.why.iter().any(|why| why.contains(text.as_str())))
        };
        let doubts = super::distinct(results.iter().flat_map(|one| &one.doubts));
        let doubts = doubts.into_iter().filter(|doubt| !said(doubt)).collect();
        Self { ran, whole, came, thresholds, doubts }
    }
}

/// Names the node where there are several.
fn by(results: &[Results], one: &Results, text: &str) -> String {
    if results.len() > 1 { format!("{}: {text}", one.node()) } else { text.to_owned() }
}

fn ran(results: &[Results]) -> Statement {
    let tone = |one: &Results| match one.outcome() {
        // Its assertions are of what came of it.
        "completed" | "assertions_failed" => Tone::Good,
        "stopped" => Tone::Doubtful,
        _ => Tone::Bad,
    };
    let why = |one: &Results| {
        (tone(one) != Tone::Good).then(|| one.reason()).flatten().map(|why| by(results, one, why))
    };
    let worst = results.iter().map(tone).max();
    let text = match (worst, results) {
        (None, _) => "not known: rollups alone do not say how a run ended".to_owned(),
        (Some(Tone::Good), _) => "yes: it came to its own end".to_owned(),
        (Some(_), [one]) => match one.outcome() {
            "stopped" => "in part: it was stopped".to_owned(),
            "expired" => "no: its time was over".to_owned(),
            outcome => format!("no: {outcome}"),
        },
        (Some(_), _) => {
            let good = results.iter().filter(|one| tone(one) == Tone::Good).count();
            format!("no: it came to its own end on {good} of {} nodes", results.len())
        }
    };
    Statement { tone: worst.unwrap_or(Tone::Unknown), text, why: results.iter().filter_map(why).collect() }
}

fn whole(flood: &FloodSummary, results: &[Results], refused_lines: u64) -> Statement {
    let mut why = Vec::new();
    for one in results {
        why.extend(one.account_doubts().iter().map(|doubt| by(results, one, doubt)));
    }
    let mut doubt = |n: u64, text: &str| {
        if n > 0 {
            why.push(format!("{n} {text}"));
        }
    };
    doubt(flood.missing(), "samples were counted and are not in the rollups that were read");
    doubt(
        refused_lines,
        if refused_lines == 1 {
            "line of the rollups could not be read"
        } else {
            "lines of the rollups could not be read"
        },
    );
    doubt(flood.points_of_no_run, "points could be of several runs, and are in none");
    if !flood.total.percentiles_complete {
        why.push("sketches are missing: percentiles are of a part of the samples".to_owned());
    }
    let bad = !why.is_empty();
    let has = |ledger: &crate::merge::LedgerSummary| {
        results.iter().any(|one| one.node() == ledger.node && one.run() == Some(ledger.run))
    };
    let without = flood.ledgers.iter().filter(|ledger| !has(ledger)).count();
    for one in results.iter().filter(|one| one.ledger().sent > 0 && !one.sent_exact()) {
        why.push(by(results, one, "not every sender has said how much it sent in all"));
    }
    let saturated = results
        .iter()
        .filter_map(|one| Some((one, one.health()?)))
        .filter(|(_, health)| health.saturated > 0);
    for (one, health) in saturated {
        let reasons: Vec<&str> = health.reasons.keys().map(String::as_str).collect();
        let text = format!(
            "in {} of {} windows the machine was saturated ({}): response times may be its own",
            health.saturated,
            health.windows,
            reasons.join(", ")
        );
        why.push(by(results, one, &text));
    }
    let (tone, text) = match (bad, why.is_empty(), without) {
        (true, ..) => (Tone::Bad, "no".to_owned()),
        (_, false, _) => {
            (Tone::Doubtful, "every sample is accounted for, and something else is in doubt".to_owned())
        }
        (_, _, 0) if !results.is_empty() => (Tone::Good, "yes: every sample is accounted for".to_owned()),
        (_, _, _) if results.is_empty() => {
            (Tone::Unknown, "not known: only a run's results have the account".to_owned())
        }
        (_, _, n) => (
            Tone::Unknown,
            format!("not known: the results of {n} of {} nodes are not given", flood.ledgers.len()),
        ),
    };
    Statement { tone, text, why }
}

fn came(
    flood: &FloodSummary,
    results: &[Results],
    thresholds: &[Judgement],
    refused: Option<String>,
) -> Statement {
    let total = &flood.total;
    let broken: Vec<String> = thresholds
        .iter()
        .filter(|judged| !judged.holds)
        .map(|judged| format!("threshold {}", judged.why))
        .collect();
    let asserted = results.iter().filter(|one| one.outcome() == "assertions_failed");
    let mut why: Vec<String> = asserted
        .map(|one| {
            by(
                results,
                one,
                &format!("assertions of the plan do not hold: {}", one.reason().unwrap_or_default()),
            )
        })
        .collect();
    let n = thresholds.len();
    let (tone, text) = match (&refused, total.count) {
        (_, 0) if flood.labels.iter().all(|label| label.count == 0) => (Tone::Bad, "no samples".to_owned()),
        (Some(_), _) => (Tone::Doubtful, "the thresholds are no verdict".to_owned()),
        _ if !why.is_empty() || !broken.is_empty() => {
            let broken = broken.len();
            let of = match (broken, n) {
                (0, _) => ": the plan's assertions do not hold".to_owned(),
                (_, n) => format!(": {broken} of {n} thresholds do not hold"),
            };
            (Tone::Bad, format!("not what was asked for{of}"))
        }
        _ if n == 1 => (Tone::Good, "the threshold holds".to_owned()),
        _ if n > 0 => (Tone::Good, format!("all {n} thresholds hold")),
        (_, count) if count > 0 && total.failed == count => (Tone::Bad, "every request failed".to_owned()),
        _ if total.failed > 0 => {
            (Tone::Doubtful, "some requests failed; no threshold says how many may".to_owned())
        }
        _ => (Tone::Good, "no request failed; no threshold was given".to_owned()),
    };
    why.extend(refused);
    why.extend(broken);
    Statement { tone, text, why }
}
