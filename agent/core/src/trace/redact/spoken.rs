//! Values that a sentence tells with nothing between them and their names but words: `password hunter2`,
//! `your password is hunter2`, `Passwort lautet hunter2`, `The PIN for ann is 4711`. They must look like values, see
//! [`likely`](super::likely): "password must be 8 characters", "your password is wrong" are sentences.

use super::likely::is_likely;
use super::names::{Names, plain};
use super::phrase::phrase;
use super::quote::Quote;
use super::scan::{entity, find, skip};
use super::weak::Kind;
use std::ops::Range;

const BLANKS: &[u8] = b" \t";
/// Names that are not told so, but of things.
const NO_NAMES: [&str; 13] = [
    "auth",
    "authentication",
    "authorization",
    "bearer",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "csrf",
    "jwt",
    "session",
    "signature",
    "tokens",
];
/// Names end so whose values may follow with no word between.
const PASSWORDS: [&str; 17] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "pswd",
    "passwort",
    "kennwort",
    "senha",
    "contrasena",
    "motdepasse",
    "wachtwoord",
    "losenord",
    "haslo",
    "apikey",
    "accesskey",
    "secretkey",
];
/// Names end so whose values may be digits alone, and how many.
const NUMBERS: [&str; 9] =
    ["pin", "otp", "code", "passcode", "password", "passwd", "pwd", "passwort", "kennwort"];
const DIGITS_MIN: usize = 4;
const DIGITS_MAX: usize = 12;
/// Words between a name and its value: verbs, what something is changed by, what may end them, and others.
const VERBS: [&str; 12] =
    ["is", "was", "are", "be", "equals", "reads", "lautet", "ist", "war", "heißt", "est", "es"];
const CHANGES: [&str; 3] = ["set", "changed", "reset"];
const LASTS: [&str; 5] = ["to", "auf", "as", "now", "jetzt"];
const OTHERS: [&str; 5] = ["has", "been", "will", "currently", "still"];
const WORDS_MAX: usize = 5;
const WORD_BYTES_MAX: usize = 16;
/// Whose it is, before a verb.
const OWNERS: [&str; 4] = ["for", "of", "für", "von"];
const OWNER_BYTES_MAX: usize = 64;
/// Around a value, in Markdown; where one ends; and what ends a sentence.
const AROUND: &[u8] = b"*_`";
const ENDS: &[u8] = b" \t\r\n\"'<>`,;\\()[]{}|";
const STOPS: &[u8] = b".:?*_";
const VALUE_BYTES_MAX: usize = 256;

/// What a sentence tells of the name that the word `at..end` is, or ends.
pub(super) fn spoken(text: &str, at: usize, end: usize, names: &Names) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    bytes.get(end).filter(|next| BLANKS.contains(next))?;
    let own = (names.kind(&text[at..end]) == Kind::Secret).then_some(at);
    let start = own.or_else(|| phrase(text, at, end, names))?;
    let name = plain(&text[start..end]);
    let name = name.trim_end_matches(|digit: char| digit.is_ascii_digit());
    if NO_NAMES.contains(&name) {
        return None;
    }
    let (next, has_verb) = linked(bytes, end)?;
    let is_password = || PASSWORDS.iter().any(|ending| name.ends_with(ending));
    if !has_verb && !is_password() {
        return None;
    }
    let value = value(bytes, next)?;
    let word = &bytes[value.clone()];
    let is_number = || {
        (DIGITS_MIN..=DIGITS_MAX).contains(&word.len())
            && word.iter().all(u8::is_ascii_digit)
            && NUMBERS.iter().any(|ending| name.ends_with(ending))
    };
    (is_likely(word) || has_verb && is_number()).then_some(value)
}

/// Where a value may begin after the words that follow a name, and whether there is a verb; none if they tell no value.
fn linked(bytes: &[u8], end: usize) -> Option<(usize, bool)> {
    let (mut next, mut has_owner) = (end, false);
    if let Some((first, after)) = word(bytes, end)
        && is_one(first, &OWNERS)
    {
        let owner = skip(bytes, after, BLANKS);
        let length =
            bytes[owner..].iter().take(OWNER_BYTES_MAX).take_while(|byte| !ENDS.contains(byte)).count();
        (next, has_owner) = (owner + length, true);
    }
    let (mut count, mut is_told, mut is_last) = (0, false, false);
    while let Some((word, after)) = word(bytes, next).filter(|_| count < WORDS_MAX) {
        let (is_verb, is_change) = (is_one(word, &VERBS), is_one(word, &CHANGES));
        let is_end = is_verb || is_one(word, &LASTS);
        if !is_end && !is_change && !is_one(word, &OTHERS) {
            break;
        }
        is_told |= is_verb || is_change;
        is_last = is_end;
        count += 1;
        next = after;
    }
    let has_verb = is_told && is_last;
    let start = skip(bytes, next, BLANKS);
    let is_one = start > next && (has_verb || count == 0 && !has_owner);
    is_one.then_some((start, has_verb))
}

/// The word after blanks, if a blank follows it, and where it ends.
fn word(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let start = skip(bytes, at, BLANKS);
    let is_part = |byte: &&u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
    let end = start + bytes[start..].iter().take(WORD_BYTES_MAX + 1).take_while(is_part).count();
    let is_one = start > at && end > start && bytes.get(end).is_some_and(|next| BLANKS.contains(next));
    is_one.then(|| (&bytes[start..end], end))
}

fn is_one(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|one| word.eq_ignore_ascii_case(one.as_bytes()))
}

/// The word that may be a value there: no other pair, address or call.
fn value(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let open = Quote::at(bytes, at).map_or(at, |open| open.after);
    let start = skip(bytes, open, AROUND);
    let head = &bytes[..bytes.len().min(start + VALUE_BYTES_MAX + 1)];
    let is_end = |at: &usize| ENDS.contains(&head[*at]) || entity(&head[*at..]).is_some();
    let to = (start..head.len()).find(is_end).unwrap_or(head.len());
    let word = &bytes[start..to];
    let is_pair = word.windows(2).any(|two| two[0] == b'=' && two[1].is_ascii_alphanumeric());
    let is_call = bytes.get(to).is_some_and(|next| b"([{".contains(next));
    if is_pair || is_call || word.starts_with(b"/") || find(word, b"://").is_some() {
        return None;
    }
    let stops = word.iter().rev().take_while(|byte| STOPS.contains(byte)).count();
    Some(start..to - stops)
}
