//! Values that say what a secret is like, and are none: `"password":{"type":"string","minLength":8}`, a label in another
//! language.

use super::scan::skip;
use std::ops::Range;

/// Members of what describes a field, and of what is shown beside one; the first of them says that it does.
const FIRST: [&[u8]; 7] = [b"type", b"$ref", b"label", b"title", b"placeholder", b"format", b"description"];
const MEMBERS: [&[u8]; 15] = [
    b"name",
    b"in",
    b"scheme",
    b"bearerFormat",
    b"minLength",
    b"maxLength",
    b"pattern",
    b"nullable",
    b"readOnly",
    b"writeOnly",
    b"required",
    b"hint",
    b"help",
    b"maximum",
    b"minimum",
];
const TYPE: &[u8] = b"type";
const KINDS: [&[u8]; 13] = [
    b"string",
    b"object",
    b"integer",
    b"number",
    b"boolean",
    b"array",
    b"apiKey",
    b"http",
    b"oauth2",
    b"openIdConnect",
    b"null",
    b"text",
    b"password",
];
const MORE_KIND: &[u8] = b"keyword";
const CONSTANTS: [&[u8]; 3] = [b"true", b"false", b"null"];
const MEMBERS_MAX: usize = 16;
const NAME_BYTES_MAX: usize = 16;
const STRING_CHARS_MAX: usize = 256;
const DIGITS_MAX: usize = 9;
const WHITE_BYTES_MAX: usize = 64;
/// What the name of a text begins with that a page shows; and what is in such a text, and how much.
const SHOWN: [&str; 14] = [
    "forgot",
    "forgotten",
    "reset",
    "change",
    "show",
    "hide",
    "enter",
    "invalid",
    "wrong",
    "missing",
    "lost",
    "weak",
    "update",
    "create",
];
const MORE_SHOWN: &str = "choose";
const TEXT_MARKS: &[u8] = b" ,.?!'-";
const TEXT_BYTES_MAX: usize = 128;

/// Whether the value of a name `at..end` only describes one.
pub(super) fn describes(bytes: &[u8], at: usize, end: usize, value: &Range<usize>) -> bool {
    let value = &bytes[value.clone()];
    if value.first() == Some(&b'{') {
        return is_schema(value).is_some();
    }
    let is_part = |byte: &u8| byte.is_ascii_alphabetic() || TEXT_MARKS.contains(byte);
    value.len() <= TEXT_BYTES_MAX
        && value.contains(&b' ')
        && value[0].is_ascii_uppercase()
        && value.iter().all(is_part)
        && is_shown(&bytes[at..end])
}

fn is_shown(name: &[u8]) -> bool {
    SHOWN.iter().chain([&MORE_SHOWN]).any(|word| {
        let is_begun = name.len() > word.len() && name[..word.len()].eq_ignore_ascii_case(word.as_bytes());
        let rest = if is_begun { &name[word.len()..] } else { &[] };
        let rest = rest.strip_prefix(b"_").or_else(|| rest.strip_prefix(b"-")).unwrap_or(rest);
        rest.first().is_some_and(u8::is_ascii_alphabetic)
    })
}

/// Of an object that has nothing but members that describe something.
fn is_schema(object: &[u8]) -> Option<()> {
    let mut at = white(object, 1);
    for count in 0..MEMBERS_MAX {
        let open = at + 1;
        let rest = object.get(at..)?.strip_prefix(b"\"")?;
        let length = rest.iter().take(NAME_BYTES_MAX).position(|byte| *byte == b'"')?;
        let name = &rest[..length];
        if !FIRST.contains(&name) && (count == 0 || !MEMBERS.contains(&name)) {
            return None;
        }
        let colon = white(object, open + length + 1);
        if object.get(colon) != Some(&b':') {
            return None;
        }
        let start = white(object, colon + 1);
        at = member(object, start)?;
        let kind = object[start..at].strip_prefix(b"\"").and_then(|kind| kind.strip_suffix(b"\""));
        if name == TYPE && !kind.is_some_and(|kind| KINDS.contains(&kind) || kind == MORE_KIND) {
            return None;
        }
        at = white(object, at);
        match object.get(at)? {
            b',' => at = white(object, at + 1),
            b'}' => return (at + 1 == object.len()).then_some(()),
            _ => return None,
        }
    }
    None
}

/// Where a member's value ends, which is a string, a number or a constant.
fn member(object: &[u8], start: usize) -> Option<usize> {
    let rest = object.get(start..)?;
    let Some(text) = rest.strip_prefix(b"\"") else {
        let digits = rest.iter().take(DIGITS_MAX).take_while(|byte| byte.is_ascii_digit()).count();
        let constant = || CONSTANTS.iter().find(|constant| rest.starts_with(constant));
        return if digits > 0 { Some(start + digits) } else { Some(start + constant()?.len()) };
    };
    let mut at = 0;
    for _ in 0..=STRING_CHARS_MAX {
        match text.get(at..)? {
            [b'"', ..] => return Some(start + at + 2),
            [b'\\', b'\n', ..] => return None,
            [b'\\', _, ..] => at += 2,
            _ => at += 1,
        }
    }
    None
}

fn white(bytes: &[u8], at: usize) -> usize {
    skip(&bytes[..bytes.len().min(at + WHITE_BYTES_MAX)], at, b" \t\r\n")
}
