//! Tags in which one attribute names the secret that another one has: a hidden field, a password's, `<meta name="csrf-token">`.
//! They may be cut, written into a script's text, or shown as text on a page.

use super::cell;
use super::mark::{CLOSINGS, OPENINGS, closing, is_at, opening};
use super::names::Names;
use super::quote::Quote;
use super::scan::{is_name, skip};
use std::ops::Range;

/// Attributes that say what a value is.
const LABELS: [&str; 6] = ["name", "id", "key", "property", "itemprop", "http-equiv"];
/// Attributes that have it.
const VALUES: [&str; 2] = ["value", "content"];
/// Labels whose element has its value as its text.
const TEXT_LABELS: [&str; 3] = ["name", "key", "property"];
/// What a browser fills in, and what of it is secret.
const FILL: [&str; 1] = ["autocomplete"];
const FILLED: [&str; 5] = ["current-password", "new-password", "one-time-code", "cc-number", "cc-csc"];
/// The element within one that has its value.
const CHILDREN: [&str; 5] = ["value", "val", "string", "text", "content"];
/// Elements that have no such text.
const TEXTLESS: [&str; 9] = ["input", "meta", "a", "form", "button", "link", "img", "iframe", "label"];
/// Elements whose text may have tags in it.
const TEXT_FIELD: &str = "textarea";
/// Bytes of a text field's tag that is not read to its end.
const TAG_BYTES_MAX: usize = 2_048;
/// Bytes of the longest label that is looked at.
const LABEL_BYTES_MAX: usize = 256;
const WHITE: &[u8] = b" \t\r\n\x0c";

/// The tags of a text, as far as it was looked at.
#[derive(Default)]
pub(super) struct Tags {
    read_to: usize,
    /// Bytes that were read more than once.
    again: usize,
    secret_to: usize,
    /// Up to where a cell of a table is that names another's text.
    label_to: usize,
}

impl Tags {
    /// Looks at the word `text[at..end]`; should it begin a tag, at all of it. What is secret of the element's text.
    pub fn look(&mut self, text: &str, at: usize, end: usize, names: &Names) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let first = at + escape(bytes, at, end);
        if !OPENINGS.iter().any(|opening| ends_with(&bytes[..first], opening)) {
            return None;
        }
        if let Some((value, label_end, cell_end)) = cell::cell(text, first, end, names) {
            self.label_to = label_end;
            // A field in the cell.
            self.secret_to = self.secret_to.max(cell_end);
            return Some(value);
        }
        // A mark that is never closed must not hide the tags after it. Nor may they all be read to the end of the text: what
        // is not looked at again may be secret.
        if first < self.read_to && self.again >= bytes.len() {
            self.secret_to = self.secret_to.max(self.read_to);
            let limit = bytes.len().min(end + TAG_BYTES_MAX);
            return (end..limit)
                .find(|at| bytes[*at] == b'>')
                .filter(|_| text[first..end].eq_ignore_ascii_case(TEXT_FIELD))
                .and_then(|tag_end| content(bytes, first, end, tag_end));
        }
        let (tag_end, is_secret, has_text) = read(text, first, end, names);
        if first < self.read_to {
            self.again += tag_end - first;
        }
        self.read_to = self.read_to.max(tag_end);
        if is_secret {
            self.secret_to = self.secret_to.max(tag_end);
        }
        has_text.then(|| content(bytes, first, end, tag_end))?
    }

    /// Whether a word is part of what names another cell's text.
    pub fn is_label(&self, at: usize) -> bool {
        at < self.label_to
    }

    /// The value that the word begins, in a tag whose value is secret.
    pub fn value(&self, bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
        (at < self.secret_to && is_any(bytes, at, end, &VALUES)).then(|| attribute(bytes, end))?
    }
}

/// The text of an element whose tag ends there, up to the next tag, or, of a text field, to its own.
fn content(bytes: &[u8], first: usize, end: usize, tag_end: usize) -> Option<Range<usize>> {
    if is_any(bytes, first, end, &TEXTLESS) || bytes[..tag_end].ends_with(b"/") {
        return None;
    }
    let is_field = is_any(bytes, first, end, &[TEXT_FIELD]);
    let mut start = tag_end + closing(bytes, tag_end)?;
    start = child(bytes, start).unwrap_or(start);
    let is_end = |at: usize| {
        opening(bytes, at).is_some_and(|length| {
            let is_own = |slash: &str| {
                let own = &[slash.as_bytes(), TEXT_FIELD.as_bytes()].concat()[..];
                is_at(bytes, at + length, &[own])
            };
            !is_field || is_own("/") || is_own("\\/")
        })
    };
    let mut to = (start..bytes.len()).find(|at| is_end(*at)).unwrap_or(bytes.len());
    start = skip(&bytes[..to], start, WHITE);
    while to > start && WHITE.contains(&bytes[to - 1]) {
        to -= 1;
    }
    (to > start).then_some(start..to)
}

