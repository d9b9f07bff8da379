//! Standard error while something else has the screen: what is said then is kept, and comes out when the screen is free.
//!
//! Logs and notes of all threads go through here. At most `LINES_MAX` lines are kept; how many were more than that is said.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Lines that are kept, of at most 1 KiB each: a log that says more in the time of a run is in nobody's interest.
const LINES_MAX: usize = 10_000;
const LINE_BYTES_MAX: usize = 1 << 10;

static KEPT: Mutex<Option<Kept>> = Mutex::new(None);

#[derive(Default)]
struct Kept {
    lines: VecDeque<String>,
    dropped: u64,
    all: u64,
    /// Nobody wants to hear it afterwards either.
    is_muted: bool,
}

/// From here on everything is kept until [`end`].
pub fn begin() {
    *kept() = Some(Kept::default());
}

/// From here on nothing is said until [`end`].
pub fn mute() {
    *kept() = Some(Kept { is_muted: true, ..Kept::default() });
}

/// Says what was kept; from here on all is said at once. Does nothing where nothing is kept.
pub fn end() {
    let Some(ended) = kept().take().filter(|ended| !ended.is_muted) else { return };
    // When standard error is gone there is nobody left to tell.
    let _ = ended.say(&mut io::stderr().lock());
}

/// The latest lines, and how many there were in all.
#[must_use]
pub fn latest(lines: usize) -> (Vec<String>, u64) {
    let kept = kept();
    let Some(kept) = &*kept else { return (Vec::new(), 0) };
    let first = kept.lines.len().saturating_sub(lines);
    (kept.lines.iter().skip(first).cloned().collect(), kept.all)
}

/// Standard error, or what stands for it.
#[must_use]
pub fn stderr() -> impl Write {
    Stderr
}

struct Stderr;

impl Write for Stderr {
    /// Takes a text whole: who formats a line writes it in pieces only where nothing is kept.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut *kept() {
            Some(kept) => {
                kept.take(&String::from_utf8_lossy(bytes));
                Ok(bytes.len())
            }
            None => io::stderr().lock().write(bytes),
        }
    }

    fn write_fmt(&mut self, text: std::fmt::Arguments<'_>) -> io::Result<()> {
        match &mut *kept() {
            Some(kept) => {
                kept.take(&text.to_string());
                Ok(())
            }
            None => io::stderr().lock().write_fmt(text),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Kept {
    fn take(&mut self, text: &str) {
        for line in text.lines().filter(|_| !self.is_muted) {
            if self.lines.len() == LINES_MAX {
                self.lines.pop_front();
                self.dropped += 1;
            }
            let end = line.floor_char_boundary(LINE_BYTES_MAX);
            self.lines.push_back(line[..end].to_owned());
            self.all += 1;
        }
    }

    fn say(&self, out: &mut impl Write) -> io::Result<()> {
        if self.dropped > 0 {
            writeln!(out, "{} earlier lines were too many to keep", self.dropped)?;
        }
        self.lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

/// A thread that panicked meanwhile has left a list of lines like any other.
fn kept() -> MutexGuard<'static, Option<Kept>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(kept: &Kept) -> String {
        let mut out = Vec::new();
        kept.say(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn all_that_was_said_comes_out_in_order() {
        let mut kept = Kept::default();
        kept.take("warning: one\n");
        kept.take("two\nthree");
        assert_eq!(said(&kept), "warning: one\ntwo\nthree\n");
    }

    #[test]
    fn a_flood_of_lines_is_bounded_and_counted() {
        let mut kept = Kept::default();
        (0..LINES_MAX + 3).for_each(|n| kept.take(&format!("line {n}")));
        kept.take(&"ü".repeat(LINE_BYTES_MAX));
        assert!(said(&kept).starts_with("4 earlier lines were too many to keep\nline 4\n"));
        assert!(kept.lines.iter().all(|line| line.len() <= LINE_BYTES_MAX));
        assert_eq!(kept.all, 10_004);
    }

    #[test]
    fn who_is_mute_keeps_nothing() {
        let mut kept = Kept { is_muted: true, ..Kept::default() };
        kept.take("one");
        assert_eq!(said(&kept), "");
    }
}
