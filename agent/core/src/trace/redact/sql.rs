//! Passwords in statements of SQL, `IDENTIFIED BY 's3cret'`, and secrets in what PHP serialized, `s:8:"password";s:6:"s3cret";`.

use super::names::Names;
use super::quote::Quote;
use super::scan::skip;
use std::ops::Range;

/// What stands before the word before a password.
const BEFORE_BY: &[&[u8]] = &[b"identified"];
const BEFORE_PASSWORD: &[&[u8]] = &[b"with", b"encrypted"];
const BEFORE_BYTES_MAX: usize = 24;
const WHITE: &[u8] = b" \t\r\n";
const SERIALIZED: &[u8] = b";s:";
const DIGITS_MAX: usize = 9;

/// The value that follows a word.
pub(super) fn statement(text: &str, at: usize, end: usize, names: &Names) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let open = match Quote::at(bytes, end) {
        Some(close) => serialized(bytes, close.after).filter(|_| names.is_secret(&text[at..end]))?,
        None => declared(bytes, at, end)?,
    };
    Some(open.after..open.closing(bytes))
}

fn serialized(bytes: &[u8], at: usize) -> Option<Quote> {
    let rest = bytes.get(at..)?.strip_prefix(SERIALIZED)?;
    let digits = rest.iter().take(DIGITS_MAX + 1).take_while(|byte| byte.is_ascii_digit()).count();
    let is_length = (1..=DIGITS_MAX).contains(&digits) && rest.get(digits) == Some(&b':');
    is_length.then(|| Quote::at(bytes, at + SERIALIZED.len() + digits + 1))?
}

fn declared(bytes: &[u8], at: usize, end: usize) -> Option<Quote> {
    let word = &bytes[at..end];
    let wanted = match () {
        () if word.eq_ignore_ascii_case(b"by") => BEFORE_BY,
        () if word.eq_ignore_ascii_case(b"password") => BEFORE_PASSWORD,
        () => return None,
    };
    let start = skip(bytes, end, WHITE);
    let before = &bytes[at.saturating_sub(BEFORE_BYTES_MAX)..at];
    let blanks = before.iter().rev().take_while(|byte| WHITE.contains(byte)).count();
    let before = before[..before.len() - blanks].to_ascii_lowercase();
    let is_one = start > end && blanks > 0 && wanted.iter().any(|word| before.ends_with(word));
    is_one.then(|| Quote::at(bytes, start))?
}
