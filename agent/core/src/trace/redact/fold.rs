//! Characters that stand for others: fullwidth letters, digits and marks, letters of mathematics and in circles; and what
//! nobody sees between letters. A text that has them is read as it is meant, and what is found is hidden where it stands.

use std::borrow::Cow;
use std::ops::Range;

/// A text as it is meant, and where each of its bytes is in the text as it is written.
pub(super) struct Folded<'a> {
    pub text: Cow<'a, str>,
    /// Where the character begins, and where it ends; none of a text that is written as it is meant.
    places: Vec<(usize, usize)>,
}

impl<'a> Folded<'a> {
    pub fn new(text: &'a str) -> Self {
        if !is_folded(text) {
            return Self { text: Cow::Borrowed(text), places: Vec::new() };
        }
        let (mut meant, mut places) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
        for (at, char) in text.char_indices() {
            if let Some(one) = fold(char) {
                meant.push(one);
                places.resize(meant.len(), (at, at + char.len_utf8()));
            }
        }
        Self { text: Cow::Owned(meant), places }
    }

    /// Where a part of the text is in the one that is written.
    pub fn place(&self, part: &Range<usize>) -> Range<usize> {
        let first = self.places.get(part.start).map_or(part.start, |(start, _)| *start);
        let last = part.end.checked_sub(1).and_then(|last| self.places.get(last));
        first..last.map_or(part.end, |(_, end)| *end)
    }
}

/// Whether a text has such characters.
pub(super) fn is_folded(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(|char| fold(char) != Some(char))
}

/// What a character stands for, which may be nothing.
pub(super) fn fold(char: char) -> Option<char> {
    let code = u32::from(char);
    let letter = |first: u32, code: u32| char::from_u32(first + code);
    match code {
        0..=0x7f => Some(char),
        0xad
        | 0x34f
        | 0x61c
        | 0x180e
        | 0x200b..=0x200f
        | 0x202a..=0x202e
        | 0x2060..=0x206f
        | 0xfe00..=0xfe0f
        | 0xfeff => None,
        0x24b6..=0x24cf => letter(0x41, code - 0x24b6),
        0x24d0..=0x24e9 => letter(0x61, code - 0x24d0),
        0x3000 => Some(' '),
        0xff01..=0xff5e => letter(0x21, code - 0xff01),
        0x1_d400..=0x1_d6a3 => match (code - 0x1_d400) % 52 {
            great @ 0..=25 => letter(0x41, great),
            small => letter(0x61, small - 26),
        },
        0x1_d7ce..=0x1_d7ff => letter(0x30, (code - 0x1_d7ce) % 10),
        _ => Some(char),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_placed_where_it_is_written() {
        let written = "é\u{200b}ｐｉ\u{feff}ｎ＝４１ 𝐚𝟗ⓐ.";
        let folded = Folded::new(written);
        assert_eq!(folded.text, "épin=41 a9a.");
        for (meant, there) in [("41", "４１"), ("pin", "ｐｉ\u{feff}ｎ"), ("a9a", "𝐚𝟗ⓐ"), ("é", "é")]
        {
            let at = folded.text.find(meant).unwrap();
            assert_eq!(&written[folded.place(&(at..at + meant.len()))], there);
        }
        for plain in ["", "pin", "péage 密码 ‹redacted:39b5›"] {
            assert!(!is_folded(plain), "{plain}");
            assert_eq!(Folded::new(plain).place(&(0..plain.len())), 0..plain.len());
        }
    }
}
