//! Values that the validators of frameworks quote when they refuse them, with their names before them or after:
//! `Variable "$password" got invalid value "abc"`, `"password" with value "abc" fails`, `{"password":["'abc' is too weak"]}`.

use super::beside::is_field;
use super::names::Names;
use super::nothing::sentences;
use super::quote::Quote;
use super::scan::{find, is_line_end, until};
use super::tag::is_label;
use std::ops::Range;

/// GraphQL's, after which the name may follow.
const VARIABLE: &str = "got invalid value ";
const PLACE: &[u8] = b" at ";
/// Joi's and Spring's.
const VALUE: &str = " with value";
const PROPERTY: &str = "property '";
const REASONS: [&[u8]; 3] = [b"nvalid UUID string: ", b"or input string: ", b"or value "];
/// Jackson's, with the name in the chain that leads to it.
const STRING: &str = "from String ";
const CHAIN: &[u8] = b"reference chain: ";
/// Of a parameter, and of a header that is none of Amazon's.
const PARAMETER: &str = "nvalid value ";
const FOR: &[u8] = b" for ";
const LABEL_BYTES_MAX: usize = 64;
const HEADER: &str = "' not a valid key=value pair";
/// A list of sentences about one field, and marks around what they quote, with what may be in none.
const LISTS: [&str; 2] = [":[", ": ["];
const MARKS: [(&str, &str); 5] =
    [("“", "”"), ("\\u201c", "\\u201d"), ("\\u201C", "\\u201D"), ("'", "'"), ("\\\"", "\\\"")];
/// Groovy's, in one line: what was asserted, and the values in it.
const ASSERT: &str = "assert ";
const BAR: &[u8] = b"| ";
const ASSERTED_BYTES_MAX: usize = 256;
const SINGLE: &str = "'";
const NAME_MARKS: &[u8] = b"\"'`\\ ";
const NAME_BYTES_MAX: usize = 128;
const VALUE_BYTES_MAX: usize = 1_024;

/// A mark of a text, and what follows it.
struct Place<'a> {
    bytes: &'a [u8],
    at: usize,
    after: usize,
    names: &'a Names,
}

type Rule<'a> = fn(&Place<'a>) -> Option<Range<usize>>;

