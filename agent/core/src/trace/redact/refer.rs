//! What a program's text has in place of a value, and refers to one: `token = request.headers['Authorization']`,
//! `login(password: $password)`, `where token = $1`, `password: string`.

use super::names::Names;
use super::program::{Found, string};
use super::scan::skip;
use std::ops::Range;

const BLANKS: &[u8] = b" \t";
/// Bytes of a name, and names that dots join.
const NAME_BYTES_MAX: usize = 64;
const NAMES_MAX: usize = 8;
/// Types, and what may stand beside one.
const TYPES: [&[u8]; 13] = [
    b"string",
    b"String",
    b"str",
    b"bytes",
    b"any",
    b"unknown",
    b"number",
    b"boolean",
    b"null",
    b"undefined",
    b"SecretStr",
    b"[String",
    b"Optional[str]",
];
const OTHER_TYPES: [&[u8]; 4] = [b"string", b"null", b"undefined", b"None"];
const OTHERS_MAX: usize = 3;
/// An element whose name is like a secret's, and has others in it; and bytes of its tag.
const USERNAME: &[u8] = b"UsernameToken";
const TAG_BYTES_MAX: usize = 512;
const WHITE_BYTES_MAX: usize = 64;
/// What a member's name begins with at the end of a line: elsewhere any may.
const ROOTS: [&[u8]; 20] = [
    b"app",
    b"args",
    b"body",
    b"config",
    b"ctx",
    b"data",
    b"env",
    b"os",
    b"options",
    b"params",
    b"process",
    b"props",
    b"req",
    b"request",
    b"self",
    b"session",
    b"settings",
    b"state",
    b"this",
    b"user",
];
const MAKERS: [&[u8]; 2] = [b"await", b"new"];
const PART_BYTES_MAX: usize = 32;
const DOTS_MAX: usize = 6;
/// Bytes before an argument in which what is called stands.
const CALL_BYTES_MAX: usize = 256;

/// Where names end that dots join: `window.token`, `user?.token`.
pub(super) fn path(bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = name(bytes, at)?;
    for _ in 1..NAMES_MAX {
        let dot = end + usize::from(bytes.get(end) == Some(&b'?'));
        let next = (bytes.get(dot) == Some(&b'.')).then(|| name(bytes, dot + 1)).flatten();
        let Some(next) = next else { break };
        end = next;
    }
    Some(end)
}

fn name(bytes: &[u8], at: usize) -> Option<usize> {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_$".contains(*byte);
    let length = bytes.get(at..)?.iter().take(NAME_BYTES_MAX).take_while(is_part).count();
    (length > 0 && !bytes[at].is_ascii_digit()).then_some(at + length)
}

/// Letters alone.
fn word(bytes: &[u8], at: usize, max: usize) -> usize {
    let is_part = |byte: &&u8| byte.is_ascii_alphabetic() || **byte == b'_';
    at + bytes[at..].iter().take(max).take_while(is_part).count()
}

fn is_one(bytes: &[u8], at: usize, ends: &[u8]) -> bool {
    bytes.get(at).is_some_and(|byte| ends.contains(byte))
}

/// Whether one of these stands there, or the text ends.
fn is_end(bytes: &[u8], at: usize, ends: &[u8]) -> bool {
    bytes.get(at).is_none_or(|byte| ends.contains(byte))
}

/// Whether a secret's name is one of a type: `Promise<Token> {`, or of an element that has others.
pub(super) fn is_type(bytes: &[u8], at: usize, end: usize) -> bool {
    if &bytes[at..end] == USERNAME && has_elements(bytes, end) {
        return true;
    }
    let mark = end + if bytes[end..].starts_with(b"[]") { 2 } else { 0 };
    let is_generic = matches!(&bytes[..at], [.., before, b'<'] if before.is_ascii_alphabetic());
    if !is_generic || bytes.get(mark) != Some(&b'>') {
        return false;
    }
    let next = &bytes[skip(bytes, mark + 1, BLANKS)..];
    matches!(next, [b'{', b' ' | b'\t' | b'\r' | b'\n', ..] | [b';', ..] | [b'=', b'>', ..])
}

