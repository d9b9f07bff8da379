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
const STATES: [&[u8]; 2] = [b"state=", b"scope="];
/// What asks for a code's token, beside it.
const GRANT: &[u8] = b"grant_type=authorization_code";
const GRANTED_BYTES_MIN: usize = 4;
/// The same in JSON: its name, its value, the bytes between, and how far it is.
const GRANT_NAME: &[u8] = b"grant_type";
const GRANT_VALUE: &[u8] = b"authorization_code";
const GRANT_BYTES_MAX: usize = 20;
const MEMBER_BYTES_MAX: usize = 512;
/// Digits of an answer's code.
const ANSWER_DIGITS_MAX: usize = 6;
/// In a query one is told by itself if it is long, and has letters of both sizes, or no mark in it.
const LONG_BYTES_MIN: usize = 16;
const PARAMETERS: [&[u8]; 3] = [b"?", b"&", b"&amp;"];
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
    if is_sure
        && let Some(granted) = token(bytes, start, GRANTED_BYTES_MIN)
        && !is_answer(&bytes[granted.clone()])
        && is_granted(bytes, at, end, granted.end)
    {
        return Some(granted);
    }
    let found = token(bytes, start, TOKEN_BYTES_MIN)?;
    let token = &bytes[found.clone()];
    let is_mixed = token.iter().any(u8::is_ascii_alphabetic) && token.iter().any(u8::is_ascii_digit);
    let is_one = || {
        STATES.iter().any(|state| is_beside(state, bytes, at, found.end)) || is_long(bytes, at, end, token)
    };
    (is_mixed && (is_sure || is_one())).then_some(found)
}

/// Beside what asks for a token an answer may have a code of its own: `404`, `E_BAD`, `invalid_grant`.
fn is_answer(code: &[u8]) -> bool {
    let is_count = code.len() <= ANSWER_DIGITS_MAX && code.iter().all(u8::is_ascii_digit);
    let is_great = code.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
    let is_word = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_lowercase);
    is_count || is_great || code.contains(&b'_') && code.split(|byte| *byte == b'_').all(is_word)
}

fn is_granted(bytes: &[u8], at: usize, end: usize, to: usize) -> bool {
    if bytes.get(end) == Some(&b'=') {
        return is_beside(GRANT, bytes, at, to);
    }
    let is_in = |part: &[u8]| {
        let is_one = |at: usize| {
            let rest = &part[at..];
            rest.starts_with(GRANT_NAME) && is_grant(&rest[GRANT_NAME.len()..])
        };
        (0..part.len()).any(is_one)
    };
    let after = &bytes[to..bytes.len().min(to + MEMBER_BYTES_MAX)];
    is_in(&bytes[at.saturating_sub(MEMBER_BYTES_MAX)..at]) || is_in(after)
}

/// Whether what follows its name is the value.
fn is_grant(rest: &[u8]) -> bool {
    let is_between = |byte: &&u8| b"\\\"' :".contains(byte);
    let length = rest.iter().take(GRANT_BYTES_MAX).take_while(is_between).count();
    rest[..length].contains(&b':') && rest[length..].starts_with(GRANT_VALUE)
}

/// Whether it is one whatever stands beside it, as a query's parameter.
fn is_long(bytes: &[u8], at: usize, end: usize, code: &[u8]) -> bool {
    let is_parameter =
        bytes.get(end) == Some(&b'=') && PARAMETERS.iter().any(|mark| bytes[..at].ends_with(mark));
    let is_run = || code.split(|byte| !byte.is_ascii_alphanumeric()).any(|run| run.len() >= LONG_BYTES_MIN);
    is_parameter
        && code.len() >= LONG_BYTES_MIN
        && code.iter().any(u8::is_ascii_lowercase)
        && (code.iter().any(u8::is_ascii_uppercase) || is_run())
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
