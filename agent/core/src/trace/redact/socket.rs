//! Tokens among the protocols of a WebSocket, where browsers put them for want of other headers:
//! `Sec-WebSocket-Protocol: chat, abc`.

use super::names::Names;
use super::scan::skip;
use std::ops::Range;

/// Of the header.
pub(super) const NAME: &str = "sec-websocket-protocol";
const BLANKS: &[u8] = b" \t";
const MARKS: &[u8] = b"!#$%&*+^_|~/=.-";
/// Of a part of one that has letters and a digit. Protocols are of words: `v4.channel.k8s.io`, `actioncable-v1-json`.
const RUN_BYTES_MIN: usize = 12;

/// Those that look like tokens, or follow a secret's name; `at..end` is the header's name.
pub(super) fn protocols(text: &str, at: usize, end: usize, names: &Names) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    if !text[at..end].eq_ignore_ascii_case(NAME) {
        return found;
    }
    let sign = skip(bytes, quote(bytes, end), BLANKS);
    if !matches!(bytes.get(sign), Some(b':' | b'=' | b',')) {
        return found;
    }
    let mut next = quote(bytes, skip(bytes, sign + 1, BLANKS));
    let mut is_named = false;
    loop {
        next = skip(bytes, next, BLANKS);
        next = skip(bytes, next + usize::from(bytes.get(next) == Some(&b',')), BLANKS);
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || MARKS.contains(byte);
        let to = next + bytes[next..].iter().take_while(is_part).count();
        if to == next {
            return found;
        }
        let item = &text[next..to];
        if is_named {
            found.push(next..to);
        } else if let Some(start) = token(item) {
            found.push(next + start..to);
        }
        is_named = !is_named && names.is_secret(item);
        next = to;
    }
}

/// After a quotation mark, should one stand there.
fn quote(bytes: &[u8], at: usize) -> usize {
    let mark = at + usize::from(bytes.get(at) == Some(&b'\\'));
    if matches!(bytes.get(mark), Some(b'"' | b'\'')) { mark + 1 } else { at }
}

/// Where the part begins that looks like a token.
fn token(item: &str) -> Option<usize> {
    let mut start = 0;
    for part in item.split('.') {
        let is_run = |run: &str| {
            run.len() >= RUN_BYTES_MIN
                && run.contains(|char: char| char.is_ascii_digit())
                && run.contains(|char: char| char.is_ascii_alphabetic())
        };
        if part.split(|char: char| !char.is_ascii_alphanumeric() && char != '_').any(is_run) {
            return Some(start);
        }
        start += part.len() + 1;
    }
    None
}
