//! An error text on one line, short enough for a table and safe to show.

use crate::base::limits::FAILURE_TEXT_CHARS_MAX;
use std::str::Utf8Chunk;

/// Writes the text of a line's field (still escaped) over `tidied`: escapes taken away, white space of any kind and
/// length made one space, other control characters and what is not UTF-8 made U+FFFD, and cut with `…`.
pub(super) fn tidy(raw: &[u8], tidied: &mut String) {
    tidied.clear();
    let mut chars = raw.utf8_chunks().flat_map(chars_of).peekable();
    let mut room = FAILURE_TEXT_CHARS_MAX;
    while let Some(c) = chars.next() {
        let c = if c == '\\' { chars.next_if(|next| matches!(next, '"' | '\\')).unwrap_or(c) } else { c };
        let is_space = c.is_whitespace();
        if is_space && (tidied.is_empty() || tidied.ends_with(' ')) {
            continue;
        }
        if room == 0 {
            tidied.push('…');
            return;
        }
        room -= 1;
        tidied.push(match c {
            _ if is_space => ' ',
            _ if c.is_control() => char::REPLACEMENT_CHARACTER,
            _ => c,
        });
    }
    if tidied.ends_with(' ') {
        tidied.pop();
    }
}

fn chars_of<'a>(chunk: Utf8Chunk<'a>) -> impl Iterator<Item = char> + use<'a> {
    let broken = (!chunk.invalid().is_empty()).then_some(char::REPLACEMENT_CHARACTER);
    chunk.valid().chars().chain(broken)
}
