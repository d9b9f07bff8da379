//! What a person sees while a run goes on: a line a second.

use crate::cli::collect::log_event;
use crate::console::{Live, Screen, Tick, write_note};
use crate::local_run::Watch;
use crate::session::SessionEvent;
use gridnode_core::ingest::Totals;

/// Prints to standard error.
pub struct Console {
    live: Live,
    p95_ms: Option<f64>,
    requests_before: u64,
}

impl Console {
    /// Nothing shown yet.
    #[must_use]
    pub fn new() -> Self {
        Self { live: Live::new(Screen::stderr()), p95_ms: None, requests_before: 0 }
    }
}

impl Watch for Console {
    fn second(&mut self, elapsed_s: u64, totals: &Totals) {
        let note = if totals.sources == 0 { "JMeter is starting" } else { "" };
        let tick = Tick {
            elapsed_s,
            users: totals.users,
            rate_per_s: totals.requests.saturating_sub(self.requests_before) as f64,
            passed: totals.requests.saturating_sub(totals.failed_requests),
            failed: totals.failed_requests,
            p95_ms: self.p95_ms,
            note: note.to_owned(),
        };
        self.requests_before = totals.requests;
        write_note(&self.live.line(&tick));
    }

    fn event(&mut self, event: &SessionEvent) {
        if let SessionEvent::Window(window) = event {
            self.p95_ms = window.p95_us.map(|us| us as f64 / 1_000.0).or(self.p95_ms);
        }
        log_event(event);
    }

    fn note(&mut self, sentence: &str) {
        write_note(sentence);
    }
}
