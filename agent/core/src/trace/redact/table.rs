//! Secrets in the columns of a table in text, whose first line names them: `user,password`, and below it `bob,hunter2`.

use super::names::Names;
use super::scan::{is_line_end, trim};
use std::ops::Range;

const BOM: &str = "\u{feff}";
const SEPARATORS: &[u8] = b",;\t|";
/// Lines before the first one.
const BEFORE_MAX: usize = 8;
const COUNT_DIGITS_MAX: usize = 2;
const HEAD_BYTES_MAX: usize = 8_192;
const ROWS_MAX: usize = 10_000;
/// Of a column's name; a sentence has more words.
const NAME_BYTES_MAX: usize = 64;
const BLANKS_MAX: usize = 2;

/// The fields of the columns that have a secret's name.
pub(super) fn columns(text: &str, names: &Names) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (start, own) = before(bytes, if text.starts_with(BOM) { BOM.len() } else { 0 });
    let head = &bytes[start..bytes.len().min(start + HEAD_BYTES_MAX)];
    let Some(length) = head.iter().position(|byte| is_line_end(*byte)) else { return Vec::new() };
    let Some(place) = head[..length].iter().position(|byte| SEPARATORS.contains(byte)) else {
        return Vec::new();
    };
    // A bar between blanks is one of a log's lines.
    if head[place] == b'|' && own.is_none() && head[place + 1] == b' ' {
        return Vec::new();
    }
    let separator = own.unwrap_or(head[place]);
    let (head, mut at) = row(bytes, start, separator);
    if !head.iter().all(|title| is_name(&bytes[title.clone()])) {
        return Vec::new();
    }
    let is_secret = |place: &usize| names.is_secret(&text[head[*place].clone()]);
    let secret: Vec<usize> = (0..head.len()).filter(is_secret).collect();
    let (mut found, mut count) = (Vec::new(), 0);
    while !secret.is_empty() && count < ROWS_MAX && at < bytes.len() {
        let (row, next) = row(bytes, at, separator);
        at = next;
        count += 1;
        // The last one may be cut.
        if row.len() == head.len() || at >= bytes.len() && row.len() < head.len() {
            let is_secret = |place: &&usize| {
                let field = row.get(**place).map_or(&[][..], |field| &bytes[field.clone()]);
                let is_none = separator == b'|' && is_count(field);
                !is_none && names.fits(&text[head[**place].clone()], field)
            };
            found.extend(secret.iter().filter(is_secret).filter_map(|place| row.get(*place)).cloned());
        }
        // Where a field is never closed, the others may be in it.
        let open = |field: &&Range<usize>| field.end == bytes.len() && bytes[..field.start].ends_with(b"\"");
        found.extend(row.last().filter(open).cloned());
    }
    found
}

/// After the remarks before a table, and what says its separator: `sep=;`.
fn before(bytes: &[u8], start: usize) -> (usize, Option<u8>) {
    let (mut at, mut own) = (start, None);
    for _ in 0..BEFORE_MAX {
        let rest = &bytes[at..];
        let Some(length) = rest.iter().position(|byte| is_line_end(*byte)) else { break };
        match &rest[..length] {
            [b'#', ..] => {}
            [name @ .., b'=', one] if name.eq_ignore_ascii_case(b"sep") && SEPARATORS.contains(one) => {
                own = Some(*one);
            }
            _ => break,
        }
        at += length + if rest[length..].starts_with(b"\r\n") { 2 } else { 1 };
    }
    (at, own)
}

/// Between bars counts stand more often than in other tables: `user|password`, and below it `bob|3`.
fn is_count(field: &[u8]) -> bool {
    (1..=COUNT_DIGITS_MAX).contains(&field.len()) && field.iter().all(u8::is_ascii_digit)
}

fn is_name(title: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_' || !byte.is_ascii();
    let is_char = |byte: &u8| is_letter(byte) || byte.is_ascii_digit() || b" .-".contains(byte);
    title.first().is_some_and(is_letter)
        && title.len() <= NAME_BYTES_MAX
        && title.iter().all(is_char)
        && title.iter().filter(|byte| **byte == b' ').count() <= BLANKS_MAX
}

/// The fields of a line, without the blanks and the marks around them, and where the next one begins.
fn row(bytes: &[u8], start: usize, separator: u8) -> (Vec<Range<usize>>, usize) {
    let (mut fields, mut at) = (Vec::new(), start);
    loop {
        let close = (bytes.get(at) == Some(&b'"')).then(|| quote_end(bytes, at + 1));
        let from = close.unwrap_or(at);
        let length = bytes[from..].iter().position(|byte| *byte == separator || is_line_end(*byte));
        let to = length.map_or(bytes.len(), |length| from + length);
        fields.push(match close {
            Some(close) if close >= bytes.len() || close + 1 == to => at + 1..close,
            _ => trim(bytes, at..to, b" \t"),
        });
        match bytes.get(to) {
            None => return (fields, bytes.len()),
            Some(b'\r') if bytes.get(to + 1) == Some(&b'\n') => return (fields, to + 2),
            Some(b'\r' | b'\n') => return (fields, to + 1),
            Some(_) => at = to + 1,
        }
    }
}

/// Where a quoted field ends, for two marks are one of it.
fn quote_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while at < bytes.len() {
        match &bytes[at..] {
            [b'"', b'"', ..] => at += 2,
            [b'"', ..] => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}
