//! The course of a plan as JMeter's engine and threads tell it.

use super::log_line::{ENGINE, LogLine, THREAD};
use super::started::Started;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// What a thread says when an element of the plan ends it or the test, before its time is over.
const ENDINGS: [&str; 5] = ["Stop Test", "Shutdown Test", "Stop Thread", "Stopping Test", "Stop Test Now"];

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
}

impl Course {
    /// A line of the log.
    pub fn line(&mut self, line: &LogLine<'_>) {
        self.started.line(line);
        if line.logger == ENGINE {
            if line.message.starts_with("Running the test!") {
                (self.began, self.began_ms) = (true, line.day_ms());
            }
            if line.message.starts_with("Notifying test listeners of end of test") {
                (self.ended, self.ended_ms) = (true, line.day_ms());
            }
            self.threads |= line.message.starts_with("Starting ");
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
    pub fn not_started(&self) -> Option<String> {
        self.began_ms?;
        self.started.sentence(self.by_itself)
    }

    /// Whether a set-up group has ended the test before any other group began.
    pub fn ended_in_its_set_up(&self) -> bool {
        self.by_itself && self.only_set_up
    }

    /// How long it ran, s, if an element of the plan ended it.
    pub fn ended_itself_after_s(&self) -> Option<u64> {
        let (began, ended) = (self.began_ms?, self.ended_ms?);
        // It may have run past midnight.
        self.by_itself.then_some((ended + DAY_MS - began) % DAY_MS / 1_000)
    }
}
