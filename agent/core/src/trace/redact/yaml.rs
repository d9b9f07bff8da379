//! Secrets in YAML that stand in other lines than their names: blocks, `password: |`, values below their names, and lists of
//! names and values: `- name: password`, and below it `value: s3cret`.

use super::quote::Quote;
use super::scan::{is_line_end, line_end, skip, trim};
use std::ops::Range;

/// Bytes before a name in its line.
const INDENT_BYTES_MAX: usize = 256;
/// The same of what may be a member, and of its name.
const MEMBER_INDENT_BYTES_MAX: usize = 64;
const MEMBER_BYTES_MAX: usize = 16;
/// Of what says how a value is written.
const TAG_BYTES_MAX: usize = 33;
const BLANKS: &[u8] = b" \t";
const QUOTES: &[u8] = b"\"'";

/// A member that has its own line: its name, and the text of its value.
#[derive(Clone)]
pub(super) struct Member {
    pub name: Range<usize>,
    pub text: Range<usize>,
}

/// The lines below a name that are indented deeper; `after` its colon. Unless it is plain, a block alone.
pub(super) fn below(bytes: &[u8], at: usize, after: usize, is_plain: bool) -> Option<Range<usize>> {
    let (is_block, body) = header(bytes, after)?;
    if !is_plain && !is_block {
        return None;
    }
    let column = column(bytes, at)?;
    let (mut found, mut line): (Option<Range<usize>>, _) = (None, body);
    while line < bytes.len() {
        let first = skip(bytes, line, BLANKS);
        let end = line_end(bytes, first);
        if first < end {
            if first - line <= column {
                break;
            }
            if found.is_none() && !is_block {
                if let Some(open) = Quote::at(bytes, first) {
                    return quoted(bytes, &open);
                }
                if is_no_value(bytes, first, end) {
                    return None;
                }
            }
            let start = found.map_or(first, |found| found.start);
            found = Some(start..trim(bytes, first..end, BLANKS).end);
        }
        line = end + 1;
    }
    found
}

/// Where a block may begin, after a tag that says how it is written: `!vault |`.
fn tag_end(bytes: &[u8], at: usize) -> usize {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"!_-".contains(byte);
    let tag = bytes.get(at..).unwrap_or_default();
    let length = tag.iter().take(TAG_BYTES_MAX + 1).take_while(is_part).count();
    let next = skip(bytes, at + length, BLANKS);
    let is_tag = tag.starts_with(b"!") && length <= TAG_BYTES_MAX && next > at + length;
    if is_tag && matches!(bytes.get(next), Some(b'|' | b'>')) { next } else { at }
}

/// What stands after a colon when the value is below, that of a block with a remark: whether it is a block, and where it goes on.
fn header(bytes: &[u8], after: usize) -> Option<(bool, usize)> {
    let mut at = tag_end(bytes, skip(bytes, after, BLANKS));
    let is_block = matches!(bytes.get(at), Some(b'|' | b'>'));
    if is_block {
        let is_sign = |byte: &&u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-');
        at += 1 + bytes[at + 1..].iter().take(2).take_while(is_sign).count();
        let next = skip(bytes, at, BLANKS);
        at = if next > at && bytes.get(next) == Some(&b'#') { line_end(bytes, next) } else { next };
    }
    bytes.get(at).filter(|byte| is_line_end(**byte)).map(|_| (is_block, at + 1))
}

fn quoted(bytes: &[u8], open: &Quote) -> Option<Range<usize>> {
    let to = open.closing(bytes);
    let is_member =
        Quote::at(bytes, to).is_some_and(|close| bytes.get(skip(bytes, close.after, BLANKS)) == Some(&b':'));
    (!is_member).then_some(open.after..to)
}

/// Whether a line has a tag, or other members.
fn is_no_value(bytes: &[u8], first: usize, end: usize) -> bool {
    let is_tag = bytes[first] == b'<'
        && bytes.get(first + 1).is_some_and(|next| next.is_ascii_alphabetic() || b"/!".contains(next));
    let is_colon = |at: usize| {
        bytes[at] == b':' && bytes.get(at + 1).is_none_or(|next| BLANKS.contains(next) || is_line_end(*next))
    };
    is_tag || (first..end).any(is_colon)
}

/// Of a name that is the first of its line.
fn column(bytes: &[u8], at: usize) -> Option<usize> {
    let at = if bytes[..at].last().is_some_and(|byte| QUOTES.contains(byte)) { at - 1 } else { at };
    let before = &bytes[at.saturating_sub(INDENT_BYTES_MAX)..at];
    let column = before.iter().rev().take_while(|byte| is_indent(**byte)).count();
    bytes[..at - column].last().is_none_or(|byte| is_line_end(*byte)).then_some(column)
}

/// Those that stand in two lines, one below the other, of one object.
pub(super) fn members(bytes: &[u8]) -> Vec<(Member, Member)> {
    let mut found = Vec::new();
    let mut last: Option<(Member, usize)> = None;
    let (mut line, mut last_end) = (0, 0);
    while line < bytes.len() {
        let end = line_end(bytes, line);
        if let Some((member, column)) = member(bytes, line, end) {
            let is_first = bytes[line..line + column].contains(&b'-');
            let is_next = matches!(&bytes[last_end..line], b"\n" | b"\r\n" | b"\r");
            if let Some((before, before_column)) = last.take()
                && before_column == column
                && !is_first
                && is_next
            {
                found.push((before, member.clone()));
            }
            last = Some((member, column));
            last_end = end;
        }
        line = end + 1;
    }
    found
}

/// The one of a line, and its column.
fn member(bytes: &[u8], line: usize, end: usize) -> Option<(Member, usize)> {
    let count = |at: usize, max: usize, is: &dyn Fn(&u8) -> bool| {
        bytes[at..].iter().take(max).take_while(|byte| is(byte)).count()
    };
    let quote = |at: usize| usize::from(bytes.get(at).is_some_and(|byte| QUOTES.contains(byte)));
    let column = count(line, MEMBER_INDENT_BYTES_MAX, &|byte| is_indent(*byte));
    let first = line + column + quote(line + column);
    let to = first + count(first, MEMBER_BYTES_MAX, &u8::is_ascii_alphabetic);
    let colon = to + quote(to);
    let is_member = to > first
        && bytes.get(colon) == Some(&b':')
        && bytes.get(colon + 1).is_some_and(|next| BLANKS.contains(next) || is_line_end(*next));
    let text = || trim(bytes, trim(bytes, colon + 1..end, BLANKS), QUOTES);
    is_member.then(|| (Member { name: first..to, text: text() }, column))
}

fn is_indent(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'-')
}
