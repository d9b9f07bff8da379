//! Whether a word is a value, where a word of a sentence or of a path may stand as well.
//!
//! It has six bytes or more, and a run of letters with digits in it that is as long (`hunter2`, `a1b2c3`) and no word of the
//! field (`sha256`), version (`v2beta1`) or count with its unit (`8chars`); or a mark that words have not within them
//! (`Pa$$word`). Letters alone are a word, for what is lower case may be any. What ends like a file or a host is none.

use super::scan::skip;

const BYTES_MIN: usize = 6;
const BYTES_MAX: usize = 256;
/// Between letters or digits.
const MARKS: &[u8] = b"!$#^*";
/// Letters of what a file's or a host's name ends in.
const ENDING_BYTES_MIN: usize = 2;
const ENDING_BYTES_MAX: usize = 5;
const TERMS: [&str; 31] = [
    "aes128",
    "aes192",
    "aes256",
    "argon2",
    "argon2d",
    "argon2i",
    "argon2id",
    "base32",
    "base58",
    "base64",
    "base64url",
    "blake2b",
    "blake2s",
    "chacha20",
    "curve25519",
    "ed25519",
    "log4j2",
    "oauth2",
    "office365",
    "pbkdf2",
    "pkcs12",
    "poly1305",
    "python2",
    "python3",
    "ripemd160",
    "secp256k1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "x25519",
];
const UNITS: [&str; 22] = [
    "attempts",
    "bit",
    "bits",
    "byte",
    "bytes",
    "char",
    "characters",
    "chars",
    "day",
    "days",
    "digit",
    "digits",
    "hour",
    "hours",
    "letters",
    "min",
    "mins",
    "minutes",
    "seconds",
    "times",
    "weeks",
    "years",
];
const UNIT_DIGITS_MAX: usize = 3;

/// See the module's head.
pub(super) fn is_likely(word: &[u8]) -> bool {
    (BYTES_MIN..=BYTES_MAX).contains(&word.len())
        && !is_place(word)
        && (has_run(word, BYTES_MIN) || word.iter().any(u8::is_ascii_alphabetic) && is_marked(word))
}

/// Whether marks stand between letters or digits.
fn is_marked(word: &[u8]) -> bool {
    let is_one = |(at, byte): (usize, &u8)| {
        let after = skip(word, at, MARKS);
        MARKS.contains(byte)
            && at.checked_sub(1).is_some_and(|before| word[before].is_ascii_alphanumeric())
            && word.get(after).is_some_and(u8::is_ascii_alphanumeric)
    };
    word.iter().enumerate().any(is_one)
}

/// Whether there are so many letters with digits in one piece, and no term.
pub(super) fn has_run(word: &[u8], bytes_min: usize) -> bool {
    let is_one = |run: &[u8]| {
        run.len() >= bytes_min
            && run.iter().any(u8::is_ascii_digit)
            && run.iter().any(u8::is_ascii_alphabetic)
            && !is_term(run)
    };
    word.split(|byte| !byte.is_ascii_alphanumeric()).any(is_one)
}

fn is_term(run: &[u8]) -> bool {
    let is_any =
        |text: &[u8], words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()));
    let digits = run.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_version = run[0].eq_ignore_ascii_case(&b'v') && run[1].is_ascii_digit();
    is_version
        || is_any(run, &TERMS)
        || (1..=UNIT_DIGITS_MAX).contains(&digits) && is_any(&run[digits..], &UNITS)
}

fn is_place(word: &[u8]) -> bool {
    let ending = word.iter().rev().take_while(|byte| byte.is_ascii_lowercase()).count();
    (ENDING_BYTES_MIN..=ENDING_BYTES_MAX).contains(&ending) && word[..word.len() - ending].ends_with(b".")
}

#[cfg(test)]
mod tests {
    use super::is_likely;

    #[test]
    fn a_value_has_digits_in_its_letters_or_marks_within() {
        for value in
            ["hunter2", "hunter2secret", "a1b2c3", "Pa$$word", "550e8400-e29b", "p@ssw0rd", "123abc456"]
        {
            assert!(is_likely(value.as_bytes()), "{value}");
        }
        for word in [
            "",
            "a1",
            "required",
            "incorrect",
            "123456",
            "sha256",
            "SHA256-hash",
            "8chars",
            "v2beta1",
            "host1234.com",
            "abc12345.js",
            "user_id_2",
            "2024-01-02",
            "is",
            "\u{fc}\u{fc}\u{fc}\u{fc}",
            "!!!!!!",
            "a.b.c.d",
        ] {
            assert!(!is_likely(word.as_bytes()), "{word}");
        }
    }
}
