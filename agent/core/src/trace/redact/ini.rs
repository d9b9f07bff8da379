//! Secrets of several words in files of pairs, `password = correct horse`: a line of such a file stands beside another, or a
//! section.

use super::names::Names;
use super::prose::is_call;
use super::scan::{is_name, line_end, skip, trim};
use std::ops::Range;

const BLANKS: &[u8] = b" \t";
const NAME_BYTES_MAX: usize = 128;
const SECTION_BYTES_MAX: usize = 64;
const VALUE_BYTES_MAX: usize = 4_096;
/// What begins a value that ends by itself, and what ends one that is a program's.
const OPENINGS: &[u8] = b"\"'{[(<$@";
const ENDS: &[u8] = b";{(,\\";
/// A program's words, after the first one of a value; and bytes of its signs.
const SIGNS: [&[u8]; 4] = [b"or", b"and", b"if", b"else"];
const SIGN_BYTES_MAX: usize = 3;

/// The values of those in a text.
pub(super) fn pairs(text: &str, names: &Names) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut waiting, mut is_beside, mut at) = (Vec::new(), None, false, 0);
    let may_be = text.contains('=');
    while may_be && at < bytes.len() {
        let end = line_end(bytes, at);
        let pair = pair(bytes, at, end);
        if pair.is_some() {
            found.extend(waiting.take());
        }
        let value = pair.as_ref().and_then(|(name, start)| value(text, name, *start..end, names));
        if is_beside {
            found.extend(value);
            waiting = None;
        } else {
            waiting = value;
        }
        is_beside = pair.is_some() || is_section(&bytes[at..end]);
        at = end + if bytes[end..].starts_with(b"\r\n") { 2 } else { 1 };
    }
    found
}

/// The name of a line's pair, and where its value begins.
fn pair(bytes: &[u8], at: usize, end: usize) -> Option<(Range<usize>, usize)> {
    let line = &bytes[..end];
    let start = skip(line, at, BLANKS);
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let length = line[start..].iter().take(NAME_BYTES_MAX).take_while(is_part).count();
    let equals = skip(line, start + length, BLANKS);
    let is_one = length > 0
        && line.get(equals) == Some(&b'=')
        && !line.get(equals + 1).is_some_and(|next| b"=>~".contains(next));
    is_one.then(|| (start..start + length, skip(line, equals + 1, BLANKS)))
}

fn is_section(line: &[u8]) -> bool {
    let [b'[', name @ .., b']'] = line.trim_ascii() else { return false };
    (1..=SECTION_BYTES_MAX).contains(&name.len()) && !name.iter().any(|byte| b"[]=".contains(byte))
}

fn value(text: &str, name: &Range<usize>, part: Range<usize>, names: &Names) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let span = trim(bytes, part.clone(), BLANKS);
    let value = &bytes[span.clone()];
    let (first, last) = (value.first()?, value.last()?);
    let is_open = OPENINGS.contains(first) || ENDS.contains(last) || is_call(&bytes[..span.end], span.start);
    let has_blank = value.iter().any(|byte| BLANKS.contains(byte));
    let is_other =
        part.len() > VALUE_BYTES_MAX || is_open || !has_blank || has_pair(value) || has_sign(value);
    (!is_other && names.fits(&text[name.clone()], value)).then_some(span)
}

/// Whether another pair is in the line.
fn has_pair(value: &[u8]) -> bool {
    let is_pair = |word: &[u8]| {
        let length = word.iter().take_while(|byte| is_name(**byte) && !b"%$".contains(byte)).count();
        length > 0 && word.get(length) == Some(&b'=')
    };
    value.split(|byte| BLANKS.contains(byte)).skip(1).any(is_pair)
}

/// Whether a program's sign, or word, stands after the first word.
fn has_sign(value: &[u8]) -> bool {
    let mut words = value.split(|byte| BLANKS.contains(byte)).filter(|word| !word.is_empty()).skip(1);
    let is_sign = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
    let Some(second) = words.next().filter(|_| words.next().is_some()) else { return false };
    SIGNS.contains(&second) || second.len() <= SIGN_BYTES_MAX && second.iter().all(is_sign)
}
