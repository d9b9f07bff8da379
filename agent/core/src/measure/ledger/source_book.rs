//! All sources of a run: which are open, which have closed and made room.

use super::past::{Past, hash};
use super::source::{Source, SourceMark, Verdict};
use crate::base::limits::{SOURCES_BEYOND_MAX, SOURCES_MAX};
use crate::wire::sump::LedgerMark;
use foldhash::fast::FixedState;
use std::collections::HashSet;

/// Sources that have said their last word and are known again by the next run.
const CLOSED_MARKS_MAX: usize = 16;

/// All sources of a run. Of those that are open there may be [`SOURCES_MAX`]; what others send is counted, but nobody vouches for it.
#[derive(Debug, Default)]
pub struct SourceBook {
    sources: Vec<Source>,
    past: Past,
    turned_away: u64,
    /// Hashes of the names of those that found no room: a person wants to know how many, not how often each came.
    beyond: HashSet<u64, FixedState>,
    /// Those of earlier runs of this identity that have not been heard of since.
    earlier: Vec<SourceMark>,
}

impl SourceBook {
    /// Goes on from where sources had come.
    #[must_use]
    pub fn resume(earlier: Vec<SourceMark>) -> Self {
        Self { earlier, ..Self::default() }
    }

    /// How far they have come, for whoever goes on: those that have not said their last word, and the last of those that have,
    /// for it is said several times.
    #[must_use]
    pub fn marks(&self) -> Vec<SourceMark> {
        let open = self.sources.iter().filter(|source| !source.closed);
        let closed = self.sources.iter().rev().filter(|source| source.closed).take(CLOSED_MARKS_MAX);
        let silent = self.earlier.iter().filter(|earlier| !earlier.closed || earlier.lost > 0).cloned();
        open.chain(closed).map(Source::mark).chain(silent).take(SOURCES_MAX + CLOSED_MARKS_MAX).collect()
    }

    /// Of all of them, those of which something never came: until a receipt has said so, whoever goes on owes it.
    #[must_use]
    pub fn owed(&self) -> Vec<SourceMark> {
        let silent = self.earlier.iter().cloned();
        self.sources().map(Source::mark).chain(silent).filter(|mark| mark.lost > 0).collect()
    }

    /// [`Self::marks`] once a receipt has said what they have lost.
    #[must_use]
    pub fn last_marks(&self) -> Vec<SourceMark> {
        let told = self.marks().into_iter().map(|mark| SourceMark { lost: 0, ..mark });
        let is_silent = |mark: &SourceMark| self.earlier.iter().any(|earlier| earlier.name == mark.name);
        told.filter(|mark| !mark.closed || !is_silent(mark)).collect()
    }

    /// All of them as a receipt has them: of those that are silent, who owe samples.
    #[must_use]
    pub fn told(&self) -> Vec<Source> {
        let silent = self.earlier.iter().filter(|earlier| earlier.lost > 0).map(Source::silent);
        self.sources().cloned().chain(silent).map(Source::told).collect()
    }

    /// Whether a datagram that closes with `mark` and whose bytes have this `digest` was counted before. `None` when
    /// there is no room for its source: its lines are to be counted as unattributed, and not entered.
    pub fn check(&mut self, mark: &LedgerMark<'_>, digest: u64) -> Option<Verdict> {
        if self.past.knows(mark.source) {
            return Some(if mark.last { Verdict::Duplicate } else { Verdict::Count });
        }
        let source = self.source(mark)?;
        source.closed |= mark.last;
        Some(if source.remembers(mark, digest) { Verdict::Duplicate } else { Verdict::Count })
    }

    /// Enters a datagram that [`Self::check`] let through; `sample_lines` is how many sample lines came with it, good
    /// or bad.
    pub fn enter(&mut self, mark: &LedgerMark<'_>, digest: u64, sample_lines: u64) {
        if self.past.knows(mark.source) {
            self.past.enter(sample_lines);
        } else if let Some(source) = self.source(mark) {
            source.enter(mark, digest, sample_lines);
        }
    }

    fn source(&mut self, mark: &LedgerMark<'_>) -> Option<&mut Source> {
        let known = self.sources.iter().position(|source| *source.raw_name == *mark.source);
        let at = match known {
            Some(at) => at,
            None if self.has_room() => {
                let earlier = self.earlier.iter().position(|earlier| earlier.name == mark.source);
                let earlier = earlier.map(|at| self.earlier.swap_remove(at));
                let was_turned_away = earlier.is_none() && self.has_turned_away(mark.source);
                self.sources.push(match was_turned_away {
                    true => Source::join(mark),
                    false => Source::begin(mark, earlier.as_ref()),
                });
                self.sources.len() - 1
            }
            None => {
                self.turned_away += 1;
                if self.beyond.len() < SOURCES_BEYOND_MAX {
                    self.beyond.insert(hash(mark.source));
                }
                return None;
            }
        };
        self.sources.get_mut(at)
    }

    /// Whether what has come of a source is counted as nobody's; beyond so many that are told apart, any may be one.
    fn has_turned_away(&self, name: &[u8]) -> bool {
        self.beyond.len() == SOURCES_BEYOND_MAX || self.beyond.contains(&hash(name))
    }

    /// Where there is none, one that has closed makes it: the first of them, whose last word was repeated long ago.
    fn has_room(&mut self) -> bool {
        if self.sources.len() < SOURCES_MAX {
            return true;
        }
        let done = self.sources.iter().position(|source| source.closed && !source.inconsistent);
        match done {
            Some(at) if self.past.has_room() => {
                self.past.add(&self.sources.remove(at));
                true
            }
            _ => false,
        }
    }

    /// All sources in order of first sight; in front, as one, those that have closed and made room.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.past.total().into_iter().chain(&self.sources)
    }

    /// How many there have been.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.sources().map(|source| source.processes).sum()
    }

    /// Datagrams whose source found no room.
    #[must_use]
    pub fn turned_away(&self) -> u64 {
        self.turned_away
    }

    /// Sources that found no room, at some time; at most [`SOURCES_BEYOND_MAX`] are told apart.
    #[must_use]
    pub fn beyond(&self) -> u64 {
        self.beyond.len() as u64
    }

    /// Samples sent by all sources, as far as they have said.
    #[must_use]
    pub fn sent(&self) -> u64 {
        let silent: u64 = self.earlier.iter().map(|earlier| earlier.lost).sum();
        silent + self.sources().map(Source::sent_total).sum::<u64>()
    }

    /// Samples that all sources could not send.
    #[must_use]
    pub fn truncated(&self) -> u64 {
        self.sources().map(|source| source.truncated).sum()
    }

    /// Whether every source has said its last word and none contradicts itself.
    #[must_use]
    pub fn exact(&self) -> bool {
        let sound = |source: &Source| source.closed && !source.inconsistent;
        let none_owes = self.earlier.iter().all(|earlier| earlier.lost == 0 || earlier.closed);
        !self.sources.is_empty() && self.turned_away == 0 && none_owes && self.sources().all(sound)
    }

    /// Whether every source has said that it is closed.
    #[must_use]
    pub fn all_closed(&self) -> bool {
        !self.sources.is_empty() && self.sources.iter().all(|source| source.closed)
    }
}

#[cfg(test)]
mod tests;
