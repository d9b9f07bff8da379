//! Whose queue it is: of the state directory whose nonce stands in its tags. Two agents on one queue would get half of
//! the commands each.
//!
//! The owner renews the tag `seen` once a minute. Whoever else wants the queue watches it: when it changes, the owner
//! lives; when it does not for [`SILENCE_NS`], it is gone. So no clock is compared with another machine's. No I/O here.

use super::plan::{NOBODY, TAG_OWNER, TAG_SEEN};
use gridnode_core::base::rfc3339;
use gridnode_core::base::time::{Mono, NS_PER_S, Now};
use std::collections::BTreeMap;

/// Between two renewals at most, ms.
pub const RENEW_EVERY_MS: u64 = 60_000;
/// An owner that has missed three renewals is gone.
pub const SILENCE_S: u64 = 3 * RENEW_EVERY_MS / 1_000;
pub(super) const SILENCE_NS: u64 = SILENCE_S * NS_PER_S;
/// One that has been away for so long need not be watched: AWS does not let in clocks that are so wrong.
const LONG_AGO_NS: i64 = 3_600 * NS_PER_S as i64;

/// What the tags say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is this agent's.
    Ours,
    /// It has no owner, or none that lives: it may be taken.
    Free,
    /// It is this owner's; nobody knows yet whether it lives.
    Silent(String),
    /// It is this owner's, which was seen to live.
    Alive(String),
}

/// Watches an owner that is another one.
#[derive(Debug, Default)]
pub(super) struct OwnerWatch {
    watched: Option<Watched>,
}

#[derive(Debug)]
struct Watched {
    owner: String,
    seen: String,
    since: Mono,
}

impl OwnerWatch {
    /// What to make of a queue with these tags.
    pub(super) fn judge(&mut self, tags: &BTreeMap<String, String>, own: &str, now: Now) -> Verdict {
        let tag = |name: &str| tags.get(name).map_or("", String::as_str).to_owned();
        let (owner, seen) = (tag(TAG_OWNER), tag(TAG_SEEN));
        let verdict = match owner.as_str() {
            "" | NOBODY => Verdict::Free,
            _ if owner == own => Verdict::Ours,
            _ if is_long_ago(&seen, now) => Verdict::Free,
            _ => return self.watch(owner, seen, now.mono),
        };
        self.watched = None;
        verdict
    }

    fn watch(&mut self, owner: String, seen: String, now: Mono) -> Verdict {
        let new = Watched { owner: owner.clone(), seen: seen.clone(), since: now };
        match &self.watched {
            Some(watched) if watched.owner == owner && watched.seen == seen => {
                match now.since_ns(watched.since) {
                    SILENCE_NS.. => Verdict::Free,
                    _ => Verdict::Silent(owner),
                }
            }
            Some(_) => {
                self.watched = Some(new);
                Verdict::Alive(owner)
            }
            None => {
                self.watched = Some(new);
                Verdict::Silent(owner)
            }
        }
    }
}

fn is_long_ago(seen: &str, now: Now) -> bool {
    rfc3339::parse(seen).is_ok_and(|seen| now.wall.0.saturating_sub(seen.0) > LONG_AGO_NS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::*;
    use gridnode_core::base::time::Wall;

    const START: Now = Now { mono: Mono(0), wall: Wall(1_780_000_000_000_000_000) };

    fn tags(owner: &str, seen_s: u64) -> BTreeMap<String, String> {
        super::super::plan::owner_tags(owner, START.plus_ns(seen_s * NS_PER_S).wall)
    }

    fn at(s: u64) -> Now {
        START.plus_ns(s * NS_PER_S)
    }

    #[test]
    fn what_is_ours_or_nobody_s_is_taken_at_once() {
        let mut watch = OwnerWatch::default();
        assert_eq!(watch.judge(&tags("a", 0), "a", at(0)), Ours);
        assert_eq!(watch.judge(&tags(NOBODY, 0), "a", at(0)), Free);
        assert_eq!(watch.judge(&BTreeMap::new(), "a", at(0)), Free);
    }

    #[test]
    fn an_owner_lives_when_it_renews_and_is_gone_when_it_does_not() {
        let mut watch = OwnerWatch::default();
        let other = || "b".to_owned();
        assert_eq!(watch.judge(&tags("b", 0), "a", at(10)), Silent(other()));
        assert_eq!(watch.judge(&tags("b", 0), "a", at(40)), Silent(other()));
        assert_eq!(watch.judge(&tags("b", 60), "a", at(65)), Alive(other()));
        assert_eq!(watch.judge(&tags("b", 60), "a", at(244)), Silent(other()));
        assert_eq!(watch.judge(&tags("b", 60), "a", at(245)), Free);
    }

    #[test]
    fn another_clock_is_not_believed_but_when_it_is_far_off() {
        let mut watch = OwnerWatch::default();
        // A clock ten minutes behind, or ahead, is no sign of death, nor of life.
        assert_eq!(watch.judge(&tags("b", 0), "a", at(600)), Silent("b".to_owned()));
        assert_eq!(watch.judge(&tags("b", 0), "a", at(780)), Free);
        assert_eq!(OwnerWatch::default().judge(&tags("b", 0), "a", at(3_601)), Free);
    }
}
