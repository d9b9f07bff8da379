//! Values that are arguments: after their name, `setItem("token", "abc")`, or of a function that has it, `.setPassword("abc")`.

use super::join::joined;
use super::names::plain;
use super::quote::{Quote, literal};
use super::scan::skip;
use std::ops::Range;

/// Functions that set a value begin so; and what is in the names of others.
const SETTERS: [&str; 15] = [
    "set",
    "put",
    "add",
    "append",
    "header",
    "with",
    "define",
    "cookie",
    "env",
    "param",
    "queryparam",
    "formparam",
    "attr",
    "property",
    "store",
];
const NO_SETTERS: [&str; 6] = ["error", "message", "label", "rule", "text", "valid"];
const DEFINE: &str = "define";
/// A browser's, which shows values.
const CONSOLE: &[u8] = b"console";
const CONSOLE_METHOD_BYTES_MAX: usize = 16;
/// Other functions that have a secret's name, as those of builders do.
const OWN: [&str; 6] = ["password", "passwd", "apikey", "secretkey", "clientsecret", "accesstoken"];
const PASSWORD: &str = "password";
/// Names whose values are of two words.
const HEADERS: [&str; 2] = ["authorization", "cookie"];
/// Bytes of what stands before a name.
const FUNCTION_BYTES_MAX: usize = 64;
/// Bytes of a value that may be a sentence.
const SENTENCE_BYTES_MAX: usize = 4_096;
const BLANKS: &[u8] = b" \t";
const WHITE: &[u8] = b" \t\r\n";

/// The string after a name, which is one itself, if a function is called that sets it.
pub(super) fn argument(text: &str, at: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let close = Quote::at(bytes, end)?;
    let comma = skip(bytes, close.after, WHITE);
    if bytes.get(comma) != Some(&b',') {
        return None;
    }
    let name = function(bytes, at)?;
    if is_console(bytes, at) {
        // A word is none that it shows.
        let is_word = |value: &Range<usize>| {
            let rest = &bytes[(value.start + 1).min(value.end)..value.end];
            bytes[value.start].is_ascii_alphabetic()
                && rest.iter().all(u8::is_ascii_lowercase)
                && (!rest.is_empty() || bytes[value.start].is_ascii_lowercase())
        };
        let shown = value(bytes, &text[at..end], comma + 1, false);
        return shown.filter(|value| value.is_empty() || !is_word(value));
    }
    let is_setter = SETTERS.iter().any(|start| name.starts_with(start))
        && !NO_SETTERS.iter().any(|word| name.contains(word));
    is_setter.then(|| value(bytes, &text[at..end], comma + 1, name == DEFINE))?
}

/// The function that is called, in small letters, whose first argument begins there.
fn function(bytes: &[u8], at: usize) -> Option<String> {
    let before = &bytes[at.saturating_sub(FUNCTION_BYTES_MAX)..at];
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'"))?;
    let before = trim_end(before.strip_suffix(b"\\").unwrap_or(before));
    let before = trim_end(before.strip_suffix(b"(")?);
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'$');
    let length = before.iter().rev().take_while(is_part).count();
    let name = &before[before.len() - length..];
    Some(String::from_utf8_lossy(name).to_ascii_lowercase())
}

/// Whether a browser's console shows a name that is quoted: `console.error("token", "abc")`.
fn is_console(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(FUNCTION_BYTES_MAX)..at];
    let open = before.iter().rposition(|byte| *byte == b'(').unwrap_or(0);
    let before = trim_end(&before[..open]);
    let method = before.iter().rev().take_while(|byte| byte.is_ascii_lowercase()).count();
    let dot = trim_end(&before[..before.len() - method]);
    let is_method = (1..=CONSOLE_METHOD_BYTES_MAX).contains(&method);
    is_method && dot.strip_suffix(b".").is_some_and(|object| trim_end(object).ends_with(CONSOLE))
}

/// The string that a function is called with whose name is a secret's.
pub(super) fn setter(text: &str, at: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    if bytes.get(end) != Some(&b'(') {
        return None;
    }
    let name = &text[at..end];
    let (own, last) = name.rsplit_once('.').unwrap_or(("", name));
    let usual = plain(last);
    let is_part = !own.is_empty() || name.starts_with('.') || bytes[..at].ends_with(b">");
    let is_own = is_part && OWN.iter().any(|ending| usual.ends_with(ending));
    let is_sql = usual == PASSWORD && bytes.get(end + 1) == Some(&b'\'');
    let last = last.to_ascii_lowercase();
    let is_setter = last.starts_with("set") || last.starts_with("with");
    (is_setter || is_own || is_sql).then(|| value(bytes, name, end + 1, false))?
}

/// A string that is no sentence.
fn value(bytes: &[u8], name: &str, start: usize, is_any: bool) -> Option<Range<usize>> {
    let open = Quote::at(bytes, literal(bytes, start))?;
    let limit = bytes.len().min(open.after + SENTENCE_BYTES_MAX);
    let to = open.closing(&bytes[..limit]);
    if is_any || to == open.after + SENTENCE_BYTES_MAX {
        return Some(open.after..open.closing(bytes));
    }
    let is_header = || HEADERS.iter().any(|ending| plain(name).ends_with(ending));
    (!bytes[open.after..to].contains(&b' ') || is_header()).then(|| joined(bytes, open.after..to))
}

fn trim_end(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().rev().take_while(|byte| BLANKS.contains(byte)).count();
    &bytes[..bytes.len() - blanks]
}
