//! Values that stand beside their names with no sign between them: `--password s3cret`, also in a list, `Password [s3cret]`,
//! a tab, `define('PASSWORD', 's3cret')`.

use super::beside::{is_pair, is_stand_in};
use super::call::{argument, setter};
use super::names::{Names, plain};
use super::quote::Quote;
use super::scan::{skip, until};
use std::ops::Range;

const OPTION: &[u8] = b"--";
const OPTION_ENDS: &[u8] = b" \t\r\n\"'<>\\";
const BLANKS: &[u8] = b" \t";
const WHITE: &[u8] = b" \t\r\n";
/// Also a key of the keyboard, or of an object, a season's pass.
const NO_NAMES: [&str; 4] = ["key", "pass", "pan", "bearer"];

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
        b' ' | b'\t' if is_option => return option(text, at, end),
        b' ' | b'\t' => {}
        _ if is_option => return listed(bytes, end),
        _ => return argument(text, at, end),
    }
    if NO_NAMES.contains(&plain(&text[at..end]).as_str()) {
        return None;
    }
    let bracket = skip(bytes, end, BLANKS);
    if bytes.get(bracket) == Some(&b'[') && !is_pair(&bytes[bracket + 1..]) {
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

fn option(text: &str, at: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let start = skip(bytes, end, BLANKS);
    if bytes.get(start) == Some(&b'-') {
        return None;
    }
    if let Some(open) = Quote::at(bytes, start) {
        return Some(open.after..open.closing(bytes));
    }
    let value = start..until(bytes, start, OPTION_ENDS);
    (!is_stand_in(&text[at..end], &text[value.clone()])).then_some(value)
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
