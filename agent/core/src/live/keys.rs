//! Keys, from the bytes that a terminal sends for them.

/// Bytes of a sequence that nobody knows are skipped up to its end, but no further than this.
const SEQUENCE_BYTES_MAX: usize = 16;

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A character that can be written.
    Char(char),
    /// Return.
    Enter,
    /// Escape, alone.
    Escape,
    /// The character before is to go.
    Backspace,
    /// A line up.
    Up,
    /// A line down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the top.
    Home,
    /// To the bottom.
    End,
}

/// All keys in what was read at once. Terminals send a sequence in one piece; one that is cut, and whatever is no key of
/// ours, is left out.
#[must_use]
pub fn keys(bytes: &[u8]) -> Vec<Key> {
    let text = String::from_utf8_lossy(bytes);
    let mut rest = text.as_ref();
    let mut keys = Vec::new();
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        let key = match c {
            '\x1b' => sequence(&mut rest),
            '\r' | '\n' => Some(Key::Enter),
            '\x7f' | '\x08' => Some(Key::Backspace),
            char::REPLACEMENT_CHARACTER => None,
            _ => (!c.is_control()).then_some(Key::Char(c)),
        };
        keys.extend(key);
    }
    keys
}

/// What follows an escape: nothing, `[` or `O` and a sequence, or a key with Alt, which means nothing here.
fn sequence(rest: &mut &str) -> Option<Key> {
    let Some(after) = rest.strip_prefix(['[', 'O']) else {
        let is_alone = rest.is_empty() || rest.starts_with('\x1b');
        if let Some(with_alt) = rest.chars().next().filter(|_| !is_alone) {
            *rest = &rest[with_alt.len_utf8()..];
        }
        return is_alone.then_some(Key::Escape);
    };
    let end = after.bytes().take(SEQUENCE_BYTES_MAX).position(|byte| (0x40..=0x7e).contains(&byte));
    let Some(end) = end else {
        *rest = "";
        return None;
    };
    let (body, behind) = after.split_at(end + 1);
    *rest = behind;
    match body {
        "A" => Some(Key::Up),
        "B" => Some(Key::Down),
        "H" | "1~" | "7~" => Some(Key::Home),
        "F" | "4~" | "8~" => Some(Key::End),
        "5~" => Some(Key::PageUp),
        "6~" => Some(Key::PageDown),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_terminals_send() {
        let cases: [(&[u8], &[Key]); 9] = [
            (b"s/", &[Key::Char('s'), Key::Char('/')]),
            (b"\x1b", &[Key::Escape]),
            (b"\x1b\x1b[A", &[Key::Escape, Key::Up]),
            (b"\x1b[A\x1bOB\x1b[5~\x1b[6~", &[Key::Up, Key::Down, Key::PageUp, Key::PageDown]),
            (b"\x1b[H\x1b[4~\r\x7f", &[Key::Home, Key::End, Key::Enter, Key::Backspace]),
            (b"\x1b[1;5Cx", &[Key::Char('x')]),
            (b"\x1bqx", &[Key::Char('x')]),
            ("ü\u{7}".as_bytes(), &[Key::Char('ü')]),
            (b"\xff\x1b[", &[]),
        ];
        for (bytes, expected) in cases {
            assert_eq!(keys(bytes), expected, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(prop_oneof![Just(0x1b_u8), Just(b'['), any::<u8>()], 0..60)) {
            prop_assert!(keys(&bytes).len() <= bytes.len());
        }
    }
}
