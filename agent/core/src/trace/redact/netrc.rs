//! Passwords of machines, as a `.netrc` has them: `machine h login bob password s3cret`.

use super::cell::white;
use super::scan::{is_name, until};
use std::ops::Range;

const MACHINE: &str = "machine";
/// The one of all others.
const DEFAULT: &str = "default";
const LOGIN: &str = "login";
const PASSWORD: &str = "password";
const WORDS: [&str; 4] = [LOGIN, PASSWORD, "user", "account"];
/// Pairs of words that are read, and bytes of each.
const PAIRS_MAX: usize = 4;
const WORD_BYTES_MAX: usize = 256;
const ENDS: &[u8] = b" \t\r\n\"'\\<";

/// Those of a text.
pub(super) fn netrc(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for (word, is_named) in [(MACHINE, true), (DEFAULT, false)] {
        for (at, _) in text.match_indices(word) {
            let end = at + word.len();
            let is_one = !bytes[..at].last().is_some_and(|byte| is_name(*byte));
            let host = if is_named { next(bytes, end).map(|host| host.end) } else { Some(end) };
            found.extend(host.filter(|_| is_one).and_then(|end| password(text, end)));
        }
    }
    found
}

/// The password among the pairs that follow, if a login is one of them.
fn password(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut end, mut is_login, mut found) = (at, false, None);
    for _ in 0..PAIRS_MAX {
        let Some(name) = next(bytes, end).filter(|name| WORDS.contains(&&text[name.clone()])) else { break };
        let Some(value) = next(bytes, name.end) else { break };
        end = value.end;
        is_login |= &text[name.clone()] == LOGIN;
        if &text[name] == PASSWORD {
            found = Some(value);
        }
    }
    found.filter(|_| is_login)
}

/// The word after blanks.
fn next(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let start = white(&bytes[..bytes.len().min(at + WORD_BYTES_MAX)], at);
    let limit = bytes.len().min(start + WORD_BYTES_MAX + 1);
    let end = until(&bytes[..limit], start, ENDS);
    (start > at && (1..=WORD_BYTES_MAX).contains(&(end - start))).then_some(start..end)
}
