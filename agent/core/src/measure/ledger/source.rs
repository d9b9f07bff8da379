//! One sending process: which of its datagrams came, and what it says it has sent.

use crate::base::json::is_zero;
use crate::base::limits::SEQ_MEMORY;
use crate::wire::sump::LedgerMark;
use serde::{Deserialize, Serialize};

/// Whether a datagram is to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It is new.
    Count,
    /// The same datagram was counted before.
    Duplicate,
}

/// How far a source had come when those who counted it ended: what it says from then on is of more than the next ones can have seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceMark {
    /// Its name, as it comes.
    pub name: Vec<u8>,
    /// Number of its last datagram.
    pub seq: u64,
    /// Samples that it had sent.
    pub samples: u64,
    /// Samples that it could not send.
    pub truncated: u64,
    /// Of those that it had sent: they never came, and no receipt has said so yet.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lost: u64,
    /// It had said its last word.
    #[serde(default)]
    pub closed: bool,
}

/// What is known of one source.
#[derive(Debug, Clone, Serialize)]
pub struct Source {
    /// Its name, decoded for people.
    pub name: String,
    /// Highest cumulative count that it has stated.
    pub sent: u64,
    /// Sample lines of its datagrams that arrived.
    pub received: u64,
    /// Datagrams that arrived.
    pub datagrams: u64,
    /// Highest datagram number.
    pub seq_max: u64,
    /// Samples that it could not send.
    pub truncated: u64,
    /// Whether it has said that it is closed.
    pub closed: bool,
    /// Whether its numbers contradict each other: two processes with one name, or a counter that went backwards.
    pub inconsistent: bool,
    /// How many it stands for: one, but in the entry of those that have closed and made room for others.
    #[serde(skip)]
    pub processes: u64,
    #[serde(skip)]
    pub(super) raw_name: Box<[u8]>,
    /// Samples sent and not sent that are others' to account for: earlier ones of this identity have.
    #[serde(skip)]
    before: (u64, u64),
    /// It found no room before: what it had sent until its first datagram that is entered is nobody's, and not lost.
    #[serde(skip)]
    joins: bool,
    /// Samples that never came to those earlier ones, who could not say so.
    #[serde(skip)]
    owed: u64,
    /// The datagram with number `seq` at `seq % SEQ_MEMORY`; 0 in `seq` where nothing came. As long as needed: there
    /// may be many sources that send little.
    #[serde(skip)]
    recent: Vec<Seen>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Seen {
    seq: u64,
    samples: u64,
    digest: u64,
}

impl Source {
    /// One that is new, or goes on from where it was.
    pub(super) fn begin(mark: &LedgerMark<'_>, earlier: Option<&SourceMark>) -> Self {
        // Another process may have its name, and begins from nothing.
        let goes_on = |earlier: &&SourceMark| mark.seq >= earlier.seq && mark.samples >= earlier.samples;
        let before = earlier.filter(goes_on).map(|earlier| (earlier.samples, earlier.truncated));
        let owed = earlier.map_or(0, |earlier| earlier.lost);
        Self { before: before.unwrap_or_default(), owed, ..Self::new(mark.source) }
    }

    /// One that was sending before there was room for it.
    pub(super) fn join(mark: &LedgerMark<'_>) -> Self {
        Self { joins: true, ..Self::new(mark.source) }
    }

    /// One of which nothing has come.
    pub(super) fn silent(earlier: &SourceMark) -> Self {
        Self { owed: earlier.lost, closed: earlier.closed, ..Self::new(&earlier.name) }
    }

    /// As a receipt has it.
    pub(super) fn told(self) -> Self {
        Self { sent: self.sent.saturating_add(self.owed), ..self }
    }

    fn new(raw_name: &[u8]) -> Self {
        Self {
            name: String::from_utf8_lossy(raw_name).into_owned(),
            sent: 0,
            received: 0,
            datagrams: 0,
            seq_max: 0,
            truncated: 0,
            closed: false,
            inconsistent: false,
            processes: 1,
            raw_name: raw_name.into(),
            before: (0, 0),
            joins: false,
            owed: 0,
            recent: Vec::new(),
        }
    }

    /// Stands for those that have closed and made room: none yet.
    pub(super) fn none_yet() -> Self {
        Self { processes: 0, closed: true, ..Self::new(b"") }
    }

    /// What it has sent: never less than what arrived, should its own count be wrong.
    pub(super) fn sent_total(&self) -> u64 {
        self.sent.max(self.received).saturating_add(self.owed)
    }

    /// How far it has come.
    pub(super) fn mark(&self) -> SourceMark {
        let (samples, truncated) = self.before;
        SourceMark {
            name: self.raw_name.to_vec(),
            seq: self.seq_max,
            samples: samples.saturating_add(self.sent.max(self.received)),
            truncated: truncated.saturating_add(self.truncated),
            lost: self.sent_total() - self.received,
            closed: self.closed,
        }
    }

    /// Without what is others' to account for.
    fn own<'a>(&self, mark: &LedgerMark<'a>) -> LedgerMark<'a> {
        let (samples, truncated) = self.before;
        LedgerMark {
            samples: mark.samples.saturating_sub(samples),
            truncated: mark.truncated.saturating_sub(truncated),
            ..*mark
        }
    }

    pub(super) fn remembers(&self, mark: &LedgerMark<'_>, digest: u64) -> bool {
        // The digest tells a repeat from a second process of the same name that happens to have sent as much.
        let seen = self.recent.get(slot(mark)).copied().unwrap_or_default();
        mark.seq != 0 && seen == Seen { seq: mark.seq, samples: self.own(mark).samples, digest }
    }

    pub(super) fn enter(&mut self, mark: &LedgerMark<'_>, digest: u64, sample_lines: u64) {
        if std::mem::take(&mut self.joins) {
            self.before.0 = mark.samples.saturating_sub(sample_lines);
        }
        let mark = &self.own(mark);
        let slot = slot(mark);
        if slot >= self.recent.len() {
            self.recent.resize(slot + 1, Seen::default());
        }
        let seen = self.recent[slot];
        if self.contradicts(mark, seen, sample_lines) {
            // Real samples must not vanish because a name was used twice: count them, and say that `sent` is a guess.
            self.inconsistent = true;
        }
        if mark.seq >= seen.seq {
            self.recent[slot] = Seen { seq: mark.seq, samples: mark.samples, digest };
        }
        self.received += sample_lines;
        self.datagrams += 1;
        self.sent = self.sent.max(mark.samples);
        self.seq_max = self.seq_max.max(mark.seq);
        self.truncated = self.truncated.max(mark.truncated);
        // More came than any honest count allows: another process of this name whose numbers happened to fit.
        self.inconsistent |= self.received > self.sent;
    }

    fn contradicts(&self, mark: &LedgerMark<'_>, seen: Seen, sample_lines: u64) -> bool {
        if mark.seq == 0 || mark.samples < sample_lines {
            return true;
        }
        if seen.seq == mark.seq {
            // The same number with other contents; harmless where there is nothing in it (a repeated last word).
            return sample_lines > 0 || seen.samples != mark.samples;
        }
        if mark.seq > self.seq_max {
            return mark.samples < self.sent + sample_lines;
        }
        // An overtaken datagram is fine within memory's reach; further back it cannot be told from a second sender.
        mark.samples > self.sent || self.seq_max - mark.seq >= SEQ_MEMORY
    }
}

fn slot(mark: &LedgerMark<'_>) -> usize {
    (mark.seq % SEQ_MEMORY) as usize
}
