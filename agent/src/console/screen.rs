//! What the other end of a stream can show: how wide it is, whether colours and moving lines make sense there.

use std::borrow::Cow;
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

/// For pipes and files, columns: a summary in a log stays readable, and `COLUMNS` changes it.
const WIDTH_WITHOUT_TERMINAL: usize = 120;
/// Terminals that do not say how wide they are, columns.
const WIDTH_UNKNOWN: usize = 80;
/// Narrower is treated as this, columns: below it nothing can be laid out, and the terminal wraps.
const WIDTH_MIN: usize = 30;

/// The properties of one output stream, found out once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Columns to lay out for.
    pub width: usize,
    /// Whether to use colours.
    pub colour: bool,
    /// Whether lines may be drawn over.
    pub live: bool,
}

/// What a piece of text means; [`Screen::paint`] makes it a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// All is well: green.
    Good,
    /// Something is wrong: red.
    Bad,
    /// Worth a look: yellow.
    Warning,
    /// Headings: bold.
    Strong,
    /// Secondary: faint.
    Faint,
}

impl Screen {
    /// No terminal: neither colours nor live lines.
    pub const PLAIN: Self = Self { width: WIDTH_WITHOUT_TERMINAL, colour: false, live: false };

    /// What standard output is connected to.
    #[must_use]
    pub fn stdout() -> Self {
        let stream = io::stdout();
        Self::new(stream.is_terminal(), columns(stream.as_fd()), env)
    }

    /// What standard error is connected to.
    #[must_use]
    pub fn stderr() -> Self {
        let stream = io::stderr();
        Self::new(stream.is_terminal(), columns(stream.as_fd()), env)
    }

    /// `text` as a terminal shows this style, or as it is where there are no colours.
    #[must_use]
    pub fn paint<'t>(&self, style: Style, text: &'t str) -> Cow<'t, str> {
        if !self.colour || text.is_empty() {
            return Cow::Borrowed(text);
        }
        let code = match style {
            Style::Good => 32,
            Style::Bad => 31,
            Style::Warning => 33,
            Style::Strong => 1,
            Style::Faint => 2,
        };
        Cow::Owned(format!("\x1b[{code}m{text}\x1b[0m"))
    }

    /// From a terminal's own width (if it is one and says so) and the environment.
    fn new(terminal: bool, columns: Option<usize>, env: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let asked = set("COLUMNS").and_then(|value| value.parse().ok());
        let fallback = if terminal { WIDTH_UNKNOWN } else { WIDTH_WITHOUT_TERMINAL };
        let capable = terminal && set("TERM").is_some_and(|term| term != "dumb");
        Self {
            width: columns.filter(|_| terminal).or(asked).unwrap_or(fallback).max(WIDTH_MIN),
            colour: capable && set("NO_COLOR").is_none(),
            live: capable,
        }
    }
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The width of the terminal behind `stream`; `None` when there is none or it does not know.
fn columns(stream: BorrowedFd<'_>) -> Option<usize> {
    size(stream).map(|(columns, _)| usize::from(columns))
}

/// Columns and rows of the terminal behind `stream`; `None` when there is none or it does not know how wide it is.
pub fn size(stream: BorrowedFd<'_>) -> Option<(u16, u16)> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCGWINSZ writes one `winsize`, and `size` is one, valid for the duration of the call.
    let result = unsafe { libc::ioctl(stream.as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) };
    (result == 0 && size.ws_col > 0).then_some((size.ws_col, size.ws_row))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(terminal: bool, columns: Option<usize>, vars: &[(&str, &str)]) -> Screen {
        Screen::new(terminal, columns, |name| {
            vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_terminal_has_colours_unless_told_otherwise() {
        let xterm = ("TERM", "xterm");
        assert_eq!(screen(true, Some(90), &[xterm]), Screen { width: 90, colour: true, live: true });
        assert!(!screen(true, Some(90), &[xterm, ("NO_COLOR", "1")]).colour);
        assert!(screen(true, Some(90), &[xterm, ("NO_COLOR", "")]).colour);
        assert!(!screen(true, Some(90), &[("TERM", "dumb")]).live);
        assert!(!screen(true, Some(90), &[]).colour);
    }

    #[test]
    fn a_pipe_is_plain_and_as_wide_as_columns_says() {
        assert_eq!(screen(false, Some(90), &[("TERM", "xterm")]), Screen::PLAIN);
        assert_eq!(screen(false, None, &[("COLUMNS", "72")]).width, 72);
        assert_eq!(screen(false, None, &[("COLUMNS", "wide")]).width, WIDTH_WITHOUT_TERMINAL);
        assert_eq!(screen(true, None, &[]).width, WIDTH_UNKNOWN);
        assert_eq!(screen(true, Some(3), &[]).width, WIDTH_MIN);
    }

    #[test]
    fn paint_is_nothing_without_colours() {
        assert_eq!(Screen::PLAIN.paint(Style::Bad, "x"), "x");
        let colour = Screen { colour: true, ..Screen::PLAIN };
        assert_eq!(colour.paint(Style::Bad, "x"), "\x1b[31mx\x1b[0m");
    }
}
