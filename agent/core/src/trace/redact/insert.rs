//! Secrets in statements that insert rows, by their place in the list of columns:
//! `INSERT INTO users (name, password) VALUES ('ann', 's3cret'), …`.

use super::names::Names;
use super::quote::Quote;
use super::scan::{skip, until};
use std::ops::Range;

const WORD: &str = "values";
/// Bytes of a list of columns, rows, and bytes of a value, also of one without marks.
const COLUMNS_BYTES_MAX: usize = 1_024;
const ROWS_MAX: usize = 1_000;
const FIELDS_MAX: usize = 256;
const VALUE_BYTES_MAX: usize = 4_096;
const PLAIN_BYTES_MAX: usize = 256;
const WHITE: &[u8] = b" \t\r\n";
/// Around the name of a column, as databases write it.
const MARKS: &[u8] = b" \t\r\n\"'`[]\\";
const PLAIN_ENDS: &[u8] = b",() \t\r\n\"';";

/// The secrets of the rows after the word `at..end`.
pub(super) fn inserted(text: &str, at: usize, end: usize, names: &Names) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if text[at..end].eq_ignore_ascii_case(WORD)
        && let Some(columns) = columns(text.as_bytes(), at, names)
    {
        let mut next = Some(end);
        for _ in 0..ROWS_MAX {
            next = next.and_then(|next| row(text.as_bytes(), next, &columns, &mut found));
        }
    }
    found
}

/// Which columns are secret, of the list that ends before the word; none if no column is.
fn columns(bytes: &[u8], at: usize, names: &Names) -> Option<Vec<bool>> {
    let before = bytes[at.saturating_sub(COLUMNS_BYTES_MAX)..at].trim_ascii_end().strip_suffix(b")")?;
    let open = before.iter().rposition(|byte| b"()".contains(byte)).filter(|open| before[*open] == b'(')?;
    let is_secret = |name: &[u8]| {
        let name = &name[skip(name, 0, MARKS)..];
        let length = until(name, 0, MARKS);
        str::from_utf8(&name[..length]).is_ok_and(|name| names.is_secret(name))
    };
    let columns: Vec<bool> = before[open + 1..].split(|byte| *byte == b',').map(is_secret).collect();
    columns.contains(&true).then_some(columns)
}

/// Reads a row, and says where the next one may begin.
fn row(bytes: &[u8], at: usize, columns: &[bool], found: &mut Vec<Range<usize>>) -> Option<usize> {
    let open = skip(bytes, at, WHITE);
    let mut next = skip(bytes, open + usize::from(bytes.get(open) == Some(&b'(')), WHITE);
    if next == open {
        return None;
    }
    for place in 0..FIELDS_MAX {
        let (value, after) = field(bytes, next)?;
        if columns.get(place) == Some(&true) {
            found.extend(value);
        }
        let comma = skip(bytes, after, WHITE);
        match bytes.get(comma)? {
            b',' => next = skip(bytes, comma + 1, WHITE),
            b')' => {
                let comma = skip(bytes, comma + 1, WHITE);
                return (bytes.get(comma) == Some(&b',')).then_some(comma + 1);
            }
            _ => return None,
        }
    }
    None
}

/// A value that is a string or a number, and where it ends. Others stand for one: `NULL`, `?`, `:password`.
fn field(bytes: &[u8], at: usize) -> Option<(Option<Range<usize>>, usize)> {
    // `N'abc'`
    let at = if matches!(bytes.get(at..), Some([b'N' | b'E', b'\'', ..])) { at + 1 } else { at };
    if let Some(open) = Quote::at(bytes, at) {
        let bytes = &bytes[..bytes.len().min(open.after + VALUE_BYTES_MAX)];
        let mut to = open.closing(bytes);
        // `'it''s'`
        while bytes[at] == b'\'' && bytes[to..].starts_with(b"''") {
            to = Quote::single(to + 2).closing(bytes);
        }
        let after = Quote::at(bytes, to).map_or(to, |close| close.after);
        return Some((Some(open.after..to), after));
    }
    let to = until(&bytes[..bytes.len().min(at + PLAIN_BYTES_MAX)], at.min(bytes.len()), PLAIN_ENDS);
    let is_number = bytes[at.min(to)..to].iter().all(u8::is_ascii_digit);
    (to > at).then(|| (is_number.then_some(at..to), to))
}
