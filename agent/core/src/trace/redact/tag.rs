//! Tags in which one attribute names the secret that another one has: a hidden field, a password's, `<meta name="csrf-token">`.
//! They may be cut, written into a script's text, or shown as text on a page.

use super::names::Names;
use super::place::{is_name, skip};
use super::quote::Quote;
use std::ops::Range;

/// Attributes that say what a value is.
const LABELS: [&str; 6] = ["name", "id", "key", "property", "itemprop", "http-equiv"];
/// Attributes that have it.
const VALUES: [&str; 2] = ["value", "content"];
/// Bytes of the longest label that is looked at.
const LABEL_BYTES_MAX: usize = 256;
const WHITE: &[u8] = b" \t\r\n\x0c";
const OPENINGS: [&[u8]; 4] = [b"<", b"&lt;", b"&#60;", b"\\u003c"];
const CLOSINGS: [&[u8]; 4] = [b">", b"&gt;", b"&#62;", b"\\u003e"];

/// The tags of a text, as far as it was looked at.
#[derive(Default)]
pub(super) struct Tags {
    read_to: usize,
    /// Bytes that were read more than once.
    again: usize,
    secret_to: usize,
}

impl Tags {
    /// Looks at the word `text[at..end]`; should it begin a tag, at all of it.
    pub fn look(&mut self, text: &str, at: usize, end: usize, names: &Names) {
        let bytes = text.as_bytes();
        let first = at + escape(bytes, at, end);
        if !OPENINGS.iter().any(|opening| ends_with(&bytes[..first], opening)) {
            return;
        }
        // A mark that is never closed must not hide the tags after it. Nor may they all be read to the end of the text: what
        // is not looked at again may be secret.
        if first < self.read_to && self.again >= bytes.len() {
            self.secret_to = self.secret_to.max(self.read_to);
            return;
        }
        let (tag_end, is_secret) = read(text, first, end, names);
        if first < self.read_to {
            self.again += tag_end - first;
        }
        self.read_to = self.read_to.max(tag_end);
        if is_secret {
            self.secret_to = self.secret_to.max(tag_end);
        }
    }

    /// The value that the word begins, in a tag whose value is secret.
    pub fn value(&self, bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
        (at < self.secret_to && is_any(bytes, at, end, &VALUES)).then(|| attribute(bytes, end))?
    }
}

/// Where a tag ends, and whether its value is secret. The rest of a tag that is cut may say so.
fn read(text: &str, first: usize, end: usize, names: &Names) -> (usize, bool) {
    let bytes = text.as_bytes();
    let (mut is_secret, mut has_label, mut has_type) = (false, false, false);
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
            is_secret |= is_label(value, names);
        } else if is_any(bytes, name.start, name.end, &["type"]) {
            has_type |= is_whole;
            is_secret |= value.eq_ignore_ascii_case(b"password");
        }
    }
    let is_cut = at >= bytes.len();
    let tag = &text[first..end];
    let is_field = tag.eq_ignore_ascii_case("input");
    let may_be =
        is_cut && (is_field && !(has_label && has_type) || tag.eq_ignore_ascii_case("meta") && !has_label);
    (at, is_secret || may_be)
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
fn is_label(label: &[u8], names: &Names) -> bool {
    if label.len() > LABEL_BYTES_MAX {
        return false;
    }
    let is_secret = |name: &[u8]| str::from_utf8(name).is_ok_and(|name| names.is_secret(name));
    is_secret(label) || label.split(|byte| !is_name(*byte)).any(is_secret)
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
fn is_any(bytes: &[u8], at: usize, end: usize, words: &[&str]) -> bool {
    let is = |word: &[u8]| words.iter().any(|wanted| word.eq_ignore_ascii_case(wanted.as_bytes()));
    is(&bytes[at..end]) || is(&bytes[at + escape(bytes, at, end)..end])
}

fn is_at(bytes: &[u8], at: usize, texts: &[&[u8]]) -> bool {
    texts
        .iter()
        .any(|text| bytes.get(at..at + text.len()).is_some_and(|there| there.eq_ignore_ascii_case(text)))
}

fn ends_with(bytes: &[u8], end: &[u8]) -> bool {
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
