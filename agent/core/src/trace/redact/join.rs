//! Strings that a program's text joins: `"Bearer " + "abc"`, `"Basic " + btoa("bob:abc")`.

use super::program::is_scheme;
use super::quote::Quote;
use super::scan::skip;
use std::ops::Range;

const WHITE: &[u8] = b" \t\r\n";
/// What may stand around one that is joined.
const AROUND: [&[u8]; 2] = [b"btoa(", b"window.btoa("];
/// Strings that are looked at, and bytes of each.
const STRINGS_MAX: usize = 8;
const BYTES_MAX: usize = 4_096;
const SCHEME_BYTES_MAX: usize = 8;
const SCHEMES: [&[u8]; 2] = [b"bearer", b"basic"];

/// What of a string is secret, and of those that are joined to it. A scheme stays; it may be all there is.
pub(super) fn joined(bytes: &[u8], value: Range<usize>) -> Range<usize> {
    let (mut start, mut to) = (value.start, value.end);
    let is_scheme = value.len() <= SCHEME_BYTES_MAX && is_scheme(&bytes[value]);
    for count in 0..STRINGS_MAX {
        let is_first = count == 0 && is_scheme;
        let Some(next) = Quote::at(bytes, to).and_then(|close| plus(bytes, close.after)) else { break };
        let Some(open) = Quote::at(bytes, next) else {
            // A variable has it.
            return if is_first { to..to } else { start..to };
        };
        start = if is_first { open.after } else { start };
        to = open.closing(&bytes[..bytes.len().min(open.after + BYTES_MAX)]);
    }
    start..to
}

/// What is joined to a string that is the scheme `at..end`, whatever stands before it.
pub(super) fn joined_to_scheme(bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    let is_marked = matches!(bytes[..at], [.., b'"' | b'\'']);
    if !is_marked || !SCHEMES.iter().any(|scheme| bytes[at..end].eq_ignore_ascii_case(scheme)) {
        return None;
    }
    let blank = end + usize::from(bytes.get(end) == Some(&b' '));
    let close = Quote::at(bytes, blank)?;
    plus(bytes, close.after).map(|_| joined(bytes, at..blank))
}

/// Where begins what is joined to a string that ends there.
fn plus(bytes: &[u8], at: usize) -> Option<usize> {
    let sign = skip(bytes, at, WHITE);
    let next = skip(bytes, sign + 1, WHITE);
    let around = AROUND.iter().find(|around| bytes.get(next..).is_some_and(|rest| rest.starts_with(around)));
    let start = around.map_or(next, |around| skip(bytes, next + around.len(), b" \t"));
    (bytes.get(sign) == Some(&b'+')).then_some(start)
}
