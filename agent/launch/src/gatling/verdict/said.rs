//! What Gatling prints, read line by line: the functions that failed, and how many users were still to come.

/// Characters that are kept of a line.
const LINE_CHARS_MAX: usize = 300;
/// How a line ends that tells of an action that threw.
const FAILED: &str = "' failed to execute";
/// How a line of an action's logger begins, its packages abbreviated.
const OF_ACTION: &str = "i.g.c.a.";

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub struct Said {
    hooks: u64,
    first: Option<(String, String)>,
    /// Of the last summary.
    waiting: Option<u64>,
    /// A summary is read, and whether this is its first scenario.
    is_new_summary: bool,
}

impl Said {
    /// A line of its standard output.
    pub fn line(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        if let Some((hook, error)) = failed_hook(line) {
            self.hooks += 1;
            self.first.get_or_insert_with(|| (short(hook), short(error)));
        } else if line.starts_with("---- Requests ") {
            self.is_new_summary = true;
        } else if let Some(waiting) = waiting(line) {
            let before = if self.is_new_summary { 0 } else { self.waiting.unwrap_or(0) };
            self.waiting = Some(waiting.saturating_add(before));
            self.is_new_summary = false;
        }
    }

    /// Functions of a session that threw: how often.
    pub(super) fn hooks_failed(&self) -> u64 {
        self.hooks
    }

    /// The first of them, and what it threw.
    pub(super) fn first_hook(&self) -> Option<(&str, &str)> {
        self.first.as_ref().map(|(hook, error)| (hook.as_str(), error.as_str()))
    }

    /// Users that had not started at the end; `None` where the injection has no number of users.
    pub(super) fn users_waiting(&self) -> Option<u64> {
        self.waiting
    }
}

/// `HH:mm:ss.SSS [ERROR] logger - 'hook-2' failed to execute: exception`, as our `logback.xml` has it.
fn failed_hook(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line.split_once(" [ERROR] ")?;
    let (logger, message) = rest.split_once(" - '")?;
    let (name, error) = message.split_once(FAILED)?;
    let is_hook = logger.starts_with(OF_ACTION) && name.starts_with("hook");
    is_hook.then(|| (name, error.trim_start_matches([':', ' '])))
}

/// `waiting: 20 / active: 1 / done: 0`.
fn waiting(line: &str) -> Option<u64> {
    let (number, rest) = line.trim_start().strip_prefix("waiting:")?.split_once('/')?;
    let fits = rest.trim_start().starts_with("active:") && rest.contains("/ done:");
    number.trim().parse().ok().filter(|_| fits)
}

fn short(text: &str) -> String {
    text.chars().take(LINE_CHARS_MAX).collect()
}
