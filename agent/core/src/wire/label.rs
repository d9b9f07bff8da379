//! Labels: from any text that a tool sends to the text that is shown, hashed and sent on.
//!
//! A normalised label is never empty, at most 512 bytes, holds no control character, and is never the name that labels
//! over the cap fold into.

use crate::base::limits::{LABEL_BYTES_KEPT, LABEL_BYTES_MAX};
use std::fmt::Write;

/// What labels over the cap fold into.
pub const OTHER: &str = "__other__";
/// What a label without any text becomes.
pub const EMPTY: &str = "__empty__";
/// What a user's own `__other__` becomes, so that nobody mistakes it for the folded ones.
const OTHER_OF_USER: &str = "__other___";

/// The label as it is shown. Control characters (C0, DEL and C1: NUL, CR, LF, escape sequences) become U+FFFD, since
/// a label ends up in line protocol, in logs and on terminals; then empty becomes `__empty__`, `__other__` becomes
/// `__other___`, and over 512 bytes it is cut to 494 at a character boundary, with `…` and 12 hex digits of the whole
/// text's SHA-256 behind it (the text as it would have been shown).
#[must_use]
pub fn normalise(mut label: String) -> String {
    if label.chars().any(char::is_control) {
        label = label.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect();
    }
    match label.as_str() {
        "" => EMPTY.to_owned(),
        OTHER => OTHER_OF_USER.to_owned(),
        _ if label.len() > LABEL_BYTES_MAX => cut(&label),
        _ => label,
    }
}

fn cut(label: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, label.as_bytes());
    let mut short = label[..label.floor_char_boundary(LABEL_BYTES_KEPT)].to_owned();
    short.push('…');
    for byte in &digest.as_ref()[..6] {
        let _ = write!(short, "{byte:02x}"); // a String takes everything
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_is_fine_stays() {
        for label in ["GET /cart", "Überweisung 100 €", "a", " ", "__other", "__empty__", &"x".repeat(512)]
        {
            assert_eq!(normalise(label.to_owned()), label);
        }
    }

    #[test]
    fn reserved_and_empty_names_are_replaced() {
        assert_eq!(normalise(String::new()), "__empty__");
        assert_eq!(normalise("__other__".to_owned()), "__other___");
    }

    #[test]
    fn control_characters_cannot_reach_a_terminal_or_another_line() {
        assert_eq!(
            normalise("a\0b\r\nc\x1b[2J\u{9b}\x7f".to_owned()),
            "a\u{fffd}b\u{fffd}\u{fffd}c\u{fffd}[2J\u{fffd}\u{fffd}"
        );
        assert_eq!(normalise("\0".to_owned()), "\u{fffd}");
    }

    #[test]
    fn a_long_label_is_cut_at_a_character_and_marked_with_its_hash() {
        // `printf 'x%.0s' $(seq 513) | sha256sum`
        let cut = normalise("x".repeat(513));
        assert_eq!(cut, format!("{}…{}", "x".repeat(494), "35ade0090e64"));
        let cut = normalise("€".repeat(200));
        assert!(cut.starts_with(&"€".repeat(164)) && cut.chars().nth(164) == Some('…'), "{cut}");
        assert_eq!(cut.len(), 492 + 3 + 12);
        assert_ne!(normalise("y".repeat(600)), normalise("y".repeat(601)), "the hash tells them apart");
    }
}
