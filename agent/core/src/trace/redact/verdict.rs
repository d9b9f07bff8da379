//! Values that checks, validators and databases quote, beside the name of what they looked at:
//! `jsonPath($.access_token).find.is(abc), found def`, ``Path `password` (`x`) is shorter``, `Key (token)=(abc) already exists`.

use super::names::Names;
use super::prose::rest;
use super::scan::find;
use super::tag::is_label;
use std::ops::Range;

/// Gatling's checks, what follows what they look at, and what stands before what they found.
const CHECKS: [&[u8]; 9] = [
    b"jsonPath(",
    b"jmesPath(",
    b"regex(",
    b"css(",
    b"xpath(",
    b"header(",
    b"headerRegex(",
    b"currentLocationRegex(",
    b"form(",
];
const CHECK: &str = ").find";
const FOUND: &[u8] = b"found ";
const NOTHING: &[u8] = b"nothing";
/// JMeter's assertions.
const PATH: &str = "path '";
const EXPECTED: &[u8] = b"' expected ";
const BUT: &[u8] = b", but ";
/// Mongoose's.
const MARKED: &str = "` (`";
const MARKED_END: &[u8] = b"`)";
/// PostgreSQL's, and MySQL's.
const KEY: &str = ")=(";
const KEY_HEAD: &[u8] = b"Key (";
const KEY_ENDS: [&[u8]; 3] = [b") already", b") is ", b") conflicts"];
const COMMA: &[u8] = b", ";
const ENTRY: &str = "Duplicate entry '";
const ENTRY_KEY: &[u8] = b"' for key '";
/// Bytes of what names a value, and of a value before more that is read.
const NAME_BYTES_MAX: usize = 256;
const VALUE_BYTES_MAX: usize = 4_096;

/// Those of a text.
pub(super) fn verdicts(text: &str, names: &Names) -> Vec<Range<usize>> {
    type Rule = fn(&[u8], usize, &Names) -> Vec<Range<usize>>;
    let rules: [(&str, Rule); 5] =
        [(CHECK, check), (PATH, assertion), (MARKED, marked), (KEY, key), (ENTRY, entry)];
    let mut found = Vec::new();
    for (anchor, rule) in rules {
        let mut to = 0;
        for (at, _) in text.match_indices(anchor) {
            // What is within another's value is hidden with it.
            if at >= to {
                let secrets = rule(text.as_bytes(), at, names);
                to = secrets.last().map_or(to, |last| last.end);
                found.extend(secrets);
            }
        }
    }
    found
}

fn check(bytes: &[u8], at: usize, names: &Names) -> Vec<Range<usize>> {
    let before = &bytes[at.saturating_sub(NAME_BYTES_MAX)..at];
    let first = CHECKS.iter().filter_map(|kind| Some(rfind(before, kind)? + kind.len())).max();
    if !first.is_some_and(|first| is_label(&before[first..], names)) {
        return Vec::new();
    }
    let end = rest(bytes, at);
    let found = find(&bytes[at + CHECK.len()..end], FOUND).map_or(end, |length| at + CHECK.len() + length);
    let part = |from: usize| {
        from + bytes[from..found]
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'.')
            .count()
    };
    // `find(1).is(abc)`: the first is a place.
    let mut open = part(at + CHECK.len());
    let place = bytes[open..found].iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    if bytes[open..found].starts_with(b"(") && bytes[open + 1 + place..found].starts_with(b").") {
        open = part(open + place + 2);
    }
    let mut secrets = Vec::new();
    if bytes[open..found].starts_with(b"(") {
        let close = bytes[open..found].iter().rposition(|byte| *byte == b')');
        secrets.push(open + 1..close.map_or(found, |close| open + close.max(1)));
    }
    let actual = end.min(found + FOUND.len());
    if &bytes[actual..end] != NOTHING {
        secrets.push(actual..end);
    }
    secrets
}

