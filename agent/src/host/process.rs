//! One process's use of processor and memory, from its `stat`.
//!
//! ```text
//! pid (name) state ppid … utime(14) stime(15) cutime(16) cstime(17) … starttime(22) vsize rss(24) …
//! ```

/// Ticks a second of all times in `/proc`: `USER_HZ`, which is part of Linux's interface on every processor that we
/// build for.
const TICKS_PER_S: u64 = 100;

/// What counts of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ProcessUse {
    pub(super) pid: u32,
    pub(super) parent: u32,
    /// With the pid its name for good: the kernel gives a pid to another process later.
    pub(super) start_ticks: u64,
    /// Processor time of its own, µs.
    pub(super) own_us: u64,
    /// That of its children which have ended and were waited for, and of theirs.
    pub(super) children_us: u64,
    /// Resident pages.
    pub(super) rss_pages: u64,
}

impl ProcessUse {
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        // The name may hold blanks and parentheses.
        let begin_of_name = text.iter().position(|byte| *byte == b'(')?;
        let end_of_name = text.iter().rposition(|byte| *byte == b')')?;
        let pid = std::str::from_utf8(text.get(..begin_of_name)?).ok()?.trim().parse().ok()?;
        let rest = std::str::from_utf8(text.get(end_of_name + 1..)?).ok()?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().take(22).collect();
        // Some are signed in the kernel's table and can be below 0 by its own account.
        let number = |at: usize| Some(fields.get(at)?.parse::<i64>().ok()?.max(0).unsigned_abs());
        let us = |at| Some(number(at)?.saturating_mul(1_000_000 / TICKS_PER_S));
        Some(Self {
            pid,
            parent: fields.get(1)?.parse().ok()?,
            start_ticks: number(19)?,
            own_us: us(11)?.saturating_add(us(12)?),
            children_us: us(13)?.saturating_add(us(14)?),
            rss_pages: number(21)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_do_not_shift_with_the_name() {
        let stat = b"7 (a ) R 1 (b)) S 42 8 9 0 -1 4 1 2 3 4 11 12 13 -14 20 0 1 0 987654 4096 55 18446744073709551615 1\n";
        let expected = ProcessUse {
            pid: 7,
            parent: 42,
            start_ticks: 987_654,
            own_us: 230_000,
            children_us: 130_000,
            rss_pages: 55,
        };
        assert_eq!(ProcessUse::parse(stat), Some(expected));
    }

    #[test]
    fn this_process() {
        let text = std::fs::read("/proc/self/stat").unwrap();
        let this = ProcessUse::parse(&text).unwrap();
        assert_eq!(this.pid, std::process::id());
        assert!(this.rss_pages > 0 && this.start_ticks > 0);
    }

    proptest! {
        #[test]
        fn any_text(text in proptest::collection::vec(any::<u8>(), 0..300), tail in "[ 0-9)(-]{0,120}") {
            let _ = ProcessUse::parse(&text);
            let _ = ProcessUse::parse(format!("1 (x) R {tail}").as_bytes());
        }
    }
}
