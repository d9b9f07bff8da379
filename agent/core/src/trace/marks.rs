//! A text without the hashes in what stands for its secrets: they differ with the key, which each start has anew.

use super::redact::MARK;

/// What stands behind a hash.
const END: char = '›';

/// What is between the hashes.
pub fn between_marks(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(MARK).enumerate().map(|(at, part)| {
        let hash =
            part.find(END).filter(|end| at > 0 && part[..*end].bytes().all(|byte| byte.is_ascii_hexdigit()));
        &part[hash.unwrap_or(0)..]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_left_out_and_nothing_else() {
        let without = |text: &str| between_marks(text).collect::<String>();
        assert_eq!(without("a=‹redacted:01af› b=‹redacted:99ff›"), "a=‹redacted:› b=‹redacted:›");
        for text in ["", "ab› c", "‹redacted:", "a‹redacted:no hash› b"] {
            assert_eq!(without(text), text);
        }
    }
}
