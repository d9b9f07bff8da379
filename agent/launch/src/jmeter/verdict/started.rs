//! How many users of JMeter's own thread groups have really started.
//!
//! Who is due after the end starts all the same, sends one sample at most and sees that it is too late; JMeter never says so.
//! It does say when the first thread of a group sees the end: whole seconds of a duration before that is when it was. A group
//! with delayed start does not start them at all.

use super::log_line::{ENGINE, LogLine, THREAD};
use crate::load::Late;
use std::collections::VecDeque;

/// How a group of JMeter's own says its size; groups of plug-ins start threads by rules of theirs.
const GROUP: &str = "o.a.j.t.ThreadGroup";
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// Groups that are named.
const NAMED_MAX: usize = 3;
/// Groups that are told apart.
const GROUPS_MAX: usize = 256;
/// Latest starts of a group that are kept: a sample's length before its end is seen.
const STARTS_MAX: usize = 1_024;
/// Clocks of threads that are due at one moment.
const TOGETHER_MS: u64 = 5;

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Started {
    groups: Vec<Group>,
    /// Of the group that is being started.
    name: String,
    /// There were more groups: nothing is concluded.
    is_cut: bool,
}

#[derive(Debug, Clone, Default)]
struct Group {
    /// In the plan.
    name: String,
    number: u64,
    planned: u64,
    started: u64,
    /// Of them, after the end.
    late: u64,
    first_ms: Option<u64>,
    /// From then on, ms.
    starts_ms: VecDeque<u64>,
    has_ended: bool,
}

impl Started {
    /// A line of the log.
    pub fn line(&mut self, line: &LogLine<'_>) {
        if line.logger == ENGINE {
            self.named(line.message);
        } else if line.logger == GROUP {
            // The moment from which JMeter counts, a little before the first thread says that it runs.
            self.group(line.message, line.day_ms());
        } else if line.logger == THREAD {
            let Some(ms) = line.day_ms() else { return };
            if let Some(name) = line.message.strip_prefix("Thread started: ") {
                self.of(name).into_iter().for_each(|group| group.start(ms));
            } else if let Some(name) =
                line.message.strip_prefix("Stopping because end time detected by thread: ")
            {
                self.of(name).into_iter().for_each(|group| group.end(ms));
            }
        }
    }

    /// In words, where some did not, of the groups that they are in; `by_itself`: an element of the plan ended it. `late`: of
    /// which groups that was known before.
    pub fn sentence(&self, by_itself: bool, late: &[Late]) -> Option<String> {
        let short: Vec<&Group> = self.groups.iter().filter(|group| group.in_time() < group.planned).collect();
        if self.is_cut || short.is_empty() {
            return None;
        }
        let planned: u64 = short.iter().map(|group| group.planned).sum();
        let started: u64 = short.iter().map(|group| group.in_time()).sum();
        let known = late.iter().find(|late| short.iter().any(|group| group.name == late.group.trim()));
        let why = match known {
            _ if by_itself => "an element of the plan ended it before".to_owned(),
            Some(late) => format!("{}: make the duration longer, or the ramp-up shorter", late.why),
            None if short.iter().any(|group| group.has_ended) => {
                "the others were due when the duration was over, which includes the ramp-up: make it longer, or the ramp-up \
                 shorter"
                    .to_owned()
            }
            None => "see JMeter's log".to_owned(),
        };
        let names: Vec<String> =
            short.iter().take(NAMED_MAX).map(|group| format!("`{}`", group.name)).collect();
        let groups = match &short[..] {
            [group] if group.name.is_empty() => String::new(),
            [_] => format!("Thread Group {}: ", names.join(", ")),
            [..] if short.iter().any(|group| group.name.is_empty()) => String::new(),
            [..] => {
                let more = if short.len() > names.len() { " and others" } else { "" };
                format!("Thread Groups {}{more}: ", names.join(", "))
            }
        };
        Some(format!("{groups}{started} of {planned} users started: {why}"))
    }

    /// `Starting ThreadGroup: 1 : NAME`, also of a setUp or tearDown group: the next one that says its size.
    fn named(&mut self, message: &str) {
        let rest = message.strip_prefix("Starting ").and_then(|rest| rest.split_once("ThreadGroup: "));
        if let Some((_, name)) = rest.and_then(|(_, rest)| rest.split_once(" : ")) {
            name.trim().clone_into(&mut self.name);
        }
    }

