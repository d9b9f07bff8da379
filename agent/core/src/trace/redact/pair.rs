//! Secrets whose name is another member's value: `{"name":"password","value":"s3cret"}`, in either order, with others between
//! them, in JSON, a script, or JSON within a string.

use super::names::Names;
use super::quote::Quote;
use super::scan::{is_name, skip};
use super::tag::is_any;
use std::collections::HashSet;
use std::ops::Range;

/// Members that say what a value is.
pub(super) const LABELS: [&str; 7] =
    ["name", "id", "key", "property", "field", "parametername", "parameterkey"];
/// Members that have it.
pub(super) const VALUES: [&str; 5] = ["value", "val", "content", "values", "parametervalue"];
/// Members that say the same of a value in a change of JSON, and of one that a validator refused.
const PATHS: [&str; 8] =
    ["path", "param", "loc", "instancepath", "datapath", "propertypath", "pointer", "label"];
/// Members that have what was refused; and what tells nothing of it.
const REFUSED: [&str; 7] =
    ["originalvalue", "rejectedvalue", "invalidvalue", "input", "data", "received", "invalid"];
const NOTHING: [&[u8]; 9] =
    [b"null", b"None", b"undefined", b"string", b"number", b"boolean", b"object", b"array", b"nan"];
/// Of a path that is a list.
const LIST_BYTES_MAX: usize = 256;
/// Members that say the same of a field of a form.
const KINDS: [&str; 1] = ["type"];
/// Of those it may be a key of the keyboard.
const NO_KIND: &[u8] = b"key";
const MISSING: &[u8] = b"missing";
const KIND_BYTES_MAX: usize = 256;
/// What says that an object is a key in JSON, and its members that are secret.
const KEY_KIND: [&str; 1] = ["kty"];
const KEY_PARTS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];
/// Those that are secret as long as a cut may have taken the name, unless they are longer than secrets are.
const IN_DOUBT: [&str; 2] = ["value", "val"];
const DOUBT_BYTES_MAX: usize = 4_096;
/// Bytes of a member's name in a list of names and values, where `key` is no secret.
const WORD_BYTES_MAX: usize = 40;
/// Times the text's bytes that are read in search of quotation marks.
const WORK_MAX: usize = 4;
const WHITE: &[u8] = b" \t\r\n";
const PLAIN_ENDS: &[u8] = b",;}]\r\n\\\"'<>";

/// What was found in a text.
#[derive(Default)]
pub(super) struct Pairs {
    pub secrets: Vec<Range<usize>>,
    /// Words that look like a secret's name and are none.
    pub labels: HashSet<usize>,
    /// Bytes that were read in search of quotation marks.
    work: usize,
}

/// What is open: an object, an array, or a string, which may have objects in it.
struct Open {
    mark: u8,
    at: usize,
    /// Where the string around it ends.
    limit: usize,
    /// Where its last string ends, if it is an array.
    quote_at: usize,
    is_value: bool,
    /// Whether it is what was refused; and what was so in it, unless that is all in which a member was missing.
    is_input: bool,
    inputs: Vec<Range<usize>>,
    is_missing: bool,
    is_secret: bool,
    /// Whether what was refused is secret.
    is_refused: bool,
    has_label: bool,
    label: Option<usize>,
    values: Vec<Range<usize>>,
    in_doubt: Vec<Range<usize>>,
    is_key: bool,
    key_parts: Vec<Range<usize>>,
    refused: Vec<Range<usize>>,
}

struct Reading<'a> {
    text: &'a str,
    names: &'a Names,
    open: Vec<Open>,
    found: Pairs,
    /// What is opened there is a member's value.
    value_at: Option<usize>,
    /// The same of what was refused.
    input_at: Option<usize>,
}

pub(super) fn pairs(text: &str, names: &Names) -> Pairs {
    let mut reading =
        Reading { text, names, open: Vec::new(), found: Pairs::default(), value_at: None, input_at: None };
    if text.contains('{') {
        reading.read();
    }
    reading.found
}

