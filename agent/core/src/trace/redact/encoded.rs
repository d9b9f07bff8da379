//! Secrets in the values of a form or a query, as they are when they are decoded: `h=Bearer%20abc`, `x=%3Cpassword%3Eabc%3C…`.

use std::ops::Range;

const ENDS: &[u8] = b"&;# \t\r\n\"'<>\\";
/// Values within values.
const DEPTH_MAX: usize = 3;

/// The values that have a secret in them; `read` takes it out.
pub(super) fn values(text: &str, depth: usize, read: &dyn Fn(&str) -> String) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(length) = bytes[at..].iter().position(|byte| *byte == b'=') {
        let start = at + length + 1;
        at = start + bytes[start..].iter().take_while(|byte| !ENDS.contains(byte)).count();
        if is_secret(&bytes[start..at], depth, read) {
            found.push(start..at);
        }
    }
    found
}

fn is_secret(value: &[u8], depth: usize, read: &dyn Fn(&str) -> String) -> bool {
    if !value.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return false;
    }
    let plain = decoded(value, b' ');
    let plain = String::from_utf8_lossy(&plain);
    read(&plain) != plain || depth < DEPTH_MAX && !values(&plain, depth + 1, read).is_empty()
}

/// With percent signs read, and another character for each plus.
pub(super) fn decoded(text: &[u8], plus: u8) -> Vec<u8> {
    let (mut plain, mut at) = (Vec::with_capacity(text.len()), 0);
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    while let Some(byte) = text.get(at) {
        let encoded = (*byte == b'%').then(|| Some(digit(at + 1)? << 4 | digit(at + 2)?)).flatten();
        at += if encoded.is_some() { 3 } else { 1 };
        plain.push(match encoded.and_then(|byte| u8::try_from(byte).ok()) {
            Some(byte) => byte,
            None if *byte == b'+' => plus,
            None => *byte,
        });
    }
    plain
}
