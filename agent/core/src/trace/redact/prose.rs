//! Where a value ends whose name a colon alone follows: `Token: abc`, `Password: correct horse`. Many such names are words of a
//! sentence, or of a page in one line, whose rest is no secret.

use super::bearer;
use super::names::plain;
use super::quote::Quote;
use super::scan::{entity, find, is_name, skip, until};
use super::tag::escape;
use std::ops::Range;

/// Names end so whose values are single words. Others may be of several words.
const WORDS: [&str; 20] = [
    "auth",
    "authentication",
    "authorization",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "csrf",
    "jwt",
    "key",
    "keys",
    "secret",
    "secrets",
    "session",
    "sessionid",
    "sessions",
    "sid",
    "sig",
    "signature",
    "token",
];
const MORE_WORDS: [&str; 2] = ["tokens", "xsrf"];
/// Headers whose values are whole lines; others begin so.
const AUTHORIZATIONS: [&str; 2] = ["authorization", "proxyauthorization"];
const COOKIES: [&str; 4] = ["cookie", "setcookie", "setcookie2", "httpcookie"];
/// Names end so whose values have commas, with no blanks after them.
const SIGNATURE: &str = "signature";
/// Bytes of a scheme that is not known, and of a list.
const SCHEME_BYTES_MAX: usize = 32;
const LIST_BYTES_MAX: usize = 4_096;
const OWN: &[u8] = b"x-";
/// Words before a secret that are words of a sentence, too, in small letters.
const OTHER_SCHEMES: [&str; 6] = ["digest", "negotiate", "ntlm", "token", "apikey", "oauth"];
/// What stands before the first name of a line: marks of lists, of quotes, and of what a client prints.
const FIRST: &[u8] = " \t\"'{-*•".as_bytes();
const FIRST_HEADER: &[u8] = " \t\"'{-*•<>".as_bytes();
/// References that end a word, as the character does.
const TAGS: [&[u8]; 3] = [b"lt", b"#60", b"#x3c"];
/// Letters of a word of a sentence.
const PROSE_BYTES_MIN: usize = 2;
const PROSE_BYTES_MAX: usize = 20;
/// Bytes of a function's name.
const CALL_BYTES_MAX: usize = 64;
/// Bytes of a call that may be a cookie's: a longer word is none.
const CALLED_BYTES_MAX: usize = 4_096;
/// What Spring's validator says before a value.
const REJECTED: &[u8] = b"rejected value [";
const REJECTED_ENDS: [&[u8]; 2] = [b"]; ", b"]"];
const REJECTED_BYTES_MAX: usize = 4_096;

/// The value that begins at `start`, of a name `at..end`.
pub(super) fn said(bytes: &[u8], at: usize, end: usize, start: usize) -> Option<Range<usize>> {
    let first = at + escape(bytes, at, end);
    let own = &bytes[first..end];
    let name = match str::from_utf8(own) {
        Ok(name) if own.iter().all(|byte| is_name(*byte) || b" +".contains(byte)) => plain(name),
        _ => String::new(),
    };
    let stem = name.trim_end_matches(|digit: char| digit.is_ascii_digit());
    let is_word = WORDS.iter().chain(&MORE_WORDS).any(|word| stem.ends_with(word));
    let is_authorization = AUTHORIZATIONS.contains(&name.as_str());
    let is_cookie = COOKIES.contains(&name.as_str());
    let is_own = own.len() >= OWN.len() && own[..OWN.len()].eq_ignore_ascii_case(OWN);
    let is_header = is_authorization || is_cookie || is_own;
    let marks = if is_header { FIRST_HEADER } else { FIRST };
    if (is_header || !is_word) && (first > at || is_first(bytes, first, marks)) {
        let to = if is_header { within(bytes, first, start, folded) } else { rest(bytes, start) };
        return Some(start..to);
    }
    if let Some(list) = list(bytes, start) {
        return Some(list);
    }
    let is_told = is_call(bytes, start) || is_answer(bytes, start);
    if is_told && !is_cookie {
        // However long its word is.
        return None;
    }
    let head = &bytes[..bytes.len().min(start + if is_told { CALLED_BYTES_MAX } else { usize::MAX - start })];
    let to = word_end(head, start);
    let word = &bytes[start..to];
    if is_cookie && (word.contains(&b'=') || is_told && to == head.len() && to < bytes.len()) {
        return Some(start..within(bytes, first, start, rest));
    }
    let is_small = !word.iter().any(u8::is_ascii_uppercase);
    let is_other = OTHER_SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme.as_bytes()));
    if is_other && is_authorization {
        return Some(start..within(bytes, first, start, rest));
    }
    if bearer::is_scheme(word) || is_other && !is_small {
        let next = skip(bytes, to, b" \t");
        return Some(start..if next > to { word_end(bytes, next) } else { to });
    }
    if is_authorization && is_own_scheme(word) {
        // One that is not known, which is hidden with its token.
        let next = skip(bytes, to, b" \t");
        return Some(start..if next > to { token_end(bytes, next) } else { to });
    }
    let to = if name.ends_with(SIGNATURE) { signed(bytes, start) } else { to };
    (!is_prose(bytes, start, is_word) && !is_told).then_some(start..to)
}

/// The values of a name as Go prints a map of lists: `map[Cookie:[a=b c=d]]`.
fn list(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = bytes[..start].ends_with(b":").then(|| bytes[start..].strip_prefix(b"["))??;
    let length = rest.iter().take(LIST_BYTES_MAX + 1).take_while(|byte| !b"[]\r\n".contains(byte)).count();
    let is_one = (1..=LIST_BYTES_MAX).contains(&length) && rest.get(length) == Some(&b']');
    is_one.then_some(start + 1..start + 1 + length)
}

