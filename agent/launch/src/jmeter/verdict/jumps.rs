//! Samplers that nobody came to because the plan goes on elsewhere at a failed sample: our listener says so in JMeter's log.

use super::log_line::{LogLine, short};
use crate::verdict::times;

/// Who says it, and how, before the number and the name.
const SAYING: (&str, &str) = ("i.g.j.Jumps", "Not reached behind failed samples, ");
const NAMES_MAX: usize = 20;
/// Of them, shown.
const SHOWN_MAX: usize = 3;

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Jumps {
    /// How often somebody jumped, and over what.
    over: Vec<(u64, String)>,
}

impl Jumps {
    /// A line of the log.
    pub fn line(&mut self, line: &LogLine<'_>) {
        let (logger, words) = SAYING;
        if line.logger != logger || self.over.len() >= NAMES_MAX {
            return;
        }
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
        let named: Vec<String> = never.iter().take(SHOWN_MAX).map(|(_, name)| format!("`{name}`")).collect();
        let mut names = named.join(", ");
        let more = never.len().saturating_sub(SHOWN_MAX);
        if more > 0 {
            names.push_str(&format!(" and {more} more"));
        }
        let were = if never.len() == 1 { "was" } else { "were" };
        Some(format!(
            "{names} {were} never sent: at a failed sample before that, {}, users went on with another iteration, as the plan \
             says (its group's \"Start Next Thread Loop\", or a Result Status Action Handler); see why those samples fail",
            times(most)
        ))
    }
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
}