fn has_elements(bytes: &[u8], end: usize) -> bool {
    let is_part = |byte: &&u8| !b"<>&\\".contains(*byte);
    let close = end + bytes[end..].iter().take(TAG_BYTES_MAX).take_while(is_part).count();
    let mark = |at: usize, marks: [&[u8]; 3]| {
        marks.iter().find(|mark| bytes[at..].starts_with(mark)).map(|mark| at + mark.len())
    };
    let Some(start) = mark(close, [b">", b"&gt;", b"\\u003e"]) else { return false };
    let head = &bytes[..bytes.len().min(start + WHITE_BYTES_MAX)];
    mark(skip(head, start, b" \t\r\n"), [b"<", b"&lt;", b"\\u003c"]).is_some()
}

/// What a type stands before, `password: string = "abc"`, which may be nothing.
pub(super) fn typed(bytes: &[u8], at: usize, start: usize) -> Option<Found> {
    let end = kind(bytes, start).or_else(|| if bytes[at] == b'$' { own_kind(bytes, start) } else { None })?;
    let next = skip(bytes, end, BLANKS);
    match &bytes[next..] {
        [b'=', ..] => {
            let value = string(bytes, skip(bytes, next + 1, BLANKS));
            Some(value.map_or(Found::Nothing, |(value, _)| Found::Value(value)))
        }
        [] | [b')' | b',' | b';' | b'{' | b'}' | b'\r' | b'\n', ..] | [b'\\', b'n' | b'r', ..] => {
            Some(Found::Nothing)
        }
        // The next variable of GraphQL.
        [b'$', ..] if bytes[at] == b'$' => Some(Found::Nothing),
        [b'"' | b'\'', rest @ ..] | [b'\\', b'"' | b'\'', rest @ ..] => {
            is_one(rest, skip(rest, 0, BLANKS), b",}").then_some(Found::Nothing)
        }
        _ => None,
    }
}

/// Where a type ends, with others that may be instead.
fn kind(bytes: &[u8], start: usize) -> Option<usize> {
    let first = TYPES.iter().find(|kind| bytes[start..].starts_with(kind))?;
    let mut end = start + first.len();
    if first.starts_with(b"[") {
        end += usize::from(bytes.get(end) == Some(&b'!'));
        if bytes.get(end) != Some(&b']') {
            return None;
        }
        end += 1;
    }
    end += usize::from(bytes.get(end) == Some(&b'!'));
    end += if bytes[end..].starts_with(b"[]") { 2 } else { 0 };
    for _ in 0..OTHERS_MAX {
        let bar = skip(bytes, end, BLANKS);
        let next = skip(bytes, bar + 1, BLANKS);
        let is_bar = bytes.get(bar) == Some(&b'|');
        let other = OTHER_TYPES.iter().find(|kind| is_bar && bytes[next..].starts_with(kind));
        let Some(other) = other else { break };
        end = next + other.len();
    }
    Some(end)
}

/// Where a type of a schema's own ends: `$token: AuthToken!`.
fn own_kind(bytes: &[u8], start: usize) -> Option<usize> {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric();
    let length = bytes[start..].iter().take(NAME_BYTES_MAX).take_while(is_part).count();
    let is_kind = length > 0 && bytes[start].is_ascii_uppercase() && bytes.get(start + length) == Some(&b'!');
    is_kind.then_some(start + length + 1)
}

/// Whether a place of a statement stands there: `?`, `$1`.
pub(super) fn is_place(bytes: &[u8], at: usize) -> bool {
    let end = match bytes.get(at) {
        Some(b'?') => at + 1,
        Some(b'$') => {
            at + 1 + bytes[at + 1..].iter().take(3).take_while(|byte| byte.is_ascii_digit()).count()
        }
        _ => return false,
    };
    (bytes[at] == b'?' || end > at + 1) && is_end(bytes, end, b" \t\r\n,;)")
}

/// Whether a function is called without arguments.
pub(super) fn is_called(bytes: &[u8], at: usize) -> bool {
    path(bytes, at)
        .is_some_and(|end| bytes[end..].starts_with(b"()") && is_end(bytes, end + 2, b" \t\r\n,;)}<"))
}

