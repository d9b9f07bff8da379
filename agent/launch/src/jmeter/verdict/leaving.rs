//! How users left: after their loops, when their time was over, or before.
//!
//! In a plug-in's group each user may have a time of its own, which our listener tells; and there are groups that start another
//! user in place of each that ends, whose load is then what was asked for.

use super::log_line::{ENGINE, LogLine, THREAD, short};
use super::started::place;
use std::collections::HashMap;

/// Users of whom it is known how they left; beyond, nothing is concluded of one.
const LEFT_MAX: usize = 65_536;
/// Groups that are known to stop on an error, or to follow a schedule.
const GROUPS_MAX: usize = 256;
/// A Flow Control Action.
const ACTION: &str = "o.a.j.s.TestAction";
/// Our listener, which says how far a user has come.
const LOOPS: &str = "i.g.j.Loops";
/// The same, that a sample has failed and ends its user, or the whole test.
const STOPPED: &str = "i.g.j.StoppedByFailure";
/// The same, of which group others come in place of those that end, by its first user.
const RENEWING: (&str, &str) = ("i.g.j.Renewing", "Others come in place of those that end in the group of ");
/// How a group of JMeter's own begins.
const OWN: (&str, &str) = ("o.a.j.t.ThreadGroup", "Starting thread group... number=");
/// Who starts users by a schedule, and how it says so, before its number.
const OPEN: (&str, &str) = ("o.a.j.t.o.OpenModelThreadGroup", "Starting OpenModelThreadGroup#");
/// The same, before the number of users that it ends because its schedule is over.
const OPEN_CUTS: &str = "Test schedule finished, however, there are ";
/// The Precise Throughput Timer's words where its pause would go past the end of a user's time.
const PAST_END: &str = "JMeterStopThreadException: The thread is scheduled to stop in ";
/// What a thread says when a result or an element of the plan ends it, and perhaps the test with it.
const DETECTED: [&str; 4] = ["Stop Thread", "Shutdown Test", "Stop Test Now", "Stop Test"];

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaving {
    /// Set-up, the test, tear-down: their groups are numbered from one each.
    phase: u8,
    /// Groups that are told to end a thread or the test on an error; the last one is being started.
    on_error: Vec<(u8, u64)>,
    group: Option<(u8, u64)>,
    /// Groups whose users come by a schedule, and run once through.
    open: Vec<(u8, u64)>,
    /// How many users the end of their schedule has ended: who is told to end from then on may be one of them.
    cut: u64,
    /// JMeter's own groups, and those that start others in place of users that end.
    own: Vec<(u8, u64)>,
    renewing: Vec<(u8, u64)>,
    /// Threads that have said why they end, and not yet who they are: a pause would go past the end, or an exception.
    at_end: u64,
    dying: u64,
    /// Users that were ended in place of a pause past the end of their time.
    paused: u64,
    /// A sample that failed has ended the whole test.
    is_test_by_error: bool,
    /// What is known of each user's end, by its phase, its group and its number there.
    left: HashMap<(u8, u64, u64), Left>,
    why: Option<String>,
    /// The first loop that a Flow Control Action broke off: it may be one within others.
    broken: Option<String>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Left {
    /// What was said first.
    how: Option<How>,
    /// There was nothing left to do: JMeter looks for what is next even when a user was told to stop, and our listener knows
    /// a last sample behind which only a transaction ends.
    is_done: bool,
    /// Not all of its loops were begun.
    has_more: bool,
    /// Its own time, in a plug-in's group, was nearly over; or the schedule by which it came.
    is_due: bool,
    /// It has a time of its own, so that how long the plan is to run says nothing of it.
    has_own_time: bool,
}

#[derive(Debug, Clone, Copy)]
enum How {
    /// Its loops are done, or it was told to do no more of them; the time of day, ms.
    Done(Option<u64>),
    /// Its time is over, or would be before the end of a pause.
    Expired,
    /// An exception has ended it, which is a finding of its own.
    Died,
    /// Its thread has ended, and nothing was said of why: a `ThreadDeath` is none to JMeter.
    Silently(Option<u64>),
    /// Something has told it to.
    Told {
        /// The time of day, ms.
        day_ms: Option<u64>,
        /// A sample that failed did it.
        by_error: bool,
    },
}

/// Who left early.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Early {
    /// In all.
    pub users: u64,
    /// Of them, because a sample failed.
    pub by_error: u64,
    /// Of these, users that came by a schedule.
    pub open: u64,
    /// Others, in whose place another one came.
    pub renewed: u64,
    /// Of them, because a sample failed.
    pub renewed_by_error: u64,
}

