//! Taking escapes away; what has none is borrowed.

use std::borrow::Cow;

/// A measurement as it is meant: `\,` and `\ ` lose their backslash, any other backslash stays.
#[must_use]
pub fn unescape_measurement(raw: &[u8]) -> Cow<'_, [u8]> {
    unescape(raw, |b| matches!(b, b',' | b' '))
}

/// A tag's key or value, or a field's key, as it is meant: `\,` `\=` and `\ ` lose their backslash, any other backslash
/// stays, one in front of another, too.
#[must_use]
pub fn unescape_tag(raw: &[u8]) -> Cow<'_, [u8]> {
    unescape(raw, is_escaped_in_names)
}

/// Whether a backslash in front of `b` is an escape in names and tag values. In a measurement `=` needs none, but means
/// nothing there either: where the name ends is the same.
pub(super) fn is_escaped_in_names(b: u8) -> bool {
    matches!(b, b',' | b'=' | b' ')
}

/// A quoted text as it is meant: `\"` and `\\` lose their backslash, any other backslash stays.
#[must_use]
pub fn unescape_text(raw: &[u8]) -> Cow<'_, [u8]> {
    unescape(raw, |b| matches!(b, b'"' | b'\\'))
}

fn unescape(raw: &[u8], special: impl Fn(u8) -> bool) -> Cow<'_, [u8]> {
    let Some(first) = raw.iter().position(|&b| b == b'\\') else {
        return Cow::Borrowed(raw);
    };
    let (plain, mut rest) = raw.split_at(first);
    let mut out = Vec::with_capacity(raw.len());
    out.extend_from_slice(plain);
    while let [b, tail @ ..] = rest {
        rest = match tail {
            [next, after @ ..] if *b == b'\\' && special(*next) => {
                out.push(*next);
                after
            }
            _ => {
                out.push(*b);
                tail
            }
        };
    }
    Cow::Owned(out)
}