/// Whether something is made or waited for there, with names alone: `await getToken()`, `new Token(x)`.
fn is_made(bytes: &[u8], at: usize) -> bool {
    let Some(sign) = MAKERS.iter().find(|sign| bytes[at..].starts_with(sign)) else { return false };
    let first = skip(bytes, at + sign.len(), BLANKS);
    let Some(open) = path(bytes, first).filter(|_| first > at + sign.len()) else { return false };
    let is_part = |byte: &&u8| byte.is_ascii_alphabetic() || b"_$., \t".contains(*byte);
    bytes.get(open) == Some(&b'(') && {
        let length = bytes[open + 1..].iter().take(NAME_BYTES_MAX).take_while(is_part).count();
        bytes.get(open + 1 + length) == Some(&b')')
    }
}

/// Whether what stands for the value of a name refers to one.
pub(super) fn is_reference(
    bytes: &[u8],
    own: Range<usize>,
    start: usize,
    is_equals: bool,
    names: &Names,
) -> bool {
    if is_item(bytes, start) || is_member(bytes, start, names) {
        return true;
    }
    if !is_equals {
        return is_variable(bytes, start) && is_argument(bytes, own.start);
    }
    let is_own = |at: usize| {
        let end = word(bytes, at, NAME_BYTES_MAX);
        (bytes[at..end] == bytes[own.clone()]).then_some(end).filter(|end| *end > at)
    };
    // `token = :token`
    let is_named =
        is_one(bytes, start, b":@") && is_own(start + 1).is_some_and(|end| is_end(bytes, end, b" \t\r\n,;)"));
    let is_same = || is_own(start).is_some_and(|end| is_one(bytes, skip(bytes, end, BLANKS), b",)"));
    is_called(bytes, start) || is_made(bytes, start) || is_named || is_same() && is_argument(bytes, own.start)
}

/// `headers['Authorization']`, `params[:password]`
fn is_item(bytes: &[u8], start: usize) -> bool {
    let Some(open) = path(bytes, start).filter(|end| bytes.get(*end) == Some(&b'[')) else { return false };
    if bytes.get(open + 1) == Some(&b':') {
        let end = word(bytes, open + 2, NAME_BYTES_MAX);
        return end > open + 2 && bytes.get(end) == Some(&b']');
    }
    let mark = open + 1 + usize::from(bytes.get(open + 1) == Some(&b'\\'));
    if !is_one(bytes, mark, b"\"'") {
        return false;
    }
    let close = &bytes[open + 1..=mark];
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(*byte);
    let end = mark + 1 + bytes[mark + 1..].iter().take(NAME_BYTES_MAX).take_while(is_part).count();
    end > mark + 1 && bytes[end..].starts_with(close) && bytes.get(end + close.len()) == Some(&b']')
}

/// `settings.SECRET_KEY`: a member that has a secret's name.
fn is_member(bytes: &[u8], start: usize, names: &Names) -> bool {
    let first = word(bytes, start, PART_BYTES_MAX);
    let (mut last, mut end) = (start, first);
    for _ in 0..DOTS_MAX {
        if end == last || bytes.get(end) != Some(&b'.') {
            break;
        }
        last = end + 1;
        end = word(bytes, last, PART_BYTES_MAX);
    }
    let is_at_end = is_one(bytes, end, b",;)}")
        || ROOTS.contains(&&bytes[start..first]) && is_end(bytes, end, b" \t\r\n");
    let is_path = last > start && end > last && is_at_end;
    is_path && names.is_secret(&String::from_utf8_lossy(&bytes[last..end]))
}

/// `$password)`, `$password, remember: `
fn is_variable(bytes: &[u8], start: usize) -> bool {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    let named = |at: usize| {
        let length = bytes[at..].iter().take(NAME_BYTES_MAX).take_while(is_part).count();
        (length > 0 && !bytes[at].is_ascii_digit()).then_some(at + length)
    };
    if bytes.get(start) != Some(&b'$') {
        return false;
    }
    let Some(end) = named(start + 1) else { return false };
    let next = skip(bytes, end, b", \t");
    is_one(bytes, skip(bytes, end, BLANKS), b")}")
        || next > end && named(next).is_some_and(|end| is_one(bytes, skip(bytes, end, BLANKS), b":"))
}

/// Whether something is called, and a name is among its arguments.
fn is_argument(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(CALL_BYTES_MAX)..at];
    let open = before.iter().rposition(|byte| b"()".contains(byte)).filter(|open| before[*open] == b'(');
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    open.is_some_and(|open| open > 0 && is_part(&before[open - 1]))
}
