//! What stands beside a secret and is none of it: the next pair, a query, a rule of a style sheet, the text of a usage.

use super::names::plain;
use super::scan::skip;
use super::tag::ends_with;
use std::ops::Range;

/// Bytes of the name of the next pair.
const NAME_BYTES_MAX: usize = 64;
/// What is in a URL's path ends where its query begins.
const PATH_NAME: &[u8] = b"jsessionid";
const PATH_ENDS: &[u8] = b"?#/";
/// What follows a selector of a style sheet: `#password:hover{`, `#password::placeholder{`.
const STATES: [&[u8]; 26] = [
    b"hover",
    b"focus",
    b"focus-within",
    b"focus-visible",
    b"active",
    b"disabled",
    b"enabled",
    b"checked",
    b"valid",
    b"invalid",
    b"required",
    b"optional",
    b"visited",
    b"before",
    b"after",
    b"placeholder",
    b"autofill",
    b"read-only",
    b"read-write",
    b"empty",
    b"target",
    b"nth-child",
    b"not",
    b"is",
    b"first-child",
    b"last-child",
];
const MORE_STATES: [&[u8]; 4] = [b"only-child", b"first-of-type", b"last-of-type", b"only-of-type"];
const OWN_STATES: [&[u8]; 3] = [b"-webkit-", b"-moz-", b"-ms-"];
const STATE_BYTES_MAX: usize = 40;
const ARGUMENT_BYTES_MAX: usize = 64;
const STYLE_NEXT: &[u8] = b"{,:>+~";
/// Names that a list of names has: `["password","email"]`.
const FIELDS: [&str; 16] = [
    "email", "mail", "user", "username", "login", "name", "id", "phone", "role", "roles", "remember",
    "password", "token", "value", "key", "type",
];

/// The value of a name `at..end` after an equals sign, without the query after a path, or the bracket after a URL in it.
pub(super) fn path(bytes: &[u8], at: usize, end: usize, value: Range<usize>) -> Range<usize> {
    if !(bytes[at..end].eq_ignore_ascii_case(PATH_NAME) && bytes[..at].ends_with(b";")) {
        let text = &bytes[value.clone()];
        let is_query = bytes[..at].ends_with(b"?") || bytes[..at].ends_with(b"&");
        let bracket =
            text.iter().position(|byte| *byte == b']').filter(|_| is_query && !text.contains(&b'['));
        return bracket.map_or(value.clone(), |bracket| value.start..value.start + bracket);
    }
    let to = value.clone().find(|at| PATH_ENDS.contains(&bytes[*at])).unwrap_or(value.end);
    value.start..to
}

/// Whether a comma stands there and ends a pair's value: a blank follows it, or another pair, as in `[session=abc,user=bob]`,
/// `token=abc, x`.
pub(super) fn is_pair_end(bytes: &[u8], comma: usize) -> bool {
    let Some(rest) = bytes[comma..].strip_prefix(b",") else { return false };
    let length = name(rest);
    let is_pair = length > 0
        && rest.get(length) == Some(&b'=')
        && rest.get(length + 1).is_some_and(|next| !b"=&".contains(next));
    is_pair || rest.first().is_some_and(|next| b" \t\r\n".contains(next))
}

/// The length of a name that begins a text, up to a limit.
fn name(text: &[u8]) -> usize {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    text.iter().take(NAME_BYTES_MAX).take_while(is_part).count()
}

/// Whether what is in brackets begins with a pair, so that it has names of its own.
pub(super) fn is_pair(text: &[u8]) -> bool {
    let length = name(text);
    length > 0 && text.get(length) == Some(&b'=') && !text[..length].contains(&b'-')
}

/// Whether a host or its user begins there, whose password has a rule of its own.
pub(super) fn is_host(bytes: &[u8], at: usize) -> bool {
    bytes[..at].ends_with(b"://") || bytes[..at].ends_with(b":\\/\\/")
}

/// Whether a rule of a style sheet goes on there, after a colon.
pub(super) fn is_style(bytes: &[u8], at: usize) -> bool {
    let start = at + usize::from(bytes.get(at) == Some(&b':'));
    let Some(rest) = bytes.get(start..) else { return false };
    let is_part = |byte: &&u8| byte.is_ascii_lowercase() || **byte == b'-';
    let state = &rest[..rest.iter().take(STATE_BYTES_MAX).take_while(is_part).count()];
    let is_own = OWN_STATES.iter().any(|own| state.len() > own.len() && state.starts_with(own));
    if !is_own && !STATES.contains(&state) && !MORE_STATES.contains(&state) {
        return false;
    }
    let mut next = state.len();
    if rest.get(next) == Some(&b'(') {
        let is_inner = |byte: &&u8| !b"()\r\n".contains(byte);
        next += 1 + rest[next + 1..].iter().take(ARGUMENT_BYTES_MAX).take_while(is_inner).count();
        if rest.get(next) != Some(&b')') {
            return false;
        }
        next += 1;
    }
    rest.get(skip(rest, next, b" \t")).is_some_and(|next| STYLE_NEXT.contains(next))
}

/// Whether what looks like a tag `first..end`, whose mark begins at `opening`, stands for a value: `--password <password>`.
pub(super) fn is_usage(bytes: &[u8], opening: usize, first: usize, end: usize) -> bool {
    let blanks = bytes[..opening].iter().rev().take_while(|byte| b" \t=".contains(byte)).take(NAME_BYTES_MAX);
    let option = opening - blanks.count();
    option < opening
        && ends_with(&bytes[..option], &bytes[first..end])
        && bytes[..option - (end - first)].ends_with(b"-")
}

/// Whether a value is its option's name in great letters: `--api-key KEY`.
pub(super) fn is_stand_in(name: &str, value: &str) -> bool {
    let text = plain(value);
    let is_great = value.contains(char::is_uppercase) && !value.contains(char::is_lowercase);
    is_great && !text.is_empty() && plain(name).ends_with(&text)
}

/// Whether the second of two in a list is a name like the first.
pub(super) fn is_field(text: &[u8]) -> bool {
    FIELDS.iter().any(|field| text.eq_ignore_ascii_case(field.as_bytes()))
}
