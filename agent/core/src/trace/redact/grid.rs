//! Secrets in the columns of tables, whose titles name them: of pages, `<tr><th>password</th></tr><tr><td>s3cret</td></tr>`, and
//! with bars below a line, as Markdown and databases write them.

use super::cell::{content, is_name, tag};
use super::mark::opening;
use super::names::Names;
use super::nothing::nothing;
use super::scan::{line_end, trim};
use std::ops::Range;

/// What ends a row.
const ROW_ENDS: [&str; 5] = ["tr", "table", "thead", "tbody", "tfoot"];
/// Around what a field says, in Markdown.
const AROUND: &[u8] = b" \t*`";
const BLANKS: &[u8] = b" \t";
/// What says that there is one, or how it is.
pub(super) const WORDS: [&str; 11] =
    ["yes", "no", "required", "optional", "string", "text", "none", "n/a", "on", "off", "hidden"];
const COUNT_DIGITS_MAX: usize = 2;
const MARKS_MAX: usize = 3;
const RULE_BYTES_MIN: usize = 2;
const LINE_BYTES_MAX: usize = 8_192;

type Row = Vec<Range<usize>>;

/// The fields of a text's columns that have a secret's name.
pub(super) fn grids(text: &str, names: &Names) -> Row {
    let mut found = page(text, names);
    if text.contains('|') {
        found.extend(lines(text, names));
    }
    found
}

fn page(text: &str, names: &Names) -> Row {
    let bytes = text.as_bytes();
    let (mut found, mut head, mut row) = (Vec::new(), Vec::new(), Vec::new());
    let (mut is_head, mut at) = (true, 0);
    while at < bytes.len() {
        let one = opening(bytes, at).and_then(|_| tag(bytes, at, bytes.len()));
        let Some(one) = one else {
            at += 1;
            continue;
        };
        at = one.after;
        let name = one.name.as_str();
        if matches!(name, "td" | "th") && !one.is_end {
            let (field, end) = content(bytes, at);
            row.push(field);
            at = end;
            is_head &= name == "th";
        } else if ROW_ENDS.contains(&name) {
            if !row.is_empty() && is_head {
                head = std::mem::take(&mut row);
            } else {
                found.extend(secrets(text, &head, &row, names, false));
            }
            if name == "table" {
                head.clear();
            }
            row.clear();
            is_head = true;
        }
    }
    if !is_head {
        found.extend(secrets(text, &head, &row, names, true));
    }
    found
}

/// Those of a row that has as many fields as the titles are, unless it is cut.
fn secrets(text: &str, head: &Row, row: &Row, names: &Names, is_cut: bool) -> Row {
    let bytes = text.as_bytes();
    if row.len() != head.len() && !(is_cut && row.len() < head.len()) {
        return Vec::new();
    }
    let is_secret = |(title, field): &(&Range<usize>, &Range<usize>)| {
        is_name(&bytes[(*title).clone()], names)
            && !is_nothing(bytes, title, field)
            && names.fits(&String::from_utf8_lossy(&bytes[(*title).clone()]), &bytes[(*field).clone()])
    };
    head.iter().zip(row).filter(is_secret).map(|(_, field)| field.clone()).collect()
}

fn is_nothing(bytes: &[u8], title: &Range<usize>, field: &Range<usize>) -> bool {
    let text = &bytes[field.clone()];
    let is_mark = text.len() <= MARKS_MAX && !text.iter().any(u8::is_ascii_alphanumeric);
    let is_count = text.len() <= COUNT_DIGITS_MAX && text.iter().all(u8::is_ascii_digit);
    is_mark || is_count || is_word(text) || nothing(bytes, title.start, title.end, field)
}

/// Whether a value says no more than how it is.
pub(super) fn is_word(text: &[u8]) -> bool {
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
}

fn lines(text: &str, names: &Names) -> Row {
    let bytes = text.as_bytes();
    let (mut found, mut head, mut before, mut at): (Row, Row, Row, usize) =
        (Vec::new(), Vec::new(), Vec::new(), 0);
    while at < bytes.len() {
        let end = line_end(bytes, at);
        if is_rule(&bytes[at..end]) {
            let titles = std::mem::take(&mut before);
            head = if titles.is_empty() { head } else { titles };
        } else {
            before = fields(bytes, at, end);
            if before.is_empty() {
                head.clear();
            } else if !head.is_empty() {
                found.extend(secrets(text, &head, &before, names, end >= bytes.len()));
            }
        }
        at = end + if bytes[end..].starts_with(b"\r\n") { 2 } else { 1 };
    }
    found
}

/// What stands between titles and rows, and around all of them.
fn is_rule(line: &[u8]) -> bool {
    let dashes = line.iter().skip_while(|byte| b" \t|+:".contains(byte)).take_while(|byte| **byte == b'-');
    dashes.count() >= RULE_BYTES_MIN && line.iter().all(|byte| b" \t|+:-".contains(byte))
}

/// What is between the bars of a line, which may begin with one, and end so.
fn fields(bytes: &[u8], at: usize, end: usize) -> Row {
    let line = trim(bytes, at..end, BLANKS);
    if end - at > LINE_BYTES_MAX || !bytes[line.clone()].contains(&b'|') {
        return Vec::new();
    }
    let start = line.start + usize::from(bytes[line.start] == b'|');
    let end = line.end - usize::from(line.end > start && bytes[line.end - 1] == b'|');
    let (mut found, mut from) = (Vec::new(), start);
    for at in start..end {
        if bytes[at] == b'|' && !(at > 0 && bytes[at - 1] == b'\\') {
            found.push(trim(bytes, from..at, AROUND));
            from = at + 1;
        }
    }
    found.push(trim(bytes, from..end, AROUND));
    found
}
