//! The course of a plan as JMeter's engine and threads tell it.

use super::leaving::Leaving;
use super::log_line::{ENGINE, LogLine, THREAD};
use super::started::Started;
use crate::load::{Late, Planned};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// What a thread says when an element of the plan ends the test.
const ENDINGS: [&str; 3] = ["Stop Test", "Shutdown Test", "Stopping Test"];

/// What a Flow Control Action that ends the test logs by; its threads say nothing then.
const ACTION: &str = "o.a.j.s.TestAction";

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Course {
    began: bool,
    ended: bool,
    threads: bool,
    by_itself: bool,
    /// The set-up groups were followed by no other one.
    only_set_up: bool,
    began_ms: Option<u64>,
    ended_ms: Option<u64>,
    started: Started,
    leaving: Leaving,
}

impl Course {
    /// A line of the log.
    pub fn line(&mut self, line: &LogLine<'_>) {
        self.started.line(line);
        self.leaving.line(line);
        if line.logger == ENGINE {
            if line.message.starts_with("Running the test!") {
                (self.began, self.began_ms) = (true, line.day_ms());
            }
            if line.message.starts_with("Notifying test listeners of end of test") {
                (self.ended, self.ended_ms) = (true, line.day_ms());
            }
            if line.message.starts_with("Starting ") {
                // What JMeter prepares before its first group is nobody's time: seconds, on a machine that is busy.
                if self.began && !self.threads {
                    self.began_ms = line.day_ms();
                }
                self.threads = true;
            }
            self.only_set_up |= line.message.starts_with("No enabled thread groups found");
        } else if line.logger == THREAD {
            self.threads = true;
            self.by_itself |= ENDINGS.iter().any(|start| line.message.starts_with(start));
        } else if line.logger == ACTION {
            self.by_itself |= line.message.starts_with("Stopping all threads");
        }
    }

    /// A line of JMeter's launcher.
    pub fn said(&mut self, line: &str) {
        self.began |= line.starts_with("Starting standalone test");
        self.ended |= line.starts_with("... end of run");
    }

    /// Whether there have been threads of the plan.
    pub fn has_threads(&self) -> bool {
        self.threads
    }

    /// See [`super::LogScan::broke_off`].
    pub fn broke_off(&self) -> bool {
        self.began && !self.ended
    }

    /// Who did not start, in words. Where only the beginning is lost, nothing is concluded.
    pub fn not_started(&self, late: &[Late]) -> Option<String> {
        self.began_ms?;
        self.started.sentence(self.by_itself, late)
    }

    /// Whether a set-up group has ended the test before any other group began.
    pub fn ended_in_its_set_up(&self) -> bool {
        self.by_itself && self.only_set_up
    }

    /// Whether an element of the plan has ended the test.
    pub fn is_by_itself(&self) -> bool {
        self.by_itself
    }

    /// Whether the engine runs the test.
    pub fn has_begun(&self) -> bool {
        self.began
    }

    /// How many users were ended in place of a pause past the end of their time.
    pub fn paused(&self) -> u64 {
        self.leaving.paused()
    }

    /// An exception ends a user: one that is named, or the next one that ends.
    pub fn died(&mut self, thread: Option<&str>) {
        self.leaving.died(thread);
    }

    /// Whether a thread is a user of one of JMeter's own groups.
    pub fn is_user(&self, thread: &str) -> bool {
        self.started.has(thread)
    }

    /// Whether the end of their schedule has ended users.
    pub fn has_cut(&self) -> bool {
        self.leaving.cut() > 0
    }

    /// That the end of their schedule has ended many users, in words. A few are always under way.
    pub fn cut(&self) -> Option<String> {
        let (cut, users) = (self.leaving.cut(), self.leaving.open());
        (cut > users / 10).then(|| {
            format!(
                "{cut} of {users} users were on their way when the schedule of their Open Model Thread Group was over, and JMeter \
                 ended them: what they had still to do was not done; end the schedule with a pause as long as a user takes, as in \
                 `pause(1 min)`"
            )
        })
    }

    /// Who or what ended before its time, in words.
    pub fn early(&self, planned: &Planned) -> Option<Early> {
        let users = self.started.planned()? + self.leaving.open() + self.leaving.of_plug_ins();
        let began_ms = self.began_ms?;
        // It may have run past midnight.
        let since_began_ms = |day_ms: u64| (day_ms + DAY_MS - began_ms) % DAY_MS;
        let is_early = |ms: u64| planned.length_s.is_none_or(|planned_s| planned.is_early(ms, planned_s));
        let mut left = self.leaving.early(|day_ms| day_ms.is_some_and(|ms| is_early(since_began_ms(ms))));
        if self.by_itself {
            // No others have come.
            left.users += std::mem::take(&mut left.renewed);
            left.by_error += std::mem::take(&mut left.renewed_by_error);
        }
        let ran_ms = self.ended_ms.map(since_began_ms);
        // A schedule goes on without the users that it has sent.
        let is_all = left.users > 0 && left.users >= users && !self.leaving.has_renewing();
        let is_whole = self.by_itself || is_all && left.open == 0;
        let is_cut = self.by_itself && planned.length_s.is_some() && ran_ms.is_some_and(is_early);
        // Who was the last to fail may have had nothing left to do; others had.
        let is_cut = is_cut || self.by_itself && left.users > 0;
        let by_error = left.by_error > 0 || is_cut && self.leaving.is_test_by_error();
        let why = match self.leaving.why() {
            _ if by_error || left.users == 0 && left.renewed_by_error > 0 => {
                "a failed sample stopped it, as the plan says (`on sample error`, or a Result Status Action Handler)".to_owned()
            }
            Some(why) => why.to_owned(),
            None => "a Flow Control Action, a Result Status Action Handler, a script, or the end of a CSV file told it to".to_owned(),
        };
        let sentence = match (ran_ms, planned.length_s) {
            (Some(ran_ms), Some(length_s)) if is_whole => {
                let whose = if planned.is_asked { "" } else { " that its thread groups have" };
                let ran_s = ran_ms / 1_000;
                is_early(ran_ms)
                    .then(|| format!("the plan ended itself after {ran_s} of {length_s} s{whose}: {why}"))
            }
            (Some(ran_ms), None) if is_whole && left.users > 0 && !planned.is_endless => {
                let ran_s = ran_ms / 1_000;
                Some(format!("the plan ended itself after {ran_s} s, before its loops were done: {why}"))
            }
            _ if left.users == 0 || planned.is_endless && !by_error => None,
            _ => Some(format!("{} of {users} users stopped before their time: {why}", left.users)),
        };
        // What an error ended is broken whoever set the length; what the plan ended by its own logic only if it was
        // asked for more.
        let is_failure = by_error || planned.is_asked;
        match sentence {
            Some(sentence) => Some(Early { sentence, is_failure }),
            // There were as many users as the plan wants all the same.
            None if left.renewed > 0 => {
                // But hardly any of them came to the end of its way.
                let is_failure = self.leaving.renewed_in_vain();
                Some(Early { sentence: renewed(left.renewed, &why), is_failure })
            }
            None => None,
        }
    }
}

fn renewed(users: u64, why: &str) -> String {
    let (users, their, they) = match users {
        1 => ("1 user".to_owned(), "its", "it"),
        _ => (format!("{users} users"), "their", "they"),
    };
    format!(
        "{users} stopped before {their} time, in a thread group that goes on starting others: {why}; what {they} had still to do \
         was not done"
    )
}

/// Something that ended before its time.
pub(super) struct Early {
    pub sentence: String,
    /// Whether that fails the run.
    pub is_failure: bool,
}
