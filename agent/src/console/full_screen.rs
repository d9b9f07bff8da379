//! The whole terminal for a while: alternate screen, keys as they are pressed, no cursor.
//!
//! - Signals stay the terminal's: Ctrl-C is SIGINT as ever. Ctrl-Z and Ctrl-\ are off: both would leave the terminal as it is.
//! - It is given back on every end that this process can see: when this is dropped, in a panic, and in `exit`.
//! - A terminal that has gone away is no error: what is drawn then goes nowhere.

use crate::base::aside;
use crate::console::screen;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

/// Alternate screen, cleared; no cursor; lines do not wrap by themselves.
const ENTER: &str = "\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?7l";
/// Plain text, wrapping and cursor again, the screen from before.
const LEAVE: &str = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";
/// What is read of keys at once; a paste that is longer comes in pieces.
const KEY_BYTES_MAX: usize = 1_024;
/// The value that turns a special character off.
const OFF: u8 = 0;

static IS_ENTERED: AtomicBool = AtomicBool::new(false);
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// See the module's head. There is one at most.
pub struct FullScreen {
    terminal: Terminal<CrosstermBackend<Glass>>,
    area: Rect,
    has_keys: bool,
}

impl FullScreen {
    /// Takes the terminal behind standard error; keys come from standard input, if that is one, too. `None` where there is
    /// none, where it can do nothing, or where this process is in the background: then it must not be touched.
    #[must_use]
    pub fn enter() -> Option<Self> {
        let (stdin, stderr) = (io::stdin(), io::stderr());
        let is_ours = |fd| nix::unistd::tcgetpgrp(fd).is_ok_and(|group| group == nix::unistd::getpgrp());
        if !io::stdout().is_terminal() || !screen::Screen::stderr().live || !is_ours(stderr.as_fd()) {
            return None;
        }
        let area = area()?;
        give_back_at_the_end();
        let has_keys = stdin.is_terminal() && is_ours(stdin.as_fd()) && take_keys().is_some();
        let viewport = Viewport::Fixed(area);
        let backend = CrosstermBackend::new(Glass::default());
        let Ok(terminal) = Terminal::with_options(backend, TerminalOptions { viewport }) else {
            give_back();
            return None;
        };
        aside::begin();
        IS_ENTERED.store(true, Ordering::SeqCst);
        write_all(ENTER.as_bytes());
        Some(Self { terminal, area, has_keys })
    }

    /// Whether keys are heard.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.has_keys
    }

    /// Draws a frame, in whatever size the terminal has by now.
    pub fn draw(&mut self, content: impl FnOnce(&mut Frame<'_>)) {
        if let Some(area) = area().filter(|area| *area != self.area) {
            self.area = area;
            let _ = self.terminal.resize(area);
        }
        // The glass knows no errors, and there is nothing else that could fail.
        let _ = self.terminal.draw(content);
    }

    /// Whether the terminal has another size than what was drawn last.
    #[must_use]
    pub fn is_resized(&self) -> bool {
        area().is_some_and(|area| area != self.area)
    }

    /// What was typed, waiting for it no longer than `wait`.
    pub fn typed(&mut self, wait: Duration) -> Vec<u8> {
        if !self.has_keys {
            std::thread::sleep(wait);
            return Vec::new();
        }
        let stdin = io::stdin();
        let timeout = PollTimeout::try_from(wait).unwrap_or(PollTimeout::ZERO);
        let mut ready = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
        if !poll(&mut ready, timeout).is_ok_and(|n| n > 0) {
            return Vec::new();
        }
        let mut bytes = vec![0; KEY_BYTES_MAX];
        // Not through the buffer of `Stdin`: what is ready is to be had now.
        match nix::unistd::read(stdin.as_fd(), &mut bytes) {
            Ok(n) if n > 0 => bytes.truncate(n),
            Err(nix::Error::EINTR | nix::Error::EAGAIN) => bytes.clear(),
            // The terminal is gone, or somebody has closed it.
            _ => {
                self.has_keys = false;
                bytes.clear();
            }
        }
        bytes
    }

    /// Gives the terminal back where the thread that draws does not come to it.
    pub fn give_back() {
        give_back();
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        give_back();
    }
}

/// What a frame is written to: the terminal gets it in one piece, or not at all.
#[derive(Default)]
struct Glass(Vec<u8>);

impl Write for Glass {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if IS_ENTERED.load(Ordering::SeqCst) {
            write_all(&self.0);
        }
        self.0.clear();
        Ok(())
    }
}

/// A terminal that is gone answers EIO, and nobody is left to tell.
fn write_all(bytes: &[u8]) {
    let _ = io::stderr().lock().write_all(bytes);
}

fn area() -> Option<Rect> {
    let (columns, rows) = screen::size(io::stderr().as_fd())?;
    Some(Rect::new(0, 0, columns, rows))
}

/// Keys at once and unechoed; everything else stays as it is.
fn take_keys() -> Option<()> {
    let stdin = io::stdin();
    let before = tcgetattr(stdin.as_fd()).ok()?;
    let mut raw = before.clone();
    raw.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::IEXTEN);
    raw.local_flags.insert(LocalFlags::ISIG);
    for special in [SpecialCharacterIndices::VSUSP, SpecialCharacterIndices::VQUIT] {
        raw.control_chars[special as usize] = OFF;
    }
    raw.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
    raw.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
    tcsetattr(stdin.as_fd(), SetArg::TCSADRAIN, &raw).ok()
}

/// Gives the terminal back, and then says what was kept. Any number of times.
fn give_back() {
    if IS_ENTERED.swap(false, Ordering::SeqCst) {
        write_all(LEAVE.as_bytes());
    }
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before {
        let _ = tcsetattr(io::stdin().as_fd(), SetArg::TCSANOW, &before);
    }
    aside::end();
}

/// For a panic and for `exit`, which drop nothing.
fn give_back_at_the_end() {
    static ONCE: Once = Once::new();
    extern "C" fn at_exit() {
        if IS_ENTERED.load(Ordering::SeqCst) {
            give_back();
        }
    }
    ONCE.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if IS_ENTERED.load(Ordering::SeqCst) {
                give_back();
            }
            hook(panic);
        }));
        // SAFETY: the function has the type that is asked for, takes nothing and unwinds nowhere: it writes and ignores errors.
        unsafe { libc::atexit(at_exit) };
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_terminal_there_is_none() {
        // The test runner's output is a pipe; should it be a terminal, there is nothing to see here.
        if !io::stdout().is_terminal() || !io::stderr().is_terminal() {
            assert!(FullScreen::enter().is_none());
        }
    }

    #[test]
    fn what_is_drawn_without_a_screen_goes_nowhere() {
        let mut glass = Glass::default();
        glass.write_all(b"\x1b[2J").unwrap();
        glass.flush().unwrap();
        assert!(glass.0.is_empty());
    }
}
