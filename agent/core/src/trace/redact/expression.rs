//! Expressions of JMeter and Gatling that went out as they are written, because nothing had given them a value: `${token}`,
//! `${__uuid()}`, `#{token}`. They are no secrets, and to see them is what a trace is for.

use super::SCHEMES;
use std::ops::Range;

/// Of no token that is told by it.
const KEY_SCHEME: &str = "Key";
/// What stands for a value that was not found: JMeter's extractors have it as their default.
const DEFAULTS: [&[u8]; 7] =
    [b"NOT_FOUND", b"NOTFOUND", OWN_DEFAULT, b"null", b"undefined", b"none", b"None"];
const OWN_DEFAULT: &[u8] = b"NV_";
const OWN_BYTES_MAX: usize = 32;
const SIGNS: [&[u8]; 4] = [b"$", b"#", b"%24", b"%23"];
const OPENINGS: [&[u8]; 3] = [b"{", b"%7B", b"%7b"];
const CLOSINGS: [&[u8]; 3] = [b"}", b"%7D", b"%7d"];
const CALLS: [&[u8]; 2] = [b"(", b"%28"];
const CALL_ENDS: [&[u8]; 2] = [b")", b"%29"];
/// In what a function is called with, as a form has it.
const ENCODED: [&[u8]; 5] = [b"%2C", b"%2c", b"%2F", b"%2f", b"%20"];
const NAME_BYTES_MAX: usize = 64;
/// Characters of what a function is called with.
const CALLED_CHARS_MAX: usize = 64;
/// Of a field whose value is one: `csrf=${csrf}&user=${user}`.
const FIELD_BYTES_MAX: usize = 32;
/// Bytes of a value that is looked at.
const VALUE_BYTES_MAX: usize = 1_024;
/// Beside expressions, what ends a value.
const ENDS: &[u8] = b",;:.)]}>\"'\\& \t\r\n";

/// Whether a value is wholly one, or several, but for marks that end a value and the scheme of a token. What follows the value
/// may be the end of the last.
pub(super) fn is_expression(bytes: &[u8], value: &Range<usize>) -> bool {
    if value.len() > VALUE_BYTES_MAX {
        return false;
    }
    let mut at = value.start + scheme(&bytes[value.clone()]);
    let mut has_one = false;
    while at < value.end {
        let rest = &bytes[at..];
        let field = field(rest);
        let expression = match length(&rest[field..]) {
            0 => default(bytes, at + field),
            length => length,
        };
        match expression {
            0 if ENDS.contains(&rest[0]) => at += 1,
            0 => return false,
            length => {
                at += field + length;
                has_one = true;
            }
        }
    }
    has_one
}

/// The length of what stands there for a value that was not found, or none.
fn default(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let Some(word) = DEFAULTS.iter().find(|word| rest.starts_with(word)) else { return 0 };
    let is_part = |byte: &&u8| byte.is_ascii_uppercase() || **byte == b'_';
    let is_own = *word == OWN_DEFAULT;
    let own = rest[word.len()..].iter().take(OWN_BYTES_MAX).take_while(is_part).count();
    let length = word.len() + if is_own { own } else { 0 };
    let is_around = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let is_within =
        bytes[..at].last().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_}".contains(byte))
            || rest.get(length).is_some_and(is_around);
    if is_within || is_own && own == 0 { 0 } else { length }
}

/// The length of the scheme and the blanks that begin a value, or none.
fn scheme(value: &[u8]) -> usize {
    let end = value.iter().take_while(|byte| !b" \t+".contains(byte)).count();
    let mut schemes = SCHEMES.iter().chain([&KEY_SCHEME]);
    let is_scheme = schemes.any(|known| known.as_bytes().eq_ignore_ascii_case(&value[..end]));
    let blanks = value[end..].iter().take_while(|byte| b" \t+".contains(byte)).count();
    if is_scheme && blanks > 0 { end + blanks } else { 0 }
}

/// The length of a field's name with its equals sign that begins the text, or none.
fn field(text: &[u8]) -> usize {
    let is_part = |byte: &&u8| byte.is_ascii_alphabetic() || b"_.-".contains(byte);
    let length = text.iter().take(FIELD_BYTES_MAX).take_while(is_part).count();
    if length > 0 && text.get(length) == Some(&b'=') { length + 1 } else { 0 }
}

/// The length of the expression that begins the text, or none.
fn length(text: &[u8]) -> usize {
    let find = || {
        let mut at = one_of(text, 0, &SIGNS)?;
        at = one_of(text, at, &OPENINGS)?;
        let is_first = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
        text.get(at).filter(|byte| is_first(byte))?;
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
        at += text[at..].iter().take(NAME_BYTES_MAX).take_while(is_part).count();
        if let Some(called) = one_of(text, at, &CALLS) {
            at = one_of(text, called_with(text, called), &CALL_ENDS)?;
        }
        one_of(text, at, &CLOSINGS)
    };
    find().unwrap_or(0)
}

/// Where what a function is called with ends.
fn called_with(text: &[u8], mut at: usize) -> usize {
    for _ in 0..CALLED_CHARS_MAX {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.,/+ -".contains(byte);
        at = match (text.get(at), one_of(text, at, &ENCODED)) {
            (_, Some(after)) => after,
            (Some(byte), None) if is_part(byte) => at + 1,
            _ => break,
        };
    }
    at
}

/// Where that ends of these which stands there.
fn one_of(text: &[u8], at: usize, texts: &[&[u8]]) -> Option<usize> {
    texts.iter().find(|one| text[at..].starts_with(one)).map(|one| at + one.len())
}
