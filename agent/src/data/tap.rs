//! Figures of each label for somebody who watches: made by the render thread of windows that are closed, so that the ingest
//! thread does not know of it. Only the latest word counts, and nobody waits for it to be heard.

use gridnode_core::live::{Board, Row};
use gridnode_core::measure::ingest::ClosedWindow;
use std::sync::Arc;
use tokio::sync::watch;

/// All labels at one moment.
pub type Rows = Arc<Vec<Row>>;

/// The end where windows come in.
pub struct Tap {
    board: Board,
    rows: watch::Sender<Rows>,
}

impl Tap {
    /// A tap, and where its rows come out.
    #[must_use]
    pub fn new() -> (Self, watch::Receiver<Rows>) {
        let (rows, out) = watch::channel(Rows::default());
        (Self { board: Board::default(), rows }, out)
    }

    /// Takes a closed window in; `None` when nobody watches any more.
    pub(super) fn window(mut self, window: &ClosedWindow) -> Option<Self> {
        if self.rows.is_closed() {
            return None;
        }
        self.board.add(window);
        self.rows.send_replace(Arc::new(self.board.rows()));
        Some(self)
    }
}