/// After the tag that an element begins with, if that has its value: `<item key="token"><value>s3cret</value></item>`.
fn child(bytes: &[u8], at: usize) -> Option<usize> {
    let next = skip(bytes, at, WHITE);
    let first = next + opening(bytes, next)?;
    let length = bytes[first..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let is_one = is_any(bytes, first, first + length, &CHILDREN);
    is_one.then(|| closing(bytes, first + length).map(|close| first + length + close))?
}

/// Where a tag ends, whether its value is secret, and whether its text is. The rest of a tag that is cut may say so.
fn read(text: &str, first: usize, end: usize, names: &Names) -> (usize, bool, bool) {
    let bytes = text.as_bytes();
    let (mut is_secret, mut has_label, mut has_type, mut has_text) = (false, false, false, false);
    let is_text_field = is_any(bytes, first, end, &[TEXT_FIELD]);
    let mut at = end;
    while at < bytes.len() && !is_at(bytes, at, &OPENINGS) && !is_at(bytes, at, &CLOSINGS) {
        if !is_name(bytes[at]) {
            at += 1;
            continue;
        }
        let name_at = at;
        at += bytes[at..].iter().take_while(|byte| is_name(**byte)).count();
        let name = name_at..at;
        let Some(value) = attribute(bytes, at) else { continue };
        at = value.end;
        let (is_whole, value) = (value.end < bytes.len(), &bytes[value]);
        if is_any(bytes, name.start, name.end, &LABELS) {
            has_label |= is_whole;
            let is_carrier = is_label(value, names);
            is_secret |= is_carrier;
            has_text |= is_carrier && (is_text_field || is_any(bytes, name.start, name.end, &TEXT_LABELS));
        } else if is_any(bytes, name.start, name.end, &["type"]) {
            has_type |= is_whole;
            is_secret |= value.eq_ignore_ascii_case(b"password");
        } else if is_any(bytes, name.start, name.end, &FILL) {
            let last = value.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
            is_secret |= FILLED.iter().any(|filled| last.eq_ignore_ascii_case(filled.as_bytes()));
        }
    }
    let is_cut = at >= bytes.len();
    let tag = &text[first..end];
    let is_field = tag.eq_ignore_ascii_case("input");
    let may_be =
        is_cut && (is_field && !(has_label && has_type) || tag.eq_ignore_ascii_case("meta") && !has_label);
    (at, is_secret || may_be, has_text)
}

/// What stands after an attribute's name.
fn attribute(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let equals = skip(bytes, end, WHITE);
    if bytes.get(equals) != Some(&b'=') {
        return None;
    }
    let start = skip(bytes, equals + 1, WHITE);
    if let Some(open) = Quote::at(bytes, start) {
        return Some(open.after..open.closing_attribute(bytes));
    }
    let is_end = |at: &usize| WHITE.contains(&bytes[*at]) || is_at(bytes, *at, &CLOSINGS);
    Some(start..(start..bytes.len()).find(is_end).unwrap_or(bytes.len()))
}

/// `user[pin]` as a whole, and each of its words.
pub(super) fn is_label(label: &[u8], names: &Names) -> bool {
    if label.len() > LABEL_BYTES_MAX {
        return false;
    }
    let is_secret = |name: &[u8]| str::from_utf8(name).is_ok_and(|name| names.is_secret(name));
    is_secret(label) || label.split(|byte| !is_name(*byte)).any(is_secret)
}

/// Whether a value is secret that has this label: as a whole, or one of its words.
pub(super) fn label_fits(label: &[u8], value: &[u8], names: &Names) -> bool {
    let fits = |name: &[u8]| str::from_utf8(name).is_ok_and(|name| names.fits(name, value));
    fits(label) || label.split(|byte| !is_name(*byte)).any(fits)
}

/// Bytes at the beginning of a word that are the rest of an escape: `\npassword`, `\u0022password`.
pub(super) fn escape(bytes: &[u8], at: usize, end: usize) -> usize {
    if at == 0 || bytes[at - 1] != b'\\' {
        return 0;
    }
    let is_hex = |count: usize| {
        bytes[at + 1..end].iter().take(count).filter(|byte| byte.is_ascii_hexdigit()).count() == count
    };
    let length = match bytes[at] {
        b'u' if is_hex(4) => 5,
        b'x' if is_hex(2) => 3,
        b'n' | b'r' | b't' => 1,
        _ => 0,
    };
    if at + length < end { length } else { 0 }
}

/// Whether a word is one of these, in whatever letters.
pub(super) fn is_any(bytes: &[u8], at: usize, end: usize, words: &[&str]) -> bool {
    let is = |word: &[u8]| words.iter().any(|wanted| word.eq_ignore_ascii_case(wanted.as_bytes()));
    is(&bytes[at..end]) || is(&bytes[at + escape(bytes, at, end)..end])
}

/// In whatever letters.
pub(super) fn begins_with(bytes: &[u8], start: &[u8]) -> bool {
    bytes.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// In whatever letters.
pub(super) fn ends_with(bytes: &[u8], end: &[u8]) -> bool {
    bytes.len().checked_sub(end.len()).is_some_and(|at| bytes[at..].eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_never_end_are_not_read_again_and_again() {
        let names = Names::with(&[]);
        for word in [
            "<input ",
            "<input a=",
            "<input a='",
            "<input a=\"",
            "<input a=\\\"<meta ",
            "&lt;a b=&quot;<x y='",
        ] {
            let text = word.repeat((64 << 10) / word.len());
            let (bytes, mut tags, mut at) = (text.as_bytes(), Tags::default(), 0);
            while at < bytes.len() {
                let end = at + bytes[at..].iter().take_while(|byte| is_name(**byte)).count();
                if end > at {
                    tags.look(&text, at, end, &names);
                }
                at = end + 1;
            }
            assert!(tags.read_to > bytes.len() - 20, "{word}");
            assert!(tags.again <= 2 * bytes.len(), "{word}: {}", tags.again);
        }
    }
}
