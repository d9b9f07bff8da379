//! How the users of JMeter's own thread groups left: after their loops, when their time was over, or before.

use super::log_line::{ENGINE, LogLine, THREAD, short};
use super::started::place;
use std::collections::HashMap;

/// Users of whom it is known how they left; beyond, nothing is concluded of one.
const LEFT_MAX: usize = 65_536;
/// A Flow Control Action.
const ACTION: &str = "o.a.j.s.TestAction";
/// What a thread says when a result or an element of the plan ends it, and perhaps the test with it.
const DETECTED: [&str; 4] = ["Stop Thread", "Shutdown Test", "Stop Test Now", "Stop Test"];

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaving {
    /// Groups that are told to end a thread or the test on an error; the last one is being started.
    on_error: Vec<u64>,
    group: Option<u64>,
    /// What was said first of each user's end, by its group and its number there.
    left: HashMap<(u64, u64), Left>,
    why: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum Left {
    /// Its loops are done, or its time is over.
    InTime,
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
}

impl Leaving {
    /// A line of the log.
    pub fn line(&mut self, line: &LogLine<'_>) {
        match line.logger {
            ENGINE => self.engine(line.message),
            THREAD => self.thread(line),
            ACTION => {
                // `Stopping current thread from element NAME`, `Stopping all threads now from element NAME`.
                if let Some((_, name)) = line.message.split_once(" from element ") {
                    self.why.get_or_insert_with(|| format!("the Flow Control Action `{}`", short(name)));
                }
            }
            _ => {}
        }
    }

    /// Who left before it was time; `is_early` says that of a time of day, ms.
    pub fn early(&self, is_early: impl Fn(Option<u64>) -> bool) -> Early {
        let mut early = Early::default();
        for left in self.left.values() {
            if let Left::Told { day_ms, by_error } = left
                && is_early(*day_ms)
            {
                early.users += 1;
                early.by_error += u64::from(*by_error);
            }
        }
        early
    }

    /// What ended the first of them, where that is known.
    pub fn why(&self) -> Option<&str> {
        self.why.as_deref()
    }

    /// `Starting ThreadGroup: 1 : users`, and then what its threads do on an error.
    fn engine(&mut self, message: &str) {
        const STOPS: [&str; 3] =
            ["Thread will stop on error", "Test will stop on error", "Test will stop abruptly on error"];
        if let Some(rest) = message.strip_prefix("Starting ThreadGroup: ") {
            self.group = rest.split(' ').next().and_then(|number| number.parse().ok());
        } else if STOPS.iter().any(|stop| message.starts_with(stop)) {
            self.on_error.extend(self.group.filter(|_| self.on_error.len() < 256));
        }
    }

    fn thread(&mut self, line: &LogLine<'_>) {
        let (message, day_ms) = (line.message, line.day_ms());
        let told = |by_error| Left::Told { day_ms, by_error };
        if let Some(name) = message.strip_prefix("Stopping: ") {
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
            match DETECTED.contains(&what) {
                true => self.leave(name, told),
                false => self.leave(name, |_| Left::InTime),
            }
        } else if let Some(name) = message.strip_prefix("Thread is done: ") {
            self.leave(name, |_| Left::InTime);
        }
    }

    /// `left` is asked with whether its group ends on an error.
    fn leave(&mut self, thread: &str, left: impl FnOnce(bool) -> Left) {
        let Some(user) = place(thread) else { return };
        if self.left.len() < LEFT_MAX {
            let on_error = self.on_error.contains(&user.0);
            self.left.entry(user).or_insert_with(|| left(on_error));
        }
    }
}