    /// `Starting thread group... number=1 threads=10 ramp-up=12 delayedStart=true`.
    fn group(&mut self, message: &str, first_ms: Option<u64>) {
        let Some(rest) = message.strip_prefix("Starting thread group... ") else { return };
        let part = |name| rest.split(' ').find_map(|part| part.strip_prefix(name));
        let number = |name| part(name).and_then(|n: &str| n.parse::<u32>().ok()).map(u64::from);
        let (Some(number), Some(planned)) = (number("number="), number("threads=")) else {
            return;
        };
        if self.groups.len() >= GROUPS_MAX {
            self.is_cut = true;
            return;
        }
        let name = std::mem::take(&mut self.name);
        self.groups.push(Group { name, number, planned, first_ms, ..Group::default() });
    }

    /// The group of a thread: `NAME NUMBER-THREAD`. Numbers come again in the tearDown groups.
    fn of(&mut self, thread: &str) -> Option<&mut Group> {
        let (number, _) = place(thread)?;
        self.groups.iter_mut().rev().find(|group| group.number == number)
    }

    /// How many users there should be, if no group was too many to keep.
    pub fn planned(&self) -> Option<u64> {
        (!self.is_cut).then(|| self.groups.iter().map(|group| group.planned).sum())
    }

    /// Whether a thread is a user of one of JMeter's own groups.
    pub fn has(&self, thread: &str) -> bool {
        place(thread).is_some_and(|(number, _)| self.groups.iter().any(|group| group.number == number))
    }
}

/// The numbers of a thread's group and of the thread in it, from its name: `NAME GROUP-THREAD`.
pub(super) fn place(thread: &str) -> Option<(u64, u64)> {
    let (_, place) = thread.trim_end().rsplit_once(' ')?;
    let (group, thread) = place.split_once('-')?;
    Some((group.parse().ok()?, thread.parse().ok()?))
}

impl Group {
    fn start(&mut self, day_ms: u64) {
        self.started += 1;
        if self.has_ended {
            self.late += 1;
            return;
        }
        let ms = self.since_first(day_ms);
        if self.starts_ms.len() >= STARTS_MAX {
            self.starts_ms.pop_front();
        }
        self.starts_ms.push_back(ms);
    }

    /// A thread has seen the end.
    fn end(&mut self, day_ms: u64) {
        if self.has_ended || self.first_ms.is_none() {
            return;
        }
        self.has_ended = true;
        let end_ms = self.since_first(day_ms) / 1_000 * 1_000;
        let is_late = |ms: &&u64| **ms > 0 && **ms + TOGETHER_MS >= end_ms;
        self.late = self.starts_ms.iter().filter(is_late).count() as u64;
        self.starts_ms = VecDeque::new();
    }

    /// The run may go past midnight.
    fn since_first(&mut self, day_ms: u64) -> u64 {
        let first_ms = *self.first_ms.get_or_insert(day_ms);
        (day_ms + DAY_MS - first_ms) % DAY_MS
    }