fn is_own_scheme(word: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    (2..=SCHEME_BYTES_MAX).contains(&word.len()) && word[0].is_ascii_uppercase() && word.iter().all(is_part)
}

fn token_end(bytes: &[u8], start: usize) -> usize {
    until(bytes, start, b" \t\r\n\"'<,;\\&])}")
}

/// Where words end that commas join: `t=1,v1=abc`.
fn signed(bytes: &[u8], start: usize) -> usize {
    let mut to = word_end(bytes, start);
    while bytes.get(to) == Some(&b',') && bytes.get(to + 1).is_some_and(u8::is_ascii_alphanumeric) {
        to = word_end(bytes, to + 1);
    }
    to
}

/// Where a header ends whose token, or whose next cookie, is in the line below.
fn folded(bytes: &[u8], start: usize) -> usize {
    let to = rest(bytes, start);
    let first = bytes[start..to].trim_ascii();
    let is_scheme = bearer::is_scheme(first)
        || OTHER_SCHEMES.iter().any(|scheme| first.eq_ignore_ascii_case(scheme.as_bytes()));
    let line = to + usize::from(bytes[to..].starts_with(b"\r"));
    let next = skip(bytes, line + 1, b" \t");
    let is_folded = bytes.get(line) == Some(&b'\n') && next > line + 1;
    if is_folded && (is_scheme || first.ends_with(b";")) { rest(bytes, next) } else { to }
}

/// What stands between brackets after `rejected value`.
pub(super) fn rejected(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let start = at + bytes.get(at..)?.strip_prefix(REJECTED).map(|_| REJECTED.len())?;
    let end = rest(&bytes[..bytes.len().min(start + REJECTED_BYTES_MAX)], start);
    let length = REJECTED_ENDS.iter().find_map(|close| find(&bytes[start..end], close));
    Some(start..length.map_or(end, |length| start + length))
}

/// Where a header ends that is a string as a whole, as an option's is: `-H 'Cookie: a=b' https://h/`.
/// `to`: where one ends that is none, which is read no further than the string.
fn within(bytes: &[u8], first: usize, start: usize, to: fn(&[u8], usize) -> usize) -> usize {
    if !bytes[..first].ends_with(b"'") {
        return to(bytes, start);
    }
    let close = until(bytes, start, b"'");
    close.min(to(&bytes[..bytes.len().min(close + 1)], start))
}

/// Whether a name is the first of its line, or of its string.
fn is_first(bytes: &[u8], at: usize, marks: &[u8]) -> bool {
    let length = bytes[..at].iter().rev().take_while(|byte| marks.contains(byte)).count();
    let before = &bytes[..at - length];
    matches!(before, [] | [.., b'\r' | b'\n'] | [.., b'\\', b'n' | b'r'])
}

/// Where the line ends, or a tag begins, or the string of JSON ends that it is part of.
pub(super) fn rest(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut is_open) = (start, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\r' | b'\n' | b'<' => return at,
            b'"' => {
                let next = bytes.get(skip(bytes, at + 1, b" \t\r\n"));
                if !is_open && matches!(next, None | Some(b',' | b'}' | b']')) {
                    return at;
                }
                is_open = !is_open;
            }
            b'\\' if !matches!(bytes.get(at + 1), None | Some(b'\r' | b'\n' | b'<')) => at += 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

pub(super) fn word_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        let is_end = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'<' | b',' | b';' => true,
            b'\\' | b'&' => Quote::at(bytes, at).is_some() || is_tag(&bytes[at..]),
            _ => false,
        };
        if is_end {
            break;
        }
        at += match byte {
            b'\\' => skip(bytes, at, b"\\") - at,
            b'&' => entity(&bytes[at..]).map_or(1, |name| name.len() + 2),
            _ => 1,
        };
    }
    at
}

fn is_tag(bytes: &[u8]) -> bool {
    bytes[0] == b'&'
        && entity(bytes).is_some_and(|name| TAGS.iter().any(|tag| name.eq_ignore_ascii_case(tag)))
}

/// Whether a word of a sentence begins there, with another after it, or with the end of its element; or an answer: `YES)`.
pub(super) fn is_prose(bytes: &[u8], start: usize, is_word: bool) -> bool {
    let text = &bytes[start..];
    let length = text.iter().take(PROSE_BYTES_MAX + 1).take_while(|byte| byte.is_ascii_lowercase()).count();
    let to = skip(text, length, b" \t");
    let is_followed = to > length && !matches!(text.get(to), None | Some(b'\r' | b'\n'));
    let is_closed = is_word && text.get(length) == Some(&b'<');
    let is_one = (PROSE_BYTES_MIN..=PROSE_BYTES_MAX).contains(&length);
    is_one && (is_followed || is_closed) || is_answer(bytes, start)
}

fn is_answer(bytes: &[u8], start: usize) -> bool {
    bytes[start..].starts_with(b"YES)") || bytes[start..].starts_with(b"NO)")
}

/// Whether a function's name is there that is called.
pub(super) fn is_call(bytes: &[u8], start: usize) -> bool {
    let is_part = |byte: &&u8| byte.is_ascii_alphabetic() || matches!(**byte, b'_' | b'.');
    let length = bytes[start..].iter().take(CALL_BYTES_MAX + 1).take_while(is_part).count();
    (1..=CALL_BYTES_MAX).contains(&length) && bytes.get(start + length) == Some(&b'(')
}