impl Leaving {
    /// A line of the log.
    pub fn line(&mut self, line: &LogLine<'_>) {
        match line.logger {
            ENGINE => self.engine(line.message),
            THREAD => self.thread(line),
            LOOPS => {
                self.loops(line.message);
                self.time_left(line.message);
            }
            STOPPED => self.stopped(line.message),
            logger if logger == OPEN.0 => {
                let group = self.number(line, OPEN.1);
                note(&mut self.open, group);
                let cut = line.message.strip_prefix(OPEN_CUTS).and_then(|rest| rest.split(' ').next());
                let cut = cut.and_then(|cut| cut.parse::<u32>().ok()).map_or(0, u64::from);
                self.cut = self.cut.saturating_add(cut);
            }
            logger if logger == OWN.0 => {
                let group = self.number(line, OWN.1);
                note(&mut self.own, group);
            }
            logger if logger == RENEWING.0 => {
                let user = line.message.strip_prefix(RENEWING.1).and_then(place);
                note(&mut self.renewing, user.map(|(group, _)| (self.phase, group)));
            }
            ACTION => {
                // `Stopping current thread from element NAME`, `Stopping all threads now from element NAME`.
                if let Some((what, name)) = line.message.split_once(" from element ") {
                    let why = if what.starts_with("Breaking") { &mut self.broken } else { &mut self.why };
                    why.get_or_insert_with(|| format!("the Flow Control Action `{}`", short(name)));
                }
            }
            _ => {}
        }
    }

    /// Who left before it was time; `is_early` says that of a time of day, ms.
    pub fn early(&self, is_early: impl Fn(Option<u64>) -> bool) -> Early {
        let mut early = Early::default();
        for ((phase, group, _), left) in &self.left {
            let (day_ms, is_error) = match left.how {
                Some(How::Told { day_ms, by_error }) if !left.is_done || left.has_more => (day_ms, by_error),
                // A loop that was broken off looks like one that is done.
                Some(How::Done(day_ms) | How::Silently(day_ms)) if left.has_more => (day_ms, false),
                _ => continue,
            };
            // The time of one that came by a schedule is no part of the whole.
            let is_open = self.open.contains(&(*phase, *group));
            let counts =
                is_error && is_open || !left.is_due && (is_open || left.has_own_time || is_early(day_ms));
            // A schedule goes on without the users that it has sent.
            let others_come = is_open && !is_error || self.renewing.contains(&(*phase, *group));
            if counts && others_come {
                early.renewed += 1;
                early.renewed_by_error += u64::from(is_error);
            } else if counts {
                early.users += 1;
                early.by_error += u64::from(is_error);
                early.open += u64::from(is_open);
            }
        }
        early
    }

    /// How many users have come by a schedule.
    pub fn open(&self) -> u64 {
        let open = self.left.keys().filter(|(phase, group, _)| self.open.contains(&(*phase, *group)));
        open.count() as u64
    }

    /// Whether, of the users of groups that start others in place of those that end, more were ended by a failed sample than not.
    pub fn renewed_in_vain(&self) -> bool {
        let those =
            self.left.iter().filter(|((phase, group, _), _)| self.renewing.contains(&(*phase, *group)));
        let by_error =
            |left: &Left| matches!(left.how, Some(How::Told { by_error: true, .. })) && !left.is_done;
        let (ended, users) =
            those.fold((0, 0), |(ended, users), (_, left)| (ended + u64::from(by_error(left)), users + 1));
        ended * 2 > users
    }

