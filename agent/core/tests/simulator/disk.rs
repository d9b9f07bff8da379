//! The journal's file: writes are done in order and late, some fail, some are never answered, and a crash leaves a
//! prefix, maybe with half a line.

use crate::random::Random;
use gridnode_core::node::journal_text::{self, Restored};
use gridnode_core::node::{Change, State};
use std::collections::VecDeque;

pub enum Write {
    Append(String),
    Replace(String),
}

#[derive(Default)]
pub struct Disk {
    /// What a restart would read.
    bytes: Vec<u8>,
    pending: VecDeque<(u64, Write)>,
    /// Says no to everything until a whole rewrite.
    refusing: bool,
    /// Neither takes anything nor says no.
    pub hangs: bool,
    /// The file as changes, kept beside it: an independent account for the checker.
    pub durable: State,
}

/// What became of the oldest write.
pub enum Done {
    Stored { seq: u64, changes: Vec<Change> },
    Failed { seq: u64 },
}

impl Disk {
    pub fn is_refusing(&self) -> bool {
        self.refusing
    }

    /// Writes that were not answered.
    pub fn owes(&self) -> usize {
        self.pending.len()
    }

    pub fn push(&mut self, seq: u64, write: Write) {
        self.pending.push_back((seq, write));
    }

    /// Does the oldest write.
    pub fn work(&mut self, random: &mut Random, faults: bool) -> Option<Done> {
        let (seq, write) = self.pending.pop_front()?;
        let fails = faults && random.chance(15);
        match write {
            Write::Append(line) if fails || self.refusing => {
                self.tear(&line, random);
                self.refusing = true;
                Some(Done::Failed { seq })
            }
            Write::Replace(_) if fails => {
                self.refusing = true;
                Some(Done::Failed { seq })
            }
            Write::Append(line) => Some(Done::Stored { seq, changes: self.append(&line) }),
            Write::Replace(text) => {
                self.refusing = false;
                self.replace(&text);
                Some(Done::Stored { seq, changes: self.durable.changes().collect() })
            }
        }
    }

    /// Some of what was on its way arrived, in order; the next may have arrived in part. Returns what did arrive.
    pub fn crash(&mut self, random: &mut Random) -> Vec<Change> {
        let mut arrived = Vec::new();
        while let Some((_, write)) = self.pending.pop_front() {
            if self.refusing || random.chance(500) {
                if let Write::Append(line) = write {
                    self.tear(&line, random);
                }
                break;
            }
            match write {
                Write::Append(line) => arrived.extend(self.append(&line)),
                Write::Replace(text) => {
                    self.replace(&text);
                    arrived.extend(self.durable.changes());
                }
            }
        }
        self.pending.clear();
        self.refusing = false;
        // Whoever starts the agent again has seen to the disk before.
        self.hangs = false;
        arrived
    }

    /// What a new agent reads: the same as the account beside the file.
    pub fn read(&self) -> Restored {
        let restored = journal_text::read(&self.bytes).expect("the journal can be read");
        assert_eq!(restored.state, self.durable, "a restart reads something else than was written");
        restored
    }

    fn append(&mut self, line: &str) -> Vec<Change> {
        self.bytes.extend_from_slice(line.as_bytes());
        let changes = journal_text::changes(line.as_bytes()).expect("a line can be read");
        changes.iter().cloned().for_each(|change| self.durable.apply(change));
        changes
    }

    fn replace(&mut self, text: &str) {
        self.bytes = text.as_bytes().to_vec();
        self.durable = journal_text::read(text.as_bytes()).expect("a rewrite can be read").state;
    }

    fn tear(&mut self, line: &str, random: &mut Random) {
        let kept = random.within(0, line.len() as u64 - 1) as usize;
        self.bytes.extend_from_slice(&line.as_bytes()[..kept]);
    }
}
