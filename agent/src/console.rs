//! Everything a person reads: in a terminal, and a run's report in a browser (`page`).
//!
//! Results go to standard output, progress and notes to standard error, so that `gridnode … > file` keeps the one and
//! shows the other. What is rendered here is plain text from plain structs: nothing reads a clock (but [`Steps`], which
//! shows how long it takes) and nothing knows where its numbers come from. Colour and live lines appear on terminals
//! only; `NO_COLOR` and `TERM=dumb` are honoured. Text from outside (labels, error texts) is cleaned of control
//! characters before it reaches a terminal.

mod board;
mod comparison;
mod failure;
mod failures;
mod full_screen;
mod indented;
mod live;
mod nodes;
pub(crate) mod number;
mod page;
mod receipt;
pub(crate) mod screen;
mod steps;
mod summary;
pub(crate) mod text;
mod trace;

pub use board::{Board, draw};
pub use comparison::render_comparison;
pub use failure::render_error;
pub use failures::{Reasons, failures_in_full, render_failures, slow_in_full};
pub use full_screen::FullScreen;
pub use live::{Live, Tick};
pub use nodes::render_nodes;
pub use number::{count, of};
pub use page::{ComparisonPage, PageSettings, render_comparison_page, render_page};
pub use receipt::{render_receipt, render_verdict};
pub use screen::{Screen, Style};
pub use steps::Steps;
pub use summary::{LABELS_SHOWN_MAX, SummaryRow, label_of, render_summary};
pub use text::{clean, clean_lines, fit};
pub use trace::render_trace;

use crate::base::aside;
use std::io::{self, Write};

/// Writes a result to standard output. A reader that has gone away (`gridnode … | head`) is no error.
///
/// # Errors
/// When standard output cannot be written, for example because it is a file on a full disk.
pub fn write_result(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes a line of progress, or a note, to standard error.
pub fn write_note(text: &str) {
    // When standard error is gone there is nobody left to tell.
    let _ = writeln!(aside::stderr(), "{}", text.trim_end_matches('\n'));
}