    /// How many users came of groups that start a given number of them and are not JMeter's own.
    pub fn of_plug_ins(&self) -> u64 {
        let others = self.left.keys().filter(|(phase, group, _)| {
            let group = (*phase, *group);
            ![&self.own, &self.open, &self.renewing].iter().any(|known| known.contains(&group))
        });
        others.count() as u64
    }

    /// Whether there are groups that start others in place of users that end.
    pub fn has_renewing(&self) -> bool {
        !self.renewing.is_empty()
    }

    /// Whether a sample that failed has ended the whole test. Users of whom more was to come may be done then: their group gives
    /// them nothing more.
    pub fn is_test_by_error(&self) -> bool {
        self.is_test_by_error
    }

    /// How many users the end of their schedule has ended.
    pub fn cut(&self) -> u64 {
        self.cut
    }

    /// How many users were ended in place of a pause past the end of their time.
    pub fn paused(&self) -> u64 {
        self.paused
    }

    /// An exception ends a user: one that is named, or the next one that ends.
    pub fn died(&mut self, thread: Option<&str>) {
        match thread {
            Some(thread) => self.user(thread).into_iter().for_each(|user| user.how = Some(How::Died)),
            None => self.dying += 1,
        }
    }

    /// What ended the first of them, where that is known.
    pub fn why(&self) -> Option<&str> {
        self.why.as_deref().or(self.broken.as_deref())
    }

    /// The group whose number comes after some words.
    fn number(&self, line: &LogLine<'_>, words: &str) -> Option<(u8, u64)> {
        let number = line.message.strip_prefix(words)?.split(' ').next()?;
        Some((self.phase, number.parse().ok()?))
    }

    /// `Starting ThreadGroup: 1 : users`, and then what its threads do on an error.
    fn engine(&mut self, message: &str) {
        const STOPS: [&str; 3] =
            ["Thread will stop on error", "Test will stop on error", "Test will stop abruptly on error"];
        const PHASES: [&str; 3] =
            ["Starting setUp ThreadGroup: ", "Starting ThreadGroup: ", "Starting tearDown ThreadGroup: "];
        let started =
            (0..).zip(PHASES).find_map(|(phase, start)| Some((phase, message.strip_prefix(start)?)));
        if let Some((phase, rest)) = started {
            self.phase = phase;
            self.group = rest.split(' ').next().and_then(|number| Some((phase, number.parse().ok()?)));
        } else if STOPS.iter().any(|stop| message.starts_with(stop)) {
            note(&mut self.on_error, self.group);
        }
    }

    fn thread(&mut self, line: &LogLine<'_>) {
        let (message, day_ms) = (line.message, line.day_ms());
        let told = |by_error| How::Told { day_ms, by_error };
        if message.starts_with("Stopping Thread: ") && message.contains(PAST_END) {
            self.at_end += 1;
        } else if let Some(name) = message.strip_prefix("Stopping: ") {
            // Who has told it to, others say.
            self.leave(name, |_| told(false));
        } else if let Some(rest) = message.strip_prefix("Stop Thread seen for thread ") {
            let (name, reason) = rest.split_once(", reason: ").unwrap_or((rest, ""));
            let reason = reason.rsplit_once("Exception: ").map_or(reason, |(_, text)| text);
            if !reason.is_empty() {
                self.why.get_or_insert_with(|| short(reason));
            }
            self.leave(name, |_| told(false));
        } else if let Some((what, name)) = message.split_once(" detected by thread: ") {
            let is_at_end = what == DETECTED[0] && take_one(&mut self.at_end);
            self.paused += u64::from(is_at_end);
            match DETECTED.contains(&what) && !is_at_end {
                true => {
                    self.is_test_by_error |= what != DETECTED[0] && self.stops_on_error(name);
                    self.leave(name, told);
                }
                false => self.leave(name, |_| How::Expired),
            }
        } else if let Some(name) = message.strip_prefix("Thread is done: ") {
            self.leave(name, |_| How::Done(day_ms));
            self.user(name).into_iter().for_each(|user| user.is_done = true);
        } else if let Some(name) = message.strip_prefix("Thread finished: ") {
            let is_silent = self.user(name).is_some_and(|user| user.how.is_none());
            let is_dead = is_silent && take_one(&mut self.dying);
            self.leave(name, |_| if is_dead { How::Died } else { How::Silently(day_ms) });
        }
    }

