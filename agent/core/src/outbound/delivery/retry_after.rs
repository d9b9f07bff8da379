//! `Retry-After`, in both of its forms.

use crate::base::time::{NS_PER_S, Wall};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Seconds from `now`, rounded up; `None` for what is neither a number of seconds nor a date. A date that has passed is 0.
#[must_use]
pub fn retry_after_s(text: &str, now: Wall) -> Option<u64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    // HTTP has GMT where mail has an offset.
    let date = text.strip_suffix("GMT").map_or_else(|| text.to_owned(), |date| format!("{date}+0000"));
    let at = OffsetDateTime::parse(&date, &Rfc2822).ok()?;
    let ahead_ns = at.unix_timestamp_nanos().saturating_sub(i128::from(now.0)).max(0);
    u64::try_from(ahead_ns).ok().map(|ns| ns.div_ceil(NS_PER_S))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_nothing_else() {
        let now = Wall(784_111_777_000_000_000);
        let cases = [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:49:57 GMT", Some(20)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("Sun, 06 Nov 1994 10:49:57 +0200", Some(20)),
            ("soon", None),
            ("-1", None),
            ("", None),
            ("Sun, 06 Nov 19940 08:49:57 GMT", None),
        ];
        for (text, expected) in cases {
            assert_eq!(retry_after_s(text, now), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_one_or_not(text in "[ -~]{0,40}", now: i64) {
            let _ = retry_after_s(&text, Wall(now));
        }
    }
}