fn assertion(bytes: &[u8], at: usize, names: &Names) -> Vec<Range<usize>> {
    let start = at + PATH.len();
    let head = &bytes[start..bytes.len().min(start + NAME_BYTES_MAX)];
    let Some(length) = find(head, EXPECTED).filter(|length| is_label(&head[..*length], names)) else {
        return Vec::new();
    };
    let start = start + length + EXPECTED.len();
    let end = rest(bytes, start);
    let but = find(&bytes[start..end], BUT).map_or(end, |length| start + length);
    [quoted(bytes, start..but), quoted(bytes, but..end)].into_iter().flatten().collect()
}

/// Between the first and the last mark of a part.
fn quoted(bytes: &[u8], part: Range<usize>) -> Option<Range<usize>> {
    let is_mark = |byte: &u8| *byte == b'\'';
    let first = part.start + 1 + bytes[part.clone()].iter().position(is_mark)?;
    Some(first..bytes[first..part.end].iter().rposition(is_mark).map_or(part.end, |last| first + last))
}

fn marked(bytes: &[u8], at: usize, names: &Names) -> Vec<Range<usize>> {
    let before = &bytes[at.saturating_sub(NAME_BYTES_MAX)..at];
    let is_named = rfind(before, b"`").is_some_and(|mark| is_label(&before[mark + 1..], names));
    let (start, end) = (at + MARKED.len(), line(bytes, at));
    let length = find(&bytes[start.min(end)..end], MARKED_END);
    is_named.then(|| start..length.map_or(end, |length| start + length)).into_iter().collect()
}

fn key(bytes: &[u8], at: usize, names: &Names) -> Vec<Range<usize>> {
    let before = &bytes[at.saturating_sub(NAME_BYTES_MAX)..at];
    let head = rfind(before, KEY_HEAD).map(|head| &before[head + KEY_HEAD.len()..]);
    let Some(head) = head.filter(|head| is_label(head, names)) else { return Vec::new() };
    let (start, end) = (at + KEY.len(), line(bytes, at));
    let rest = &bytes[start.min(end)..end];
    let close = KEY_ENDS.iter().filter_map(|close| find(rest, close)).min();
    let close = close.or_else(|| rest.iter().position(|byte| *byte == b')')).unwrap_or(rest.len());
    let (columns, values) = (split(head), split(&rest[..close]));
    // Values with commas of their own cannot be told apart.
    let is_whole = columns.len() != values.len();
    let is_secret = |column: &Range<usize>| is_label(&head[column.clone()], names);
    if is_whole {
        let is_one = columns.iter().any(is_secret);
        return is_one.then_some(start..start + close).into_iter().collect();
    }
    let pairs = columns.iter().zip(values).filter(|(column, _)| is_secret(column));
    pairs.map(|(_, value)| start + value.start..start + value.end).collect()
}

fn split(list: &[u8]) -> Vec<Range<usize>> {
    let (mut parts, mut at) = (Vec::new(), 0);
    while let Some(length) = find(&list[at..], COMMA) {
        parts.push(at..at + length);
        at += length + COMMA.len();
    }
    parts.push(at..list.len());
    parts
}

fn entry(bytes: &[u8], at: usize, names: &Names) -> Vec<Range<usize>> {
    let (start, end) = (at + ENTRY.len(), line(bytes, at));
    let Some(length) = find(&bytes[start.min(end)..end], ENTRY_KEY) else { return Vec::new() };
    let name = &bytes[start + length + ENTRY_KEY.len()..end];
    let name = &name[..name.iter().take(NAME_BYTES_MAX).take_while(|byte| **byte != b'\'').count()];
    is_label(name, names).then(|| start..start + length).into_iter().collect()
}

/// Where the line ends, or the string that it is in, unless it is longer than messages are.
fn line(bytes: &[u8], at: usize) -> usize {
    let limit = bytes.len().min(at + VALUE_BYTES_MAX);
    rest(&bytes[..limit], at)
}

fn rfind(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|window| window == wanted)
}
