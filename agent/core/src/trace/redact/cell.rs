//! Secrets in tables and lists of terms: `<th>API key</th><td>s3cret</td>`, `<dt>token</dt><dd>s3cret</dd>`.

use super::mark::{closing, is_at, opening};
use super::names::Names;
use super::scan::{skip, trim};
use std::ops::Range;

/// Bytes from a cell's beginning to that of its neighbour.
const LABEL_CELL_BYTES_MAX: usize = 1_024;
/// Bytes of a cell's text that may be a name, and its words.
const LABEL_BYTES_MAX: usize = 64;
const LABEL_WORDS_MAX: usize = 4;
/// What has one of these words is no secret's name: `Price per token`.
const NO_NAMES: [&str; 3] = ["per", "price", "cost"];
/// Tags within a cell's text.
const INLINE: [&str; 16] = [
    "a", "b", "br", "code", "div", "em", "font", "i", "label", "p", "pre", "small", "span", "strong", "tt",
    "u",
];
/// Where a cell ends, whether or not it is closed.
const BEGINNINGS: [&str; 5] = ["td", "th", "tr", "dt", "dd"];
const ENDS: [&str; 9] = ["td", "th", "tr", "dt", "dd", "dl", "table", "tbody", "thead"];
const WHITE: &[u8] = b" \t\r\n\x0c";
/// Bytes of a tag's name.
const NAME_BYTES_MAX: usize = 16;

/// A tag: its name in small letters, whether it closes an element, and where its text goes on.
pub(super) struct Tag {
    pub name: String,
    pub is_end: bool,
    pub after: usize,
}

/// What a cell is the name of: the text in the next one, which may be none, and where that cell begins and ends.
pub(super) fn cell(
    text: &str,
    first: usize,
    end: usize,
    names: &Names,
) -> Option<(Range<usize>, usize, usize)> {
    let bytes = text.as_bytes();
    let own = name(bytes, first, end)?;
    let wanted = match own.as_str() {
        "th" | "td" => "td",
        "dt" => "dd",
        _ => return None,
    };
    let limit = bytes.len().min(end + LABEL_CELL_BYTES_MAX);
    let mut label = Vec::new();
    let mut at = tag_end(bytes, end, limit)?;
    let start = loop {
        if at >= limit {
            return None;
        }
        if let Some(tag) = tag(bytes, at, limit) {
            if tag.is_end && tag.name == own {
                let next = self::tag(bytes, white(bytes, tag.after), limit)?;
                break (!next.is_end && next.name == wanted).then_some(next.after)?;
            } else if !tag.is_end && tag.name == wanted {
                break tag.after;
            } else if !INLINE.contains(&tag.name.as_str()) {
                return None;
            }
            at = tag.after;
        } else if let Some(length) = reference(bytes, at) {
            label.push(b' ');
            at += length;
        } else {
            label.push(bytes[at]);
            at += 1;
        }
    };
    let label = inner(label.trim_ascii());
    if !is_name(label, names) {
        return None;
    }
    let (value, cell_end) = content(bytes, start);
    let label = String::from_utf8_lossy(label);
    names.fits(label.trim(), &bytes[value.clone()]).then_some((value, start, cell_end))
}

/// The name that is an index: `$_SERVER['PHP_AUTH_PW']`.
fn inner(label: &[u8]) -> &[u8] {
    let own = label.strip_prefix(b"$").unwrap_or(label);
    let Some(index) = label.strip_suffix(b"]").filter(|_| own.starts_with(b"_")) else { return label };
    let start = index.iter().rposition(|byte| *byte == b'[').map_or(0, |open| open + 1);
    &index[trim(index, start..index.len(), b" \"'")]
}

pub(super) fn is_name(label: &[u8], names: &Names) -> bool {
    let label = label.trim_ascii();
    if label.len() > LABEL_BYTES_MAX {
        return false;
    }
    let label = String::from_utf8_lossy(label);
    let is_word = |byte: char| byte.is_ascii_alphanumeric();
    let mut words = label.split(|byte| !is_word(byte)).filter(|word| !word.is_empty());
    let is_none = |word: &str| NO_NAMES.iter().any(|none| word.eq_ignore_ascii_case(none));
    names.is_secret(&label) && words.clone().count() <= LABEL_WORDS_MAX && !words.any(is_none)
}

/// The text of a cell without the tags around it, and where the cell ends.
pub(super) fn content(bytes: &[u8], start: usize) -> (Range<usize>, usize) {
    let mut span: Option<Range<usize>> = None;
    let mut at = start;
    while at < bytes.len() {
        if let Some(tag) = tag(bytes, at, bytes.len()) {
            let ends = if tag.is_end { &ENDS[..] } else { &BEGINNINGS };
            if ends.contains(&tag.name.as_str()) {
                break;
            }
            at = tag.after;
            continue;
        }
        if !WHITE.contains(&bytes[at]) {
            span = Some(span.map_or(at, |span| span.start)..at + 1);
        }
        at += 1;
    }
    (span.unwrap_or(start..start), at)
}

/// The tag that begins there. One that never ends is text.
pub(super) fn tag(bytes: &[u8], at: usize, limit: usize) -> Option<Tag> {
    let mut start = at + opening(bytes, at)?;
    let is_end = is_at(bytes, start, &[b"/", b"\\/"]);
    if is_end {
        start += if bytes[start] == b'/' { 1 } else { 2 };
    }
    let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let after = tag_end(bytes, start + length, limit)?;
    Some(Tag { name: name(bytes, start, start + length).unwrap_or_default(), is_end, after })
}

fn name(bytes: &[u8], start: usize, end: usize) -> Option<String> {
    let name = bytes.get(start..end).filter(|name| name.len() <= NAME_BYTES_MAX)?;
    Some(String::from_utf8_lossy(name).to_ascii_lowercase())
}

/// After the mark that ends a tag, before another begins.
pub(super) fn tag_end(bytes: &[u8], from: usize, limit: usize) -> Option<usize> {
    for at in from..limit {
        if let Some(length) = closing(bytes, at) {
            return Some(at + length);
        }
        if opening(bytes, at).is_some() {
            return None;
        }
    }
    None
}

/// Blanks and line ends, also as escapes.
pub(super) fn white(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    loop {
        at = skip(bytes, at, WHITE);
        if !is_at(bytes, at, &[b"\\n", b"\\r", b"\\t"]) {
            return at;
        }
        at += 2;
    }
}

/// The length of a reference in HTML, `&nbsp;`.
fn reference(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..).filter(|rest| rest.first() == Some(&b'&'))?;
    let length = rest.iter().take(9).position(|byte| *byte == b';')?;
    let name = &rest[1..length];
    name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').then_some(length + 1)
}
