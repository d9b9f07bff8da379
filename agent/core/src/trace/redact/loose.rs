//! Values that stand beside their names with no sign between them: `--password s3cret`, also in a list, `Password [s3cret]`,
//! a tab, `define('PASSWORD', 's3cret')`.

use super::beside::{is_pair, is_stand_in};
use super::names::{Names, plain};
use super::quote::Quote;
use super::scan::{skip, until};
use std::ops::Range;

const OPTION: &[u8] = b"--";
const OPTION_ENDS: &[u8] = b" \t\r\n\"'<>\\";
const DEFINE: &[u8] = b"define";
/// Bytes of what stands before a constant's name.
const DEFINE_BYTES_MAX: usize = 24;
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
    let next = bytes.get(end).filter(|next| b" \t\"'\\".contains(next))?;
    if !names.is_secret(&text[at..end]) {
        return None;
    }
    if !BLANKS.contains(next) {
        return listed(bytes, at, end);
    }
    if bytes[at..end].starts_with(OPTION) {
        return option(text, at, end);
    }
    if NO_NAMES.contains(&plain(&text[at..end]).as_str()) {
        return None;
    }
    let bracket = skip(bytes, end, BLANKS);
    if bytes.get(bracket) == Some(&b'[') && !is_pair(&bytes[bracket + 1..]) {
        return Some(bracket + 1..until(bytes, bracket + 1, b"[]\r\n"));
    }
    let start = skip(bytes, end, b"\t");
    let value = start..until(bytes, start, b"\t\r\n");
    let is_value = at >= head_end || bytes[value.clone()].iter().any(u8::is_ascii_digit);
    (start > end && is_value).then_some(value)
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

/// The string after an option's or a constant's.
fn listed(bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    let close = Quote::at(bytes, end)?;
    let is_option = bytes[at..end].starts_with(OPTION);
    let comma = skip(bytes, close.after, WHITE);
    if bytes.get(comma) != Some(&b',') || !is_option && !is_defined(bytes, at) {
        return None;
    }
    let open = Quote::at(bytes, skip(bytes, comma + 1, WHITE))?;
    let is_other = is_option && bytes.get(open.after) == Some(&b'-');
    (!is_other).then(|| open.after..open.closing(bytes))
}

/// Whether what begins there is what a constant's name is.
fn is_defined(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(DEFINE_BYTES_MAX)..at];
    let Some(before) = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")) else { return false };
    let before = trim_end(before.strip_suffix(b"\\").unwrap_or(before));
    let Some(before) = before.strip_suffix(b"(").map(trim_end) else { return false };
    before.len().checked_sub(DEFINE.len()).is_some_and(|at| before[at..].eq_ignore_ascii_case(DEFINE))
}

fn trim_end(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().rev().take_while(|byte| BLANKS.contains(byte)).count();
    &bytes[..bytes.len() - blanks]
}
