//! What happens while a command is sent and followed, on the terminal.

use super::words;
use crate::console::{write_note, write_result};
use crate::control::send::{Listener, News};
use std::io;

/// Shows events as results, and all else as notes.
#[derive(Debug)]
pub struct Printer {
    /// Events as JSON, one a line.
    pub json: bool,
}

impl Listener for Printer {
    fn hear(&mut self, news: News<'_>) -> io::Result<()> {
        match news {
            News::Event(event) if self.json => write_result(&event.to_json()),
            News::Event(event) => write_result(&words::line(event)),
            // Then the error says it.
            News::Ended(nodes) if nodes.is_empty() => Ok(()),
            other => {
                write_note(&words::note(&other));
                Ok(())
            }
        }
    }
}
