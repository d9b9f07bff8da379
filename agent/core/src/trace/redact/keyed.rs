//! Secrets whose name is the text of the element before theirs: `<key>password</key><string>s3cret</string>`,
//! `<name>…</name><value>…`.

use super::cell::white;
use super::markup::{element, tag};
use super::names::Names;
use super::pair::is_word;
use super::scan::is_name;
use super::tag::{escape, is_label};
use std::ops::Range;

const LABELS: [&str; 3] = ["key", "name", "param-name"];
const VALUES: [&str; 11] =
    ["array", "data", "date", "dict", "false", "integer", "param-value", "real", "string", "true", "value"];
/// Bytes of a label, with what stands around it.
const LABEL_BYTES_MAX: usize = 256;
/// Bytes of a tag's name, and of its prefix.
const NAME_BYTES_MAX: usize = 64;

/// What the element is the name of that the word begins, which may be nothing; none if it names no other.
pub(super) fn keyed(text: &str, at: usize, end: usize, names: &Names) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    if !is_one(&text[at + escape(bytes, at, end)..end], &LABELS) {
        return None;
    }
    let (kind, first) = tag(bytes, at, end)?;
    let head = &bytes[..bytes.len().min(end + LABEL_BYTES_MAX)];
    let begun = kind.edge(head, end).filter(|edge| edge.is_end && !bytes[end..edge.at].ends_with(b"/"))?;
    let close = kind.edge(head, begun.after).filter(|edge| !edge.is_end)?;
    let own = close.after + if bytes[close.after..].starts_with(b"\\") { 2 } else { 1 };
    let is_own = bytes.get(own - 1) == Some(&b'/') && bytes[own..].starts_with(&bytes[first..end]);
    let closed = is_own.then(|| kind.edge_at(bytes, own + end - first))?.filter(|edge| edge.is_end)?;
    let other = kind.edge_at(bytes, white(bytes, closed.after)).filter(|edge| !edge.is_end)?;
    let name = name(bytes, other.after);
    if !is_one(&text[name.clone()], &VALUES) {
        return None;
    }
    let label = bytes[begun.after..close.at].trim_ascii();
    let is_carrier = is_label(label, names);
    if !is_carrier && !is_word(label) {
        return None;
    }
    let content = is_carrier.then(|| element(bytes, name.start, name.end, false)).flatten();
    Some(content.unwrap_or(at..at))
}

fn is_one(word: &str, words: &[&str]) -> bool {
    words.iter().any(|wanted| word.eq_ignore_ascii_case(wanted))
}

/// The name of a tag without its prefix.
fn name(bytes: &[u8], at: usize) -> Range<usize> {
    let end =
        |at: usize| at + bytes[at..].iter().take(NAME_BYTES_MAX).take_while(|byte| is_name(**byte)).count();
    let first = end(at);
    if first > at && bytes.get(first) == Some(&b':') {
        let local = end(first + 1);
        if local > first + 1 {
            return first + 1..local;
        }
    }
    at..first
}
