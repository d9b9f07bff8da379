//! What Gatling logs and prints, read line by line: the functions and blocks that failed, the requests that it could not even name, and how
//! many users were still to come.

use std::collections::BTreeMap;

/// Characters that are kept of a line.
const LINE_CHARS_MAX: usize = 300;
/// How a line ends that tells of an action that threw.
const FAILED: &str = "' failed to execute";
/// How a line of an action's logger begins, its packages abbreviated.
const OF_ACTION: &str = "i.g.c.a.";
/// The same of all that is in Gatling's core, as far as it is abbreviated.
const OF_CORE: [&str; 2] = ["i.g.c.", "i.g.core."];
/// What loops say of a condition or a number that they cannot compute, between these two.
const CONDITION: (&str, &str) = (" crashed with message '", "', exiting ");
/// What an action says that throws more than its expression does, between these two.
const THREW: (&str, &str) = ("' crashed with '", "', ");

/// What it says of a request that it cannot name.
const NAMELESS: &str = "RequestAction - Failed to build request name: ";
/// Actions that are told apart: a plan has a few requests.
const ACTIONS_MAX: usize = 100;

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub struct Said {
    hooks: Failures,
    /// Conditions, numbers, times and lists that could not be computed.
    blocks: Failures,
    /// Requests whose names cannot be built, as newer Gatlings say it: how often, and the first error.
    nameless: u64,
    first_nameless: Option<String>,
    /// The same of older ones, by how Gatling calls the action.
    actions: BTreeMap<String, (u64, String)>,
    /// Of the last summary.
    users: Option<Users>,
    /// A summary is read, and whether this is its first scenario.
    is_new_summary: bool,
}

impl Said {
    /// A line of its standard output, where its loggers write there.
    pub fn line(&mut self, line: &[u8]) {
        self.logged(line);
        self.printed(line);
    }

    /// A line of its loggers, which no script has written.
    pub fn logged(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        if let Some((hook, error)) = failed_hook(line) {
            self.hooks.add(hook, error);
        } else if let Some(error) = nameless(line) {
            self.nameless += 1;
            self.first_nameless.get_or_insert_with(|| short(error));
        } else if let Some((action, error)) = failed_action(line) {
            self.action(action, error);
        } else if let Some((block, error)) = failed_block(line) {
            self.blocks.add(block, error);
        }
    }

    /// A line of its standard output, where a script writes, too: Gatling's summaries.
    pub fn printed(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        if line.starts_with("---- Requests ") {
            self.is_new_summary = true;
        } else if let Some(users) = users(line) {
            let before = self.users.filter(|_| !self.is_new_summary).unwrap_or_default();
            self.users = Some(before.plus(users));
            self.is_new_summary = false;
        }
    }

    /// Functions of a session that threw.
    pub(super) fn hooks(&self) -> &Failures {
        &self.hooks
    }

    /// Blocks and pauses whose expression or function failed: what is in them was passed over.
    pub(super) fn blocks(&self) -> &Failures {
        &self.blocks
    }

    /// Requests that were not sent because their names could not be built: how often, and the first error. `is_known`: whether a
    /// request of that name was not sent for another reason.
    pub(super) fn nameless(&self, is_known: impl Fn(&str) -> bool) -> Option<(u64, &str)> {
        let actions = || self.actions.iter().filter(|(name, _)| !is_known(name)).map(|(_, said)| said);
        let first = self.first_nameless.as_ref().or_else(|| actions().next().map(|(_, error)| error))?;
        let count = actions().fold(self.nameless, |sum, (count, _)| sum.saturating_add(*count));
        Some((count, first))
    }

    fn action(&mut self, action: &str, error: &str) {
        if let Some((count, _)) = self.actions.get_mut(action) {
            *count += 1;
        } else if self.actions.len() < ACTIONS_MAX {
            self.actions.insert(short(action), (1, short(error)));
        }
    }

    /// Users that had not started at the end; `None` where the injection has no number of users.
    pub(super) fn users_waiting(&self) -> Option<u64> {
        self.users.map(|users| users.waiting)
    }

    /// All users as they were at the end, where that is known.
    pub(super) fn users(&self) -> Option<Users> {
        self.users
    }
}

/// Parts of a simulation that failed.
#[derive(Debug, Clone, Default)]
pub(super) struct Failures {
    /// How often.
    pub count: u64,
    /// The first: how Gatling calls it, and what it threw.
    pub first: Option<(String, String)>,
}

impl Failures {
    fn add(&mut self, name: &str, error: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| (short(name), short(error)));
    }
}

/// Users of an injection that has a number of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Users {
    /// Still to come.
    pub waiting: u64,
    /// Under way.
    pub active: u64,
    /// At the end of their way.
    pub done: u64,
}

impl Users {
    /// All of them.
    pub fn all(self) -> u64 {
        self.waiting.saturating_add(self.active).saturating_add(self.done)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            waiting: self.waiting.saturating_add(other.waiting),
            active: self.active.saturating_add(other.active),
            done: self.done.saturating_add(other.done),
        }
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

/// `HH:mm:ss.SSS [ERROR] i.g.h.a.HttpRequestAction - Failed to build request name: error`.
fn nameless(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(" [ERROR] ")?;
    let (_, error) = rest.split_once(NAMELESS)?;
    rest.starts_with("i.g.").then_some(error)
}

/// `HH:mm:ss.SSS [ERROR] i.g.h.a.HttpRequestAction - 'httpRequest-2' failed to execute: error`.
fn failed_action(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line.split_once(" [ERROR] ")?;
    let (logger, message) = rest.split_once(" - '")?;
    let (name, error) = message.split_once(FAILED)?;
    let (kind, number) = name.rsplit_once('-')?;
    let is_action = kind.ends_with("equest") && number.bytes().all(|b| b.is_ascii_digit());
    let is_request = logger.starts_with("i.g.") && logger.ends_with("RequestAction");
    (is_request && is_action).then(|| (name, error.trim_start_matches([':', ' '])))
}

/// `HH:mm:ss.SSS [ERROR] i.g.c.action.If - 'if-6' failed to execute: error`, and what loops say: they have no names.
fn failed_block(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line.split_once(" [ERROR] ")?;
    let (logger, message) = rest.split_once(" - ")?;
    if !OF_CORE.iter().any(|start| logger.starts_with(start)) {
        return None;
    }
    if message.starts_with("Condition evaluation ") {
        let (_, error) = message.split_once(CONDITION.0)?;
        return Some(("a loop", error.rsplit_once(CONDITION.1)?.0));
    }
    let named = message.strip_prefix('\'')?;
    let failed = named.split_once(FAILED).map(|(name, error)| (name, error.trim_start_matches([':', ' '])));
    let threw = || {
        let (name, error) = named.split_once(THREW.0)?;
        Some((name, error.rsplit_once(THREW.1)?.0))
    };
    let (name, error) = failed.or_else(threw)?;
    let (_, number) = name.rsplit_once('-')?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some((name, error))
}

/// `waiting: 20 / active: 1 / done: 0`.
fn users(line: &str) -> Option<Users> {
    let mut parts = line.trim().split('/');
    let mut number = |name: &str| parts.next()?.trim().strip_prefix(name)?.trim().parse().ok();
    Some(Users { waiting: number("waiting:")?, active: number("active:")?, done: number("done:")? })
}

fn short(text: &str) -> String {
    text.chars().take(LINE_CHARS_MAX).collect()
}
