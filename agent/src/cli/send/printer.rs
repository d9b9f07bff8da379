//! What happens while a command is sent and followed, on the terminal.

use super::words;
use crate::console::{write_note, write_result};
use crate::control::send::{Listener, News};
use gridnode_core::node::event::EventBody;
use std::io;

/// Shows events as results, and all else as notes.
#[derive(Debug)]
pub struct Printer {
    /// Events as JSON, one a line.
    pub json: bool,
    /// The screen is somebody else's: events are notes, too.
    pub is_aside: bool,
}

impl Printer {
    /// To standard output and standard error.
    pub fn new(json: bool) -> Self {
        Self { json, is_aside: false }
    }
}

impl Listener for Printer {
    fn hear(&mut self, news: News<'_>) -> io::Result<()> {
        match news {
            // Whoever watches a start puts them together.
            News::Event(event) if matches!(event.body, EventBody::FloodProgress(_)) => Ok(()),
            News::Event(event) if self.is_aside => {
                write_note(&words::line(event));
                Ok(())
            }
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
