//! What is a secret by its shape, whatever stands beside it. `at..end` is a word.

use super::MARK;
use std::ops::Range;

/// Hexadecimal digits of a place holder.
const MARK_DIGITS: usize = 4;
const MARK_END: &[u8] = "›".as_bytes();

/// Characters of the shortest token after `Bearer`.
const TOKEN_CHARS_MIN: usize = 8;

/// A number of a payment card: its length, its first digit and its check digit fit. Blanks or hyphens may group it.
pub(super) fn card(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let mut digits = [0_u8; 19];
    let (mut count, mut end) = (0, at);
    while let Some(byte) = bytes.get(end) {
        let is_gap = matches!(byte, b' ' | b'-') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if byte.is_ascii_digit() {
            *digits.get_mut(count)? = byte - b'0';
            count += 1;
        } else if !is_gap || count == 0 {
            break;
        }
        end += 1;
    }
    let follows_word = bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let fits = match (count, digits[0]) {
        (13, 4) | (14 | 15, 3) => true,
        (16..=19, first) => (2..=6).contains(&first),
        _ => false,
    };
    (fits && !follows_word && luhn(&digits[..count])).then_some(at..end)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(*digit) << (place % 2);
            if digit > 9 { digit - 9 } else { digit }
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != digits[0])
}

/// A JSON Web Token: three parts in base64, the first of which is JSON.
pub(super) fn web_token(bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    let word = &bytes[at..end];
    let mut parts = word.split(|byte| *byte == b'.');
    let is_part = |part: &[u8]| {
        part.len() >= 8 && part.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let (first, second) = (parts.next()?, parts.next()?);
    (first.starts_with(b"eyJ") && is_part(first) && is_part(second) && parts.next().is_some())
        .then_some(at..end)
}

/// Words before a token.
pub(super) fn is_scheme(word: &[u8]) -> bool {
    word.eq_ignore_ascii_case(b"bearer") || word.eq_ignore_ascii_case(b"basic")
}

/// What follows `Bearer` or `Basic`.
pub(super) fn credentials(bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    let word = &bytes[at..end];
    if !is_scheme(word) {
        return None;
    }
    let start = match bytes.get(end..)? {
        [b' ', ..] => end + 1,
        [b'%', b'2', b'0', ..] => end + 3,
        _ => return None,
    };
    // What follows a place holder, or what looks like one, is no part of it.
    let rest = start
        + match mark(&bytes[start..]) {
            0 if bytes[start..].starts_with(MARK.as_bytes()) => MARK.len(),
            length => length,
        };
    let is_token = |byte: &u8| {
        byte.is_ascii_alphanumeric() || b"-._~+/=%".contains(byte) || rest > start && !byte.is_ascii()
    };
    let count = bytes[rest..].iter().take_while(|byte| is_token(byte)).count();
    let count_min = if rest > start { 1 } else { TOKEN_CHARS_MIN };
    (count >= count_min).then_some(start..rest + count)
}

/// The length of a value's place holder that begins the text, or none.
pub(super) fn mark(bytes: &[u8]) -> usize {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let rest = bytes.strip_prefix(MARK.as_bytes()).and_then(|rest| rest.split_at_checked(MARK_DIGITS));
    match rest {
        Some((digits, rest)) if digits.iter().all(is_digit) && rest.starts_with(MARK_END) => {
            MARK.len() + MARK_DIGITS + MARK_END.len()
        }
        _ => 0,
    }
}

/// Whether a value is a place holder, or several, but for marks that end a value.
pub(super) fn is_hidden(value: &[u8]) -> bool {
    let mut at = mark(value);
    if at == 0 {
        return false;
    }
    while at < value.len() {
        at += match mark(&value[at..]) {
            0 if b",;:.)]}>\"'\\& \t\r\n".contains(&value[at]) => 1,
            0 => return false,
            length => length,
        };
    }
    true
}
