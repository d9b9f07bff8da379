//! Secrets that are written in rare ways: their name in letters of other languages, or with escapes, `"pass\u0077ord":"x"`; as
//! one of two in a list, `["password","x"]`; private keys in PEM.

use super::beside::is_field;
use super::fold::fold;
use super::names::Names;
use super::place::value;
use super::quote::Quote;
use super::scan::{is_name, skip};
use std::ops::Range;

/// Bytes of the longest name.
const NAME_BYTES_MAX: usize = 256;

/// Bytes of the longest name in a list.
const LISTED_BYTES_MAX: usize = 128;
const WHITE: &[u8] = b" \t\r\n";
const KEY_BEGIN: &str = "-----BEGIN ";
const KEY_KIND: &str = "PRIVATE KEY";
const KEY_MARK: &str = "-----";
/// Bytes before its kind.
const KEY_BYTES_MAX: usize = 32;
const KEY_END: &str = "-----END";
const KEY_BLOCK: &str = " BLOCK";
/// Those of other programs: what begins one, and what ends it.
const BLOCKS: [(&str, &str); 3] = [
    ("---- BEGIN SSH2 PRIVATE KEY ----", "---- END"),
    ("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", "---- END"),
    ("Private-Lines:", "Private-MAC:"),
];

/// Those of a text.
pub(super) fn rare(text: &str, names: &Names) -> Vec<Range<usize>> {
    let mut found = named(text, names);
    found.extend(listed(text, names));
    found.extend(keys(text));
    found.extend(blocks(text));
    found
}

/// The second of two in a list, the first of which is a name.
fn listed(text: &str, names: &Names) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(length) = bytes[at..].iter().position(|byte| *byte == b'[') {
        at += length + 1;
        let Some((name, open)) = second(text, at, names) else { continue };
        at = open.closing(bytes);
        let is_last = Quote::at(bytes, at)
            .is_none_or(|close| bytes.get(skip(bytes, close.after, WHITE)) == Some(&b']'));
        let second = &bytes[open.after..at];
        if is_last && !is_field(second) && names.fits(&text[name], second) {
            found.push(open.after..at);
        }
    }
    found
}

/// What begins the second in a list whose first is a secret's name.
fn second(text: &str, at: usize, names: &Names) -> Option<(Range<usize>, Quote)> {
    let bytes = text.as_bytes();
    let first = Quote::at(bytes, skip(bytes, at, WHITE))?.after;
    let length = bytes[first..].iter().take(LISTED_BYTES_MAX).take_while(|byte| is_name(**byte)).count();
    let end = first + length;
    let comma = skip(bytes, Quote::at(bytes, end)?.after, WHITE);
    let is_name = bytes.get(comma) == Some(&b',') && names.is_secret(&text[first..end]);
    is_name.then(|| Quote::at(bytes, skip(bytes, comma + 1, WHITE)))?.map(|open| (first..end, open))
}

fn keys(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(length) = text[at..].find(KEY_BEGIN) {
        at += length + KEY_BEGIN.len();
        let is_kind = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ';
        let kind = text[at..].bytes().take_while(is_kind).count();
        let head = &text[at..at + kind];
        let head = head.strip_suffix(KEY_BLOCK).unwrap_or(head);
        let is_key = head.len() <= KEY_BYTES_MAX + KEY_KIND.len()
            && head.ends_with(KEY_KIND)
            && text[at + kind..].starts_with(KEY_MARK);
        if is_key {
            let start = at + kind + KEY_MARK.len();
            at = text[start..].find(KEY_END).map_or(text.len(), |length| start + length);
            found.push(start..at);
        }
    }
    found
}

fn blocks(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (begin, end) in BLOCKS {
        let mut at = 0;
        while let Some(length) = text[at..].find(begin) {
            let start = at + length + begin.len();
            at = text[start..].find(end).map_or(text.len(), |length| start + length);
            found.push(start..at);
        }
    }
    found
}

/// Those whose name is written so.
fn named(text: &str, names: &Names) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let may_be = text.contains("\\u") || !text.is_ascii();
    let (mut at, mut read_to) = (0, 0);
    while may_be && at < bytes.len() {
        let (start, mut plain) = (at, String::new());
        while let Some((char, length)) = letter(text, at) {
            if at - start <= NAME_BYTES_MAX {
                plain.push(char);
            }
            at += length;
        }
        let word = &text[start..at];
        let is_rare = word.contains('\\') || !word.is_ascii();
        // What is within another's value is hidden with it.
        if is_rare
            && start >= read_to
            && word.len() <= NAME_BYTES_MAX
            && names.is_secret(&plain)
            && let Some(secret) = value(bytes, start, at)
        {
            read_to = secret.end;
            found.push(secret);
        }
        if at == start {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// The character of a name that begins there, and its bytes.
fn letter(text: &str, at: usize) -> Option<(char, usize)> {
    let rest = text.get(at..)?;
    let char = rest.chars().next()?;
    let is_letter = match char {
        '\\' => {
            let digits = rest.strip_prefix("\\u")?.get(..4)?;
            let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
            let char = char::from_u32(code)?;
            if let Some(meant) = fold(char).filter(char::is_ascii_alphanumeric) {
                return Some((meant, 6));
            }
            let is_letter = char.is_ascii_alphanumeric() || (0xc0..0x2000).contains(&code);
            return is_letter.then_some((char, 6));
        }
        _ if char.is_ascii() => is_name(rest.as_bytes()[0]),
        // Characters of two bytes that are no letters, and those of punctuation, are none of a name.
        _ => char >= '\u{c0}' && !('\u{2000}'..='\u{203f}').contains(&char),
    };
    is_letter.then(|| (char, char.len_utf8()))
}
