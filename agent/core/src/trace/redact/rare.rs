//! Secrets whose name is written in letters of other languages, or with escapes: `"Straße":"x"`, `"pass\u0077ord":"x"`.

use super::names::Names;
use super::place::{is_name, value};
use std::ops::Range;

/// Bytes of the longest name.
const NAME_BYTES_MAX: usize = 256;

/// Those of a text.
pub(super) fn rare(text: &str, names: &Names) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let may_be = text.contains("\\u") || names.has_other_letters && !text.is_ascii();
    let mut at = 0;
    while may_be && at < bytes.len() {
        let (start, mut plain) = (at, String::new());
        while let Some((char, length)) = letter(text, at) {
            if at - start <= NAME_BYTES_MAX {
                plain.push(char);
            }
            at += length;
        }
        let word = &text[start..at];
        let is_rare = word.contains('\\') || !word.is_ascii();
        if is_rare
            && word.len() <= NAME_BYTES_MAX
            && names.is_secret(&plain)
            && let Some(secret) = value(bytes, start, at)
        {
            found.push(secret);
        }
        if at == start {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// The character of a name that begins there, and its bytes.
fn letter(text: &str, at: usize) -> Option<(char, usize)> {
    let rest = text.get(at..)?;
    let char = rest.chars().next()?;
    let is_letter = match char {
        '\\' => {
            let digits = rest.strip_prefix("\\u")?.get(..4)?;
            let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
            let char = char::from_u32(code)?;
            let is_letter = char.is_ascii_alphanumeric() || (0xc0..0x2000).contains(&code);
            return is_letter.then_some((char, 6));
        }
        _ if char.is_ascii() => is_name(rest.as_bytes()[0]),
        // Characters of two bytes that are no letters, and those of punctuation, are none of a name.
        _ => char >= '\u{c0}' && !('\u{2000}'..='\u{203f}').contains(&char),
    };
    is_letter.then(|| (char, char.len_utf8()))
}