    fn in_time(&self) -> u64 {
        self.started.saturating_sub(self.late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of `(ms, logger, message)` from shortly before midnight on.
    fn read(lines: &[(u64, &str, String)]) -> Started {
        let mut started = Started::default();
        for (ms, logger, message) in lines {
            let day_ms = (DAY_MS - 2_000 + ms) % DAY_MS;
            let (s, ms) = (day_ms / 1_000, day_ms % 1_000);
            let time = format!("{:02}:{:02}:{:02},{ms:03}", s / 3_600, s / 60 % 60, s % 60);
            let text = format!("2026-11-28 {time} INFO {logger}: {message}");
            started.line(&LogLine::parse(&text).unwrap());
        }
        started
    }

    fn group(number: u32, threads: u32) -> (u64, &'static str, String) {
        (
            0,
            GROUP,
            format!(
                "Starting thread group... number={number} threads={threads} ramp-up=8 delayedStart=false"
            ),
        )
    }

    fn start(ms: u64, thread: &str) -> (u64, &'static str, String) {
        (ms, THREAD, format!("Thread started: {thread}"))
    }

    fn end(ms: u64, thread: &str) -> (u64, &'static str, String) {
        (ms, THREAD, format!("Stopping because end time detected by thread: {thread}"))
    }

    #[test]
    fn who_starts_after_the_end_has_not_started() {
        let mut lines = vec![group(1, 10)];
        lines.extend((0..6).map(|i| start(i * 800, &format!("the users 1-{}", i + 1))));
        lines.push(end(4_007, "the users 1-3"));
        lines.extend((6..10).flat_map(|i| {
            let name = format!("the users 1-{}", i + 1);
            [start(i * 800, &name), end(i * 800 + 20, &name)]
        }));
        let said = read(&lines).sentence(false, &[]).unwrap();
        assert!(
            said.starts_with("5 of 10 users started: the others were due when the duration was over"),
            "{said}"
        );
    }

    #[test]
    fn who_is_never_started_has_not_started_either() {
        let mut lines =
            vec![group(1, 2), start(0, "a 1-1"), start(9, "a 1-2"), group(2, 3), start(9, "b 2-1")];
        let said = |lines: &[_], by_itself| read(lines).sentence(by_itself, &[]).unwrap_or_default();
        assert_eq!(said(&lines, false), "1 of 3 users started: see JMeter's log");
        assert_eq!(said(&lines, true), "1 of 3 users started: an element of the plan ended it before");
        lines.push(end(3_000, "b 2-1"));
        assert!(said(&lines, false).contains("duration was over"));
    }

    #[test]
    fn they_are_counted_in_their_groups_and_what_was_known_before_is_why() {
        let name = |text: &str| (0, ENGINE, text.to_owned());
        let mut lines =
            vec![name("Starting setUp ThreadGroup: 1 : setup "), group(1, 1), start(0, "setup 1-1")];
        lines.extend([name("Starting ThreadGroup: 1 : shoppers "), group(1, 4)]);
        lines.extend([start(10, "shoppers 1-1"), start(1_675, "shoppers 1-2"), start(3_345, "shoppers 1-3")]);
        lines.extend([
            name("Starting tearDown ThreadGroup: 1 : down "),
            group(1, 1),
            start(5_000, "down 1-1"),
        ]);
        assert_eq!(
            read(&lines).sentence(false, &[]).as_deref(),
            Some("Thread Group `shoppers`: 3 of 4 users started: see JMeter's log")
        );
        let late = |group| {
            let said = crate::load::too_late(4, 5, 4, true).unwrap();
            assert!(said.ends_with(": only 3 of 4 users start"), "{said}");
            [Late::of(group, &said)]
        };
        assert_eq!(
            read(&lines).sentence(false, &late("shoppers")).as_deref(),
            Some(
                "Thread Group `shoppers`: 3 of 4 users started: the ramp-up of 5 s is longer than the duration of 4 s, which \
                 includes it: make the duration longer, or the ramp-up shorter"
            )
        );
        assert!(read(&lines).sentence(false, &late("down")).unwrap().ends_with("see JMeter's log"));
        lines.extend([name("Starting tearDown ThreadGroup: 2 : more "), group(2, 1)]);
        let both = read(&lines).sentence(false, &[]).unwrap();
        assert!(both.starts_with("Thread Groups `shoppers`, `more`: 3 of 5 users started"), "{both}");
    }

    #[test]
    fn whole_runs_and_groups_of_plug_ins_have_nothing_to_say() {
        let all = [start(0, "a 1-1"), start(1_990, "a 1-2"), end(2_010, "a 1-1"), end(2_010, "a 1-2")];
        assert_eq!(read(&[&[group(1, 2)], &all[..]].concat()).sentence(false, &[]), None);
        assert_eq!(read(&all).sentence(false, &[]), None);
        // A tearDown group has the number of another group once more.
        let more = [group(1, 1), start(2_100, "down 1-1")];
        assert_eq!(read(&[&[group(1, 2)], &all[..], &more[..]].concat()).sentence(false, &[]), None);
        let many: Vec<_> = (0..300).map(|n| group(n, 1)).collect();
        assert_eq!(read(&many).sentence(false, &[]), None);
    }
}
