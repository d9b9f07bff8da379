//! What all rules look at: the bytes of names, blanks, what stands between a name and its value.

use std::ops::Range;

/// Bytes of a part's head, from its name on.
pub(super) const HEAD_BYTES_MAX: usize = 1_024;
/// Between a name and its value: plain, in a query, as references in HTML, escaped in JSON.
pub(super) const SEPARATORS: [&[u8]; 12] = [
    b"=&gt;",
    b"=>",
    b"=",
    b":",
    b"%3D",
    b"%3d",
    b"&#x3D;",
    b"&#x3d;",
    b"&#61;",
    b"&equals;",
    b"\\u003d",
    b"\\u003D",
];

/// Bytes of names. A percent sign may encode one; dots and hyphens join their words.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'%' | b'$')
}

/// The name of the reference that begins there.
pub(super) fn entity(bytes: &[u8]) -> Option<&[u8]> {
    let [b'&', rest @ ..] = bytes else { return None };
    let length = rest.iter().take(9).position(|byte| *byte == b';')?;
    let name = &rest[..length];
    let digits = name.strip_prefix(b"#").unwrap_or(name);
    (length >= 2 && digits.iter().all(u8::is_ascii_alphanumeric)).then_some(name)
}

pub(super) fn skip(bytes: &[u8], at: usize, blanks: &[u8]) -> usize {
    at + bytes.get(at..).map_or(0, |rest| rest.iter().take_while(|byte| blanks.contains(byte)).count())
}

pub(super) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = wanted.first()?;
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| byte == first)?;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
}

pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| !is_line_end(**byte)).count()
}

/// Without these bytes around it.
pub(super) fn trim(bytes: &[u8], part: Range<usize>, blanks: &[u8]) -> Range<usize> {
    let start = skip(&bytes[..part.end], part.start, blanks);
    let length = bytes[start..part.end].iter().rev().take_while(|byte| blanks.contains(byte)).count();
    start..part.end - length
}

/// The first of these bytes, or the end.
pub(super) fn until(bytes: &[u8], at: usize, ends: &[u8]) -> usize {
    at + bytes[at..].iter().take_while(|byte| !ends.contains(byte)).count()
}
