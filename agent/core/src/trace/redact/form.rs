//! Secrets in a text that is a form as a whole, `password=a;b&scope=c`, or begins with a URL that has one: there a value may
//! have what ends one elsewhere.

use super::names::Names;
use super::nothing::{compared, nothing};
use super::quote::Quote;
use super::scan::{is_line_end, skip};
use super::script::is_program;
use super::tag::{is_label, label_fits};
use super::weak::is_count;
use std::ops::{Range, RangeInclusive};

const WHITE: &[u8] = b" \t\r\n";
const REFERENCE: &[u8] = b"amp;";
/// Characters of a method before a URL.
const METHOD_BYTES: RangeInclusive<usize> = 3..=8;
/// What is in a URL before its query, beside letters and digits; and what no query has in it.
const URL_MARKS: &[u8] = b"_.~:/@!$%*+-";
/// What names have in them beside letters and digits: those of the first pair, and of others.
const NAME_MARKS: &[u8] = b"_.%[]+-";
const NEXT_MARKS: &[u8] = b"_.%[]+-:";
const URL_ENDS: &[u8] = b" \t\r\n\"'<>";

/// The values of its secrets, each up to the next pair.
pub(super) fn form(text: &str, names: &Names) -> Vec<Range<usize>> {
    let url = query(text.as_bytes());
    let bytes = &text.as_bytes()[..form_end(text.as_bytes(), url)];
    let is_first = |name: &Range<usize>| bytes[name.start] != b'[' && bytes.get(name.end + 1) != Some(&b'>');
    let Some(first) = name(bytes, url.unwrap_or(0), NAME_MARKS).filter(is_first) else {
        return Vec::new();
    };
    let mut at = first.end + 1;
    let mut pairs = vec![(0, first)];
    while let Some(length) = bytes[at..].iter().position(|byte| *byte == b'&') {
        let start = at + length;
        at = start + 1;
        let name_at = if bytes[at..].starts_with(REFERENCE) { at + REFERENCE.len() } else { at };
        if let Some(name) = name(bytes, name_at, NEXT_MARKS) {
            at = name.end + 1;
            pairs.push((start, name));
        }
    }
    if url.is_none()
        && let [(_, only)] = pairs.as_slice()
        && (Quote::at(bytes, only.end + 1).is_some() || is_other(bytes, only.end + 1))
    {
        return Vec::new();
    }
    let ends = pairs.iter().skip(1).map(|(start, _)| *start).chain([bytes.len()]);
    let values = pairs.iter().zip(ends).map(|((_, name), end)| (name, name.end + 1..end));
    values
        .filter(|(name, value)| value.start < value.end && is_label(&bytes[(*name).clone()], names))
        .filter(|(name, value)| !nothing(bytes, name.start, name.end, value))
        .filter(|(name, value)| label_fits(&bytes[(*name).clone()], &bytes[value.clone()], names))
        .map(|(_, value)| value)
        .collect()
}

/// Where the query of a URL begins that the text begins with, also after a method.
fn query(bytes: &[u8]) -> Option<usize> {
    let method = bytes.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let has_method = METHOD_BYTES.contains(&method) && bytes.get(method) == Some(&b' ');
    let start = if has_method { method + 1 } else { 0 };
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || URL_MARKS.contains(byte);
    let end = start + bytes[start..].iter().take_while(is_part).count();
    matches!(bytes.get(end), Some(b'?' | b'#')).then_some(end + 1)
}

fn form_end(bytes: &[u8], url: Option<usize>) -> usize {
    match url {
        Some(start) => start + bytes[start..].iter().take_while(|byte| !URL_ENDS.contains(byte)).count(),
        None => bytes.len() - bytes.iter().rev().take_while(|byte| WHITE.contains(byte)).count(),
    }
}

/// The name there, with an equals sign after it.
fn name(bytes: &[u8], at: usize, marks: &[u8]) -> Option<Range<usize>> {
    let end = name_end(bytes, at, marks);
    (end > at && bytes.get(end) == Some(&b'=')).then_some(at..end)
}

fn name_end(bytes: &[u8], at: usize, marks: &[u8]) -> usize {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || marks.contains(byte);
    at + bytes[at..].iter().take_while(is_part).count()
}

/// Whether a pair that stands alone, whose value begins there, is of a text, `token=abc, roles`, or of a program:
/// `password==null||a<8`.
fn is_other(bytes: &[u8], at: usize) -> bool {
    let word = bytes[at..].iter().take_while(|byte| !b", \t\r\n".contains(byte)).count();
    let is_sentence = word > 0 && matches!(bytes[at + word..], [b',', b' ' | b'\t', ..]);
    compared(bytes, at).is_some()
        || is_program(bytes, at)
        || is_sentence
        || is_count(bytes, at)
        || is_followed(bytes, at)
}

/// Whether another line names something: a pair that stands alone is no form then.
fn is_followed(bytes: &[u8], from: usize) -> bool {
    let is_name = |at: usize| {
        let start = skip(bytes, at + 1, b" \t");
        let end = name_end(bytes, start, NAME_MARKS);
        end > start && matches!(bytes.get(skip(bytes, end, b" \t")), Some(b':' | b'='))
    };
    (from..bytes.len()).any(|at| is_line_end(bytes[at]) && is_name(at))
}
