//! Strings of a program's text, and the schemes that stand before a secret in one.

use super::quote::{Quote, literal};
use std::ops::Range;

/// Of a text between back quotes, and of a string.
pub(super) const BYTES_MAX: usize = 4_096;
const SCHEMES: [&[u8]; 5] = [b"bearer", b"basic", b"token", b"digest", b"apikey"];

/// What stands for a value, which may be nothing that is secret.
pub(super) enum Found {
    Value(Range<usize>),
    Nothing,
}

/// The length of the scheme that a text begins with, before more of it.
pub(super) fn scheme(text: &[u8]) -> Option<usize> {
    let is = |scheme: &&&[u8]| text.len() > scheme.len() && text[..scheme.len()].eq_ignore_ascii_case(scheme);
    SCHEMES.iter().find(is).map(|scheme| scheme.len())
}

/// Whether a string is a scheme, and blanks.
pub(super) fn is_scheme(text: &[u8]) -> bool {
    SCHEMES.iter().any(|scheme| text.trim_ascii_end().eq_ignore_ascii_case(scheme))
}

/// A string that begins there, and what is after it.
pub(super) fn string(bytes: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    let open = Quote::at(bytes, literal(bytes, at))?;
    let to = open.closing(&bytes[..bytes.len().min(open.after + BYTES_MAX)]);
    Some((open.after..to, Quote::at(bytes, to).map_or(to, |close| close.after)))
}