/// Those of a text.
pub(super) fn refused(text: &str, names: &Names) -> Vec<Range<usize>> {
    let rules: [(&str, Rule<'_>); 6] = [
        (VARIABLE, Place::variable),
        (VALUE, Place::named),
        (PROPERTY, Place::property),
        (STRING, Place::chain),
        (PARAMETER, Place::parameter),
        (HEADER, Place::header),
    ];
    let place = |at: usize, mark: &str| Place { bytes: text.as_bytes(), at, after: at + mark.len(), names };
    let mut found = Vec::new();
    for (mark, rule) in rules {
        found.extend(text.match_indices(mark).filter_map(|(at, _)| rule(&place(at, mark))));
    }
    found.extend(text.match_indices(ASSERT).flat_map(|(at, _)| place(at, ASSERT).asserted()));
    for mark in LISTS {
        found.extend(text.match_indices(mark).flat_map(|(at, _)| place(at, mark).listed()));
    }
    found
}

impl Place<'_> {
    /// The string that begins there, and where what follows it begins.
    fn string(&self, at: usize) -> Option<(Range<usize>, usize)> {
        let open = Quote::at(self.bytes, at)?;
        let limit = open.after + VALUE_BYTES_MAX;
        let to = open.closing(&self.bytes[..self.bytes.len().min(limit)]);
        let close = Quote::at(self.bytes, to)?;
        (to < limit).then_some((open.after..to, close.after))
    }

    fn head(&self, at: usize, length: usize) -> &[u8] {
        &self.bytes[at..self.bytes.len().min(at + length)]
    }

    /// Whether a secret's name stands before.
    fn is_named(&self) -> bool {
        let before = &self.bytes[self.at.saturating_sub(NAME_BYTES_MAX)..self.at];
        let marks = before.iter().rev().take_while(|byte| NAME_MARKS.contains(byte)).count();
        let before = &before[..before.len() - marks];
        let length = before.iter().rev().take_while(|byte| super::scan::is_name(**byte)).count();
        str::from_utf8(&before[before.len() - length..]).is_ok_and(|name| self.names.is_secret(name))
    }

    fn variable(&self) -> Option<Range<usize>> {
        let (value, next) = self.string(self.after)?;
        let is_placed = || {
            let place = self.bytes[next..].starts_with(PLACE).then(|| self.string(next + PLACE.len()))?;
            place.filter(|(place, _)| is_label(&self.bytes[place.clone()], self.names))
        };
        (self.is_named() || is_placed().is_some()).then_some(value)
    }

    fn named(&self) -> Option<Range<usize>> {
        let colon = self.after + usize::from(self.bytes.get(self.after) == Some(&b':'));
        let start = colon + usize::from(self.bytes.get(colon) == Some(&b' '));
        let (value, _) = self.string(start)?;
        self.is_named().then_some(value)
    }

    fn property(&self) -> Option<Range<usize>> {
        let head = self.head(self.after, NAME_BYTES_MAX);
        let length = head.iter().position(|byte| *byte == b'\'')?;
        if !is_label(&head[..length], self.names) {
            return None;
        }
        let rest = self.head(self.after + length, VALUE_BYTES_MAX);
        let (reason, mark) =
            REASONS.iter().filter_map(|reason| Some((find(rest, reason)?, reason.len()))).min()?;
        let start = self.after + length + reason + mark;
        let start = start + usize::from(self.bytes.get(start) == Some(&b'['));
        if let Some((value, _)) = self.string(start) {
            return Some(value);
        }
        let head = &self.bytes[..self.bytes.len().min(start + VALUE_BYTES_MAX)];
        Some(start..until(head, start.min(head.len()), b"\r\n\"'<>,;]\\"))
    }

    fn chain(&self) -> Option<Range<usize>> {
        let (value, next) = self.string(self.after)?;
        let chain = next + find(self.head(next, VALUE_BYTES_MAX), CHAIN)?;
        let head = self.head(chain, VALUE_BYTES_MAX);
        let path = &head[..until(head, 0, b")\r\n")];
        let last = path.rsplit(|byte| *byte == b'[').next()?;
        is_label(last, self.names).then_some(value)
    }

    fn parameter(&self) -> Option<Range<usize>> {
        let (value, next) = self.string(self.after)?;
        let label = self.bytes[next..].strip_prefix(FOR)?;
        let label = &label[..label.len().min(LABEL_BYTES_MAX)];
        is_label(&label[..until(label, 0, b".,;:\r\n\"<\\")], self.names).then_some(value)
    }

    fn header(&self) -> Option<Range<usize>> {
        let from = self.at.saturating_sub(VALUE_BYTES_MAX);
        let mark = self.bytes[from..self.at].iter().rposition(|byte| *byte == b'\'')?;
        Some(from + mark + 1..self.at)
    }

    /// The strings in what an assertion tells in one line of a secret: `assert t == token | | | 'abc' | false 'def'`.
    fn asserted(&self) -> Vec<Range<usize>> {
        let head = self.head(self.after, ASSERTED_BYTES_MAX + 1);
        let length = until(head, 0, b"|\r\n");
        let is_name = |word: &[u8]| str::from_utf8(word).is_ok_and(|word| self.names.is_secret(word));
        let mut words = head[..length].split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
        let start = self.after + length;
        if !self.bytes[start..].starts_with(BAR) || !words.any(is_name) {
            return Vec::new();
        }
        let rest = self.head(start, BAR.len() + VALUE_BYTES_MAX);
        let rest = &rest[..until(rest, 0, b"\r\n")];
        let (mut found, mut open) = (Vec::new(), until(rest, 0, b"'"));
        while open < rest.len() {
            let close = until(rest, open + 1, b"'");
            if close == rest.len() {
                break;
            }
            let is_one = (1..=ASSERTED_BYTES_MAX).contains(&(close - open - 1));
            if is_one {
                found.push(start + open + 1..start + close);
            }
            open = if is_one { until(rest, close + 1, b"'") } else { close };
        }
        found
    }

    /// What a list of sentences quotes but for names of fields.
    fn listed(&self) -> Vec<Range<usize>> {
        let is_closed = self.at.checked_sub(1).is_some_and(|at| Quote::at(self.bytes, at).is_some());
        if !is_closed || !self.is_named() || !sentences(self.bytes, self.after - 1) {
            return Vec::new();
        }
        let head = self.head(self.after, VALUE_BYTES_MAX);
        let end = self.after + until(head, 0, b"]");
        let (mut found, mut at) = (Vec::new(), self.after);
        while at < end {
            let Some((text, next)) = quoted(&self.bytes[..end], at) else {
                at += 1;
                continue;
            };
            let word = &self.bytes[text.clone()];
            if !is_field(word) && !is_label(word, self.names) {
                found.push(text);
            }
            at = next;
        }
        found
    }
}

/// What marks quote that begin there, and where it goes on after them.
fn quoted(bytes: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    let (open, close) = MARKS.iter().find(|(open, _)| bytes[at..].starts_with(open.as_bytes()))?;
    let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let start = at + open.len();
    let head = &bytes[..bytes.len().min(start + NAME_BYTES_MAX + close.len())];
    let length = find(&head[start..], close.as_bytes())?;
    let (text, next) = (&head[start..start + length], start + length + close.len());
    let is_within = *open == SINGLE
        && (is_letter(at.checked_sub(1).and_then(|at| bytes.get(at))) || is_letter(bytes.get(next)));
    let is_plain = !text.iter().any(|byte| is_line_end(*byte) || *byte == b'"');
    (length > 0 && is_plain && !is_within).then_some((start..start + length, next))
}
