//! Tables in text that are parts of a multipart body: `Content-Type: text/csv`, or `filename="users.csv"`.

use super::names::Names;
use super::scan::{HEAD_BYTES_MAX, find, is_line_end};
use super::table::columns;
use std::ops::Range;

/// What says so in a part's head.
const KIND: &[u8] = b"text/csv";
const FILE: &[u8] = b"filename";
/// How a file's name ends, which is not far.
const ENDING: &[u8] = b".csv";
const FILE_BYTES_MAX: usize = 256;

/// The fields of their columns that have a secret's name.
pub(super) fn sheets(text: &str, names: &Names) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let is_kind = rest[0] == KIND[0] && rest.starts_with(KIND);
        if !(is_kind || rest[0] == FILE[0] && rest.starts_with(FILE)) {
            at += 1;
            continue;
        }
        let length = if is_kind { KIND.len() } else { file(rest) };
        let is_table = is_kind || find(&rest[..length], ENDING).is_some();
        at += length;
        let Some(start) = is_table.then(|| body(bytes, at)).flatten() else { continue };
        let boundary = find(&bytes[start..], b"\n--").map(|length| start + length);
        at = boundary.unwrap_or(bytes.len());
        let is_crlf = boundary.is_some() && at > start && bytes[at - 1] == b'\r';
        let part = text.get(start..at - usize::from(is_crlf)).unwrap_or_default();
        found.extend(columns(part, names).into_iter().map(|field| start + field.start..start + field.end));
    }
    found
}

fn file(rest: &[u8]) -> usize {
    let name = &rest[FILE.len()..];
    FILE.len() + name.iter().take(FILE_BYTES_MAX).take_while(|byte| !is_line_end(**byte)).count()
}

/// Where the body of a part begins, in whose head that stands.
fn body(bytes: &[u8], at: usize) -> Option<usize> {
    let head = &bytes[at..bytes.len().min(at + HEAD_BYTES_MAX)];
    let blanks = [&b"\r\n\r\n"[..], b"\n\n"];
    let (place, length) = blanks.iter().filter_map(|blank| Some((find(head, blank)?, blank.len()))).min()?;
    Some(at + place + length)
}
