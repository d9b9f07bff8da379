//! Groups whose number of loops is none when their users begin, be it a function's or a property's: JMeter takes 0 for it. Our
//! listener says so.

use super::log_line::{LogLine, short};
use super::started::place;

/// Who says it, and how.
const LOGGER: &str = "i.g.j.Loops";
const SAYS: &str = "No number of loops in ";
/// Groups that are named.
const NAMED_MAX: usize = 3;
/// Groups that are told apart.
const GROUPS_MAX: usize = 256;

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Loopless {
    /// The names of the groups and their texts, a group once.
    groups: Vec<(String, String)>,
}

impl Loopless {
    /// No number of loops in GROUP 1-2: `ten`
    pub fn line(&mut self, line: &LogLine<'_>) {
        let rest = line.message.strip_prefix(SAYS).filter(|_| line.logger == LOGGER);
        // A name may have colons of its own.
        let is_thread = |at: &usize| rest.is_some_and(|rest| place(&rest[..*at]).is_some());
        let Some(rest) = rest else { return };
        let Some(at) = rest.match_indices(": `").map(|(at, _)| at).find(is_thread) else { return };
        let name = rest[..at].rsplit_once(' ').map_or("", |(name, _)| name);
        let group = (short(name), short(rest[at + 3..].trim_end_matches('`')));
        if self.groups.len() < GROUPS_MAX && self.groups.iter().all(|(known, _)| *known != group.0) {
            self.groups.push(group);
        }
    }

    /// In words.
    pub fn said(&self) -> Option<String> {
        let part =
            |(name, text): &(String, String)| format!("that of the Thread Group `{name}` was `{text}`");
        let mut parts: Vec<String> = self.groups.iter().take(NAMED_MAX).map(part).collect();
        if self.groups.len() > NAMED_MAX {
            parts.push(format!("{} more", self.groups.len() - NAMED_MAX));
        }
        (!parts.is_empty()).then(|| {
            format!(
                "a number of loops was none when its users began, so they sent nothing: {}; correct what gives it",
                parts.join(", ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(messages: &[&str]) -> Option<String> {
        let mut loopless = Loopless::default();
        for message in messages {
            let line = format!("2026-11-30 10:49:31,867 INFO {message}");
            loopless.line(&LogLine::parse(&line).unwrap());
        }
        loopless.said()
    }

    #[test]
    fn a_group_is_named_once_with_its_text() {
        let of = |group: &str, text: &str| format!("i.g.j.Loops: No number of loops in {group}: `{text}`");
        let one = said(&[&of("buyers: all 1-1", "ten: 10"), &of("buyers: all 1-2", "ten: 10")]).unwrap();
        assert!(
            one.contains("nothing: that of the Thread Group `buyers: all` was `ten: 10`; correct"),
            "{one}"
        );
        let many: Vec<String> = (1..6).map(|n| of(&format!("g{n} {n}-1"), "")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(said(&many).unwrap().contains("`g3` was ``, 2 more;"));
        assert_eq!(said(&[]), None);
        assert_eq!(
            said(&[
                "i.g.j.Loops: Loops begun: 0 of 0, cut: g 1-1",
                "a.b.Own: No number of loops in g 1-1: `x`"
            ]),
            None
        );
        assert_eq!(said(&["i.g.j.Loops: No number of loops in nobody: `x`"]), None);
    }
}
