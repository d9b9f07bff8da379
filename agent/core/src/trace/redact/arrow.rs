//! Values that an arrow, a comparison, a bar or angle brackets tell of their names: `password -> abc1`, `password|abc1`,
//! `password=<abc1>`. They must have letters and digits: words of a program, of tables and of usages stand there, too.

use super::names::Names;
use super::scan::skip;
use super::sentence::is_mixed;
use std::ops::Range;

/// And whether blanks may stand around it.
const SIGNS: [(&[u8], bool); 4] = [(b"->", true), (b"==", true), (b"=<", false), (b"|", false)];
const OPEN: &[u8] = b"=<";
const BLANKS: &[u8] = b" \t";
const BLANKS_MAX: usize = 8;
const NAME_BYTES_MAX: usize = 64;
const VALUE_MARKS: &[u8] = b"_!@#$%^*+~?-";
const VALUE_BYTES_MIN: usize = 6;
/// Of a call or a path it is a part.
const NEXT: &[u8] = b"(.=/[|";

/// Those of a text.
pub(super) fn arrows(text: &str, names: &Names) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let may_be = matches!(bytes[at], b'-' | b'=' | b'|');
        let sign = SIGNS.iter().find(|(sign, _)| may_be && bytes[at..].starts_with(sign));
        let Some((sign, is_apart)) = sign else {
            at += 1;
            continue;
        };
        let (first, after) = (at, at + sign.len());
        at = after;
        let start = if *is_apart {
            skip(&bytes[..bytes.len().min(after + BLANKS_MAX)], after, BLANKS)
        } else {
            after
        };
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || VALUE_MARKS.contains(byte);
        let end = start + bytes[start..].iter().take_while(is_part).count();
        let next = bytes.get(end);
        let is_open = *sign == OPEN;
        let is_value = end - start >= VALUE_BYTES_MIN
            && is_mixed(&bytes[start..end])
            && is_open == (next == Some(&b'>'))
            && !next.is_some_and(|next| NEXT.contains(next));
        let is_secret = |word: &[u8]| str::from_utf8(word).is_ok_and(|word| names.is_secret(word));
        if is_value && is_secret(name(bytes, first, *is_apart)) && !is_secret(&bytes[start..end]) {
            found.push(start..end);
        }
    }
    found
}

/// The name before a sign.
fn name(bytes: &[u8], sign: usize, is_apart: bool) -> &[u8] {
    let is_blank = |byte: &&u8| BLANKS.contains(byte);
    let blanks = bytes[..sign].iter().rev().take(BLANKS_MAX).take_while(is_blank).count();
    let end = if is_apart { sign - blanks } else { sign };
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let length = bytes[..end].iter().rev().take(NAME_BYTES_MAX).take_while(is_part).count();
    &bytes[end - length..end]
}
