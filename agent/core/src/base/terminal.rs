//! What a terminal does with text from outside.

/// Whether a terminal acts upon a character: controls, and what turns the direction of writing.
#[must_use]
pub fn acts(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
