//! Samplers that nobody came to, because the plan goes on elsewhere at a failed sample or the time of all users was over before:
//! our listener says so in JMeter's log.

use super::log_line::{LogLine, short};
use crate::verdict::times;
use std::collections::BTreeMap;

/// Who says it, and how, before the number and the name.
const SAYING: (&str, &str) = ("i.g.j.Jumps", "Not reached behind failed samples, ");
/// The same, before the numbers of users and of those in a pause.
const IN_TIME: &str = "Not reached in time by ";
const NAMES_MAX: usize = 20;
/// Of them, shown.
const SHOWN_MAX: usize = 3;

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Jumps {
    /// How often somebody jumped, and over what.
    over: Vec<(u64, String)>,
    /// How many users had no time left for it, how many of them were in a pause, and for what.
    late: Vec<(u64, u64, String)>,
}

impl Jumps {
    /// A line of the log.
    pub fn line(&mut self, line: &LogLine<'_>) {
        let (logger, words) = SAYING;
        if line.logger != logger || self.over.len() + self.late.len() >= NAMES_MAX {
            return;
        }
        self.late.extend(line.message.strip_prefix(IN_TIME).and_then(late));
        let said = line.message.strip_prefix(words).and_then(|rest| rest.split_once(" times: "));
        let Some((count, name)) = said else { return };
        if let Ok(count) = count.parse() {
            self.over.push((count, short(name)));
        }
    }

    /// In words; `sent`: how many samples there are of a label, where that is known.
    pub fn said(&self, sent: &dyn Fn(&str) -> Option<u64>) -> Option<String> {
        let never = self.over.iter().filter(|(_, name)| sent(name).is_none_or(|sent| sent == 0));
        let never: Vec<&(u64, String)> = never.collect();
        let most = never.iter().map(|(count, _)| *count).max()?;
        let (names, were) = named(never.iter().map(|(_, name)| name));
        Some(format!(
            "{names} {were} never sent: at a failed sample before that, {}, users went on with another iteration, as the plan \
             says (its group's \"Start Next Thread Loop\", or a Result Status Action Handler); see why those samples fail",
            times(most)
        ))
    }

    /// In words, of those for which no time was left: a sentence for those of the same users.
    pub fn late(&self, sent: &dyn Fn(&str) -> Option<u64>) -> Vec<String> {
        let never = self.late.iter().filter(|(_, _, name)| sent(name).is_none_or(|sent| sent == 0));
        let mut of: BTreeMap<(u64, u64), Vec<&String>> = BTreeMap::new();
        never.for_each(|(users, paused, name)| of.entry((*users, *paused)).or_default().push(name));
        of.into_iter().map(|((users, paused), names)| too_late(users, paused, &names)).collect()
    }
}

fn too_late(users: u64, paused: u64, names: &[&String]) -> String {
    let whose = if names.len() == 1 { "its" } else { "their" };
    let why = match (users, paused) {
        (1, 1) => format!("{whose} one user was still in a pause when its time ended"),
        (1, _) => format!("the time of {whose} one user was over before it came to that"),
        _ if paused >= users => {
            format!("each of {whose} {users} users was still in a pause when its time ended")
        }
        (_, 0) => format!("the time of {whose} {users} users was over before any came to that"),
        _ => format!(
            "the time of {whose} {users} users was over before any came to that, and {paused} of them were in a pause"
        ),
    };
    let (names, were) = named(names.iter().copied());
    let pauses = if paused > 0 { ", or the pauses shorter" } else { "" };
    format!("{names} {were} never sent: {why}; make the duration longer{pauses}")
}

/// `3 users, 2 of them in a pause: NAME`.
fn late(said: &str) -> Option<(u64, u64, String)> {
    let (users, rest) = said.split_once(" users, ")?;
    let (paused, name) = rest.split_once(" of them in a pause: ")?;
    Some((users.parse().ok()?, paused.parse().ok()?, short(name)))
}

/// The first ones, quoted, and the verb that fits all of them.
fn named<'n>(names: impl Iterator<Item = &'n String> + Clone) -> (String, &'static str) {
    let quoted: Vec<String> = names.clone().take(SHOWN_MAX).map(|name| format!("`{name}`")).collect();
    let (mut text, all) = (quoted.join(", "), names.count());
    if all > SHOWN_MAX {
        text.push_str(&format!(" and {} more", all - SHOWN_MAX));
    }
    (text, if all == 1 { "was" } else { "were" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(log: &str, sent: u64) -> Option<String> {
        let mut jumps = Jumps::default();
        log.lines().filter_map(LogLine::parse).for_each(|line| jumps.line(&line));
        jumps.said(&|label| (label != "unknown").then_some(sent))
    }

    #[test]
    fn what_nobody_came_to_is_named_with_how_often_it_was_jumped_over() {
        let line = |name: &str| {
            format!(
                "2026-11-29 10:49:31,867 INFO i.g.j.Jumps: Not reached behind failed samples, 10 times: {name}\n"
            )
        };
        let one = said(&line("pay: now"), 0).unwrap();
        assert!(
            one.starts_with("`pay: now` was never sent: at a failed sample before that, 10 times, "),
            "{one}"
        );
        let many: String = (0..30).map(|n| line(&format!("p{n}"))).collect();
        assert!(said(&many, 0).unwrap().starts_with("`p0`, `p1`, `p2` and 17 more were never sent: "));
        // Another group has sent it.
        assert_eq!(said(&line("pay"), 3), None);
        assert!(said(&line("unknown"), 3).is_some());
        assert_eq!(said(&line("pay").replace("i.g.j.Jumps", "shop.Jumps"), 0), None);
        assert_eq!(said("", 0), None);
    }

    #[test]
    fn what_the_time_was_too_short_for_is_named_with_who_was_in_a_pause() {
        let of = |users: u64, paused: u64, names: &[&str], sent: u64| {
            let line = |name: &&str| {
                format!(
                    "2026-11-29 10:49:31,867 INFO i.g.j.Jumps: Not reached in time by {users} users, {paused} of them in a pause: {name}\n"
                )
            };
            let mut jumps = Jumps::default();
            let log: String = names.iter().map(line).collect();
            log.lines().filter_map(LogLine::parse).for_each(|line| jumps.line(&line));
            assert_eq!(jumps.said(&|_| Some(sent)), None);
            jumps.late(&|_| Some(sent)).join(" ")
        };
        assert_eq!(
            of(2, 2, &["a: b"], 0),
            "`a: b` was never sent: each of its 2 users was still in a pause when its time ended; make the duration longer, or the \
             pauses shorter"
        );
        assert!(
            of(1, 1, &["a", "b"], 0)
                .starts_with("`a`, `b` were never sent: their one user was still in a pause")
        );
        assert!(
            of(3, 1, &["a"], 0)
                .contains("users was over before any came to that, and 1 of them were in a pause")
        );
        assert!(of(3, 0, &["a"], 0).ends_with("before any came to that; make the duration longer"));
        assert_eq!(of(2, 2, &["a"], 5), "");
        assert_eq!(of(2, 2, &[], 0), "");
    }
}
