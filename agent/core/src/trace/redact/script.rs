//! What stands for a value in a program's text: ``Authorization: `Bearer abc` ``, `token = saved || "abc"`,
//! `password: string = "abc"`, `auth=("bob", "abc")`. What only refers to one stays, see [`refer`](super::refer).

use super::names::{Names, plain};
use super::program::{BYTES_MAX, Found, scheme, string};
use super::quote::Quote;
use super::refer::{self, path};
use super::scan::skip;
use std::ops::Range;

const BLANKS: &[u8] = b" \t";
const WHITE: &[u8] = b" \t\r\n";
/// `saved || "abc"`, `saved ? "abc" : null`
const CHOICES: [&[u8]; 3] = [b"||", b"??", b"?"];
/// Two of something: a user and a password. Their names end so.
const PAIRS: [&str; 3] = ["auth", "authentication", "credentials"];
const CALLED_BYTES_MAX: usize = 64;
/// What a signature is made of: `sig1=("@method" "@path")`.
const COMPONENTS: &[u8] = b"(\"@";

/// What stands for the value of a secret's name `at..end`, if this is a program's text.
pub(super) fn script(bytes: &[u8], at: usize, end: usize, names: &Names) -> Option<Found> {
    if refer::is_type(bytes, at, end) {
        return Some(Found::Nothing);
    }
    let named = Quote::at(bytes, end);
    let mut next = named.as_ref().map_or(end, |quote| quote.after);
    next += usize::from(named.is_some() && bytes.get(next) == Some(&b']'));
    let (is_equals, start) = sign(bytes, next)?;
    if bytes.get(start) == Some(&b'`') {
        return template(bytes, start + 1);
    }
    if named.is_some() && !is_equals {
        // What a quoted name has is JSON, unless it is chosen.
        return chosen(bytes, start);
    }
    if is_equals && (refer::is_place(bytes, start) || bytes[start..].starts_with(COMPONENTS)) {
        return Some(Found::Nothing);
    }
    let typed = if is_equals { None } else { refer::typed(bytes, at, start) };
    let referred = || refer::is_reference(bytes, at..end, start, is_equals, names).then_some(Found::Nothing);
    typed
        .or_else(|| chosen(bytes, start))
        .or_else(referred)
        .or_else(|| is_equals.then(|| pair(bytes, at, end, start))?)
}

/// Whether what begins there is a program's, in a text that looks like a form: `saved||"abc"`, `useAuth()`.
pub(super) fn is_program(bytes: &[u8], at: usize) -> bool {
    refer::is_called(bytes, at) || chosen(bytes, at).is_some()
}

/// The sign between a name and what stands for its value, which is an equals sign or not, and where that begins.
fn sign(bytes: &[u8], at: usize) -> Option<(bool, usize)> {
    let next = skip(bytes, at, BLANKS);
    let is_equals = match bytes.get(next..)? {
        [b':', b':', ..] | [b'=', b'=' | b'>', ..] => return None,
        [b':', ..] => false,
        [b'=', ..] => true,
        _ => return None,
    };
    Some((is_equals, skip(bytes, next + 1, BLANKS)))
}

fn template(bytes: &[u8], start: usize) -> Option<Found> {
    let limit = bytes.len().min(start + BYTES_MAX);
    let to = start + bytes[start..limit].iter().position(|byte| *byte == b'`')?;
    let scheme = scheme(&bytes[start..to]).filter(|length| b" \t".contains(&bytes[start + length]));
    let first = scheme.map_or(start, |length| skip(&bytes[..to], start + length, BLANKS));
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.$()[]".contains(byte);
    let inner = bytes[first..to].strip_prefix(b"${").and_then(|inner| inner.strip_suffix(b"}"));
    let is_inserted = inner.is_some_and(|inner| inner.iter().all(is_part));
    Some(if is_inserted { Found::Nothing } else { Found::Value(first..to) })
}

fn quoted(bytes: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    Quote::at(bytes, at).and_then(|_| string(bytes, at))
}

fn chosen(bytes: &[u8], start: usize) -> Option<Found> {
    let choice = skip(bytes, path(bytes, start)?, BLANKS);
    let sign = CHOICES.iter().find(|sign| bytes[choice..].starts_with(sign))?;
    let (value, after) = quoted(bytes, skip(bytes, choice + sign.len(), BLANKS))?;
    let next = skip(bytes, after, BLANKS);
    if *sign != b"?" {
        let is_end = match &bytes[next..] {
            [] | [b'\\', b'n' | b'r', ..] => true,
            [first, ..] => b",;)}\r\n<".contains(first),
        };
        return is_end.then_some(Found::Value(value));
    }
    if bytes.get(next) != Some(&b':') {
        // It may be the end of an address, and of its attribute.
        return None;
    }
    let to = quoted(bytes, skip(bytes, next + 1, BLANKS)).map_or(value.end, |(second, _)| second.end);
    Some(Found::Value(value.start..to))
}

fn pair(bytes: &[u8], at: usize, end: usize, start: usize) -> Option<Found> {
    let name = plain(&String::from_utf8_lossy(&bytes[at..end]));
    if !PAIRS.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    let is_part = |byte: &&u8| byte.is_ascii_alphabetic() || b"_.".contains(*byte);
    let open = start + bytes[start..].iter().take(CALLED_BYTES_MAX).take_while(is_part).count();
    if bytes.get(open) != Some(&b'(') {
        return None;
    }
    if open == start && are_referred(bytes, open + 1) {
        return Some(Found::Nothing);
    }
    let (_, after) = string(bytes, skip(bytes, open + 1, WHITE))?;
    let comma = skip(bytes, after, WHITE);
    let is_next = bytes.get(comma) == Some(&b',');
    let (second, _) = is_next.then(|| string(bytes, skip(bytes, comma + 1, WHITE)))??;
    Some(Found::Value(second))
}

/// Whether two variables stand there, up to a bracket.
fn are_referred(bytes: &[u8], at: usize) -> bool {
    let variable = |at: usize, close: u8| {
        let end = skip(bytes, path(bytes, skip(bytes, at, BLANKS))?, BLANKS);
        (bytes.get(end) == Some(&close)).then_some(end + 1)
    };
    variable(at, b',').and_then(|next| variable(next, b')')).is_some()
}
