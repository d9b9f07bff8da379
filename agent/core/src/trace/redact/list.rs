//! Secrets in lists of names and values: `"rawHeaders":["Host","x","Cookie","a=b"]`, and pairs of them, `('password', 'x')`.

use super::names::{Names, is_header};
use super::quote::{Quote, literal};
use super::scan::{is_name, skip};
use std::ops::Range;

const HEADERS: &str = "rawHeaders";
/// Strings that are read, and bytes of a name.
const STRINGS_MAX: usize = 400;
const NAME_BYTES_MAX: usize = 128;
const WHITE: &[u8] = b" \t\r\n";
/// What stands before a pair: no call, nor a list in SQL.
const BEFORE: &[u8] = b"[({,";

/// Those of a text.
pub(super) fn lists(text: &str, names: &Names) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(length) = text.get(at..).and_then(|rest| rest.find(HEADERS)) {
        at = headers(text, at + length + HEADERS.len(), names, &mut found);
    }
    found.extend(pairs(text, names));
    found
}

/// Those of a list of headers; says where it ends.
fn headers(text: &str, at: usize, names: &Names, found: &mut Vec<Range<usize>>) -> usize {
    let bytes = text.as_bytes();
    let next = skip(bytes, Quote::at(bytes, at).map_or(at, |close| close.after), WHITE);
    let open = skip(bytes, next + 1, WHITE);
    if !matches!(bytes.get(next), Some(b':' | b'=')) || bytes.get(open) != Some(&b'[') {
        return at;
    }
    let (mut at, mut next, mut is_secret) = (at, open + 1, false);
    for place in 0..STRINGS_MAX {
        let Some(open) = Quote::at(bytes, skip(bytes, next, WHITE)) else { break };
        at = open.closing(bytes);
        if is_secret && place % 2 == 1 {
            found.push(open.after..at);
        }
        let name = text.get(open.after..at).filter(|name| name.len() <= NAME_BYTES_MAX);
        is_secret = name.is_some_and(|name| names.is_secret(name) || is_header(name));
        let comma = Quote::at(bytes, at).map(|close| skip(bytes, close.after, WHITE));
        let Some(comma) = comma.filter(|comma| bytes.get(*comma) == Some(&b',')) else { break };
        next = comma + 1;
    }
    at
}

fn pairs(text: &str, names: &Names) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(length) = bytes[at..].iter().position(|byte| *byte == b'(') {
        at += length + 1;
        let Some(open) = is_pair(&bytes[..at - 1]).then(|| second(text, at, names)).flatten() else {
            continue;
        };
        at = open.closing(bytes);
        let is_last = Quote::at(bytes, at)
            .is_none_or(|close| bytes.get(skip(bytes, close.after, WHITE)) == Some(&b')'));
        if is_last {
            found.push(open.after..at);
        }
    }
    found
}

fn is_pair(before: &[u8]) -> bool {
    let last = before.strip_suffix(b" ").unwrap_or(before).last();
    let is_first = before.last().is_none_or(|byte| matches!(byte, b'\r' | b'\n'));
    is_first || last.is_some_and(|byte| BEFORE.contains(byte))
}

/// What begins the second of two whose first is a secret's name.
fn second(text: &str, at: usize, names: &Names) -> Option<Quote> {
    let bytes = text.as_bytes();
    let first = Quote::at(bytes, literal(bytes, at))?.after;
    let length = bytes[first..].iter().take(NAME_BYTES_MAX).take_while(|byte| is_name(**byte)).count();
    let comma = skip(bytes, Quote::at(bytes, first + length)?.after, WHITE);
    let is_secret = bytes.get(comma) == Some(&b',') && names.is_secret(text.get(first..first + length)?);
    is_secret.then(|| Quote::at(bytes, literal(bytes, comma + 1)))?
}
