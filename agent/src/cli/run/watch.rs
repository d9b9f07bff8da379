//! What a person sees while a run goes on: a line a second.

use crate::console::{Live, Screen, Tick, write_note};
use crate::data::session::SessionEvent;
use crate::local::run::Watch;
use gridnode_core::base::time::NS_PER_S;
use gridnode_core::measure::ingest::Totals;
use gridnode_launch::ToolKind;

/// Prints to standard error.
pub struct Console {
    live: Live,
    p95_ms: Option<f64>,
    requests_before: u64,
    elapsed_ns_before: u64,
    /// What is said until the first datagram arrives.
    starting: String,
}

impl Console {
    /// Nothing shown yet of this tool.
    #[must_use]
    pub fn new(kind: ToolKind) -> Self {
        Self {
            live: Live::new(Screen::stderr()),
            p95_ms: None,
            requests_before: 0,
            elapsed_ns_before: 0,
            starting: format!("{} is starting", kind.title()),
        }
    }

    /// Requests a second since the last line: on a busy machine a line can be late, or left out.
    fn rate_per_s(&mut self, elapsed_ns: u64, requests: u64) -> f64 {
        let requests_since = requests.saturating_sub(self.requests_before);
        let ns_since = elapsed_ns.saturating_sub(self.elapsed_ns_before).max(1);
        (self.requests_before, self.elapsed_ns_before) = (requests, elapsed_ns);
        requests_since as f64 * NS_PER_S as f64 / ns_since as f64
    }
}

impl Watch for Console {
    fn second(&mut self, elapsed_ns: u64, totals: &Totals) {
        let note = if totals.sources == 0 { self.starting.clone() } else { String::new() };
        let tick = Tick {
            // Rounded: the lines are a second apart, give or take some milliseconds.
            elapsed_s: elapsed_ns.saturating_add(NS_PER_S / 2) / NS_PER_S,
            users: totals.users,
            rate_per_s: self.rate_per_s(elapsed_ns, totals.requests),
            passed: totals.requests.saturating_sub(totals.failed_requests),
            failed: totals.failed_requests,
            p95_ms: self.p95_ms,
            note,
        };
        write_note(&self.live.line(&tick));
    }

    fn event(&mut self, event: &SessionEvent) {
        if let SessionEvent::Window(window) = event {
            self.p95_ms = window.p95_us.map(|us| us as f64 / 1_000.0).or(self.p95_ms);
        }
        event.log();
    }

    fn note(&mut self, sentence: &str) {
        write_note(sentence);
    }
}
