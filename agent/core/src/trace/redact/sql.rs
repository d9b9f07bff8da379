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
const BLANKS: &[u8] = b" \t";
const MARKS: &[u8] = b"'\"";
/// Bytes of an operator, and strings of a list.
const WORD_BYTES_MAX: usize = 8;
const ITEMS_MAX: usize = 64;
const SERIALIZED: &[u8] = b";s:";
const DIGITS_MAX: usize = 9;

/// The value that follows a word.
pub(super) fn statement(text: &str, at: usize, end: usize, names: &Names) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let open = match Quote::at(bytes, end) {
        Some(close) => serialized(bytes, close.after).filter(|_| names.is_secret(&text[at..end]))?,
        None => {
            if bytes.get(end).is_some_and(|byte| BLANKS.contains(byte))
                && let Some(value) = compared(bytes, end).filter(|_| names.is_secret(&text[at..end]))
            {
                return Some(value);
            }
            declared(bytes, at, end)?
        }
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

/// What a column is compared with: `LIKE 'abc'`, `IN ('abc', 'def')`.
fn compared(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let word = |at: usize| {
        let start = skip(bytes, at, BLANKS);
        let length =
            bytes[start..].iter().take(WORD_BYTES_MAX).take_while(|b| b.is_ascii_alphabetic()).count();
        (bytes[start..start + length].to_ascii_lowercase(), start + length)
    };
    let (mut operator, mut to) = word(end);
    if operator == b"not" {
        (operator, to) = word(to);
    }
    let mut next = skip(bytes, to, BLANKS);
    let is_list = operator == b"in" && bytes.get(next) == Some(&b'(');
    if is_list {
        next = skip(bytes, next + 1, BLANKS);
    } else if operator != b"like" && operator != b"ilike" {
        return None;
    }
    let open = Quote::at(bytes, next).filter(|_| MARKS.contains(&bytes[next]))?;
    let mut close = open.closing(bytes);
    for _ in 0..if is_list { ITEMS_MAX } else { 0 } {
        let comma = skip(bytes, close + 1, BLANKS);
        let item = skip(bytes, comma + 1, BLANKS);
        let is_item = bytes.get(comma) == Some(&b',') && bytes.get(item).is_some_and(|b| MARKS.contains(b));
        let Some(other) = is_item.then(|| Quote::at(bytes, item)).flatten() else { break };
        close = other.closing(bytes);
    }
    Some(open.after..close)
}
