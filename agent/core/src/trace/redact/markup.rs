//! Elements: as they stand, as text of a page or of another element, in a script. `at..end` is a tag's name.

use super::beside::is_usage;
use super::cell::white;
use super::mark::is_at;
use super::scan::{is_name, until};
use super::tag::{ends_with, escape};
use std::ops::Range;

/// Bytes in which a tag ends.
pub(super) const TAG_BYTES_MAX: usize = 2_048;
/// Tags of the page that shows an element as text, as a browser shows XML: how many, and bytes of each.
const SHOWN_MAX: usize = 4;
const SHOWN_BYTES_MAX: usize = 256;
const DATA: &[u8] = b"![CDATA[";

/// What begins a tag and what ends it, as one text has them; what is escaped may have what ends it plain.
pub(super) struct Kind {
    opening: &'static [u8],
    closing: &'static [u8],
    is_script: bool,
}

static KINDS: [Kind; 7] = [
    Kind { opening: b"<", closing: b">", is_script: false },
    Kind { opening: b"&lt;", closing: b"&gt;", is_script: false },
    Kind { opening: b"&#60;", closing: b"&#62;", is_script: false },
    Kind { opening: b"&#x3c;", closing: b"&#x3e;", is_script: false },
    Kind { opening: b"&amp;lt;", closing: b"&amp;gt;", is_script: false },
    Kind { opening: b"\\u003c", closing: b"\\u003e", is_script: true },
    Kind { opening: b"\\x3c", closing: b"\\x3e", is_script: true },
];

/// One of these marks.
pub(super) struct Edge {
    pub at: usize,
    pub after: usize,
    /// Whether it ends a tag.
    pub is_end: bool,
}

impl Kind {
    /// The mark that stands there.
    pub fn edge_at(&self, bytes: &[u8], at: usize) -> Option<Edge> {
        let length = |plain: u8, own: &[u8]| match bytes.get(at) {
            Some(byte) if *byte == plain => Some(1),
            Some(b'&' | b'\\') if is_at(bytes, at, &[own]) => Some(own.len()),
            _ => None,
        };
        let (length, is_end) = length(b'<', self.opening)
            .map(|length| (length, false))
            .or_else(|| length(b'>', self.closing).map(|length| (length, true)))?;
        Some(Edge { at, after: at + length, is_end })
    }

    /// The next one.
    pub fn edge(&self, bytes: &[u8], from: usize) -> Option<Edge> {
        (from..bytes.len()).find_map(|at| self.edge_at(bytes, at))
    }

    /// Where an element's text ends: no remark in it. A script's ends with its string.
    fn text_end(&self, bytes: &[u8], start: usize) -> usize {
        let is_end = |at: &usize| {
            self.edge_at(bytes, *at).is_some_and(|edge| !edge.is_end && !is_remark(&bytes[edge.after..]))
                || self.is_script && bytes[*at] == b'"' && !bytes[..*at].ends_with(b"\\")
        };
        (start..bytes.len()).find(is_end).unwrap_or(bytes.len())
    }

    fn data_end(&self, bytes: &[u8], start: usize) -> usize {
        let end = |at: usize| self.edge_at(bytes, at + 2).filter(|edge| edge.is_end);
        (start..bytes.len())
            .filter(|at| bytes[*at..].starts_with(b"]]"))
            .find_map(end)
            .map_or(bytes.len(), |edge| edge.after)
    }

    /// Where an element of this name ends.
    fn closed(&self, bytes: &[u8], start: usize, name: &[u8]) -> usize {
        let is_end = |at: &usize| {
            is_at(bytes, *at, &[self.opening]) && {
                let rest = &bytes[at + self.opening.len()..];
                let slash = rest.strip_prefix(b"\\").unwrap_or(rest).strip_prefix(b"/");
                slash.is_some_and(|rest| rest.starts_with(name))
            }
        };
        (start..bytes.len()).find(is_end).unwrap_or(bytes.len())
    }

    /// Whether the content begins with an element.
    fn is_within(&self, bytes: &[u8], start: usize) -> bool {
        let at = white(bytes, start);
        let next = bytes.get(at + self.opening.len());
        is_at(bytes, at, &[self.opening]) && next.is_some_and(|next| !b"/!\\".contains(next))
    }
}

fn is_remark(rest: &[u8]) -> bool {
    rest.starts_with(b"!--") || rest.starts_with(b"![")
}

/// The kind of the tag that the name stands in, and where it begins with its prefix.
pub(super) fn tag(bytes: &[u8], at: usize, end: usize) -> Option<(&'static Kind, usize)> {
    let mut first = at;
    if let [before @ .., b':'] = &bytes[..at] {
        let prefix = before.iter().rev().take(TAG_BYTES_MAX).take_while(|byte| is_name(**byte));
        first = before.len() - prefix.count();
    }
    first += escape(bytes, first, end);
    KINDS.iter().find(|kind| ends_with(&bytes[..first], kind.opening)).map(|kind| (kind, first))
}

/// After the mark that ends a tag.
pub(super) fn tag_end(kind: &Kind, bytes: &[u8], end: usize) -> Option<Edge> {
    let limit = bytes.len().min(end + TAG_BYTES_MAX);
    kind.edge(&bytes[..limit], end).filter(|edge| edge.is_end)
}

/// The content of an element that the name begins; `whole`, or where it begins with one: with the elements in it.
pub(super) fn element(bytes: &[u8], at: usize, end: usize, whole: bool) -> Option<Range<usize>> {
    let (kind, first) = tag(bytes, at, end)?;
    // `--password <password>`
    if !whole && is_usage(bytes, first - kind.opening.len(), first, end) {
        return None;
    }
    let close = tag_end(kind, bytes, end)?;
    if bytes[end..close.at].ends_with(b"/") {
        return None;
    }
    let start = close.after;
    if let Some(shown) = shown(kind, bytes, start) {
        return Some(shown..until(bytes, shown, b"<"));
    }
    let is_data =
        is_at(bytes, start, &[kind.opening]) && bytes[start + kind.opening.len()..].starts_with(DATA);
    let mut to = if whole || kind.is_within(bytes, start) {
        kind.closed(bytes, start, &bytes[first..end])
    } else if is_data {
        return Some(start..kind.data_end(bytes, start));
    } else {
        kind.text_end(bytes, start)
    };
    // Of a script within a script.
    while kind.is_script && start < to && to < bytes.len() && bytes[to - 1] == b'\\' {
        to -= 1;
    }
    Some(start..to)
}

/// Where the text of an element begins that a page shows as text, after the page's own tags.
fn shown(kind: &Kind, bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    for _ in 0..SHOWN_MAX {
        let Some(b'<') = bytes.get(at).filter(|_| kind.opening == b"&lt;") else { break };
        let inner = &bytes[at + 1..];
        let length = inner.iter().take(SHOWN_BYTES_MAX + 1).take_while(|byte| !b"<>&".contains(byte)).count();
        if !(1..=SHOWN_BYTES_MAX).contains(&length) || inner.get(length) != Some(&b'>') {
            break;
        }
        at += length + 2;
    }
    let rest = bytes.get(at..).filter(|_| at > start)?;
    let is_text =
        !rest.first().is_some_and(|byte| b"< \t\r\n".contains(byte)) && !is_at(bytes, at, &[b"&lt;"]);
    is_text.then_some(at)
}
