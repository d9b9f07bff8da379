//! Names of several words, `api key: s3cret`, `mot de passe: s3cret`, also with a form's sign for a blank: `api+key=s3cret`.

use super::names::Names;
use super::weak::Kind;

/// What such names end in, as [`plain`](super::names::plain) writes them; every other word is left at that.
const LASTS: [&str; 22] = [
    "again",
    "answer",
    "assertion",
    "auth",
    "card",
    "code",
    "confirm",
    "confirmation",
    "hash",
    "header",
    "id",
    "key",
    "keys",
    "number",
    "pass",
    "passe",
    "phrase",
    "repeat",
    "tokens",
    "verifier",
    "word",
    "pw",
];
const BLANKS: &[u8] = b" +";
/// Words before the last one, and bytes of each.
const WORDS_MAX: usize = 3;
const WORD_BYTES_MAX: usize = 16;

/// Where the name begins whose last word is `at..end`, if all of it is a secret's.
pub(super) fn phrase(text: &str, at: usize, end: usize, names: &Names) -> Option<usize> {
    let bytes = text.as_bytes();
    if !bytes[..at].last().is_some_and(|before| BLANKS.contains(before))
        || !LASTS.iter().any(|last| text[at..end].eq_ignore_ascii_case(last))
    {
        return None;
    }
    let mut start = at;
    for _ in 0..WORDS_MAX {
        let before = bytes[..start].strip_suffix(b" ").or_else(|| bytes[..start].strip_suffix(b"+"))?;
        let length = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if !(1..=WORD_BYTES_MAX).contains(&length) {
            return None;
        }
        start = before.len() - length;
        if names.kind(&text[start..end]) == Kind::Secret {
            return Some(start);
        }
    }
    None
}
