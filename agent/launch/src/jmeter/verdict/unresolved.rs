//! Variables that went out as they stand in HTTP requests, for they had no value then: our listener says so in JMeter's log.

use super::log_line::{LogLine, short};
use crate::jmeter::functions;
use crate::load::Planned;

/// Who says it.
const LOGGER: &str = "i.g.j.Unresolved";
/// As many as the listener tells apart.
const NAMES_MAX: usize = 20;
/// Of them, shown.
const SHOWN_MAX: usize = 3;

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Unresolved {
    found: Vec<Sent>,
}

/// One variable.
#[derive(Debug, Clone)]
struct Sent {
    name: String,
    requests: u64,
    /// The label of the first request.
    first: String,
}

impl Unresolved {
    /// A line of the log.
    pub fn line(&mut self, line: &LogLine<'_>) {
        if line.logger == LOGGER && self.found.len() < NAMES_MAX {
            self.found.extend(sent(line.message));
        }
    }

    /// In words, of those of which that was not known before the run: variables, and functions that are none.
    pub fn said(&self, planned: &Planned) -> Option<String> {
        let parts = [self.variables(planned), self.functions(planned)];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// JMeter takes a call of a function that it does not have for a variable with that name.
    fn functions(&self, planned: &Planned) -> Option<String> {
        let is_known =
            |name: &&str| planned.doubts.iter().any(|doubt| doubt.contains(&format!("no function `{name}`")));
        let names = self.found.iter().filter_map(|sent| function(&sent.name));
        let mut names: Vec<&str> = names.filter(|name| !is_known(name)).collect();
        names.sort_unstable();
        names.dedup();
        (!names.is_empty()).then(|| {
            let more = names.len().saturating_sub(SHOWN_MAX);
            let mut parts: Vec<String> =
                names.iter().take(SHOWN_MAX).map(|name| functions::no_such(name)).collect();
            if more > 0 {
                parts.push(format!("{more} more"));
            }
            format!("JMeter sent calls of functions as written, for it has {}", parts.join(", "))
        })
    }

    fn variables(&self, planned: &Planned) -> Option<String> {
        let is_known = |sent: &&Sent| {
            planned.doubts.iter().any(|doubt| doubt.contains(&format!("`${{{}}}`", sent.name)))
        };
        let mut news: Vec<&Sent> =
            self.found.iter().filter(|sent| function(&sent.name).is_none() && !is_known(sent)).collect();
        news.sort_by_key(|sent| std::cmp::Reverse(sent.requests));
        let part = |sent: &&Sent| {
            let requests = if sent.requests == 1 { "request" } else { "requests" };
            format!("`${{{}}}` in {} {requests} (`{}` first)", sent.name, sent.requests, sent.first)
        };
        let mut parts: Vec<String> = news.iter().take(SHOWN_MAX).map(part).collect();
        let more = news.len().saturating_sub(SHOWN_MAX);
        if more > 0 {
            parts.push(format!("{more} more"));
        }
        let variables = if news.len() == 1 { "a variable" } else { "variables" };
        (!news.is_empty()).then(|| {
            format!(
                "JMeter sent {variables} as written, in the URL, the headers, the cookies or the body: {}; nothing had given a value by then, as \
                 where an extractor found nothing (its default value is used then, if it has one): see what was answered before",
                parts.join(", ")
            )
        })
    }
}

/// The name of the function that this calls: `__uuid` of `__uuid()`. `__jm__NAME__idx` is a variable, in which JMeter counts loops.
fn function(name: &str) -> Option<&str> {
    if name.starts_with("__jm__") && name.ends_with("__idx") {
        return None;
    }
    let end = name.find('(').unwrap_or(name.len());
    name.starts_with("__").then(|| &name[..end])
}

/// `Sent ${NAME} as it stands, 12 times, first in: LABEL`.
fn sent(said: &str) -> Option<Sent> {
    let (name, rest) = said.strip_prefix("Sent ${")?.split_once("} as it stands, ")?;
    let (requests, first) = rest.split_once(" times, first in: ")?;
    // Blanks around a name are part of it, as in the plan; the listener has bounded it.
    let name = name.chars().filter(|c| !c.is_control()).collect();
    Some(Sent { name, requests: requests.parse().ok()?, first: short(first) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(messages: &[&str], doubts: &[&str]) -> Option<String> {
        let mut unresolved = Unresolved::default();
        for message in messages {
            let line = format!("2026-11-29 10:49:31,867 INFO {message}");
            unresolved.line(&LogLine::parse(&line).unwrap());
        }
        let doubts = doubts.iter().map(|doubt| (*doubt).to_owned()).collect();
        unresolved.said(&Planned { doubts, ..Planned::default() })
    }

    #[test]
    fn a_count_of_loops_is_no_function() {
        assert_eq!(function("__jm__users__idx"), None);
        assert_eq!((function("__jm__x"), function("__UUID()")), (Some("__jm__x"), Some("__UUID")));
    }

    #[test]
    fn a_function_that_is_none_is_no_variable() {
        let line =
            |name: &str| format!("i.g.j.Unresolved: Sent ${{{name}}} as it stands, 2 times, first in: a");
        let said = said(&[&line("__uuid()"), &line("__chooseRandom(a,b,v)"), &line("id")], &[]).unwrap();
        assert!(said.contains("a variable as written") && !said.contains("`${__"), "{said}");
        assert!(
            said.contains("it has no function `__chooseRandom` (in kg.apc:jmeter-plugins-functions: `gridnode tools install jmeter")
                && said.contains(", no function `__uuid` (it is written `__UUID`)"),
            "{said}"
        );
    }

    #[test]
    fn what_went_out_as_written_is_named_with_its_requests() {
        const ID: &str = "i.g.j.Unresolved: Sent ${id} as it stands, 1 times, first in: order: one";
        const TOKEN: &str = "i.g.j.Unresolved: Sent ${token} as it stands, 12 times, first in: pay";
        let one = said(&[ID], &[]).unwrap();
        assert!(one.starts_with("JMeter sent a variable as written, in the URL, the headers, the cookies or the body: `${id}` in 1 request (`order: one` first); nothing"), "{one}");
        let two = said(&[ID, TOKEN], &[]).unwrap();
        assert!(
            two.contains("variables as written")
                && two.contains(": `${token}` in 12 requests (`pay` first), `${id}`"),
            "{two}"
        );
        let blanks = said(&["i.g.j.Unresolved: Sent ${ token } as it stands, 1 times, first in: b"], &[]);
        assert!(blanks.unwrap().contains(": `${ token }` in 1 request (`b` first)"), "as the plan has it");
        // What was known before the run is said of it anyway.
        let known = "`order` uses `${id}`, a variable that nothing in the plan defines";
        assert_eq!(said(&[ID], &[known]), None);
        assert!(said(&[ID, TOKEN], &[known]).unwrap().contains("`${token}`"));
        assert!(said(&[ID, TOKEN, TOKEN, TOKEN, TOKEN], &[]).unwrap().contains(", 2 more; "));
        assert_eq!(said(&[], &[]), None);
        assert_eq!(said(&[&ID.replace("i.g.j", "shop")], &[]), None, "a script's");
        assert_eq!(said(&["i.g.j.Unresolved: Sent ${id} as it stands, x times, first in: a"], &[]), None);
    }
}