    /// Whether a user's group ends it, or the test, on an error.
    fn stops_on_error(&self, thread: &str) -> bool {
        place(thread).is_some_and(|(group, _)| self.on_error.contains(&(self.phase, group)))
    }

    /// `how` is asked with whether its group ends on an error.
    fn leave(&mut self, thread: &str, how: impl FnOnce(bool) -> How) {
        let group = place(thread).map(|(group, _)| (self.phase, group));
        let on_error = self.stops_on_error(thread);
        let is_due = self.cut > 0 && group.is_some_and(|group| self.open.contains(&group));
        if let Some(user) = self.user(thread) {
            user.is_due |= is_due && user.how.is_none();
            user.how.get_or_insert_with(|| how(on_error));
        }
    }

    /// `Loops begun: 3 of 3, whole: NAME`; a group without end has -1 of them. `delayed` is one that was ended in place of a
    /// pause past the end of its time: JMeter says nothing of it, or that it is done where the pause was its last.
    fn loops(&mut self, message: &str) {
        let Some((counts, rest)) =
            message.strip_prefix("Loops begun: ").and_then(|rest| rest.split_once(", "))
        else {
            return;
        };
        let Some((end, name)) = rest.split_once(": ") else { return };
        let number = |text: &str| text.parse::<i64>().ok();
        let counts = counts.split_once(" of ").and_then(|(begun, all)| Some((number(begun)?, number(all)?)));
        if let (Some((begun, all)), Some(user)) = (counts, self.user(name)) {
            user.has_more = all < 0 || begun < all;
            user.is_done |= end == "whole";
            if end == "delayed" && matches!(user.how, None | Some(How::Done(_) | How::Silently(_))) {
                user.how = Some(How::Expired);
                self.paused += 1;
            }
        }
    }

    /// `A failed sample ends its user: NAME`, or the test.
    fn stopped(&mut self, message: &str) {
        let Some((what, name)) =
            message.strip_prefix("A failed sample ends ").and_then(|rest| rest.split_once(": "))
        else {
            return;
        };
        self.is_test_by_error |= what == "the test";
        if let Some(Left { how: Some(How::Told { by_error, .. }), .. }) = self.user(name) {
            *by_error = true;
        }
    }

    /// `Time left: 5200 of 7000 ms: NAME`. As of the whole, the last tenth is no early end.
    fn time_left(&mut self, message: &str) {
        let parts = message.strip_prefix("Time left: ").and_then(|rest| rest.split_once(" ms: "));
        let Some((times, name)) = parts else { return };
        let ms = |text: &str| text.parse::<u64>().ok();
        let times = times.split_once(" of ").and_then(|(left, whole)| Some((ms(left)?, ms(whole)?)));
        if let (Some((left_ms, whole_ms)), Some(user)) = (times, self.user(name)) {
            (user.has_own_time, user.is_due) = (true, left_ms <= whole_ms / 10);
        }
    }

    /// What is known of a user of the present phase.
    fn user(&mut self, thread: &str) -> Option<&mut Left> {
        let (group, number) = place(thread)?;
        let key = (self.phase, group, number);
        let is_new = self.left.len() < LEFT_MAX;
        if is_new { Some(self.left.entry(key).or_default()) } else { self.left.get_mut(&key) }
    }
}

/// Of so many groups it is known.
fn note(groups: &mut Vec<(u8, u64)>, group: Option<(u8, u64)>) {
    groups.extend(group.filter(|_| groups.len() < GROUPS_MAX));
}

/// Whether there was one.
fn take_one(count: &mut u64) -> bool {
    let left = count.checked_sub(1);
    *count = left.unwrap_or_default();
    left.is_some()
}
