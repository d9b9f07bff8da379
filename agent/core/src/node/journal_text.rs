//! The journal as text.
//!
//! ```text
//! gridnode-journal 1\n
//! <16 hex digits: first 8 bytes of SHA-256 of the JSON> <JSON array of changes>\n      … one line a write
//! ```
//!
//! Recovery: lines are applied in order. A line that was cut short or does not match its digest is left out and
//! counted: the last one of a crash was never acknowledged, so nothing was done about it yet. A file of a newer layout
//! is refused: guessing could run an old command again.

use super::state::{Change, State};
use thiserror::Error;

const NAME: &str = "gridnode-journal";
/// Layout that this agent reads and writes.
pub const VERSION: u32 = 1;

/// Why a journal cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JournalError {
    /// Written by a later agent.
    #[error(
        "the journal has layout {found}, and this agent knows up to {VERSION}: start the newer agent again, or move the \
         journal away once no run is left"
    )]
    Newer {
        /// Its layout.
        found: u32,
    },
    /// Something else.
    #[error("the file is not a journal of gridnode: move it away, then start again")]
    Foreign,
}

/// What a journal says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Restored {
    /// Where it left off.
    pub state: State,
    /// Lines that could not be used.
    pub bad_lines: u64,
}

/// Reads a journal; an empty one is a first start.
///
/// # Errors
/// When it has a newer layout, or is something else.
pub fn read(bytes: &[u8]) -> Result<Restored, JournalError> {
    let mut restored = Restored::default();
    let mut lines = bytes.split_inclusive(|&b| b == b'\n');
    let Some(first) = lines.next() else { return Ok(restored) };
    let Some(first) = first.strip_suffix(b"\n") else {
        // A rewrite is atomic, so a first line without an end is not one of ours; but an agent that dies while it makes
        // the file may leave a piece of it.
        let whole = header();
        return if whole.as_bytes().starts_with(first) { Ok(restored) } else { Err(JournalError::Foreign) };
    };
    let version = std::str::from_utf8(first).ok().and_then(|line| line.strip_prefix(NAME));
    match version.and_then(|version| version.trim_start().parse().ok()) {
        Some(VERSION) => {}
        Some(found) => return Err(JournalError::Newer { found }),
        None => return Err(JournalError::Foreign),
    }
    for line in lines {
        match changes(line) {
            Some(changes) => changes.into_iter().for_each(|change| restored.state.apply(change)),
            None => restored.bad_lines += 1,
        }
    }
    Ok(restored)
}

/// The first line.
#[must_use]
pub fn header() -> String {
    format!("{NAME} {VERSION}\n")
}

/// One line, with its end.
#[must_use]
pub fn line(changes: &[Change]) -> String {
    // Texts, numbers and maps with texts for keys: there is nothing that JSON could not say.
    let json = serde_json::to_string(changes).unwrap_or_default();
    format!("{} {json}\n", digest(json.as_bytes()))
}

/// What one line says; `None` when it is cut short or was changed.
#[must_use]
pub fn changes(line: &[u8]) -> Option<Vec<Change>> {
    let line = line.strip_suffix(b"\n")?;
    let (stated, json) = line.split_at_checked(16)?;
    let json = json.strip_prefix(b" ")?;
    if stated != digest(json).as_bytes() {
        return None;
    }
    serde_json::from_slice(json).ok()
}

fn digest(json: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, json);
    digest.as_ref().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::Ident;
    use crate::base::run::RunKey;
    use proptest::prelude::*;

    fn change(n: u64) -> Change {
        Change::LastRun { run: RunKey { id: Ident::near(&format!("f{n}")), run: n }, at_ns: 5 }
    }

    fn journal(lines: u64) -> String {
        let lines: String = (1..=lines).map(|n| line(&[change(n)])).collect();
        header() + &lines
    }

    fn runs(restored: &Restored) -> Vec<bool> {
        (1..=3).map(|n| restored.state.last_run(&Ident::near(&format!("f{n}"))).is_some()).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let restored = read(journal(3).as_bytes()).unwrap();
        assert_eq!((runs(&restored), restored.bad_lines), (vec![true; 3], 0));
        assert_eq!(read(b""), Ok(Restored::default()));
        let again: Vec<Change> = restored.state.changes().collect();
        assert_eq!(read((header() + &line(&again)).as_bytes()), Ok(restored));
    }

    #[test]
    fn a_torn_line_takes_nothing_else_with_it() {
        let text = journal(3);
        let torn = read(&text.as_bytes()[..text.len() - 5]).unwrap();
        assert_eq!((runs(&torn), torn.bad_lines), (vec![true, true, false], 1));
        let turned = text.replacen("\"f2\"", "\"f9\"", 1);
        let turned = read(turned.as_bytes()).unwrap();
        assert_eq!((runs(&turned), turned.bad_lines), (vec![true, false, true], 1));
    }

    #[test]
    fn a_newer_layout_is_refused_with_what_to_do() {
        let error = read(b"gridnode-journal 2\n").unwrap_err();
        assert_eq!(error, JournalError::Newer { found: 2 });
        assert!(error.to_string().contains("start the newer agent"));
        assert_eq!(read(b"{\"a\":1}\n"), Err(JournalError::Foreign));
        assert_eq!(read(b"gridnode-jou"), Ok(Restored::default()));
        assert_eq!(read(b"hello"), Err(JournalError::Foreign));
    }

    proptest! {
        /// Cut anywhere: what was written whole before is there.
        #[test]
        fn a_cut_loses_the_last_line_only(cut in 0_usize..400) {
            let text = journal(3);
            let cut = cut.min(text.len());
            let whole = text[..cut].matches('\n').count().saturating_sub(1);
            let restored = read(&text.as_bytes()[..cut]).unwrap();
            let seen = runs(&restored).into_iter().filter(|seen| *seen).count();
            prop_assert_eq!(seen, whole);
        }

        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&[header().as_bytes(), &bytes].concat());
        }
    }
}