impl Reading<'_> {
    fn read(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            while self.open.last().is_some_and(|open| open.limit <= at) {
                self.close(self.limit());
            }
            match bytes[at] {
                mark @ (b'{' | b'[') => self.push(mark, at, self.limit()),
                b'}' => {
                    while self.is_in(b'[') {
                        self.close(at);
                    }
                    if self.is_in(b'{') {
                        self.close(at + 1);
                    }
                }
                b']' if self.is_in(b'[') => self.close(at + 1),
                b'"' | b'\'' | b'\\' | b'&' if self.is_in(b'[') => {
                    at = self.element(at);
                    continue;
                }
                byte if is_name(byte) => {
                    at = self.word(at);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        while !self.open.is_empty() {
            self.close(self.limit().min(bytes.len()));
        }
    }

    fn is_in(&self, mark: u8) -> bool {
        self.open.last().is_some_and(|open| open.mark == mark)
    }

    fn limit(&self) -> usize {
        self.open.last().map_or(usize::MAX, |open| open.limit)
    }

    fn push(&mut self, mark: u8, at: usize, limit: usize) {
        self.open.push(Open {
            mark,
            at,
            limit,
            quote_at: 0,
            is_value: self.value_at == Some(at),
            is_input: self.input_at == Some(at),
            inputs: Vec::new(),
            is_missing: false,
            is_secret: false,
            is_refused: false,
            has_label: false,
            label: None,
            values: Vec::new(),
            in_doubt: Vec::new(),
            is_key: false,
            key_parts: Vec::new(),
            refused: Vec::new(),
        });
    }

    /// What was opened last ends.
    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        if open.is_value
            && let Some(around) = self.open.last_mut()
        {
            around.values.push(open.at..end);
        }
        if open.is_input
            && let Some(around) = self.open.last_mut()
        {
            around.inputs.push(open.at..end);
        }
        if !open.values.is_empty() {
            self.found.labels.extend(open.label);
        }
        if open.is_key {
            self.found.secrets.extend(open.key_parts);
        }
        if open.is_secret || open.is_refused {
            self.found.secrets.extend(open.refused);
            self.found.secrets.extend(if open.is_missing { Vec::new() } else { open.inputs });
        }
        if open.is_secret {
            self.found.secrets.extend(open.values);
        } else if end >= self.text.len() && !open.has_label && !self.text.ends_with('}') {
            self.found.secrets.extend(open.in_doubt);
        }
    }

    /// A string in an array, should one begin there.
    fn element(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let (quote, open) = (Quote::at(bytes, at), self.open.last_mut());
        match (quote, open) {
            (Some(quote), Some(open)) if open.quote_at == at => quote.after,
            (Some(quote), Some(open)) if self.found.work <= WORK_MAX * bytes.len() => {
                let end = quote.closing(bytes);
                open.quote_at = end;
                self.string(at, quote.after..end, false)
            }
            _ => skip(bytes, at, b"\\").max(at + 1),
        }
    }

    /// What is in a string is looked at where it may be an object. Says from where on to read.
    fn string(&mut self, at: usize, value: Range<usize>, is_label: bool) -> usize {
        self.found.work += value.len();
        if !is_label && self.text.as_bytes()[value.clone()].contains(&b'{') {
            self.push(b'"', at, value.end.min(self.limit()));
            return value.start;
        }
        value.end
    }

    /// Looks at a word, and says from where on to read.
    fn word(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let end = at + bytes[at..].iter().take_while(|byte| is_name(**byte)).count();
        let Some(start) = value(bytes, end) else { return end };
        let (is_label, is_value) = (is_any(bytes, at, end, &LABELS), is_any(bytes, at, end, &VALUES));
        let is_path = is_any(bytes, at, end, &PATHS);
        let is_refused = is_any(bytes, at, end, &REFUSED);
        let is_kind = is_path || is_refused || is_any(bytes, at, end, &KINDS);
        let is_tired = self.found.work > WORK_MAX * bytes.len();
        if is_tired && !is_value {
            return end;
        }
        let quote = Quote::at(bytes, start);
        let value = match &quote {
            Some(quote) => quote.after..quote.closing(bytes),
            None if matches!(bytes.get(start), Some(b'{' | b'[')) => {
                self.value_at = (is_value && self.is_in(b'{')).then_some(start);
                self.input_at = (is_refused && self.is_in(b'{')).then_some(start);
                if is_path {
                    self.list(start);
                }
                return start;
            }
            None if is_label || is_value || is_path || is_refused => plain(bytes, start),
            None => return end,
        };
        if is_tired {
            // What is not looked at may be secret.
            self.found.secrets.push(value.clone());
            return value.end.max(end);
        }
        self.key(at, end, &value);
        if is_label || is_value || is_kind {
            self.member(at, end, &value, !is_value);
        }
        self.string(start, value, is_label)
    }

    /// A member that may be one of a key's.
    fn key(&mut self, at: usize, end: usize, value: &Range<usize>) {
        let bytes = self.text.as_bytes();
        let Some(open) = self.open.last_mut().filter(|open| open.mark == b'{') else { return };
        if is_any(bytes, at, end, &KEY_PARTS) {
            open.key_parts.push(value.clone());
        }
        open.is_key |= is_any(bytes, at, end, &KEY_KIND);
    }

    /// Looks at a path that is a list, `["body", "password"]`: what its last part names.
    fn list(&mut self, at: usize) {
        let rest = &self.text.as_bytes()[at..];
        let head = &rest[..rest.len().min(LIST_BYTES_MAX)];
        let Some(close) = head.iter().position(|byte| *byte == b']') else { return };
        let last = head[..close].rsplit(|byte| *byte == b',').next().unwrap_or_default();
        let is_carrier = super::tag::is_label(last, self.names);
        if let Some(open) = self.open.last_mut().filter(|open| open.mark == b'{') {
            open.is_refused |= is_carrier;
        }
    }

    fn member(&mut self, at: usize, end: usize, value: &Range<usize>, is_label: bool) {
        let bytes = self.text.as_bytes();
        let Some(open) = self.open.last_mut().filter(|open| open.mark == b'{' && !value.is_empty()) else {
            return;
        };
        if is_any(bytes, at, end, &REFUSED) {
            if !NOTHING.contains(&&bytes[value.clone()]) {
                open.refused.push(value.clone());
            }
            return;
        }
        if !is_label {
            open.values.push(value.clone());
            if is_any(bytes, at, end, &IN_DOUBT) {
                open.refused.push(value.clone());
            }
            if value.len() <= DOUBT_BYTES_MAX && is_any(bytes, at, end, &IN_DOUBT) {
                open.in_doubt.push(value.clone());
            }
            return;
        }
        let label = &bytes[value.clone()];
        if is_any(bytes, at, end, &KINDS) {
            let tail = label.len().checked_sub(MISSING.len()).map(|at| &label[at..]);
            open.is_missing |= tail.is_some_and(|tail| tail.eq_ignore_ascii_case(MISSING));
            let is_short = label.len() <= KIND_BYTES_MAX && !label.eq_ignore_ascii_case(NO_KIND);
            open.is_secret |= is_short && self.names.is_secret(&String::from_utf8_lossy(label));
            return;
        }
        if is_any(bytes, at, end, &PATHS) {
            let is_path = label.starts_with(b"/") || label.starts_with(b"\\/");
            let is_carrier = super::tag::is_label(label, self.names);
            open.is_secret |= is_path && is_carrier;
            // That of a file may have a folder of such a name.
            open.is_refused |= is_carrier && (is_path || !label.contains(&b'/'));
            return;
        }
        let is_carrier = super::tag::is_label(label, self.names);
        open.is_secret |= is_carrier;
        open.is_refused |= is_carrier;
        open.has_label |= value.end < bytes.len();
        if is_carrier || is_word(label) {
            open.label = Some(at);
        }
    }
}

