//! How long a simulation lets its load last at most: its own `maxDuration`, where its sources have that as a number.

use std::time::Duration;

/// A year: beyond it a number is a mistake.
const SECONDS_MAX: u64 = 365 * 24 * 3_600;
/// What `java.time.Duration` and Scala's durations call their units, and how many milliseconds those have.
const UNITS: [(&[&str], u64); 5] = [
    (&["ofMillis", "millis", "milliseconds", "millisecond", "milli"], 1),
    (&["ofSeconds", "seconds", "second"], 1_000),
    (&["ofMinutes", "minutes", "minute"], 60_000),
    (&["ofHours", "hours", "hour"], 3_600_000),
    (&["ofDays", "days", "day"], 86_400_000),
];

/// The longest that any simulation in these sources may take, s, rounded up. `None` where one has no such bound that can be read: it
/// has none, or computes it.
#[must_use]
pub fn of_sources<'s>(sources: impl IntoIterator<Item = &'s str>) -> Option<u64> {
    let mut longest = None;
    for source in sources {
        let code = code_of(source);
        let set_ups = calls(&code, "setUp").count();
        let bounds: Option<Vec<Duration>> = calls(&code, "maxDuration").map(bound).collect();
        // Which bound is whose is known where each has one.
        let bounds = bounds.filter(|bounds| bounds.len() == set_ups)?;
        longest = longest.max(bounds.into_iter().max());
    }
    let bound = longest.filter(|bound| !bound.is_zero() && bound.as_secs() <= SECONDS_MAX)?;
    Some(bound.as_secs() + u64::from(bound.subsec_nanos() > 0))
}

/// What follows each call of `name`, its parenthesis left out.
pub(super) fn calls<'c>(code: &'c str, name: &'c str) -> impl Iterator<Item = &'c str> {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    code.match_indices(name).filter_map(move |(at, _)| {
        let is_whole = !code[..at].ends_with(is_of_name);
        let rest = code[at + name.len()..].trim_start();
        rest.strip_prefix('(').filter(|_| is_whole)
    })
}

/// `600)`, `10.minutes)`, `10 minutes)`, `Duration.ofMinutes(10))`.
fn bound(arguments: &str) -> Option<Duration> {
    let arguments = arguments.trim_start();
    let arguments = arguments.strip_prefix("java.time.").unwrap_or(arguments);
    let (number, unit_ms) = match arguments.strip_prefix("Duration.") {
        Some(call) => {
            let (unit, rest) = call.split_once('(')?;
            let (number, rest) = number(rest)?;
            let rest = rest.trim_start().strip_prefix(')')?.trim_start();
            rest.starts_with(')').then_some((number, unit_ms(unit.trim(), true)?))?
        }
        None => {
            let (number, rest) = number(arguments)?;
            let rest = rest.trim_start();
            let (unit, _) = rest.split_once(')')?;
            let unit = unit.trim().trim_start_matches('.').trim();
            (number, if unit.is_empty() { 1_000 } else { unit_ms(unit, false)? })
        }
    };
    number.checked_mul(unit_ms).map(Duration::from_millis)
}

fn unit_ms(name: &str, is_java: bool) -> Option<u64> {
    let has = |names: &&[&str]| names.contains(&name) && name.starts_with("of") == is_java;
    UNITS.iter().find(|(names, _)| has(names)).map(|(_, ms)| *ms)
}

/// A whole number as Java and Scala write it, and what follows.
fn number(text: &str) -> Option<(u64, &str)> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let number = text[..end].replace('_', "").parse().ok()?;
    let rest = &text[end..];
    // `10.5` is none.
    let is_whole = !rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    is_whole.then(|| (number, rest.strip_prefix(['L', 'l']).unwrap_or(rest)))
}

/// A source without its comments and texts.
pub(super) fn code_of(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.find("*/").map_or(rest.len(), |end| end + 4)
        } else if let Some(text) = rest.strip_prefix("\"\"\"") {
            text.find("\"\"\"").map_or(rest.len(), |end| end + 6)
        } else if next == '"' {
            text_end(rest)
        } else {
            code.push(next);
            rest = &rest[next.len_utf8()..];
            continue;
        };
        code.push(' ');
        rest = &rest[skipped..];
    }
    code
}

/// Bytes of the text that begins here, its quotes among them; one that is not closed ends with its line.
fn text_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return at,
            '"' if !is_escaped => return at + 1,
            _ => is_escaped = c == '\\' && !is_escaped,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(argument: &str) -> Option<u64> {
        of_sources([&*format!("setUp(users.injectOpen(atOnceUsers(1))).maxDuration({argument});")])
    }

    #[test]
    fn a_bound_is_read_in_every_way_that_people_write_it() {
        for (argument, want) in [
            ("600", Some(600)),
            ("1_200L", Some(1_200)),
            ("10.minutes", Some(600)),
            (" 10 minutes ", Some(600)),
            ("1.hour", Some(3_600)),
            ("Duration.ofMinutes(10)", Some(600)),
            ("java.time.Duration.ofSeconds( 30 )", Some(30)),
            ("Duration.ofMillis(1500)", Some(2)),
            ("500.millis", Some(1)),
            ("length", None),
            ("10.5.minutes", None),
            ("Duration.ofMinutes(n)", None),
            ("Duration.ofMinutes(10).plusSeconds(5)", None),
            ("10.minutes + 5.seconds", None),
            ("60 * 10", None),
            ("10.ofMinutes", None),
            ("Duration.minutes(10)", None),
            ("0", None),
            ("99999999999999999999", None),
            ("18446744073709551615.days", None),
            ("400.days", None),
        ] {
            assert_eq!(of(argument), want, "{argument}");
        }
        assert_eq!(of_sources(["{ setUp(a) .maxDuration (\n Duration\n.ofMinutes(1)) }"]), None, "not read");
        assert_eq!(of_sources(["{ setUp (a) .maxDuration ( 60 ) }"]), Some(60));
    }

    #[test]
    fn each_simulation_has_to_have_one() {
        let (bounded, longer) = ("setUp(a).maxDuration(60)", "setUp(a).maxDuration(90)");
        assert_eq!(of_sources([bounded, "class Helper {}", longer]), Some(90));
        assert_eq!(of_sources([bounded, "setUp(a)"]), None);
        assert_eq!(of_sources(["setUp(a).maxDuration(60); setUp(b).maxDuration(n)"]), None);
        assert_eq!(of_sources(["setUp(a); // .maxDuration(60)"]), None);
        assert_eq!(of_sources(["setUp(a) /* .maxDuration(60) */; log(\"\\\" .maxDuration(60)\")"]), None);
        assert_eq!(of_sources(["\"\"\" setUp(\" \"\"\" setUp(a).maxDuration(60) // setUp("]), Some(60));
        assert_eq!(of_sources(["mySetUp(a); xsetUp(b)"]), None);
        assert_eq!(of_sources([""; 0]), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[ -~\n\"é]{0,200}") {
            let _ = of_sources([&*text]);
            let _ = of(&text);
        }
    }
}
