//! The nearest thing that somebody may have meant.

use super::key::Key;
use super::table::KEYS;

/// The key that was meant by `name`, if one is near: the same last part in another section, the same key in another
/// unit, or a slip of the fingers.
pub(super) fn nearest_key(name: &str) -> Option<&'static Key> {
    let meant = name.to_ascii_lowercase().replace('-', "_");
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let stem = |name: &str| match name.rsplit_once('_') {
        Some((
            stem,
            "ns" | "us" | "ms" | "s" | "sec" | "secs" | "seconds" | "m" | "min" | "b" | "kb" | "mb" | "gb"
            | "bytes" | "kib" | "mib" | "gib",
        )) => stem.to_owned(),
        _ => name.to_owned(),
    };
    let by_rule = |rule: &dyn Fn(&Key) -> bool| {
        let mut fitting = KEYS.iter().filter(|key| rule(key));
        // Two that fit as well as each other are no help.
        fitting.next().filter(|_| fitting.next().is_none())
    };
    by_rule(&|key| key.name == meant || key.name.replace('.', "_") == meant.replace('.', "_"))
        .or_else(|| by_rule(&|key| stem(key.name) == stem(&meant)))
        .or_else(|| by_distance(&meant))
        .or_else(|| by_rule(&|key| stem(&last(key.name)) == stem(&last(&meant))))
}

fn by_distance(meant: &str) -> Option<&'static Key> {
    let name = nearest(meant, KEYS.iter().map(|key| key.name))?;
    KEYS.iter().find(|key| key.name == name)
}

/// The nearest of `names` that a person may have meant: one slip, and one more for every four characters.
pub(super) fn nearest<'n>(meant: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let slips_max = 1 + meant.chars().count() / 5;
    names
        .map(|name| (distance(meant, name), name))
        .filter(|(slips, _)| *slips <= slips_max)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, name)| name)
}

/// Insertions, deletions, replacements and swaps of neighbours that make `a` into `b`. Longer texts than 64 characters
/// are far from everything: a key of a megabyte is no slip, and would take minutes to compare.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let is_long = |text: &str| text.chars().nth(64).is_some();
    if is_long(a) || is_long(b) { usize::MAX } else { strsim::osa_distance(a, b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_meant() {
        let meant = |name| nearest_key(name).map(|key| key.name);
        assert_eq!(meant("drain.ulr"), Some("drain.url"));
        assert_eq!(meant("drain-url"), Some("drain.url"));
        assert_eq!(meant("grace_ms"), Some("windows.grace_ms"));
        assert_eq!(meant("windows.grace_s"), Some("windows.grace_ms"));
        assert_eq!(meant("windows.grace"), Some("windows.grace_ms"));
        assert_eq!(meant("spool.max_age_s"), None);
        assert_eq!(meant("state_dri"), Some("state_dir"));
        assert_eq!(meant("control.command_topic"), Some("control.command_topics"));
        assert_eq!(meant("bananas"), None);
        // Three sections have one.
        assert_eq!(meant("region"), None);
        assert_eq!(meant("endpoint_ur"), None);
    }

    #[test]
    fn distances() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("drain", "drain"), 0);
        assert_eq!(distance("drian", "drain"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    proptest! {
        #[test]
        fn a_distance_is_symmetric_and_zero_only_for_equals(a in "[a-c]{0,8}", b in "[a-c]{0,8}") {
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert_eq!(distance(&a, &b) == 0, a == b);
            prop_assert!(distance(&a, &b) <= a.len().max(b.len()));
        }
    }
}
