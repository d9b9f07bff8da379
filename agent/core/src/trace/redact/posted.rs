//! Codes that a page posts for a browser to an application, `<input name="code" value="abc"><input name="state" …>`; and what a
//! test prints below a comparison that failed.

use super::names::Names;
use super::scan::{line_end, skip};
use super::tag::{begins_with, is_label};
use std::ops::Range;

const TAG: &[u8] = b"<input";
const TAG_BYTES_MAX: usize = 4_352;
const CODES: [&[u8]; 1] = [b"code"];
/// Another field of such a page, what follows its name, and how far it is.
const STATES: [&[u8]; 4] = [b"state", b"session_state", b"iss", b"id_token"];
const NAME: &[u8] = b"name=";
const VALUE: &[u8] = b"value=";
const BESIDE_BYTES_MAX: usize = 2_048;
const CODE_BYTES_MIN: usize = 16;
const CODE_MARKS: &[u8] = b"._~/+=-";
const WHITE: &[u8] = b" \t\r\n";
/// `assert token == found`, and lines with marks and values below it.
const ASSERT: &[u8] = b"assert";
const ASSERTED_BYTES_MAX: usize = 256;
const INDENT_BYTES_MAX: usize = 64;
const MARKS: &[u8] = b" \t|";
const MARKS_BYTES_MAX: usize = 512;
const LINE_BYTES_MAX: usize = 4_096;
const LINES_MAX: usize = 16;

/// The codes of a text.
pub(super) fn posted(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !has_state(bytes) {
        return found;
    }
    let mut at = 0;
    while at + TAG.len() < bytes.len() {
        let start = at + TAG.len();
        let is_tag = bytes[at..start].eq_ignore_ascii_case(TAG) && WHITE.contains(&bytes[start]);
        if !is_tag {
            at += 1;
            continue;
        }
        let is_part = |byte: &&u8| !b"<>".contains(*byte);
        let to = start + bytes[start..].iter().take(TAG_BYTES_MAX).take_while(is_part).count();
        let around = at.saturating_sub(BESIDE_BYTES_MAX)..bytes.len().min(to + BESIDE_BYTES_MAX);
        let code = code(&bytes[start..to]).filter(|_| has_state(&bytes[around]));
        found.extend(code.map(|code| start + code.start..start + code.end));
        at = to;
    }
    found
}

/// The code that a tag has.
fn code(tag: &[u8]) -> Option<Range<usize>> {
    let attribute = |at: &usize, name: &[u8]| WHITE.contains(&tag[*at]) && begins_with(&tag[at + 1..], name);
    let is_code = |at: &usize| is_named(&tag[at + 1 + NAME.len()..], &CODES, b"\"' \t\r\n");
    (0..tag.len()).find(|at| attribute(at, NAME) && is_code(at))?;
    let value = |at: usize| {
        let start = at + 1 + VALUE.len();
        let start = start + usize::from(tag.get(start).is_some_and(|byte| b"\"'".contains(byte)));
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || CODE_MARKS.contains(byte);
        let length = tag[start..].iter().take_while(is_part).count();
        (length >= CODE_BYTES_MIN).then_some(start..start + length)
    };
    let found = (0..tag.len()).filter(|at| attribute(at, VALUE)).find_map(value)?;
    let text = &tag[found.clone()];
    let is_token = text.iter().any(u8::is_ascii_alphabetic) && text.iter().any(u8::is_ascii_digit);
    is_token.then_some(found)
}

fn has_state(bytes: &[u8]) -> bool {
    let is_one =
        |at: usize| begins_with(&bytes[at..], NAME) && is_named(&bytes[at + NAME.len()..], &STATES, b"\"' >");
    (0..bytes.len()).any(|at| bytes[at].eq_ignore_ascii_case(&b'n') && is_one(at))
}

/// Whether one of these names stands there, which may be quoted, and what ends it.
fn is_named(bytes: &[u8], names: &[&[u8]], ends: &[u8]) -> bool {
    let rest = bytes.strip_prefix(b"\"").or_else(|| bytes.strip_prefix(b"'")).unwrap_or(bytes);
    let is = |name: &&[u8]| {
        begins_with(rest, name) && rest.get(name.len()).is_some_and(|next| ends.contains(next))
    };
    names.iter().any(is)
}

/// The strings below comparisons of what has a secret's name.
pub(super) fn asserted(bytes: &[u8], names: &Names) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let end = at + bytes[at..].iter().take_while(|byte| **byte != b'\n').count();
        let line = bytes[at..end].strip_suffix(b"\r").unwrap_or(&bytes[at..end]);
        if end < bytes.len() && is_assertion(line, names) {
            below(bytes, end + 1, &mut found);
        }
        at = end + 1;
    }
    found
}

fn is_assertion(line: &[u8], names: &Names) -> bool {
    let indent = skip(&line[..line.len().min(INDENT_BYTES_MAX)], 0, b" \t");
    let Some([b' ' | b'\t', rest @ ..]) = line[indent..].strip_prefix(ASSERT) else { return false };
    (1..=ASSERTED_BYTES_MAX).contains(&rest.len())
        && !rest.contains(&b'\r')
        && rest.windows(2).any(|two| two == b"==")
        && is_label(rest, names)
}

fn below(bytes: &[u8], start: usize, found: &mut Vec<Range<usize>>) {
    let mut at = start;
    for _ in 0..LINES_MAX {
        if !bytes.get(at).is_some_and(|first| b" \t|\"'".contains(first)) {
            return;
        }
        let limit = bytes.len().min(at + MARKS_BYTES_MAX + LINE_BYTES_MAX + INDENT_BYTES_MAX);
        let end = line_end(&bytes[..limit], at);
        let first = skip(&bytes[..end.min(at + MARKS_BYTES_MAX)], at, MARKS);
        let mark = bytes.get(first).filter(|mark| first < end && b"\"'".contains(mark));
        let blanks = bytes[first..end].iter().rev().take_while(|byte| b" \t".contains(byte)).count();
        let last = end - blanks;
        match mark {
            Some(mark) if last > first + 1 && bytes[last - 1] == *mark => found.push(first + 1..last - 1),
            Some(_) => return,
            None => {}
        }
        at = match &bytes[end..] {
            [b'\r', b'\n', ..] => end + 2,
            [b'\n', ..] => end + 1,
            _ => return,
        };
    }
}
