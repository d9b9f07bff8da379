//! Values that a sentence or a page tells with more than a sign between them and their name: `password was: s3cret`, `The password
//! 's3cret' is too short`, `<span>password</span>: <span>s3cret</span>`, `{Password:two words Token:abc}`.

use super::grid::is_word;
use super::names::plain;
use super::prose::{is_call, is_prose, word_end};
use super::quote::Quote;
use super::scan::{is_line_end, skip, until};
use std::ops::Range;

const BLANKS: &[u8] = b" \t";
const VERBS: [&[u8]; 2] = [b"was", b"is"];
/// Other names are those of things, which a message has between marks: `secret 'db' not found`, `Unexpected token 'x'`.
const PASSWORDS: [&str; 7] = ["password", "passwd", "passphrase", "passcode", "pwd", "pin", "otp"];
const QUOTED_BYTES_MAX: usize = 128;
const BLANKS_MAX: usize = 1;
/// What stands between a name and its value where a page colours both, and how often.
const TAGS: [(&[u8], bool); 2] = [(b"<span", true), (b"</span", false)];
const SIGNS: [&[u8]; 4] = [b"=>", b"=&gt;", b":", b"="];
const MARKS: [&[u8]; 5] = [b"\"", b"'", b"&quot;", b"&#34;", b"&#39;"];
const STEPS_MAX: usize = 16;
const TAG_BYTES_MAX: usize = 256;
/// Where a field ends of what Go prints as a structure, and a script as an object; and how far that may be.
const FIELD_ENDS: &[u8] = b"\r\n\"<";
const FIELD_BYTES_MAX: usize = 1_024;
const FIELD_NAME_BYTES_MAX: usize = 64;
const BEFORE_BYTES_MAX: usize = 512;

/// One of the steps.
enum Step {
    Tag { is_open: bool },
    Sign,
    Mark,
    Blank,
}

/// The value of a name `at..end`; what follows blanks after it begins at `next`.
pub(super) fn told(bytes: &[u8], at: usize, end: usize, next: usize) -> Option<Range<usize>> {
    if bytes.get(next) == Some(&b'<') {
        return coloured(bytes, next);
    }
    if next == end {
        return None;
    }
    let verb = verb(bytes, next);
    let start = verb.unwrap_or(next);
    let Some(open) = Quote::at(bytes, start) else {
        let is_one = verb.is_some() && !is_prose(bytes, start, false) && !is_call(bytes, start);
        return is_one.then(|| start..word_end(bytes, start));
    };
    let to = open.closing(&bytes[..bytes.len().min(open.after + QUOTED_BYTES_MAX)]);
    let value = &bytes[open.after..to];
    let is_one = to < bytes.len()
        && value.len() < QUOTED_BYTES_MAX
        && value.iter().filter(|byte| **byte == b' ').count() <= BLANKS_MAX
        && !value.iter().any(|byte| is_line_end(*byte));
    let name = || plain(&String::from_utf8_lossy(&bytes[at..end]));
    let is_named = verb.is_some() || PASSWORDS.iter().any(|ending| name().ends_with(ending));
    (is_one && is_named).then_some(open.after..to)
}

/// Where what `was:` says begins.
fn verb(bytes: &[u8], at: usize) -> Option<usize> {
    let verb = VERBS.iter().find(|verb| bytes[at..].starts_with(verb))?;
    let colon = skip(bytes, at + verb.len(), BLANKS);
    (bytes.get(colon) == Some(&b':')).then(|| skip(bytes, colon + 1, BLANKS))
}

fn coloured(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let (mut is_open, mut is_sign, mut is_marked, mut at) = (false, false, false, start);
    for _ in 0..STEPS_MAX {
        let Some((step, length)) = step(bytes, at) else { break };
        match step {
            Step::Tag { is_open: is_now } => is_open = is_now,
            Step::Sign if is_sign => break,
            Step::Sign => is_sign = true,
            Step::Mark => is_marked |= is_sign,
            Step::Blank => {}
        }
        at += length;
    }
    let is_end = |at: &usize| {
        let rest = &bytes[*at..];
        b"<\"\r\n".contains(&rest[0]) || rest.starts_with(b"&quot;") || rest.starts_with(b"&#34;")
    };
    let mut to = (at..bytes.len()).find(is_end).unwrap_or(bytes.len());
    let is_one = is_sign && (is_open || is_marked) && to > at && !b"{[(".contains(&bytes[at]);
    while to > at && b" \t'".contains(&bytes[to - 1]) {
        to -= 1;
    }
    let text = &bytes[at..to];
    (is_one && (is_marked || !text.contains(&b' ') && !is_word(text))).then_some(at..to)
}

/// What stands there, and its length.
fn step(bytes: &[u8], at: usize) -> Option<(Step, usize)> {
    let rest = bytes.get(at..)?;
    let length = |texts: &[&[u8]]| texts.iter().find(|text| rest.starts_with(text)).map(|text| text.len());
    if let Some((mark, is_open)) = TAGS.iter().find(|(mark, _)| rest.starts_with(mark)) {
        let inner = &rest[mark.len()..];
        let length = inner.iter().take(TAG_BYTES_MAX + 2).take_while(|byte| !b"<>".contains(byte)).count();
        let is_tag = inner.get(length) == Some(&b'>')
            && length <= TAG_BYTES_MAX + 1
            && (length == 0 || BLANKS.contains(&inner[0]));
        return is_tag.then_some((Step::Tag { is_open: *is_open }, mark.len() + length + 1));
    }
    let sign = || length(&SIGNS).map(|length| (Step::Sign, length));
    let mark = || length(&MARKS).map(|length| (Step::Mark, length));
    let blank = || rest.first().filter(|byte| b" \t\r\n".contains(byte)).map(|_| (Step::Blank, 1));
    sign().or_else(mark).or_else(blank)
}

/// The value of a structure's field, whose name begins at `first`; it may have blanks.
pub(super) fn field(bytes: &[u8], first: usize, start: usize) -> Option<Range<usize>> {
    let is_open_value = bytes.get(start).is_none_or(|next| b"[{".contains(next));
    if !bytes[..start].ends_with(b":") || is_open_value || is_call(bytes, start) {
        return None;
    }
    let before = &bytes[first.saturating_sub(BEFORE_BYTES_MAX)..first];
    if !(before.ends_with(b"{") || before.ends_with(b" ") && is_open(before)) {
        return None;
    }
    let limit = bytes.len().min(start + FIELD_BYTES_MAX);
    let mut at = start;
    while at < limit && !FIELD_ENDS.contains(&bytes[at]) {
        if bytes[at] == b'}' || is_next(&bytes[..limit], at) {
            return (at > start).then_some(start..at);
        }
        at += 1;
    }
    None
}

/// Whether a comma or a blank stands there, and another field's name after it.
fn is_next(bytes: &[u8], at: usize) -> bool {
    let name = match &bytes[at..] {
        [b',', b' ', ..] => at + 2,
        [b',' | b' ', ..] => at + 1,
        _ => return false,
    };
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.".contains(byte);
    let length = bytes[name..].iter().take(FIELD_NAME_BYTES_MAX).take_while(|byte| is_part(byte)).count();
    let is_first = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    bytes.get(name).is_some_and(is_first) && bytes.get(name + length) == Some(&b':')
}

/// Whether a structure is open at the end.
fn is_open(before: &[u8]) -> bool {
    let opening = before.iter().rposition(|byte| *byte == b'{');
    opening.is_some_and(|opening| until(before, opening, b"}\r\n\"") == before.len())
}
