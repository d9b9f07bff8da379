//! Codes for which a service gives tokens: `?code=4/0AX4XfWh&state=1`. Many others are named so, which are no secrets.

use super::markup::{tag, tag_end};
use super::quote::Quote;
use super::scan::{SEPARATORS, is_name, skip};
use std::ops::Range;

pub(super) const NAME: &str = "code";
/// What proves who one is, as a parameter.
const PROOFS: [&[u8]; 3] = [b"ticket", b"assertion", b"client_assertion"];
/// What a text has that has such a code.
const WORDS: [&str; 3] = ["grant_type", "redirect_uri", "code_verifier"];
/// Another parameter of its query, and how far that is.
const STATE: &[u8] = b"state=";
/// What asks for a code's token, beside it.
const GRANT: &[u8] = b"grant_type=authorization_code";
const GRANTED_BYTES_MIN: usize = 8;
/// A proof in JSON; and those that say what they are.
const ASSERTION_BYTES_MIN: usize = 20;
const TICKETS: [&[u8]; 4] = [b"ST-", b"PT-", b"TGT-", b"PGT-"];
const QUERY_BYTES_MAX: usize = 1_024;
const QUERY_ENDS: &[u8] = b" \t\r\n\"'<>";
const TOKEN_BYTES_MIN: usize = 12;
/// What may follow it.
const TOKEN_ENDS: &[u8] = b"&;#, \t\r\n\"'<>()[]{}\\";

/// Whether any code in a text may be one.
pub(super) fn is_exchange(text: &str) -> bool {
    WORDS.iter().any(|word| text.contains(word))
}

/// The value of the word `code`, if it looks like a token.
pub(super) fn code(bytes: &[u8], at: usize, end: usize, is_sure: bool) -> Option<Range<usize>> {
    let start = start(bytes, at, end)?;
    if bytes.get(end) == Some(&b'=')
        && let Some(granted) = token(bytes, start, GRANTED_BYTES_MIN)
        && is_beside(GRANT, bytes, at, granted.end)
    {
        return Some(granted);
    }
    let found = token(bytes, start, TOKEN_BYTES_MIN)?;
    let token = &bytes[found.clone()];
    let is_mixed = token.iter().any(u8::is_ascii_alphabetic) && token.iter().any(u8::is_ascii_digit);
    (is_mixed && (is_sure || is_beside(STATE, bytes, at, found.end))).then_some(found)
}

/// The value of one of the proofs, which `bytes[at..end]` may be, if it looks like a token.
pub(super) fn proof(bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    let word = &bytes[at..end];
    if !PROOFS.iter().any(|proof| word.eq_ignore_ascii_case(proof)) {
        return None;
    }
    if bytes.get(end) == Some(&b'=') {
        let is_ticket = word.eq_ignore_ascii_case(b"ticket");
        let prefix = TICKETS.iter().find(|prefix| is_ticket && bytes[end + 1..].starts_with(prefix));
        return token(bytes, end + 1, prefix.map_or(TOKEN_BYTES_MIN, |prefix| prefix.len() + 1));
    }
    let is_member = word.eq_ignore_ascii_case(b"assertion") && Quote::at(bytes, end).is_some();
    is_member.then(|| token(bytes, start(bytes, at, end)?, ASSERTION_BYTES_MIN))?
}

fn token(bytes: &[u8], start: usize, length_min: usize) -> Option<Range<usize>> {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._~/+-%".contains(byte);
    let to = start + bytes[start..].iter().take_while(is_part).count();
    let is_whole = bytes.get(to).is_none_or(|next| TOKEN_ENDS.contains(next));
    (is_whole && to - start >= length_min).then_some(start..to)
}

fn start(bytes: &[u8], at: usize, end: usize) -> Option<usize> {
    if let Some((kind, _)) = tag(bytes, at, end) {
        return tag_end(kind, bytes, end).map(|close| close.after);
    }
    let next = skip(bytes, Quote::at(bytes, end).map_or(end, |quote| quote.after), b" \t");
    let separator = SEPARATORS.iter().find(|separator| bytes[next..].starts_with(separator))?;
    let start = skip(bytes, next + separator.len(), b" \t\r\n");
    Some(Quote::at(bytes, start).map_or(start, |open| open.after))
}

fn is_beside(what: &[u8], bytes: &[u8], at: usize, end: usize) -> bool {
    let is_end = |byte: &u8| QUERY_ENDS.contains(byte);
    let is_in = |part: Option<&[u8]>| {
        let part = part.unwrap_or_default();
        let is_state =
            |at: usize| part[at..].starts_with(what) && !part[..at].last().is_some_and(|byte| is_name(*byte));
        (0..part.len()).any(is_state)
    };
    let before = &bytes[at.saturating_sub(QUERY_BYTES_MAX)..at];
    let after = &bytes[end..bytes.len().min(end + QUERY_BYTES_MAX)];
    is_in(before.rsplit(is_end).next()) || is_in(after.split(is_end).next())
}
