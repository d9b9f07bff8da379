//! Looking ahead. With many labels, what a line counts in lies in memory that no cache holds: the entry of its tags, the tags themselves,
//! the window's slot, the accumulator, the sketch, one found through the other. Line by line each of them is waited for; here all of a batch
//! are gone through step by step first and only touched, and as no line depends on another, the waits overlap.
//!
//! Nothing is counted here, and a guess that is wrong is a touch in vain.

use super::slots::Slots;
use super::tag_cache::{Guess, TagCache, Wanted};
use crate::measure::series::SeriesIndex;
use crate::wire::line::lines;
use std::hint::black_box;

/// Lines that are gone through at once: what they touch, some 800 bytes each, must stay in the cache until they are counted.
const LINES_MAX: usize = 256;
/// Below so many entries all of it is in the cache anyway, and looking costs more than waiting.
const ENTRIES_MIN: usize = 2_048;

/// Room for one batch, kept.
#[derive(Default)]
pub(super) struct Ahead {
    hashes: Vec<u64>,
    guesses: Vec<Guess>,
    accumulators: Vec<(u32, SeriesIndex, usize)>,
}

impl Ahead {
    /// Touches what counting these datagrams will need.
    pub(super) fn look<'a>(
        &mut self,
        cache: &TagCache,
        runs: &Slots,
        datagrams: impl Iterator<Item = &'a [u8]>,
    ) {
        if cache.len() < ENTRIES_MIN {
            return;
        }
        let tags = datagrams.flat_map(lines).filter_map(tags_of_sample).take(LINES_MAX);
        self.hashes.clear();
        // Nearly all samples are of requests.
        self.hashes.extend(tags.map(|tags| cache.hash(tags, Wanted::Request)));
        self.guesses.clear();
        self.guesses.extend(self.hashes.iter().filter_map(|&hash| cache.guess(hash)));
        let mut touched = 0;
        self.accumulators.clear();
        for guess in &self.guesses {
            touched ^= cache.touch(guess);
            let Some(run) = runs.get(guess.run) else { continue };
            let (at, of_series) = run.touch_series(guess.series);
            touched ^= of_series;
            self.accumulators.extend(at.map(|at| (guess.run, guess.series, at)));
        }
        let open = |&(run, series, at): &(u32, SeriesIndex, usize)| runs.get(run)?.newest(series, at);
        for accumulator in self.accumulators.iter().filter_map(open) {
            touched ^= accumulator.touch();
        }
        for accumulator in self.accumulators.iter().filter_map(open) {
            touched ^= accumulator.sketch.touch();
        }
        black_box(touched);
    }
}

/// Raw tags of a `sample` line, where that is easily seen.
fn tags_of_sample(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"sample,")?;
    let mut from = 0;
    loop {
        let blank = from + rest[from..].iter().position(|&byte| byte == b' ')?;
        if blank == 0 || rest[blank - 1] != b'\\' {
            return Some(&rest[..blank]);
        }
        from = blank + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_end_at_the_first_blank_that_is_not_escaped() {
        assert_eq!(tags_of_sample(b"sample,a=b\\ c,d=e rt=1 7"), Some(&b"a=b\\ c,d=e"[..]));
        for none in [&b"sample,a=b\\ "[..], b"sample,", b"ledger,a=b c=1", b""] {
            assert_eq!(tags_of_sample(none), None);
        }
        assert_eq!(tags_of_sample(b"sample, "), Some(&b""[..]));
    }
}
