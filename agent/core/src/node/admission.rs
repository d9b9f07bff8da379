//! What becomes of a message: not ours, a repeat, refused, or taken.
//!
//! Whatever is decided is one line of the journal, and the message is deleted when that is durable. Messages for other
//! nodes need no line: whoever reads one again decides the same again.

use super::Node;
use super::journal::Act;
use super::live_run::LiveRun;
use super::outbox::RECEIPTS_MAX;
use super::state::{Change, RunRecord};
use super::types::{NodePhase, Output};
use crate::base::ids::Ident;
use crate::base::time::{NS_PER_S, Now, Wall};
use crate::node::command::{self, Action, Command, FileUri, Message, Refusal, StartFlood};
use crate::node::event::{EventBody, clip};
use std::sync::Arc;

const HOUR_NS: i64 = 3_600 * NS_PER_S as i64;
const DAY_NS: i64 = 24 * HOUR_NS;
/// How far a sender's clock may be ahead of this node's.
const AHEAD_NS_MAX: i64 = 300 * NS_PER_S as i64;

/// Why a command that can be read has no effect.
struct No {
    reason: &'static str,
    detail: String,
}

/// What an event about a command can say.
#[derive(Default)]
struct About {
    id: Option<Ident>,
    flood: Option<Ident>,
    run: Option<u64>,
}

impl Node {
    pub(super) fn message(&mut self, now: Now, body: &[u8], handle: String) {
        self.counters.messages += 1;
        let Message { digest, command } = command::read(body, &self.settings.verify_keys);
        let route = match &command {
            Ok(command) => Some(&command.route),
            Err(refusal) => refusal.route.as_ref(),
        };
        if route.is_some_and(|route| !route.admits(&self.settings.address)) {
            self.counters.not_for_us += 1;
            self.outputs.push_back(Output::DeleteMessage { receipt_handle: handle });
            return;
        }
        let action = command.as_ref().ok().map(|command| &command.action);
        let has_room = match action {
            Some(Action::Start { .. }) => self.journal.has_room() && !self.journal.is_broken(),
            Some(Action::Stop { .. } | Action::NodeStop) => self.journal.has_room_for_stop(),
            None => self.journal.has_room(),
        };
        if !has_room {
            // It comes again when its visibility timeout is over.
            self.counters.put_off += 1;
            return;
        }
        match command {
            Ok(command) => self.command(now, command, digest, handle),
            Err(refusal) => self.poison(now, *refusal, digest, handle),
        }
    }

    fn poison(&mut self, now: Now, refusal: Refusal, digest: String, handle: String) {
        let Refusal { error, id, flood, run, .. } = refusal;
        if self.repeats(&digest, &handle) {
            return;
        }
        self.counters.poison += 1;
        let no = No { reason: error.reason(), detail: error.to_string() };
        self.refuse(now, About { id, flood, run }, no, text_seen(digest, now), handle);
    }

    fn command(&mut self, now: Now, command: Command, digest: String, handle: String) {
        let about = About::of(&command);
        if let Some(seen) = self.state.seen(command.id.as_str()) {
            if seen == digest {
                return self.repeat(handle);
            }
            if self.repeats(&digest, &handle) {
                return;
            }
            let detail = format!("the id `{}` was used for another command before", command.id);
            let no = No { reason: "id_reused", detail };
            return self.refuse(now, about, no, text_seen(digest, now), handle);
        }
        let until_ns = command.valid_until.0.saturating_add(HOUR_NS).max(now.wall.0.saturating_add(DAY_NS));
        let seen = Change::Seen { id: command.id.as_str().to_owned(), digest, until_ns };
        if let Some(no) = self.untimely(now, &command) {
            return self.refuse(now, about, no, seen, handle);
        }
        match command.action {
            Action::Start { flood } => match self.objection(&flood) {
                Some(no) => self.refuse(now, about, no, seen, handle),
                None => self.accept(now, (command.id, command.valid_until), *flood, seen, handle),
            },
            Action::Stop { flood, grace_s } => {
                let why = format!("command {} asked for it", command.id);
                let grace_ms = u64::from(grace_s) * 1_000;
                if let Some(live) = self.live.get_mut(&flood) {
                    // It stops when the stop is durable; until then at least nothing new begins.
                    live.hold();
                }
                let until_ns = now.wall.0.saturating_add(DAY_NS);
                self.write(vec![seen, Change::Tombstone { run: flood.clone(), until_ns }]);
                self.journal.after(Act::Delete(handle));
                self.stop_when_durable(now, Act::StopRun { run: flood, grace_ms, why });
            }
            Action::NodeStop => {
                self.write(vec![seen]);
                self.journal.after(Act::Delete(handle));
                let why = format!("command {} asked for it", command.id);
                self.stop_when_durable(now, Act::StopNode { why });
            }
        }
    }

    /// A stop of a run is never too late: the run that it names is the only one that it can end.
    fn untimely(&self, now: Now, command: &Command) -> Option<No> {
        if matches!(command.action, Action::Stop { .. }) {
            return None;
        }
        if now.wall > command.valid_until {
            let until = crate::base::rfc3339::format(command.valid_until);
            return Some(No { reason: "expired", detail: format!("it was valid until {until}") });
        }
        let ahead = command.issued_at.0.saturating_sub(now.wall.0) > AHEAD_NS_MAX;
        let detail = "issued_at is more than five minutes ahead of this node's clock".to_owned();
        ahead.then_some(No { reason: "not_yet_valid", detail })
    }

