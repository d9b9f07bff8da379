//! Names that are also words like others, and what their values must look like to be secrets: `"key":"photos/a.jpg"` is none.

use super::scan::{find, skip};
use std::ops::{Range, RangeInclusive};

const TOKEN_MARKS: &[u8] = b"_-+/=%~";
const TOKEN_BYTES_MIN: usize = 16;
/// Of a card's number, which marks may group; or of a person's.
const CARD_MARKS: &[u8] = b" *-+%.";
const CARD_BYTES_MIN: usize = 10;
const CARD_DIGITS_MIN: usize = 4;
/// Of what is sent once.
const CODE_BYTES: RangeInclusive<usize> = 4..=32;
/// Characters of a value that are read.
const CHARS_MAX: usize = 4_096;
/// Of a word that may as well be another thing: `"pass":"economy"`.
const PLAIN_BYTES_MAX: usize = 20;
/// Beside which what passed is counted.
const COUNTED: [&[u8]; 4] = [b"fail", b"error", b"skip", b"warn"];
const COUNT_DIGITS_MAX: usize = 9;
/// Beside whom it is a password; and how near.
const OWNERS: [&[u8]; 3] = [b"user", b"login", b"mail"];
const OWNER_BYTES_MAX: usize = 128;
/// Bytes after such a name that are read: what is left as it is must not be read again and again.
const BYTES_MAX: usize = 512;
const AROUND: &[char] = &[' ', '\t', '\r', '\n', ',', ';', ')', '}', ']', '"', '\''];

/// What a name says of its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    None,
    Secret,
    /// A secret if it looks like a token, or like a card's number; or unless it is a word, with nobody beside it; or if it has a
    /// digit, as what is sent once has.
    Token,
    Card,
    Pass,
    Code,
}

impl Kind {
    /// Whether a value must look like a secret.
    pub fn is_weak(self) -> bool {
        matches!(self, Self::Token | Self::Card | Self::Code)
    }
}

/// The text in which the value after a weak name must be seen to be a secret.
pub(super) fn head(bytes: &[u8], at: usize) -> &[u8] {
    &bytes[..bytes.len().min(at + BYTES_MAX)]
}

/// Of the names themselves, as they are without marks.
pub(super) fn kind(name: &str) -> Kind {
    match name {
        "key" | "hmac" => Kind::Token,
        "pan" => Kind::Card,
        "pass" => Kind::Pass,
        "mfa" | "tfa" | "2fa" | "emailcode" | "logincode" | "confirmationcode" => Kind::Code,
        _ => Kind::None,
    }
}

/// Whether a value is secret that has a name of this kind.
pub(super) fn fits(kind: Kind, value: &[u8]) -> bool {
    let value = String::from_utf8_lossy(value);
    // What is hidden already is left as it is.
    if matches!(kind, Kind::Secret | Kind::Pass) || value.contains('‹') {
        return true;
    }
    let head = value.char_indices().nth(CHARS_MAX).map_or(&*value, |(at, _)| &value[..at]);
    let text = head.trim_matches(AROUND).as_bytes();
    let is_of = |marks: &[u8]| text.iter().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(byte));
    match kind {
        Kind::Card => {
            let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
            text.len() >= CARD_BYTES_MIN && digits >= CARD_DIGITS_MIN && is_of(CARD_MARKS)
        }
        Kind::Code => CODE_BYTES.contains(&text.len()) && text.iter().any(u8::is_ascii_digit) && is_of(b" -"),
        Kind::Token => text.len() >= TOKEN_BYTES_MIN && is_of(TOKEN_MARKS) && is_token(text),
        _ => false,
    }
}

/// A path has words; what is written in base64 has letters of both sizes. A part with no mark in it has letters and digits.
fn is_token(text: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| text.iter().any(is);
    let is_path = text.contains(&b'/') && !(has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase));
    let mut runs = text.split(|byte| !byte.is_ascii_alphanumeric());
    let is_run = |run: &[u8]| {
        let is_mixed = run.iter().any(u8::is_ascii_digit) && run.iter().any(u8::is_ascii_alphabetic);
        run.len() >= TOKEN_BYTES_MIN && is_mixed
    };
    !is_path && runs.any(is_run)
}

/// Whether how many passed stands there, of which others failed: `pass=2 fail=1`.
pub(super) fn is_count(bytes: &[u8], start: usize) -> bool {
    let digits =
        bytes[start..].iter().take(COUNT_DIGITS_MAX).take_while(|byte| byte.is_ascii_digit()).count();
    let blank = skip(bytes, start + digits, b" \t");
    let next = skip(bytes, blank + usize::from(bytes.get(blank) == Some(&b',')), b" \t");
    digits > 0 && COUNTED.iter().any(|other| bytes[next..].starts_with(other))
}

/// Whether `pass`, which ends at `end`, has a word of its own as its value: after a colon, with nobody's name near; or a count.
pub(super) fn is_another(bytes: &[u8], end: usize, value: &Range<usize>) -> bool {
    if is_count(bytes, value.start) {
        return true;
    }
    let text = &bytes[value.clone()];
    let is_plain = (1..=PLAIN_BYTES_MAX).contains(&text.len()) && text.iter().all(u8::is_ascii_alphabetic);
    if !is_plain || !bytes.get(end..value.start).is_some_and(|between| between.contains(&b':')) {
        return false;
    }
    let before = bytes[end.saturating_sub(OWNER_BYTES_MAX)..end].to_ascii_lowercase();
    let after = &bytes[value.end..bytes.len().min(value.end + OWNER_BYTES_MAX)];
    let around = [&before[..], b" ", &after.to_ascii_lowercase()].concat();
    !OWNERS.iter().any(|owner| find(&around, owner).is_some())
}
