//! Tokens that a sentence tells with nothing but blanks, marks or a word between them and what they are: `Invalid token "abc"`,
//! `API key abc not found`, `session id: abc`, `signature mismatch, expected: abc`. They must look like tokens: words follow such
//! names, too.

use super::names::Names;
use super::quote::Quote;
use super::scan::skip;
use super::tag::{begins_with, ends_with, is_label};
use std::ops::Range;

/// What a token is called, as the end of a word; of two words, the second with the first before it.
const NOUNS: [&[u8]; 9] = [
    b"token",
    b"jwt",
    b"session",
    b"sessionid",
    b"session_id",
    b"session-id",
    b"apikey",
    b"api_key",
    b"api-key",
];
const SECONDS: [(&[u8], &[u8]); 2] = [(b"key", b"api "), (b"id", b"session ")];
/// Words between it and the token, and how many.
const FILLERS: [&[u8]; 9] =
    [b"id", b"provided", b"value", b"given", b"supplied", b"received", b"was", b"is", b"with"];
const FILLERS_MAX: usize = 2;
/// Of a WebSocket's protocols: `bearer, abc`, `bearer.abc`.
const BEARER: &[u8] = b"bearer";
const BEARER_GAP: &[u8] = b", ";
const BEARER_PARTS: [&[u8]; 2] = [b"bearer.", b"base64url.bearer.authorization.k8s.io."];
const TOKEN_MARKS: &[u8] = b"_-.~+/";
const TOKEN_BYTES_MIN: usize = 16;
const ID_BYTES_MIN: usize = 6;
const DIGITS_MIN: usize = 3;
/// A part of a token that has fewer of them; and letters of a word in a name that is written as one, `TokenExpiredException`.
const RUN_BYTES_MIN: usize = 16;
const WORD_LETTERS_MIN: usize = 4;
const PADDING_MAX: usize = 2;
/// What stands before one of two signatures, and beside them, and how near.
const SIDES: [&[u8]; 8] =
    [b"expected", b"received", b"got", b"actual", b"computed", b"calculated", b"provided", b"was"];
const SCHEMES: [&[u8]; 6] = [b"sha1=", b"sha256=", b"sha512=", b"v0=", b"v1=", b"v2="];
const SIGNATURES: [&[u8]; 2] = [b"signature", b"hmac"];
const SIGNATURE_BYTES_MIN: usize = 32;
const AROUND_BYTES_MAX: usize = 512;
/// What a check that has a name of its own says.
const FOUND: &[u8] = b"found";
const FOUND_GAP: &[u8] = b", ";
const FOUND_BYTES_MAX: usize = 128;
const BREAKS: &[u8] = b"\r\n\"<>";
const EXPECTED: &[u8] = b"xpected";
const BLANKS: &[u8] = b" \t";

/// What the word `at..end` tells, or has in it.
pub(super) fn sentence(bytes: &[u8], at: usize, end: usize, names: &Names) -> Option<Range<usize>> {
    let word = &bytes[at..end];
    let is = |other: &[u8]| word.eq_ignore_ascii_case(other);
    if is(FOUND) {
        return found(bytes, at, end, names);
    }
    if SIDES.iter().any(|side| is(side)) {
        return side(bytes, at, end);
    }
    if let Some(part) = BEARER_PARTS.iter().find(|part| begins_with(word, part)) {
        return is_token(&word[part.len()..]).then_some(at + part.len()..end);
    }
    if is(BEARER) && bytes[end..].starts_with(BEARER_GAP) {
        return token(bytes, end + BEARER_GAP.len(), TOKEN_BYTES_MIN);
    }
    let is_second = |(second, before): &(&[u8], &[u8])| is(second) && ends_with(&bytes[..at], before);
    if !NOUNS.iter().any(|noun| ends_with(word, noun)) && !SECONDS.iter().any(is_second) {
        return None;
    }
    let (mut after, mut is_id) = (end, ends_with(word, b"id"));
    for _ in 0..FILLERS_MAX {
        let first = skip(bytes, after, BLANKS);
        let filler = FILLERS.iter().find(|filler| first > after && is_filler(&bytes[first..], filler));
        let Some(filler) = filler else { break };
        is_id = *filler == b"id";
        after = first + filler.len();
    }
    let (start, is_signed) = value(bytes, after);
    let count_min = if is_id && is_signed { ID_BYTES_MIN } else { TOKEN_BYTES_MIN };
    (start > end).then(|| token(bytes, start, count_min))?
}

fn is_filler(text: &[u8], filler: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    begins_with(text, filler) && !text.get(filler.len()).is_some_and(is_part)
}

/// Where a value begins after blanks, a sign, a bracket and a quotation mark; and whether there is a sign.
fn value(bytes: &[u8], after: usize) -> (usize, bool) {
    let mut start = skip(bytes, after, BLANKS);
    let is_signed = matches!(bytes.get(start), Some(b':' | b'='));
    if is_signed {
        start = skip(bytes, start + 1, BLANKS);
    }
    start += usize::from(matches!(bytes.get(start), Some(b'(' | b'[')));
    (Quote::at(bytes, start).map_or(start, |open| open.after), is_signed)
}