/// Whether a label is a word, and no secret.
pub(super) fn is_word(label: &[u8]) -> bool {
    let is_char = |byte: &u8| byte.is_ascii_alphabetic() || b"_-. :/[]".contains(byte);
    (1..=WORD_BYTES_MAX).contains(&label.len()) && label.iter().all(is_char)
}

/// Where the value of a member begins whose name ends there.
fn value(bytes: &[u8], end: usize) -> Option<usize> {
    let next = Quote::at(bytes, end).map_or(end, |quote| quote.after);
    let next = skip(bytes, next, WHITE);
    let separator = [&b"=>"[..], b":", b"="].into_iter().find(|mark| bytes[next..].starts_with(mark))?;
    Some(skip(bytes, next + separator.len(), WHITE))
}

fn plain(bytes: &[u8], start: usize) -> Range<usize> {
    let mut end = start + bytes[start..].iter().take_while(|byte| !PLAIN_ENDS.contains(byte)).count();
    while end > start && matches!(bytes[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_that_never_end_are_not_read_again_and_again() {
        let names = Names::with(&[]);
        // Each is escaped deeper than the one before, so that none ends another.
        let deeper: String = (1..300).map(|count| format!("{{\"a\":{}\"", "\\".repeat(count))).collect();
        let shallower: String =
            (1..300).rev().map(|count| format!("{{\"a\":{}'", "\\".repeat(count))).collect();
        let words = [
            "{\"a\":\"",
            "[\"{",
            "{\"value\":{",
            "[\\",
            "{\"a\":'{\"b\":\"{",
            "{value:\\\"",
            "[\"",
            "{a:&quot;{",
            "{'a':'\\'{",
        ];
        let repeated = words.map(|word| word.repeat((64 << 10) / word.len()));
        for text in repeated.iter().chain([&deeper, &shallower]) {
            let pairs = pairs(text, &names);
            assert!(pairs.work <= (WORK_MAX + 2) * text.len(), "{}: {}", &text[..20], pairs.work);
        }
    }

    #[test]
    fn what_is_not_looked_at_may_be_secret() {
        let names = Names::with(&[]);
        // Strings within strings, more often than they are read.
        let nested: String =
            (0..12).map(|count| format!("{{a:{}\"", "\\".repeat((1 << count) - 1))).collect();
        let text = format!("{nested}{{value: s3cret}}");
        let at = text.find("s3cret").unwrap();
        let found = pairs(&text, &names);
        assert!(found.work > WORK_MAX * text.len(), "{} of {}", found.work, text.len());
        assert!(found.secrets.iter().any(|secret| secret.contains(&at)));
    }
}
