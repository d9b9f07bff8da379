//! Secrets in what is written into one word: a URL within a URL, encoded once or more often, with its parameters; and in what
//! stands before a host: `https://user:pass@host/`.

use super::names::Names;
use super::{bearer, shape, weak};
use std::ops::Range;

/// Bytes of a name.
const NAME_BYTES_MAX: usize = 128;
/// What stands before a host without a password is a token, unless it is shorter and the host one of another protocol.
const TOKEN_BYTES_MIN: usize = 20;
const ENDS: &[u8] = b"&;# \t\r\n\"'<>";
/// Characters that end an encoded value: `&`, `;`, `#`, quotation marks, blanks, line ends, angle and curly brackets, commas.
const ENCODED_ENDS: [u8; 12] = [0x26, 0x3b, 0x23, 0x22, 0x27, 0x20, 0x0a, 0x0d, 0x3c, 0x3e, 0x7d, 0x2c];

/// A character as `%3D`, or `%253D`: the character, how often it is encoded, and its bytes.
struct Encoded {
    byte: u8,
    depth: usize,
    length: usize,
}

/// The encoded character that begins there.
fn encoded(bytes: &[u8], at: usize) -> Option<Encoded> {
    let mut next = at + 1;
    if bytes.get(at) != Some(&b'%') {
        return None;
    }
    while bytes.get(next..next + 2) == Some(b"25") {
        next += 2;
    }
    let digits = |next| bytes.get(next..next + 2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    if digits(next).is_none() && next > at + 1 {
        // A percent sign itself.
        next -= 2;
    }
    let byte = u8::from_str_radix(str::from_utf8(digits(next)?).ok()?, 16).ok()?;
    Some(Encoded { byte, depth: (next - at - 1) / 2, length: next + 2 - at })
}

/// The values of names in a word that has them encoded: `%3Ftoken%3Dabc`, `%22token%22%3A%22abc%22`.
pub(super) fn parameters(text: &str, at: usize, end: usize, names: &Names) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    // Of the last name, and whether a quotation mark or a bracket closed it.
    let (mut name, mut is_closed) = (at..at, false);
    let mut next = at;
    while next < end {
        let Some(one) = encoded(bytes, next) else {
            if is_closed {
                (name, is_closed) = (next..next, false);
            }
            next += 1;
            name.end = next;
            continue;
        };
        let after = next + one.length;
        let is_secret = || {
            let is_long = name.is_empty() || name.len() > NAME_BYTES_MAX;
            !is_long && text.get(name.clone()).is_some_and(|name| names.is_secret(name))
        };
        next = after;
        if matches!(one.byte, b'=' | b':') && is_secret() {
            let kind = names.kind(&text[name.clone()]);
            let head = weak::head(bytes, after);
            if !kind.is_weak() || weak::fits(kind, &head[value(head, after, one.depth)]) {
                let value = value(bytes, after, one.depth);
                next = value.end.max(after);
                found.push(value);
            }
        } else if matches!(one.byte, b'"' | b'\'' | b']') && !name.is_empty() {
            is_closed = true;
            continue;
        }
        (name, is_closed) = (next..next, false);
    }
    found
}

/// The length of the blank that begins there. A plus sign is one, too, unless it is encoded as often as the rest.
fn blank(bytes: &[u8], at: usize, depth: usize) -> Option<usize> {
    if bytes.get(at) == Some(&b'+') {
        return Some(1);
    }
    let one = encoded(bytes, at).filter(|one| one.depth <= depth)?;
    let is_blank = matches!(one.byte, b' ' | b'\t' | b'\r' | b'\n') || one.byte == b'+' && one.depth < depth;
    is_blank.then_some(one.length)
}

fn value(bytes: &[u8], at: usize, depth: usize) -> Range<usize> {
    let mut start = at;
    while let Some(length) = blank(bytes, start, depth) {
        start += length;
    }
    let open = encoded(bytes, start).filter(|one| matches!(one.byte, b'"' | b'\'') && one.depth <= depth);
    start += open.as_ref().map_or(0, |one| one.length);
    let mut end = start;
    while let Some(byte) = bytes.get(end) {
        let one = encoded(bytes, end);
        let is_end = match (&one, &open) {
            (Some(one), _) if one.depth > depth => false,
            (Some(one), Some(open)) => one.byte == open.byte,
            (Some(one), None) => ENCODED_ENDS.contains(&one.byte),
            (None, _) => ENDS.contains(byte),
        };
        let is_blank = one.as_ref().map_or(*byte, |one| one.byte) == b' ';
        if is_end && !(is_blank && bearer::is_scheme(&bytes[start..end])) {
            break;
        }
        end += one.map_or(1, |one| one.length);
    }
    start..end
}

/// The password before a host: `at` is where `://` begins, or the same with its slashes escaped.
pub(super) fn password(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = bytes.get(at..).filter(|rest| rest.first() == Some(&b':'))?;
    let length = [&b"://"[..], b":\\/\\/"].into_iter().find(|mark| rest.starts_with(mark))?.len();
    let start = at + length;
    let is_end = |byte: &u8| b"/?#\\&, \t\r\n\"'<>()".contains(byte);
    let end = start + bytes[start..].iter().take_while(|byte| !is_end(byte)).count();
    let host = start + bytes[start..end].iter().rposition(|byte| *byte == b'@')?;
    let first = start + shape::mark(&bytes[start..host]);
    match bytes[first..host].iter().position(|byte| *byte == b':') {
        Some(colon) => Some(first + colon + 1..host),
        None => {
            let is_web = [&b"http"[..], b"https"].iter().any(|scheme| {
                bytes[..at]
                    .len()
                    .checked_sub(scheme.len())
                    .is_some_and(|from| bytes[from..at].eq_ignore_ascii_case(scheme))
            });
            (is_web || host - start >= TOKEN_BYTES_MIN).then_some(start..host)
        }
    }
}
