//! What a simulation did not do although Gatling has come to its end: requests that were never sent, functions of a session
//! that threw, blocks that were passed over, a load that the plan stopped, users that it sent home.

use super::said::{Failures, Said};
use crate::gatling::old_el;
use crate::load::Planned;
use crate::report::{Level, Remark, Report};
use crate::verdict::{not_sent, times};
use gridnode_core::measure::failures::Failure;
use gridnode_core::wire::sump::Kind;

/// Requests that are named.
const NAMED_MAX: usize = 3;
/// Functions and blocks that fail, and requests without a name, as often as once in so many requests make it another load.
const SHARE: u64 = 10;

/// What Gatling says of an expression for which nothing has a value.
const LACKING: &str = "No attribute named '";

/// What is known of a run beside its facts and what it has said.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// What it was to be.
    pub planned: &'a Planned,
    /// How many samples of a label there are, where that is known.
    pub sent: &'a dyn Fn(&str) -> Option<u64>,
    /// Why requests failed, the most frequent reason first.
    pub failed: &'a [Failure],
}

/// Something that is less than the plan says.
pub(super) struct Shortfall {
    pub sentence: String,
    /// The same beside another one, where it is a cause of its own.
    pub short: Option<String>,
    /// Whether that fails the run; otherwise it has to be said.
    pub is_failure: bool,
    /// How often a mistake of the plan is behind it, so that there is advice to give.
    pub mistakes: u64,
}

/// All of it, what weighs most first. `samples`: of all requests.
pub(super) fn shortfalls(report: &Report, said: &Said, samples: u64, asked: &Asked<'_>) -> Vec<Shortfall> {
    let parts = [
        unsent(report, asked.sent),
        nameless(report, said, samples),
        hooks(said, samples),
        blocks(said, samples),
        ended_itself(report, said, asked.planned),
        cut_off(report, said, asked.planned),
    ];
    let mut found: Vec<Shortfall> = parts.into_iter().chain([left_early(report)]).flatten().collect();
    for shortfall in &mut found {
        if shortfall.mistakes > 0 {
            shortfall.sentence = advised(&shortfall.sentence, shortfall.mistakes, asked.failed);
        }
        if let Some(advice) = old_el::advice(&shortfall.sentence) {
            shortfall.sentence.push_str(&format!(" ({advice})"));
        }
    }
    found.sort_by_key(|shortfall| !shortfall.is_failure);
    found
}

/// With what to do about it: where something lacks that an answer was to give, and requests failed, that is why.
fn advised(sentence: &str, mistakes: u64, failed: &[Failure]) -> String {
    let mut requests = failed.iter().filter(|failure| failure.kind == Kind::Request);
    let Some(first) = requests.next().filter(|_| sentence.contains(LACKING)) else {
        return format!("{sentence}: correct the plan");
    };
    let all = requests.fold(first.count, |sum, failure| sum.saturating_add(failure.count));
    let why = if first.error.is_empty() { &first.code } else { &first.error };
    let (name, often) = (&first.label, times(first.count));
    if all < mistakes {
        return format!(
            "{sentence}: correct the plan, unless what is lacking was to come from an answer: `{name}` failed, {often} ({why})"
        );
    }
    let answer = match first.code.parse::<u16>() {
        Ok(_) => "its answer, that is why",
        Err(_) => "its answer, which never came, that is why",
    };
    format!(
        "`{name}` failed, {often} ({why}), and {sentence}: if what is lacking was to come from {answer}; else correct its name in the plan"
    )
}

fn unsent(report: &Report, sent: &dyn Fn(&str) -> Option<u64>) -> Option<Shortfall> {
    let mut named: Vec<(&Remark, Option<u64>)> =
        report.of(Level::Unsent).map(|remark| (remark, remark.label.as_deref().and_then(sent))).collect();
    // What is missing most comes first; of labels beyond those that are told apart nobody knows.
    let is_missing = |(remark, sent): &(&Remark, Option<u64>)| sent.is_none_or(|sent| remark.count > sent);
    named.sort_by_key(|entry| !is_missing(entry));
    let first = &named.first()?.0.text;
    let mut parts: Vec<String> = named
        .iter()
        .take(NAMED_MAX)
        .map(|(remark, sent)| match &remark.label {
            Some(label) => not_sent(label, remark.count, *sent),
            None => format!("other requests were not, {}", times(remark.count)),
        })
        .collect();
    let rest = named.iter().skip(NAMED_MAX).fold(0_u64, |sum, (remark, _)| sum.saturating_add(remark.count));
    if rest > 0 {
        parts.push(format!("other requests were not, {}", times(rest)));
    }
    let what = parts.join("; ");
    Some(Shortfall {
        sentence: format!("{what} (first error: {first})"),
        short: None,
        is_failure: named.iter().any(is_missing),
        mistakes: named.iter().map(|(remark, _)| remark.count).max().unwrap_or(0),
    })
}

