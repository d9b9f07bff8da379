//! Values that stand beside their names with no sign between them: `--password s3cret`, also in a list, `Password [s3cret]`,
//! a tab, `define('PASSWORD', 's3cret')`.

use super::call::{argument, setter};
use super::names::{Names, plain};
use super::quote::Quote;
use super::scan::{skip, until};
use std::ops::Range;

const OPTION: &[u8] = b"--";
const OPTION_ENDS: &[u8] = b" \t\r\n\"'<>\\";
const BLANKS: &[u8] = b" \t";
const WHITE: &[u8] = b" \t\r\n";
/// Also a key of the keyboard, or of an object.
const NO_NAME: &str = "key";

/// The value beside a word; `head_end`: up to where a table's titles may stand, which are none.
pub(super) fn loose(
    text: &str,
    at: usize,
    end: usize,
    head_end: usize,
    names: &Names,
) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let next = bytes.get(end).filter(|next| b" \t\"'\\(&".contains(next))?;
    if !names.is_secret(&text[at..end]) {
        return None;
    }
    let is_option = bytes[at..end].starts_with(OPTION);
    match next {
        b'(' => return setter(text, at, end),
        b' ' | b'\t' if is_option => return option(bytes, end),
        b' ' | b'\t' => {}
        _ if is_option => return listed(bytes, end),
        _ => return argument(text, at, end),
    }
    if plain(&text[at..end]) == NO_NAME {
        return None;
    }
    let bracket = skip(bytes, end, BLANKS);
    if bytes.get(bracket) == Some(&b'[') {
        return Some(bracket + 1..until(bytes, bracket + 1, b"[]\r\n"));
    }
    let start = skip(bytes, end, b"\t");
    if start == end {
        return None;
    }
    let value = start..until(bytes, start, b"\t\r\n");
    let is_value = at >= head_end || bytes[value.clone()].iter().any(u8::is_ascii_digit);
    is_value.then_some(value)
}

fn option(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let start = skip(bytes, end, BLANKS);
    if bytes.get(start) == Some(&b'-') {
        return None;
    }
    let plain = || start..until(bytes, start, OPTION_ENDS);
    Some(Quote::at(bytes, start).map_or_else(plain, |open| open.after..open.closing(bytes)))
}

/// The string after an option's.
fn listed(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let comma = skip(bytes, Quote::at(bytes, end)?.after, WHITE);
    if bytes.get(comma) != Some(&b',') {
        return None;
    }
    let open = Quote::at(bytes, skip(bytes, comma + 1, WHITE))?;
    (bytes.get(open.after) != Some(&b'-')).then(|| open.after..open.closing(bytes))
}
