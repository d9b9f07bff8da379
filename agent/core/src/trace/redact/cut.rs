//! The end of a text that was cut. What may be part of a secret there has no shape that tells it.

use super::{MARK, shape};

/// Bytes of the longest run that is dropped; of a shorter text half of it, but as many as these.
const RUN_BYTES_MAX: usize = 4_096;
const RUN_BYTES_MIN: usize = 64;
/// Groups of digits before it that may be a card's, and digits of each.
const GROUPS_MAX: usize = 5;
const GROUP_DIGITS_MAX: usize = 6;

/// Without what is not blank at its end.
#[must_use]
pub fn whole(text: &str) -> &str {
    let bytes = text.as_bytes();
    let run_max = (bytes.len() / 2).clamp(RUN_BYTES_MIN, RUN_BYTES_MAX);
    let is_blank = |byte: &u8| b" \t\r\n".contains(byte);
    let run = bytes.iter().rev().take(run_max).take_while(|byte| !is_blank(byte)).count();
    let mut at = bytes.len() - run;
    if bytes[at..].iter().all(u8::is_ascii_digit) {
        for _ in 0..GROUPS_MAX {
            let Some(group) = bytes[..at].strip_suffix(b" ") else { break };
            let digits = group.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=GROUP_DIGITS_MAX).contains(&digits) {
                break;
            }
            at = group.len() - digits;
        }
    }
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    // Half a place holder is none.
    match text[..at].rfind(MARK) {
        Some(mark) if mark + shape::mark(&bytes[mark..]) > at => &text[..mark],
        _ => &text[..at],
    }
}
