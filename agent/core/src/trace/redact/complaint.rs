//! Complaints about a value, which stand where it would: `password: too short`, `{"password":"is required"}`.

use std::ops::Range;

/// Words that complain.
const STATES: [&[u8]; 19] = [
    b"blank",
    b"blocked",
    b"breached",
    b"denied",
    b"disabled",
    b"empty",
    b"expired",
    b"incorrect",
    b"invalid",
    b"malformed",
    b"mismatch",
    b"missing",
    b"rejected",
    b"required",
    b"revoked",
    b"unauthorized",
    b"unknown",
    b"weak",
    b"wrong",
];
/// Those that do in more words only: one of them may be a password.
const REASONS: [&[u8]; 12] = [
    b"characters",
    b"common",
    b"digits",
    b"length",
    b"long",
    b"match",
    b"must",
    b"no",
    b"not",
    b"same",
    b"should",
    b"short",
];
/// Those that may stand beside them. A value of other words may be a passphrase.
const OTHERS: [&[u8]; 79] = [
    b"a",
    b"again",
    b"already",
    b"an",
    b"and",
    b"are",
    b"at",
    b"be",
    b"been",
    b"before",
    b"between",
    b"by",
    b"can",
    b"can't",
    b"cannot",
    b"confirmation",
    b"contain",
    b"containing",
    b"contains",
    b"current",
    b"digit",
    b"do",
    b"does",
    b"doesn't",
    b"entirely",
    b"equal",
    b"exceed",
    b"field",
    b"find",
    b"found",
    b"had",
    b"has",
    b"have",
    b"in",
    b"include",
    b"includes",
    b"is",
    b"it",
    b"least",
    b"letter",
    b"letters",
    b"lowercase",
    b"maximum",
    b"may",
    b"minimum",
    b"more",
    b"most",
    b"number",
    b"numbers",
    b"numeric",
    b"of",
    b"one",
    b"only",
    b"or",
    b"password",
    b"passwords",
    b"please",
    b"provided",
    b"similar",
    b"special",
    b"symbol",
    b"symbols",
    b"than",
    b"that",
    b"the",
    b"this",
    b"to",
    b"token",
    b"too",
    b"try",
    b"uppercase",
    b"use",
    b"used",
    b"valid",
    b"value",
    b"was",
    b"were",
    b"with",
    b"your",
];
const DIGITS_MAX: usize = 4;
/// What may stand around a word.
const MARKS: &[u8] = b".,;:!?()}]";
const WHITE: &[u8] = b" \t\r\n\x0b\x0c";
/// Of a complaint.
const BYTES_MAX: usize = 160;

/// Whether a value is one.
pub(super) fn complains(bytes: &[u8], value: &Range<usize>) -> bool {
    if value.len() > BYTES_MAX {
        return false;
    }
    let text = bytes[value.clone()].to_ascii_lowercase();
    let words = text.split(|byte| WHITE.contains(byte)).filter(|word| !word.is_empty()).map(inner);
    let (mut count, mut has_state, mut has_reason) = (0_usize, false, false);
    for word in words {
        let (is_state, is_reason) = (STATES.contains(&word), REASONS.contains(&word));
        if !is_state && !is_reason && !OTHERS.contains(&word) && !is_number(word) {
            return false;
        }
        has_state |= is_state;
        has_reason |= is_reason;
        count += 1;
    }
    has_state || has_reason && count > 1
}

/// A word without what stands around it.
fn inner(word: &[u8]) -> &[u8] {
    let is_own = |byte: &u8| !MARKS.contains(byte);
    let Some(start) = word.iter().position(is_own) else { return &[] };
    &word[start..word.iter().rposition(is_own).map_or(start, |last| last + 1)]
}

fn is_number(word: &[u8]) -> bool {
    (1..=DIGITS_MAX).contains(&word.len()) && word.iter().all(u8::is_ascii_digit)
}