/// Where a token ends that may be there, without the full stop after it.
fn token_end(bytes: &[u8], start: usize) -> usize {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || TOKEN_MARKS.contains(byte);
    let length = bytes.get(start..).map_or(0, |rest| rest.iter().take_while(is_part).count());
    let stops = bytes
        .get(start..start + length)
        .map_or(0, |word| word.iter().rev().take_while(|byte| **byte == b'.').count());
    start + length - stops
}

/// Where what pads it in base64 ends.
fn padding_end(bytes: &[u8], to: usize) -> usize {
    to + bytes[to..].iter().take(PADDING_MAX).take_while(|byte| **byte == b'=').count()
}

fn token(bytes: &[u8], start: usize, count_min: usize) -> Option<Range<usize>> {
    let to = token_end(bytes, start);
    let text = bytes.get(start..to)?;
    let is_one =
        if count_min == TOKEN_BYTES_MIN { is_token(text) } else { text.len() >= count_min && is_mixed(text) };
    let to = padding_end(bytes, to);
    // Another's name, or a function.
    let is_other = bytes.get(to).is_some_and(|next| b"=(".contains(next) || next.is_ascii_alphanumeric());
    (is_one && !is_other).then_some(start..to)
}

/// Whether it has letters and digits.
pub(super) fn is_mixed(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_digit) && text.iter().any(u8::is_ascii_alphabetic)
}

/// Whether it is one rather than a word, a date, a path or a class: a part of it mixes letters and digits, or both sizes of
/// letters.
fn is_token(text: &[u8]) -> bool {
    let digits = |part: &[u8]| part.iter().filter(|byte| byte.is_ascii_digit()).count();
    if text.len() < TOKEN_BYTES_MIN {
        return false;
    }
    let is_path = text.contains(&b'.') || text.contains(&b'/');
    if digits(text) < DIGITS_MIN {
        return !is_path && text.split(|byte| !byte.is_ascii_alphanumeric()).any(is_random);
    }
    let is_run =
        |run: &[u8]| is_mixed(run) && (!is_path || run.len() >= TOKEN_BYTES_MIN && digits(run) > DIGITS_MIN);
    text.split(|byte| !byte.is_ascii_alphanumeric()).any(is_run)
}

/// Whether a part with few digits is no word, and no name of words.
fn is_random(run: &[u8]) -> bool {
    let letters = run.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let is_next = |pair: &[u8]| {
        let is_hump = pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
        pair[0].is_ascii_alphabetic() && pair[1].is_ascii_alphabetic() && !is_hump
    };
    let words = letters - run.windows(2).filter(|pair| is_next(pair)).count();
    let has_both = run.iter().any(u8::is_ascii_lowercase) && run.iter().any(u8::is_ascii_uppercase);
    let is_name = has_both && letters >= WORD_LETTERS_MIN * words;
    run.len() >= RUN_BYTES_MIN && !is_name && (has_both || is_mixed(run))
}

/// One of two signatures that differ.
fn side(bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    let (mut start, _) = value(bytes, Quote::at(bytes, end).map_or(end, |close| close.after));
    if start == end {
        return None;
    }
    let scheme = SCHEMES.iter().find(|scheme| bytes[start..].starts_with(scheme));
    start += scheme.map_or(0, |scheme| scheme.len());
    let to = token_end(bytes, start);
    if to - start < SIGNATURE_BYTES_MIN {
        return None;
    }
    let (text, padding) = (&bytes[start..to], padding_end(bytes, to));
    let is_base64 = is_mixed(text) && padding > to;
    if !is_base64 && !text.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let around = &bytes[at.saturating_sub(AROUND_BYTES_MAX)..bytes.len().min(padding + AROUND_BYTES_MAX)];
    let is_near = |word: &&[u8]| around.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    SIGNATURES.iter().any(is_near).then_some(start..padding)
}

/// What such a check found: `the token of login, found abc1`.
fn found(bytes: &[u8], at: usize, end: usize, names: &Names) -> Option<Range<usize>> {
    let before = bytes[at.saturating_sub(FOUND_BYTES_MAX)..at].strip_suffix(FOUND_GAP)?;
    if bytes.get(end) != Some(&b' ') {
        return None;
    }
    let label = before.rsplit(|byte| BREAKS.contains(byte)).next()?;
    if super::scan::find(label, EXPECTED).is_some() || !is_label(label, names) {
        return None;
    }
    let value = token(bytes, end + 1, ID_BYTES_MIN)?;
    let next = bytes.get(skip(bytes, value.end, BLANKS));
    next.is_none_or(|next| b"\r\n\"\\<".contains(next)).then_some(value)
}
