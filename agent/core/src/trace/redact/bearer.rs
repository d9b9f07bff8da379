//! What follows the word for a scheme: `Bearer TOKEN`, `Bearer%20TOKEN`, `Bearer \"TOKEN\"`, `Negotiate TOKEN`.

use super::MARK;
use super::quote::Quote;
use super::scan::skip;
use super::shape::mark;
use std::ops::Range;

const BEARER: &str = "bearer";
const BASIC: &str = "basic";
/// Words that are also others: what follows them must look like a token.
const TICKETS: [&str; 2] = ["negotiate", "ntlm"];
const SCHEMES: [&str; 4] = [BEARER, BASIC, TICKETS[0], TICKETS[1]];

const BLANKS: &[u8] = b" \t";
/// Blanks before a token, also as a form, a URL or JSON has them; and ends of lines.
const GAPS: [&[u8]; 7] = [b" ", b"\t", b"+", b"%20", b"%09", b"\\t", b"\\u0020"];
const LINES: [&[u8]; 4] = [b"\r", b"\n", b"\\r", b"\\n"];
/// As a URL has them within a word, and what quotes a token there.
const ENCODED_GAPS: [&[u8]; 6] = [b"%20", b"%09", b"%0A", b"%0a", b"%0D", b"%0d"];
const ENCODED_ESCAPES: [&[u8]; 2] = [b"%5C", b"%5c"];
const ENCODED_QUOTES: [&[u8]; 2] = [b"%22", b"%27"];
/// Characters of a token, encoded.
const ENCODED_PARTS: [&[u8]; 7] = [b"2B", b"2D", b"2E", b"2F", b"3D", b"5F", b"7E"];
/// Characters of the shortest token that need not look like one; of one on the next line; of one of digits alone, for
/// `bearer 401` has none.
const CHARS_MIN: usize = 8;
const FOLDED_CHARS_MIN: usize = 4;
const DIGITS_MIN: usize = 4;
const SHORT_CHARS_MIN: usize = 2;
/// What follows the word in a sentence, or names what would be there.
const WORDS: &str = " a and are as at auth authn authz basic be bearer bonds but by can digest error expired expiry failed flow for \
    format found from given has header if in info invalid is it jwt key kind missing mode must name needed news no \
    none not ntlm null oauth oauth2 of on only or plugin prefix present realm scheme schemes scope secret sent \
    should that the then this to token tokens type types until used user value was were when which will with without ";
const TRAILING: &[u8] = b".-=/~";
/// Where a value ends, and where one may begin.
const VALUE_ENDS: &[u8] = b"\r\n`])},;&<";
const VALUE_BEGINNINGS: &[u8] = b":=`\"'>;,([{\r\n";

/// Words before a token.
pub(super) fn is_scheme(word: &[u8]) -> bool {
    is(word, BEARER) || is(word, BASIC)
}

/// What follows the word `at..end`, if it is a scheme.
pub(super) fn credentials(bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    let word = &bytes[at..end];
    if TICKETS.iter().any(|ticket| is(word, ticket)) {
        return ticket(bytes, end);
    }
    if !is_scheme(word) {
        return None;
    }
    let blank = after(bytes, end, &[&GAPS]);
    let start = after(bytes, blank, &[&GAPS, &LINES]);
    if start == end {
        return None;
    }
    if let Some(marked) = marked(bytes, start) {
        return Some(marked);
    }
    let opening = Quote::at(bytes, start);
    let first = opening.as_ref().map_or(start, |open| open.after);
    let to = first + bytes[first..].iter().take_while(|byte| is_part(**byte)).count();
    let (token, closing) = (&bytes[first..to], Quote::at(bytes, to));
    if opening.as_ref().is_some_and(|open| !closing.as_ref().is_some_and(|close| close.is_like(open))) {
        return None;
    }
    let is_token = if start > blank {
        let next = skip(bytes, closing.map_or(to, |close| close.after), BLANKS);
        let is_name = matches!(bytes.get(next), Some(b':' | b'='));
        !is_name && token.len() >= FOLDED_CHARS_MIN && has_letter(token) && looks(token)
    } else if token.len() >= CHARS_MIN {
        true
    } else {
        let is_placed = || opening.is_some() || is_placed(bytes, at, end, to);
        is(word, BEARER) && is_short(token, is_placed())
    };
    is_token.then_some(first..to)
}

/// Where the token begins that is all that a header's value has after its scheme.
pub(super) fn token_of_header(value: &str) -> Option<usize> {
    let (scheme, rest) = value.split_once([' ', '\t'])?;
    let token = rest.trim_start_matches([' ', '\t']).as_bytes();
    let is_known =
        is(scheme.as_bytes(), BEARER) || TICKETS.iter().any(|ticket| is(scheme.as_bytes(), ticket));
    let is_whole = token.iter().all(|byte| is_part(*byte));
    let is_token = is_whole && (token.len() >= CHARS_MIN || is_short(token, true));
    (is_known && is_token).then_some(value.len() - token.len())
}