    fn objection(&self, start: &StartFlood) -> Option<No> {
        let no = |reason, detail: String| Some(No { reason, detail });
        let key = start.key();
        let runs = self.live.len();
        if self.state.stopped(&key) {
            return no("stopped", format!("a stop of {key} came first"));
        }
        if let Some(last) = self.state.last_run(&start.id).filter(|last| start.run <= *last) {
            return no("stale_run", format!("this node has had run {last} of flood {}", start.id));
        }
        if self.phase() != NodePhase::Accepting {
            return no("node_stopping", "this node is going away".to_owned());
        }
        if runs >= self.settings.runs_max {
            let max = self.settings.runs_max;
            return no("busy", format!("{runs} of {max} runs are there; stop one, or raise runs_max"));
        }
        if !self.settings.tools.contains(&start.tool) {
            let tools: Vec<&str> = self.settings.tools.iter().map(Ident::as_str).collect();
            let detail =
                format!("tool `{}` is not installed here; there is {}", start.tool, tools.join(", "));
            return no("unknown_tool", detail);
        }
        let local = |uri: &FileUri| matches!(uri, FileUri::File { .. });
        if !self.settings.file_uris && start.files.iter().any(|file| local(&file.uri)) {
            return no("file_uri", "this node does not take files from file://; use s3://".to_owned());
        }
        if runs + self.receipts_waiting() >= RECEIPTS_MAX {
            return no("outbox_full", "too many receipts could not be published yet".to_owned());
        }
        None
    }

    fn accept(
        &mut self,
        now: Now,
        (command_id, valid_until): (Ident, Wall),
        start: StartFlood,
        seen: Change,
        handle: String,
    ) {
        let record = RunRecord {
            run: start.key(),
            command_id,
            account: start.account.clone(),
            project: start.project.clone(),
            received_ns: now.wall.0,
            start_at_ns: start.start_at.map(|at| at.0),
            tool_started_ns: None,
            tags: start.tags.clone(),
        };
        let address = &self.settings.address;
        let identity = record.identity(address.grid.as_ref(), address.region.as_ref());
        let live = LiveRun::new(&record, identity, Arc::new(start), valid_until, self.settings.flood);
        let start_at = live.start_at().map(crate::base::rfc3339::format);
        self.live.insert(record.run.clone(), live);
        self.counters.accepted += 1;
        let about = About {
            id: Some(record.command_id.clone()),
            flood: Some(record.run.id.clone()),
            run: Some(record.run.run),
        };
        let event = self.about(now, about, EventBody::FloodAccepted { start_at });
        let key = record.run.clone();
        let last = Change::LastRun { run: key.clone(), at_ns: now.wall.0 };
        self.write([seen, last, Change::RunOpened(record)].into_iter().chain(event).collect());
        self.journal.after(Act::Delete(handle));
        self.journal.after(Act::Begin(key));
    }

    /// Or at once, while nothing can be made durable, and soon, when the disk does not say whether it can: a load test
    /// that nobody can stop is worse than a repeat.
    fn stop_when_durable(&mut self, now: Now, act: Act) {
        match self.journal.is_broken() {
            true => self.act(now, act),
            false => self.journal.after_or_soon(act, now.mono),
        }
    }

    fn refuse(&mut self, now: Now, about: About, no: No, seen: Change, handle: String) {
        self.counters.refused += 1;
        let body = EventBody::CommandRefused { reason: no.reason.to_owned(), detail: clip(&no.detail) };
        let event = self.about(now, about, body);
        self.write(std::iter::once(seen).chain(event).collect());
        self.journal.after(Act::Delete(handle));
    }

    fn repeats(&mut self, digest: &str, handle: &str) -> bool {
        let known = self.state.seen(&text_id(digest)).is_some();
        if known {
            self.repeat(handle.to_owned());
        }
        known
    }

    /// What it repeats may not be durable yet: its copy must not be deleted before that either. While the disk hangs,
    /// everything comes again and again: copies must not take the room of what is new.
    fn repeat(&mut self, handle: String) {
        self.counters.duplicates += 1;
        if self.journal.has_room() {
            self.journal.after(Act::Delete(handle));
        }
    }

    fn about(&mut self, now: Now, about: About, body: EventBody) -> Option<Change> {
        self.event(now, body, |event| {
            event.command_id = about.id;
            event.flood = about.flood;
            event.run = about.run;
        })
    }
}

impl About {
    fn of(command: &Command) -> Self {
        let (flood, run) = match &command.action {
            Action::Start { flood } => (Some(flood.id.clone()), Some(flood.run)),
            Action::Stop { flood, .. } => (Some(flood.id.clone()), Some(flood.run)),
            Action::NodeStop => (None, None),
        };
        Self { id: Some(command.id.clone()), flood, run }
    }
}

/// The name under which a text without a usable id is remembered; no id begins with `#`.
fn text_id(digest: &str) -> String {
    format!("#{digest}")
}

/// As long as a queue keeps a message, and shorter than ids: garbage must not push them out.
fn text_seen(digest: String, now: Now) -> Change {
    Change::Seen { id: text_id(&digest), digest, until_ns: now.wall.0.saturating_add(HOUR_NS) }
}
