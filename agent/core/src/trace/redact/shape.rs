//! What is a secret by its shape, whatever stands beside it. `at..end` is a word.

use super::MARK;
use std::ops::Range;

/// Hexadecimal digits of a place holder.
const MARK_DIGITS: usize = 4;
const MARK_END: &[u8] = "›".as_bytes();

/// Blanks and marks between the digits of a card that stand after four digits, also as a form or a page has them.
const CARD_GAPS: [&[u8]; 12] = [
    b"+",
    b".",
    b"_",
    b"%20",
    b"&nbsp;",
    b"&#160;",
    b"&#xa0;",
    b"&#xA0;",
    "\u{a0}".as_bytes(),
    "\u{202f}".as_bytes(),
    b"\\u00a0",
    b"\\u00A0",
];
/// Digits before them.
const GROUP_DIGITS: usize = 4;

/// What may stand there as well, but is often between a card and other numbers.
const WIDE_GAPS: [&[u8]; 9] =
    [b"  ", b"\t", b"/", b"%2F", b"%2f", "\u{2013}".as_bytes(), b"&ndash;", b"&#8211;", b"\\u2013"];
/// Digits that follow a card's number in its second track.
const TRACK_DIGITS_MIN: usize = 7;
const TRACK_DIGITS_MAX: usize = 24;

/// Which marks group the digits of a card.
#[derive(Clone, Copy, PartialEq)]
enum Gaps {
    Wide,
    Usual,
    None,
}

/// A number of a payment card: its length, its first digit and its check digit fit. Blanks or marks may group it. The word may
/// be what a card's first track begins with.
pub(super) fn card(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let start = at + track(&bytes[at..]);
    if !bytes.get(start)?.is_ascii_digit() {
        return None;
    }
    let end = [Gaps::Wide, Gaps::Usual, Gaps::None].iter().find_map(|gaps| number(bytes, start, *gaps))?;
    Some(start..second_track(bytes, end))
}

/// Numbers of cards within the word `at..end`, glued to letters: `id4111111111111111x`. After a point it is a fraction's.
pub(super) fn glued_cards(bytes: &[u8], at: usize, end: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut next = at;
    while next < end {
        let digits = bytes[next..end].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_glued = next > at && (bytes[next - 1].is_ascii_alphabetic() || bytes[next - 1] == b'_');
        if digits > 0
            && is_glued
            && let Some(to) = number(bytes, next, Gaps::None)
        {
            found.push(next..second_track(bytes, to));
        }
        next += digits.max(1);
    }
    found
}

/// Where a card's number ends.
fn number(bytes: &[u8], start: usize, gaps: Gaps) -> Option<usize> {
    let mut digits = [0_u8; 19];
    let (mut count, mut end) = (0, start);
    while let Some(byte) = bytes.get(end) {
        if byte.is_ascii_digit() {
            *digits.get_mut(count)? = byte - b'0';
            count += 1;
            end += 1;
        } else if let Some(length) = gap(bytes, end, gaps)
            && bytes.get(end + length).is_some_and(u8::is_ascii_digit)
        {
            end += length;
        } else {
            break;
        }
    }
    let fits = match (count, digits[0]) {
        (13, 4) | (14 | 15, 3) => true,
        (16..=19, first) => (2..=6).contains(&first),
        _ => false,
    };
    (fits && luhn(&digits[..count])).then_some(end)
}

/// Where a card's second track ends, whose number ends there.
fn second_track(bytes: &[u8], end: usize) -> usize {
    let sign = [&b"="[..], b"%3D", b"%3d"].into_iter().find(|sign| bytes[end..].starts_with(sign));
    let Some(start) = sign.map(|sign| end + sign.len()) else { return end };
    let digits =
        bytes[start..].iter().take(TRACK_DIGITS_MAX).take_while(|byte| byte.is_ascii_digit()).count();
    if digits >= TRACK_DIGITS_MIN { start + digits } else { end }
}

/// The length of `%B` before a digit, also as a URL has it.
fn track(word: &[u8]) -> usize {
    match word {
        [b'%', b'B' | b'b', b'0'..=b'9', ..] => 2,
        [b'%', b'2', b'5', b'B' | b'b', b'0'..=b'9', ..] => 4,
        _ => 0,
    }
}

fn gap(bytes: &[u8], at: usize, gaps: Gaps) -> Option<usize> {
    let is_one = matches!(bytes[at], b' ' | b'-') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
    if gaps == Gaps::None || is_one {
        return is_one.then_some(1).filter(|_| gaps != Gaps::None);
    }
    let before = bytes.get(at.checked_sub(GROUP_DIGITS)?..at)?;
    let wide: &[&[u8]] = if gaps == Gaps::Wide { &WIDE_GAPS } else { &[] };
    let gap = CARD_GAPS.iter().chain(wide).find(|gap| bytes[at..].starts_with(gap))?;
    before.iter().all(u8::is_ascii_digit).then_some(gap.len())
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

/// A JSON Web Token: three parts in base64, the first of which is JSON; of five the second may be empty.
pub(super) fn web_token(bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    let word = &bytes[at..end];
    let mut parts = word.split(|byte| *byte == b'.');
    let is_part = |part: &[u8]| {
        part.len() >= 8 && part.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let (first, second) = (parts.next()?, parts.next()?);
    let others = if second.is_empty() { parts.nth(2) } else { parts.next().filter(|_| is_part(second)) };
    (first.starts_with(b"eyJ") && is_part(first) && others.is_some()).then_some(at..end)
}

/// The length of a value's place holder that begins the text, or none.
pub(super) fn mark(bytes: &[u8]) -> usize {
    if bytes.first() != MARK.as_bytes().first() {
        return 0;
    }
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
