//! Words after a colon that say why, or how it is, and are no secret: `token: missing`, `Invalid JWT: Signed JWT rejected`,
//! `cannot fetch token: 400 Bad Request`. Of a password any word may be one.

use super::names::plain;
use super::scan::skip;

const NAMES: [&str; 10] = [
    "token",
    "jwt",
    "session",
    "signature",
    "authorization",
    "authentication",
    "auth",
    "cookie",
    "credentials",
    "apikey",
];
/// Headers that have words of their own before a secret.
const HEADERS: [&str; 4] = ["authorization", "authentication", "auth", "cookie"];
const OWN: &[u8] = b"x-";
const STATES: [&str; 21] = [
    "missing",
    "expired",
    "denied",
    "invalid",
    "required",
    "revoked",
    "unknown",
    "none",
    "empty",
    "rejected",
    "malformed",
    "disabled",
    "enabled",
    "absent",
    "unauthorized",
    "forbidden",
    "failed",
    "blocked",
    "mismatch",
    "valid",
    "ok",
];
const STATE_ENDS: &[u8] = b"\r\n.,;:)]}\"'<\\";
const SCHEMES: [&str; 7] = ["Bearer", "Basic", "Digest", "Negotiate", "Token", "Apikey", "Oauth"];
const BLANKS: &[u8] = b" \t";
const WORD_BYTES_MAX: usize = 21;
const BLANKS_MAX: usize = 4;
/// Digits of a status.
const STATUS_DIGITS: usize = 3;

/// Whether it is what begins at `start`, of a name `at..end`.
pub(super) fn is_why(bytes: &[u8], at: usize, end: usize, start: usize) -> bool {
    let Some(text) = bytes.get(start..) else { return false };
    let is_sentence = is_sentence(text);
    if !is_state(text) && !is_other(text) && !is_sentence {
        return false;
    }
    let name = plain(&String::from_utf8_lossy(&bytes[at..end]));
    let is_own = bytes[at..end].get(..OWN.len()).is_some_and(|head| head.eq_ignore_ascii_case(OWN));
    NAMES.iter().any(|ending| name.ends_with(ending))
        && !is_own
        && !(is_sentence && HEADERS.iter().any(|ending| name.ends_with(ending)))
}

/// The letters that begin a text: how many, and whether all but the first are small.
fn letters(text: &[u8]) -> (usize, bool) {
    let length = text.iter().take(WORD_BYTES_MAX + 1).take_while(|byte| byte.is_ascii_alphabetic()).count();
    (length, text[..length].iter().skip(1).all(u8::is_ascii_lowercase))
}

fn is_state(text: &[u8]) -> bool {
    let (length, _) = letters(text);
    let is_end = text.get(skip(text, length, BLANKS)).is_none_or(|next| STATE_ENDS.contains(next));
    is_end && STATES.iter().any(|state| text[..length].eq_ignore_ascii_case(state.as_bytes()))
}

/// Another name, as errors have it that are told through others: `oauth2: `; or a status.
fn is_other(text: &[u8]) -> bool {
    let (length, is_small) = letters(text);
    let colon = length + usize::from(text.get(length).is_some_and(u8::is_ascii_digit));
    let is_blank = |at: usize| text.get(at).is_some_and(|byte| BLANKS.contains(byte));
    if is_small && (2..=WORD_BYTES_MAX).contains(&length) {
        return text.get(colon) == Some(&b':') && is_blank(colon + 1);
    }
    let is_status = text.len() > STATUS_DIGITS
        && (b'1'..=b'5').contains(&text[0])
        && text[1..STATUS_DIGITS].iter().all(u8::is_ascii_digit);
    let phrase = skip(text, STATUS_DIGITS, BLANKS);
    is_status
        && phrase > STATUS_DIGITS
        && text.get(phrase).is_some_and(u8::is_ascii_uppercase)
        && text.get(phrase + 1).is_some_and(u8::is_ascii_lowercase)
}

/// Words, the first with a great letter.
fn is_sentence(text: &[u8]) -> bool {
    let (length, is_small) = letters(text);
    let is_scheme = SCHEMES.iter().any(|scheme| &text[..length] == scheme.as_bytes());
    if !(3..=WORD_BYTES_MAX).contains(&length) || !is_small || !text[0].is_ascii_uppercase() || is_scheme {
        return false;
    }
    let next = skip(text, length, BLANKS);
    let (second, _) = letters(text.get(next..).unwrap_or_default());
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.=+/~".contains(byte);
    (1..=BLANKS_MAX).contains(&(next - length))
        && (2..WORD_BYTES_MAX).contains(&second)
        && !text.get(next + second).is_some_and(is_part)
}