/// Requests that Gatling could not even name, and so does not tell our plug-in of.
fn nameless(report: &Report, said: &Said, samples: u64) -> Option<Shortfall> {
    // Gatling before 3.10 says the same of a request that it can name, which is in the report then.
    let is_known = |name: &str| {
        let mut labels = report.of(Level::Unsent).filter_map(|remark| remark.label.as_deref());
        labels.any(|label| label == name || label.ends_with(&format!(" / {name}")))
    };
    let (count, error) = said.nameless(is_known)?;
    let sentence = format!(
        "a request whose name cannot be built was never sent, {} (first error: {error})",
        times(count)
    );
    Some(Shortfall {
        short: Some(sentence.clone()),
        sentence,
        is_failure: count.saturating_mul(SHARE) >= samples,
        mistakes: count,
    })
}

fn hooks(said: &Said, samples: u64) -> Option<Shortfall> {
    let (hook, error) = said.hooks().first.as_ref()?;
    Some(Shortfall {
        sentence: format!(
            "a function of the simulation (`{hook}`) failed{}: {error}; its user went on as failed, so what came after it lacks \
             what the function does",
            others(said.hooks())
        ),
        short: Some(format!("functions failed, {} (first: `{hook}`, {error})", times(said.hooks().count))),
        is_failure: is_often(said.hooks(), samples),
        mistakes: said.hooks().count,
    })
}

/// Nobody is told what was in a block that is passed over.
fn blocks(said: &Said, samples: u64) -> Option<Shortfall> {
    let (block, error) = said.blocks().first.as_ref()?;
    let what = if block.contains('-') { format!("`{block}`") } else { block.clone() };
    Some(Shortfall {
        sentence: format!(
            "a condition, a number, a list or a pause of the simulation ({what}) could not be computed{}: {error}; its user passed \
             it over, so what is in it was not sent",
            others(said.blocks())
        ),
        short: Some(format!(
            "blocks were passed over, {} (first: {what}, {error})",
            times(said.blocks().count)
        )),
        is_failure: is_often(said.blocks(), samples),
        mistakes: said.blocks().count,
    })
}

fn others(failures: &Failures) -> String {
    match failures.count {
        0 | 1 => String::new(),
        n => format!(", {} with others", times(n)),
    }
}

fn is_often(failures: &Failures, samples: u64) -> bool {
    failures.count.saturating_mul(SHARE) >= samples
}

pub(super) fn ended_itself(report: &Report, said: &Said, planned: &Planned) -> Option<Shortfall> {
    let end = report.of(Level::EndedItself).next()?;
    let waiting = said.users_waiting();
    let users = match waiting {
        Some(waiting) if waiting > 0 => {
            format!("{} of {} users", end.count, end.count.saturating_add(waiting))
        }
        _ => format!("{} {}", end.count, if end.count == 1 { "user" } else { "users" }),
    };
    let ran_s = end.ran_s;
    let is_early = planned.length_s.is_some_and(|length_s| planned.is_early(ran_s * 1_000, length_s));
    let after = match planned.length_s {
        Some(length_s) => format!("after {users} and {ran_s} of {length_s} s"),
        None => format!("after {users} and {ran_s} s"),
    };
    let why = if end.text.is_empty() { "see Gatling's standard output" } else { &end.text };
    let by = end.label.as_deref().unwrap_or("stopLoadGenerator");
    let sentence = format!("the plan stopped its load itself {after} ({by}: {why})");
    Some(Shortfall {
        short: Some(sentence.clone()),
        sentence,
        is_failure: is_early || waiting.is_some_and(|waiting| waiting > 0),
        mistakes: 0,
    })
}

/// Users that the end of the duration has cut off. Where none has come to the end of its way, they loop until then, and are
/// meant to.
fn cut_off(report: &Report, said: &Said, planned: &Planned) -> Option<Shortfall> {
    let length_s = planned.length_s.filter(|_| report.of(Level::EndedItself).next().is_none())?;
    let users = said.users().filter(|users| users.waiting > 0 || (users.active > 0 && users.done > 0))?;
    let late = match users.waiting {
        0 => String::new(),
        n => format!(", {n} had not started"),
    };
    Some(Shortfall {
        sentence: format!(
            "{} of {} users were still under way when the duration was over, after {length_s} s{late}: what they had left was \
             not sent; make --duration longer than all users take, or the injection shorter",
            users.active,
            users.all()
        ),
        short: None,
        is_failure: false,
        mistakes: 0,
    })
}

/// Users that leave by the plan's own logic are what it says, unless nobody ever came through.
fn left_early(report: &Report) -> Option<Shortfall> {
    let left = report.of(Level::LeftEarly).next().filter(|left| left.count >= left.of)?;
    let who = if left.of == 1 { "the only user".to_owned() } else { format!("all {} users", left.of) };
    Some(Shortfall {
        sentence: format!(
            "{who} left the scenario before its end (exitHere, exitHereIf or exitHereIfFailed), so what stands behind it \
             was never sent"
        ),
        short: None,
        is_failure: false,
        mistakes: 0,
    })
}
