//! What a person, or a program, sees while a run goes on: the live view, a line a second, an object a second, or nothing.

use super::json;
use super::show::{ShowArgs, Way};
use crate::cli::view::{Feeds, Shown};
use crate::console::{Live, Screen, Tick, write_note};
use crate::data::session::SessionEvent;
use crate::data::tap::Rows;
use crate::local::run::Watch;
use gridnode_core::base::time::NS_PER_S;
use gridnode_core::live::Figures;
use gridnode_core::measure::ingest::Totals;
use gridnode_launch::ToolKind;
use tokio::sync::watch;

/// See the module's head.
pub struct Console {
    show: Show,
    figures: Figures,
    elapsed_ns_before: u64,
    /// What is said until the first datagram arrives.
    starting: String,
}

enum Show {
    View(Shown),
    Lines(Live),
    Json,
    Nothing,
}

/// What is known of a run before it starts.
pub struct Known {
    /// Its flood.
    pub flood: String,
    /// How long it takes by its plan, s, where that is known.
    pub planned_s: Option<u64>,
    /// The tool.
    pub kind: ToolKind,
}

impl Console {
    /// Nothing shown yet; `rows` are the labels' figures.
    #[must_use]
    pub fn new(known: Known, args: ShowArgs, rows: watch::Receiver<Rows>) -> Self {
        let screen = Screen::stderr();
        let feeds = Feeds { labels: rows, nodes: None };
        let view = args.may_take_the_screen().then(|| Shown::start(feeds, screen.colour)).flatten();
        let show = match (args.way(), view) {
            (_, Some(view)) => Show::View(view),
            (Way::Text, None) => Show::Lines(Live::new(screen)),
            (Way::Json, None) => Show::Json,
            (Way::Quiet, None) => Show::Nothing,
        };
        let starting = format!("{} is starting", known.kind.title());
        let figures = Figures {
            flood: known.flood,
            planned_s: known.planned_s,
            note: starting.clone(),
            ..Figures::default()
        };
        let console = Self { show, figures, elapsed_ns_before: 0, starting };
        if let Show::View(view) = &console.show {
            view.show(&console.figures);
        }
        console
    }

    /// Requests a second since the last line: on a busy machine a line can be late, or left out.
    fn rate_per_s(&mut self, elapsed_ns: u64, requests: u64) -> f64 {
        let requests_before = self.figures.passed.saturating_add(self.figures.failed);
        let requests_since = requests.saturating_sub(requests_before);
        let ns_since = elapsed_ns.saturating_sub(self.elapsed_ns_before).max(1);
        self.elapsed_ns_before = elapsed_ns;
        requests_since as f64 * NS_PER_S as f64 / ns_since as f64
    }

    fn take(&mut self, elapsed_ns: u64, totals: &Totals, saturated: Option<&str>) {
        let rate_per_s = self.rate_per_s(elapsed_ns, totals.requests);
        let note = if totals.sources == 0 { self.starting.clone() } else { String::new() };
        self.figures = Figures {
            flood: std::mem::take(&mut self.figures.flood),
            planned_s: self.figures.planned_s,
            // Rounded: the lines are a second apart, give or take some milliseconds.
            elapsed_s: elapsed_ns.saturating_add(NS_PER_S / 2) / NS_PER_S,
            users: totals.users,
            rate_per_s,
            passed: totals.requests.saturating_sub(totals.failed_requests),
            failed: totals.failed_requests,
            latest: self.figures.latest,
            account: totals.account,
            labels: totals.labels,
            saturated: saturated.map(str::to_owned),
            beside: Vec::new(),
            note,
        };
    }
}

impl Watch for Console {
    fn second(&mut self, elapsed_ns: u64, totals: &Totals, saturated: Option<&str>) {
        self.take(elapsed_ns, totals, saturated);
        match &mut self.show {
            Show::View(view) => view.show(&self.figures),
            Show::Lines(live) => write_note(&live.line(&Tick::of(&self.figures, self.figures.note.clone()))),
            Show::Json => json::say_second(&self.figures),
            Show::Nothing => {}
        }
    }

    fn event(&mut self, event: &SessionEvent) {
        if let SessionEvent::Window(window) = event {
            self.figures.latest = window.times.or(self.figures.latest);
        }
        event.log();
    }

    fn note(&mut self, sentence: &str) {
        write_note(sentence);
    }
}
