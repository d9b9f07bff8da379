//! Where the value of a name stands: in a query, a form, JSON, XML, a part of a multipart body, or a line like a header's.
//! `at..end` is the name.

use super::beside::{is_host, is_pair_end, is_style, path};
use super::markup::element;
use super::names::Names;
use super::nothing::{compared, nothing, sentences};
use super::prose::{is_call, rejected, said};
use super::quote::{Quote, literal};
use super::scan::{self, HEAD_BYTES_MAX, SEPARATORS, entity, find, is_line_end, is_name, skip};
use super::told::{field, told};
use super::weak::{Kind, head as head_of};
use super::why::is_why;
use super::yaml::below;
use std::ops::Range;

/// Bytes before a part's name in which its kind stands.
const DISPOSITION_BYTES_MAX: usize = 64;
/// What follows a name that has several values, and bytes of each.
const INDICES_MAX: usize = 4;
const INDEX_BYTES_MAX: usize = 64;
/// Bytes of a string from one double mark to the next.
const DOUBLED_BYTES_MAX: usize = 256;
/// What Rust prints around what there may be.
const NO_BREAK_SPACE: &[u8] = "\u{a0}".as_bytes();
const SOME: &[u8] = b"Some(";
/// What PHP prints around the length of a string.
const DUMPED: &[u8] = b"string(";
const DUMPED_DIGITS_MAX: usize = 9;
const DUMPED_OPEN: &[u8] = b") \"";
/// References in HTML that end a value, or begin the next name.
const ENDING: [&[u8]; 18] = [
    b"amp", b"quot", b"apos", b"lt", b"gt", b"#34", b"#38", b"#39", b"#034", b"#038", b"#039", b"#60",
    b"#62", b"#x22", b"#x26", b"#x27", b"#x3c", b"#x3e",
];

/// The value of a name.
pub(super) fn value(bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    if let Some(content) = element(bytes, at, end, false) {
        return Some(content);
    }
    // `user[password]=`, `password[]=`
    let mut next = end + usize::from(bytes.get(end) == Some(&b']'));
    for _ in 0..INDICES_MAX {
        next += index(&bytes[next..]);
    }
    let quoted = Quote::at(bytes, next);
    next = quoted.as_ref().map_or(next, |quote| quote.after);
    // `x["password"] = "abc"`
    let is_index = quoted.is_some() && bytes.get(next) == Some(&b']');
    next += usize::from(is_index);
    next = before_sign(bytes, skip(bytes, next, b" \t"));
    let separator = SEPARATORS.iter().find(|separator| bytes[next..].starts_with(separator));
    let Some(separator) = separator.map(|separator| separator.len()) else {
        let found = (!is_index).then(|| told(bytes, at, end, next))?;
        return found.filter(|value| !nothing(bytes, at, end, value));
    };
    let is_colon = bytes[next] == b':';
    let is_line = is_colon && quoted.is_none();
    if is_line && (is_host(bytes, at) || is_style(bytes, next + separator)) {
        return None;
    }
    if let Some(lines) = is_colon.then(|| below(bytes, at, next + separator, is_line)).flatten() {
        return Some(lines);
    }
    let after = next + separator;
    let is_equals = &bytes[next..after] == b"=";
    if is_equals && let Some(other) = compared(bytes, after) {
        return Quote::at(bytes, other).map(|open| open.after..open.closing(bytes));
    }
    next = after_wide(bytes, skip(bytes, after, if is_line { b" \t" } else { b" \t\r\n" }));
    let is_end = is_line && matches!(bytes.get(next), Some(b'\r' | b'\n'));
    let marked = if is_end { next } else { literal(bytes, next) };
    if bytes[marked..].starts_with(SOME) {
        return some(bytes, at, end, marked + SOME.len());
    }
    if let Some(open) = Quote::at(bytes, marked) {
        let doubled = || open.after..doubled(bytes, marked, &open);
        return Some(triple(bytes, marked, open.after).unwrap_or_else(doubled));
    }
    if is_index {
        return dumped(bytes, marked);
    }
    next = if quoted.is_some() { marked } else { next };
    if let Some(value) = rejected(bytes, next) {
        return Some(value);
    }
    if is_colon && is_why(bytes, at, end, next) {
        return None;
    }
    let is_called = next > after && quoted.is_none() && is_call(bytes, next);
    let ends: &[u8] = match bytes.get(next)? {
        _ if is_line => {
            let found = field(bytes, at, next).or_else(|| said(bytes, at, end, next));
            return found.filter(|value| !nothing(bytes, at, end, value));
        }
        b'[' if quoted.is_some() && sentences(bytes, next) => return None,
        b'{' | b'[' => return Some(next..balanced(bytes, next)),
        _ if is_called => return None,
        _ if quoted.is_some() => b",}] \t\r\n&\"'<>",
        _ => b"&; \t\r\n\"'<>",
    };
    let is_pair = quoted.is_none() && is_equals;
    let found = next..until(bytes, next, ends, is_pair);
    Some(if is_pair { path(bytes, at, end, found) } else { found })
        .filter(|value| !nothing(bytes, at, end, value))
}

/// Where a sign stands after no-break spaces, or the same place.
fn before_sign(bytes: &[u8], at: usize) -> usize {
    let next = after_wide(bytes, at);
    if matches!(bytes.get(next), Some(b'=' | b':')) { next } else { at }
}

