//! Text from outside made fit for a terminal: no control characters, cut and padded by columns instead of bytes.

use gridnode_core::base::terminal::acts;

/// What is put in place of a character that a terminal would act upon.
const REPLACEMENT: char = '\u{fffd}';
/// What marks a cut.
const ELLIPSIS: char = '…';

/// Columns that hold no glyph of their own: marks that combine with the character before, joiners, selectors.
const ZERO_WIDTH: [(u32, u32); 14] = [
    (0x0300, 0x036f),
    (0x0483, 0x0489),
    (0x0591, 0x05bd),
    (0x0610, 0x061a),
    (0x064b, 0x065f),
    (0x0e34, 0x0e3a),
    (0x0e47, 0x0e4e),
    (0x1ab0, 0x1aff),
    (0x1dc0, 0x1dff),
    (0x200b, 0x200d),
    (0x20d0, 0x20ff),
    (0xfe00, 0xfe0f),
    (0xfe20, 0xfe2f),
    (0xe0100, 0xe01ef),
];
/// What takes two columns: East Asian wide characters and most emoji.
const DOUBLE_WIDTH: [(u32, u32); 15] = [
    (0x1100, 0x115f),
    (0x231a, 0x231b),
    (0x2705, 0x2705),
    (0x274c, 0x274c),
    (0x2e80, 0x303e),
    (0x3041, 0x4dbf),
    (0x4e00, 0xa4cf),
    (0xac00, 0xd7a3),
    (0xf900, 0xfaff),
    (0xfe30, 0xfe4f),
    (0xff00, 0xff60),
    (0xffe0, 0xffe6),
    (0x1f300, 0x1f6ff),
    (0x1f900, 0x1faff),
    (0x20000, 0x3fffd),
];

/// `text` on one line and without anything that a terminal would take as a command: control characters, and those that
/// turn the direction of writing. A tab becomes a space: compilers and logs indent with it.
pub fn clean(text: &str) -> String {
    let fit_to_show = |c| match c {
        '\t' => ' ',
        _ if acts(c) => REPLACEMENT,
        _ => c,
    };
    text.chars().map(fit_to_show).collect()
}

/// Cleans a text of several lines (a compiler's words); its lines stay, and further ones begin with `indent`.
pub fn clean_lines(text: &str, indent: &str) -> String {
    text.trim_end().lines().map(clean).collect::<Vec<_>>().join(&format!("\n{indent}"))
}

/// Columns that `text` takes; it must be clean. Good enough for tables: where a terminal disagrees about a rare
/// script, one line is out of step by a column.
pub fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// `text` cleaned, and cut with `…` if it is wider than `width_max` columns.
pub fn fit(text: &str, width_max: usize) -> String {
    let mut text = clean(text);
    if width(&text) <= width_max {
        return text;
    }
    let room = width_max.saturating_sub(1);
    let mut used = 0;
    let cut = text
        .char_indices()
        .find(|&(_, c)| {
            used += char_width(c);
            used > room
        })
        .map_or(text.len(), |(at, _)| at);
    text.truncate(cut);
    if width_max > 0 {
        text.push(ELLIPSIS);
    }
    text
}

/// `text` with spaces after it, up to `columns`.
pub fn pad_end(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// `text` with spaces before it, up to `columns`.
pub fn pad_start(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// `parts` joined by ` · ` into as many lines of `columns` as it takes; further lines are indented. A part is never
/// broken.
pub fn flow(parts: &[String], columns: usize) -> String {
    const INDENT: &str = "  ";
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if width(line) + 3 + width(part) <= columns => {
                line.push_str(" · ");
                line.push_str(part);
            }
            Some(_) => lines.push(format!("{INDENT}{part}")),
            None => lines.push(part.clone()),
        }
    }
    lines.join("\n")
}

fn char_width(c: char) -> usize {
    let within = |ranges: &[(u32, u32)]| ranges.iter().any(|&(from, to)| (from..=to).contains(&u32::from(c)));
    if c.is_ascii() {
        1
    } else if within(&ZERO_WIDTH) {
        0
    } else if within(&DOUBLE_WIDTH) {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_are_counted_not_bytes() {
        assert_eq!(width("naïve"), 5);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(width("購物車"), 6);
        assert_eq!(width("🛒 x"), 4);
    }

    #[test]
    fn escape_sequences_and_turns_of_direction_are_defused() {
        assert_eq!(clean("a\x1b[2Jb\nc\u{202e}d\0"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\u{fffd}");
    }

    #[test]
    fn lines_stay_and_tabs_are_spaces() {
        let said = "A.java:3: error:\r\n\tint\x1b[31m x\n\t... 12 common frames omitted\n\n";
        assert_eq!(
            clean_lines(said, "    "),
            "A.java:3: error:\n     int\u{fffd}[31m x\n     ... 12 common frames omitted"
        );
        assert_eq!(clean_lines("\n", "  "), "");
    }

    #[test]
    fn long_text_is_cut_at_a_column() {
        assert_eq!(fit("checkout", 8), "checkout");
        assert_eq!(fit("checkout", 7), "checko…");
        assert_eq!(fit("購物車購物車", 6), "購物…");
        assert_eq!(fit("abc", 1), "…");
        assert_eq!(fit("abc", 0), "");
    }

    #[test]
    fn parts_flow_into_lines() {
        let parts = ["one 1", "two 2", "three 3"].map(str::to_owned);
        assert_eq!(flow(&parts, 80), "one 1 · two 2 · three 3");
        assert_eq!(flow(&parts, 14), "one 1 · two 2\n  three 3");
        assert_eq!(flow(&[], 14), "");
    }

    proptest! {
        #[test]
        fn whatever_comes_fits(text in "\\PC{0,60}|.{0,60}", columns in 0usize..40) {
            let fitted = fit(&text, columns);
            prop_assert!(width(&fitted) <= columns);
            prop_assert!(!fitted.chars().any(char::is_control));
        }
    }
}
