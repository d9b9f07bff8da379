//! Whether a queue's node is gone. Every doubt is an answer for the living.

use crate::control::queue::plan::{TAG_OURS, TAG_SEEN};
use gridnode_core::base::rfc3339;
use gridnode_core::base::time::{NS_PER_S, Wall};
use std::collections::BTreeMap;

/// What a queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Its node is gone.
    Gone {
        /// When the node last looked after it, or the queue was made.
        seen: Wall,
    },
    /// Its node was seen lately, or holds messages of it, or nothing says when it was seen.
    InUse,
    /// Its tags do not say that it is a node's.
    NotOurs,
}

/// Judges by `tags` and `attributes` as SQS has them. A node that was not seen for `older_than_s` is gone.
#[must_use]
pub fn judge(
    tags: &BTreeMap<String, String>,
    attributes: &BTreeMap<String, String>,
    now: Wall,
    older_than_s: u64,
) -> Verdict {
    if tags.get(TAG_OURS).map(String::as_str) != Some("1") {
        return Verdict::NotOurs;
    }
    if attributes.get("ApproximateNumberOfMessagesNotVisible").map(String::as_str) != Some("0") {
        return Verdict::InUse;
    }
    let tagged = tags.get(TAG_SEEN).and_then(|seen| rfc3339::parse(seen).ok());
    let Some(seen) = tagged.or_else(|| created(attributes)) else { return Verdict::InUse };
    let age_ns = i128::from(now.0) - i128::from(seen.0);
    if age_ns >= i128::from(older_than_s) * i128::from(NS_PER_S) && age_ns >= 0 {
        Verdict::Gone { seen }
    } else {
        Verdict::InUse
    }
}

/// When the queue was made: whole seconds from SQS, with a fraction from some others.
fn created(attributes: &BTreeMap<String, String>) -> Option<Wall> {
    let text = attributes.get("CreatedTimestamp")?;
    let seconds: i64 = text.split('.').next()?.parse().ok()?;
    seconds.checked_mul(i64::try_from(NS_PER_S).ok()?).map(Wall)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Wall = Wall(1_700_000_000_000_000_000);
    const HOUR_S: u64 = 3_600;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn ago(s: i64) -> Wall {
        Wall(NOW.0 - s * 1_000_000_000)
    }

    fn judged(tags: &[(&str, &str)], attributes: &[(&str, &str)]) -> Verdict {
        judge(&map(tags), &map(attributes), NOW, HOUR_S)
    }

    const IDLE: [(&str, &str); 1] = [("ApproximateNumberOfMessagesNotVisible", "0")];

    #[test]
    fn a_node_that_was_not_seen_for_long_is_gone() {
        let seen = rfc3339::format(ago(3_600));
        assert_eq!(judged(&[("gridnode", "1"), ("seen", &seen)], &IDLE), Verdict::Gone { seen: ago(3_600) });
        let seen = rfc3339::format(ago(3_599));
        assert_eq!(judged(&[("gridnode", "1"), ("seen", &seen)], &IDLE), Verdict::InUse);
    }

    #[test]
    fn a_clock_that_is_ahead_does_not_kill() {
        let seen = rfc3339::format(ago(-86_400));
        let tags = map(&[("gridnode", "1"), ("seen", &seen)]);
        assert_eq!(judge(&tags, &map(&IDLE), NOW, 0), Verdict::InUse);
    }

    #[test]
    fn messages_in_flight_mean_a_living_node() {
        let seen = rfc3339::format(ago(9_999));
        let tags = [("gridnode", "1"), ("seen", seen.as_str())];
        assert_eq!(judged(&tags, &[("ApproximateNumberOfMessagesNotVisible", "2")]), Verdict::InUse);
        assert_eq!(judged(&tags, &[]), Verdict::InUse);
    }

    #[test]
    fn without_its_tag_it_is_not_ours() {
        let seen = rfc3339::format(ago(9_999));
        assert_eq!(judged(&[("seen", &seen)], &IDLE), Verdict::NotOurs);
        assert_eq!(judged(&[("gridnode", "0"), ("seen", &seen)], &IDLE), Verdict::NotOurs);
    }

    #[test]
    fn without_a_heartbeat_its_age_counts() {
        let attributes = |made: &'static str| [IDLE[0], ("CreatedTimestamp", made)];
        assert_eq!(
            judged(&[("gridnode", "1")], &attributes("1699990000.25")),
            Verdict::Gone { seen: ago(10_000) }
        );
        assert_eq!(judged(&[("gridnode", "1"), ("seen", "soon")], &attributes("1699999000")), Verdict::InUse);
        assert_eq!(judged(&[("gridnode", "1")], &IDLE), Verdict::InUse);
    }
}