/// After no-break spaces, which a page or a word processor puts around a sign, and blanks among them.
fn after_wide(bytes: &[u8], at: usize) -> usize {
    let mut next = at;
    while bytes[next..].starts_with(NO_BREAK_SPACE) {
        next = skip(bytes, next + NO_BREAK_SPACE.len(), b" \t");
    }
    next
}

/// What Rust prints as what there may be, of a name `at..end`: `Some("abc")`.
fn some(bytes: &[u8], at: usize, end: usize, start: usize) -> Option<Range<usize>> {
    if let Some(open) = Quote::at(bytes, start) {
        return Some(open.after..doubled(bytes, start, &open));
    }
    Some(start..scan::until(bytes, start, b")\r\n")).filter(|value| !nothing(bytes, at, end, value))
}

/// A text between three marks, which may have one of them in it; the first is `at..after`.
fn triple(bytes: &[u8], at: usize, after: usize) -> Option<Range<usize>> {
    let marks = bytes[at..after].repeat(3);
    if !bytes[at..].starts_with(&marks) {
        return None;
    }
    let start = at + marks.len();
    Some(start..find(&bytes[start..], &marks).map_or(bytes.len(), |length| start + length))
}

/// Where a string ends that may have its mark twice in it, as in SQL: `'it''s'`; the mark stands at `at`.
fn doubled(bytes: &[u8], at: usize, open: &Quote) -> usize {
    let mut to = open.closing(bytes);
    while bytes[at] == b'\'' && to > open.after && bytes[to..].starts_with(b"''") {
        let rest = bytes[to + 2..].iter().take(DOUBLED_BYTES_MAX);
        let length = rest.take_while(|byte| !is_line_end(**byte)).count();
        let more = Quote::single(to + 2).closing(&bytes[..to + 2 + length]);
        if more >= to + 2 + length {
            break;
        }
        to = more;
    }
    to
}

/// The string that PHP prints: `string(3) "abc"`.
fn dumped(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = bytes.get(at..)?.strip_prefix(DUMPED)?;
    let digits = rest.iter().take(DUMPED_DIGITS_MAX).take_while(|byte| byte.is_ascii_digit()).count();
    let is_one = digits > 0 && rest[digits..].starts_with(DUMPED_OPEN);
    let open = Quote::before(at + DUMPED.len() + digits + DUMPED_OPEN.len());
    is_one.then(|| open.after..open.closing(bytes))
}

/// The length of `[]` or `[0]`, or none.
fn index(bytes: &[u8]) -> usize {
    let [b'[', rest @ ..] = bytes else { return 0 };
    let length = rest.iter().take(INDEX_BYTES_MAX).take_while(|byte| is_name(**byte)).count();
    if rest.get(length) == Some(&b']') { length + 2 } else { 0 }
}

/// The first of these bytes, or, of a pair, the comma before what is another's. A reference for a character of the value is part of
/// it: `a&#x2F;b`.
fn until(bytes: &[u8], at: usize, ends: &[u8], is_pair: bool) -> usize {
    let mut next = at;
    while let Some(byte) = bytes.get(next) {
        match reference(&bytes[next..]) {
            Some(length) => next += length,
            None if ends.contains(byte) || is_pair && is_pair_end(bytes, next) => break,
            None => next += 1,
        }
    }
    next
}

fn reference(bytes: &[u8]) -> Option<usize> {
    let name = entity(bytes)?;
    let is_end = ENDING.iter().any(|ending| name.eq_ignore_ascii_case(ending));
    (!is_end).then_some(name.len() + 2)
}

/// The content of a part of a form that is sent as multipart and has a secret's name: the word is `name`.
pub(super) fn form_part(text: &str, at: usize, end: usize, names: &Names) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = &bytes[at.saturating_sub(DISPOSITION_BYTES_MAX)..at];
    if &bytes[at..end] != b"name" || find(before, b"form-data").is_none() {
        return None;
    }
    let start = end + usize::from(bytes.get(end) == Some(&b'='));
    let name = match Quote::at(bytes, start) {
        Some(open) => open.after..open.closing(bytes),
        None => start..scan::until(bytes, start, b"; \t\r\n\x0b\x0c\"'"),
    };
    let close = name.end;
    let head = &bytes[close..bytes.len().min(close + HEAD_BYTES_MAX)];
    let (blank, length) = [&b"\r\n\r\n"[..], b"\n\n"]
        .iter()
        .filter_map(|blank| Some((find(head, blank)?, blank.len())))
        .min()?;
    let start = close + blank + length;
    let name = text.get(name)?;
    // What is no secret is not read to its end.
    let kind = Some(names.kind(name)).filter(|kind| *kind != Kind::None)?;
    let bytes = if kind.is_weak() { head_of(bytes, start) } else { bytes };
    let mut to = find(&bytes[start..], b"\n--").map_or(bytes.len(), |length| start + length);
    to -= usize::from(start < to && to < bytes.len() && bytes[to - 1] == b'\r');
    let content = start..to;
    names.fits(name, &bytes[content.clone()]).then_some(content)
}

/// Where an object or array ends.
fn balanced(bytes: &[u8], at: usize) -> usize {
    let (mut depth, mut next) = (0_usize, at);
    while let Some(byte) = bytes.get(next) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return next + 1;
                }
            }
            b'"' => {
                next = Quote::before(next + 1).closing(bytes);
            }
            _ => {}
        }
        next += 1;
    }
    bytes.len()
}
