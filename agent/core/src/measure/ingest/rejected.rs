//! A rejected line as a person is shown it: what was wrong, where, and what stands there.

use super::output::Remark;
use crate::wire::sump::{Complaint, Reject, why};

/// Bytes of a line that are shown.
const EXCERPT_BYTES: usize = 120;
/// Of them before the column, where that is further behind.
const BEFORE_BYTES: usize = 60;

/// An example.
pub(super) fn example(reason: Reject, line: &[u8]) -> Remark {
    let Complaint { what, at } = why(reason, line);
    let why = match at {
        Some(at) => format!("{what}, at column {}", at + 1),
        None => what,
    };
    Remark::Rejected { reason, why, excerpt: excerpt(line, at.unwrap_or(0)) }
}

fn excerpt(line: &[u8], at: usize) -> String {
    let from = if at < EXCERPT_BYTES { 0 } else { at - BEFORE_BYTES };
    let rest = &line[from.min(line.len())..];
    let cut = &rest[..rest.len().min(EXCERPT_BYTES)];
    let text = String::from_utf8_lossy(cut);
    let plain: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    let (before, behind) = (if from > 0 { "…" } else { "" }, if cut.len() < rest.len() { "…" } else { "" });
    format!("{before}{plain}{behind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_at_the_column_is_shown() {
        let shown = |line: &str| match example(Reject::Syntax, line.as_bytes()) {
            Remark::Rejected { why, excerpt, .. } => (why, excerpt),
            other => panic!("{other:?}"),
        };
        let line = "sample,flood=7,label=a rt=1,ok=maybe 17";
        assert_eq!(
            shown(line),
            ("expected a number, a boolean or a quoted text, at column 32".to_owned(), line.to_owned())
        );
        let long = format!("sample,flood=7,label={} rt=1,ok=maybe 17", "x".repeat(300));
        let (why, excerpt) = shown(&long);
        assert_eq!(why, "expected a number, a boolean or a quoted text, at column 331");
        assert!(excerpt.starts_with("…xx") && excerpt.ends_with("x rt=1,ok=maybe 17"), "{excerpt}");
        let (_, excerpt) = shown(&format!("a\u{1b} {}", "x".repeat(300)));
        assert!(excerpt.starts_with("…x") || excerpt.starts_with("a\u{fffd} x"), "{excerpt}");
    }
}
