//! What `gridnode reap` says about what it found.

use crate::console::{clean, of};
use crate::control::reap::{Progress, Survey};

/// Names that are shown before the rest is only counted.
pub const SHOWN_MAX: usize = 20;

/// How far it is, in a few words.
pub fn progress(progress: &Progress<'_>) -> String {
    match *progress {
        Progress::Listed { queues } => of(queues, "queue", "queues"),
        Progress::LookingAt { at, all, gone } => {
            format!("{at} of {}, {gone} gone", of(all, "queue", "queues"))
        }
        Progress::Subscriptions { seen, topic } => {
            format!("{} of topic {}", of(seen, "subscription", "subscriptions"), topic.name())
        }
        Progress::Removed { done, all } => format!("{done} of {}", of(all, "thing", "things")),
    }
}

/// What a removal would take: `1 queue and 2 subscriptions`.
pub fn to_remove(found: &Survey) -> String {
    counted(found.gone.len() as u64, found.subscriptions())
}

/// `1 queue and 2 subscriptions`.
pub fn counted(queues: u64, subscriptions: u64) -> String {
    format!("{} and {}", of(queues, "queue", "queues"), of(subscriptions, "subscription", "subscriptions"))
}

/// What stays, and why.
pub fn left_alone(found: &Survey) -> String {
    let mut parts = vec![format!("{} of nodes that are there", of(found.in_use, "queue", "queues"))];
    let mut add = |n: u64, what: &str| {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    };
    add(found.not_ours, "without our tag");
    add(found.unclear.len() as u64, "that may not be looked at");
    add(found.foreign, "subscriptions to other accounts");
    parts.join(", ")
}

/// What is to be removed, a line each.
pub fn listing(found: &Survey, now_ns: i64) -> Vec<String> {
    let queues = found.gone.iter().map(|queue| {
        let age_min = now_ns.saturating_sub(queue.seen.0) / 60_000_000_000;
        let subscriptions = of(queue.subscriptions.len() as u64, "subscription", "subscriptions");
        format!(
            "queue {}  last seen {} h {:02} min ago, {subscriptions}",
            queue.name,
            age_min / 60,
            age_min % 60
        )
    });
    let left_over = found.left_over.iter().map(|left_over| {
        format!(
            "subscription of {} to {}, which does not exist",
            left_over.topic.name(),
            left_over.queue.name
        )
    });
    let mut lines: Vec<String> = queues.chain(left_over).map(|line| clean(&line).to_string()).collect();
    if lines.len() > SHOWN_MAX {
        let more = lines.len() - SHOWN_MAX;
        lines.truncate(SHOWN_MAX);
        lines.push(format!("… and {more} more"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::aws::TopicArn;
    use crate::control::reap::{GoneQueue, LeftOver, QueueArn};
    use gridnode_core::base::time::Wall;

    fn topic() -> TopicArn {
        TopicArn::new("arn:aws:sns:us-east-1:123456789012:commands").unwrap()
    }

    fn gone(name: &str) -> GoneQueue {
        GoneQueue {
            name: name.into(),
            url: format!("http://x/{name}"),
            seen: Wall(0),
            subscriptions: vec![(topic(), "arn:1".into())],
            unlisted: vec![],
        }
    }

    #[test]
    fn shows_what_goes_and_what_stays() {
        let queue = QueueArn { region: "r".into(), account: "1".into(), name: "gridnode-9".into() };
        let found = Survey {
            gone: vec![gone("gridnode-3")],
            left_over: vec![LeftOver { arn: "arn:2".into(), topic: topic(), queue }],
            in_use: 2,
            not_ours: 1,
            ..Survey::default()
        };
        assert_eq!(
            listing(&found, 5_000 * 1_000_000_000),
            [
                "queue gridnode-3  last seen 1 h 23 min ago, 1 subscription",
                "subscription of commands to gridnode-9, which does not exist",
            ]
        );
        assert_eq!(to_remove(&found), "1 queue and 2 subscriptions");
        assert_eq!(left_alone(&found), "2 queues of nodes that are there, 1 without our tag");
    }

    #[test]
    fn a_long_list_is_cut() {
        let found =
            Survey { gone: (0..900).map(|n| gone(&format!("gridnode-{n}"))).collect(), ..Survey::default() };
        let lines = listing(&found, 0);
        assert_eq!((lines.len(), lines.last().map(String::as_str)), (SHOWN_MAX + 1, Some("… and 880 more")));
    }
}
