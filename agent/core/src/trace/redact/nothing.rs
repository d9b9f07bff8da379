//! Values that are no secrets, whatever their names: `"has_password":false`, `"tokens":17`,
//! `{"password":["This field is required."]}`.

use super::names::plain;
use super::quote::Quote;
use super::scan::{is_name, skip};
use std::ops::Range;

const WORDS: [&[u8]; 8] = [b"true", b"false", b"null", b"True", b"False", b"None", b"undefined", b"nil"];
/// Names of several, which may be counted.
const PLURALS: [&str; 7] = ["cookies", "credentials", "keys", "passwords", "secrets", "sessions", "tokens"];
/// Bytes of such a value, and what may stand around it.
const BYTES_MAX: usize = 64;
const AROUND: &[u8] = b" \t,)}]>";
const DIGITS_MAX: usize = 9;
const UNIT_BYTES_MAX: usize = 8;
/// Bytes of an array that is read.
const ARRAY_BYTES_MAX: usize = 4_096;
const WHITE: &[u8] = b" \t\r\n";
/// Bytes of the longest of them.
const CONSTANT_BYTES_MAX: usize = 9;
const BLANKS_MIN: usize = 2;

/// Whether what a name `at..end` has tells nothing.
pub(super) fn nothing(bytes: &[u8], at: usize, end: usize, value: &Range<usize>) -> bool {
    if value.len() > BYTES_MAX {
        return false;
    }
    let is_around = |byte: &u8| AROUND.contains(byte);
    let value = &bytes[value.clone()];
    let start = value.iter().take_while(|byte| is_around(byte)).count();
    let length = value[start..].iter().rposition(|byte| !is_around(byte)).map_or(0, |last| last + 1);
    let text = &value[start..start + length];
    let is_plural = || {
        let name = plain(&String::from_utf8_lossy(&bytes[at..end]));
        PLURALS.iter().any(|ending| name.ends_with(ending))
    };
    WORDS.contains(&text) || is_count(text) && is_plural()
}

/// Whether it is a number, also one of each second: `17`, `1.5/s`.
fn is_count(text: &[u8]) -> bool {
    let (number, unit) = match text.iter().position(|byte| *byte == b'/') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let is_number =
        |part: &[u8]| (1..=DIGITS_MAX).contains(&part.len()) && part.iter().all(u8::is_ascii_digit);
    let is_unit =
        |unit: &[u8]| (1..=UNIT_BYTES_MAX).contains(&unit.len()) && unit.iter().all(u8::is_ascii_alphabetic);
    let mut parts = number.splitn(2, |byte| *byte == b'.');
    parts.all(is_number) && unit.is_none_or(is_unit)
}

/// Whether an array that begins there has sentences alone.
pub(super) fn sentences(bytes: &[u8], array: usize) -> bool {
    let mut at = array;
    while at - array <= ARRAY_BYTES_MAX {
        let Some(open) = Quote::at(bytes, skip(bytes, at + 1, WHITE)) else { return false };
        let to = open.closing(bytes);
        let Some(close) = Quote::at(bytes, to).filter(|_| is_sentence(&bytes[open.after..to])) else {
            return false;
        };
        at = skip(bytes, close.after, WHITE);
        match bytes.get(at) {
            Some(b']') => return true,
            Some(b',') => {}
            _ => return false,
        }
    }
    false
}

fn is_sentence(text: &[u8]) -> bool {
    let blanks = text.iter().filter(|byte| **byte == b' ').count();
    let is_short =
        |three: &[u8]| three[0].is_ascii_alphabetic() && three[1] == b'\'' && three[2].is_ascii_alphabetic();
    blanks >= BLANKS_MIN || blanks > 0 && text.windows(3).any(is_short)
}

/// With which something is compared with no blank before it: `password==null`.
fn is_constant(text: &[u8]) -> bool {
    let length = text.iter().take(CONSTANT_BYTES_MAX + 1).take_while(|byte| is_name(**byte)).count();
    text[..length] == *b"NULL" || WORDS.contains(&&text[..length]) && !matches!(text[0], b'T' | b'F')
}

/// Where that begins with which a name is compared, after its first sign: `password == null`.
pub(super) fn compared(bytes: &[u8], at: usize) -> Option<usize> {
    let signs = bytes.get(at..)?.iter().take(3).take_while(|byte| **byte == b'=').count();
    let next = skip(bytes, at + signs, b" \t");
    let is_one = next > at + signs || Quote::at(bytes, next).is_some() || is_constant(&bytes[next..]);
    ((1..=2).contains(&signs) && is_one).then_some(next)
}
