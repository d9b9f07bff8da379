//! Values on a page that stand in the element after the one that names them: `<label>API key</label> <code>s3cret1</code>`.
//! They must look like values, see [`likely`](super::likely): many elements stand beside another.

use super::cell::{Tag, is_name, tag, tag_end, white};
use super::likely::is_likely;
use super::mark::{OPENINGS, opening};
use super::names::Names;
use super::scan::trim;
use super::tag::{ends_with, is_any};
use std::ops::Range;

/// Elements that name another.
const OWN: [&str; 18] = [
    "b", "dfn", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "i", "label", "legend", "li", "p", "small",
    "span", "strong",
];
/// Elements that have a value.
const VALUES: [&str; 16] = [
    "b", "code", "data", "div", "em", "i", "kbd", "mark", "output", "p", "pre", "samp", "span", "strong",
    "tt", "var",
];
const TAG_BYTES_MAX: usize = 256;
const LABEL_BYTES_MAX: usize = 64;
const WHITE: &[u8] = b" \t\r\n";
const VALUE_BYTES_MAX: usize = 512;

/// The text of the element after the one whose tag's name is `first..end`.
pub(super) fn caption(bytes: &[u8], first: usize, end: usize, names: &Names) -> Option<Range<usize>> {
    let is_tag = OPENINGS.iter().any(|opening| ends_with(&bytes[..first], opening));
    if !is_tag || !is_any(bytes, first, end, &OWN) {
        return None;
    }
    let label = tag_end(bytes, end, bytes.len().min(end + TAG_BYTES_MAX))?;
    let label_end = text_end(bytes, label, LABEL_BYTES_MAX + 1)?;
    if !is_name(&bytes[label..label_end], names) {
        return None;
    }
    let next_tag = |at: usize| tag(bytes, at, bytes.len().min(at + TAG_BYTES_MAX));
    let close = next_tag(label_end).filter(|close| close.is_end)?;
    let Tag { name, is_end, after } = next_tag(white(bytes, close.after))?;
    if !close.name.as_bytes().eq_ignore_ascii_case(&bytes[first..end])
        || is_end
        || !VALUES.contains(&name.as_str())
    {
        return None;
    }
    let to = text_end(bytes, after, VALUE_BYTES_MAX)?;
    let value = trim(bytes, after..to, WHITE);
    let is_word = !bytes[value.clone()].iter().any(|byte| WHITE.contains(byte));
    (is_word && is_likely(&bytes[value.clone()])).then_some(value)
}

/// Where the next tag begins, or the text ends.
fn text_end(bytes: &[u8], at: usize, count: usize) -> Option<usize> {
    let limit = bytes.len().min(at + count);
    let end = (at..limit).find(|at| opening(bytes, *at).is_some());
    end.or_else(|| (limit == bytes.len()).then_some(limit))
}