/// Tokens in the word `at..end`, after a scheme and a blank that is encoded. What follows an equals sign is looked at as a value.
pub(super) fn encoded(bytes: &[u8], at: usize, end: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    // Most words have none.
    let mut next = if bytes[at..end].contains(&b'%') { at } else { end };
    while next < end {
        let Some(start) = encoded_start(bytes, next) else {
            next += 1;
            continue;
        };
        let mut to = start;
        while let Some(length) = encoded_part(&bytes[to..]) {
            to += length;
        }
        let token = &bytes[start..to];
        if token.len() >= CHARS_MIN || is_short(token, true) {
            found.push(start..to);
        }
        next = to;
    }
    found
}

/// Where a token begins whose scheme begins there.
fn encoded_start(bytes: &[u8], at: usize) -> Option<usize> {
    let scheme = SCHEMES
        .iter()
        .find(|scheme| bytes.get(at..at + scheme.len()).is_some_and(|word| is(word, scheme)))?;
    let is_encoded =
        matches!(&bytes[..at], [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit());
    let is_within = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'=');
    let end = at + scheme.len();
    let start = after(bytes, end, &[&ENCODED_GAPS]);
    if start == end || is_within && !is_encoded {
        return None;
    }
    let start = after(bytes, start, &[&ENCODED_ESCAPES]);
    let quote = ENCODED_QUOTES.iter().find(|quote| bytes[start..].starts_with(quote));
    Some(start + quote.map_or(0, |quote| quote.len()))
}

/// The length of a character of a token that may be encoded.
fn encoded_part(text: &[u8]) -> Option<usize> {
    match text {
        [b'%', digits @ ..] => {
            let digits = digits.get(..2)?;
            ENCODED_PARTS.iter().any(|part| digits.eq_ignore_ascii_case(part)).then_some(3)
        }
        [byte, ..] if is_part(*byte) => Some(1),
        _ => None,
    }
}

fn is(word: &[u8], other: &str) -> bool {
    word.eq_ignore_ascii_case(other.as_bytes())
}

/// After as many of these as stand there.
fn after(bytes: &[u8], at: usize, gaps: &[&[&[u8]]]) -> usize {
    let mut next = at;
    while let Some(gap) = gaps.iter().copied().flatten().find(|gap| bytes[next..].starts_with(gap)) {
        next += gap.len();
    }
    next
}

/// A place holder, or what looks like one, with what follows it and is no part of it.
fn marked(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = start
        + match mark(&bytes[start..]) {
            0 if bytes[start..].starts_with(MARK.as_bytes()) => MARK.len(),
            length => length,
        };
    let is_more = |byte: &&u8| is_part(**byte) || !byte.is_ascii();
    let count = bytes[rest..].iter().take_while(is_more).count();
    (rest > start && count > 0).then_some(start..rest + count)
}

fn ticket(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let start = skip(bytes, end, BLANKS);
    let is_base64 = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    let token = &bytes[start..start + bytes[start..].iter().take_while(is_base64).count()];
    (start > end && token.len() >= CHARS_MIN && looks(token)).then_some(start..start + token.len())
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=%".contains(&byte)
}

/// Whether a short word is a token: it looks like one, or stands where one does and is no word that may stand there, too.
fn is_short(token: &[u8], is_placed: bool) -> bool {
    let trailing = token.iter().rev().take_while(|byte| TRAILING.contains(byte)).count();
    let word = &token[..token.len() - trailing];
    let small = String::from_utf8_lossy(word).to_ascii_lowercase();
    let is_begun = word.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if word.len() < SHORT_CHARS_MIN || !is_begun || WORDS.contains(&format!(" {small} ")) {
        return false;
    }
    if !has_letter(word) {
        return word.len() >= DIGITS_MIN;
    }
    is_placed
        || word.iter().any(u8::is_ascii_digit)
        || word.iter().any(u8::is_ascii_lowercase) && word.iter().any(u8::is_ascii_uppercase)
}

fn has_letter(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_alphabetic)
}

/// Whether it has a digit, or letters of both kinds, the great ones not only at its beginning.
fn looks(token: &[u8]) -> bool {
    token.iter().any(u8::is_ascii_digit)
        || token.iter().any(u8::is_ascii_lowercase) && token.iter().skip(1).any(u8::is_ascii_uppercase)
}

/// Whether scheme and token are all that a value has, or the end of a text; or what stands there is encoded.
fn is_placed(bytes: &[u8], at: usize, end: usize, to: usize) -> bool {
    let next = bytes.get(skip(bytes, to, BLANKS));
    let is_text_end = next.is_none_or(|next| b"\r\n".contains(next));
    if bytes.get(end) == Some(&b'+') || bytes[at] == b'B' && is_text_end {
        return true;
    }
    let before = bytes[..at].iter().rev().find(|byte| !BLANKS.contains(byte));
    let is_begun = before.is_none_or(|before| VALUE_BEGINNINGS.contains(before));
    let is_end = || next.is_none_or(|next| VALUE_ENDS.contains(next)) || Quote::at(bytes, to).is_some();
    is_begun && is_end()
}
