//! The live view on a thread of its own: a terminal that is slow, or gone, holds up nothing of the run.
//!
//! A run of this machine has figures every second. Those of a grid come when its nodes say something; between them the time goes on.

use crate::base::{aside, clock};
use crate::console::{Board, FullScreen, draw};
use crate::data::tap::Rows;
use crate::host::{Gauge, Used};
use gridnode_core::base::time::{Mono, NS_PER_S};
use gridnode_core::live::keys::keys;
use gridnode_core::live::{Figures, View, Wish};
use nix::sys::signal::{Signal, raise};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;
use tokio::sync::watch;

/// How long keys are waited for before the figures are looked at again.
const WAIT: Duration = Duration::from_millis(100);
/// Rounds after which it is drawn in any case, so that a screen that somebody has written over heals.
const ROUNDS_MAX: u32 = 10;
/// For a terminal that does not take a frame (a stopped connection) the end does not wait longer.
const END_WAIT: Duration = Duration::from_secs(2);
/// Notes that are ever shown at once.
const NOTES_MAX: usize = 20;

/// Where its tables come from.
pub struct Feeds {
    /// The labels.
    pub labels: watch::Receiver<Rows>,
    /// The nodes, where it is a run on a grid.
    pub nodes: Option<watch::Receiver<Rows>>,
}

/// The handle; dropping it gives the terminal back, and all that was said meanwhile is printed.
pub struct Shown {
    figures: Option<watch::Sender<Figures>>,
    ended: Receiver<()>,
}

impl Shown {
    /// Takes the terminal; `None` where there is none that is fit for it.
    #[must_use]
    pub fn start(feeds: Feeds, has_colour: bool) -> Option<Self> {
        let screen = FullScreen::enter()?;
        let (figures, seen) = watch::channel(Figures::default());
        let (end, ended) = sync_channel(1);
        let shower = Shower {
            screen,
            feeds,
            figures: seen,
            seen_at: clock::now().mono,
            view: View::default(),
            page: 1,
            gauge: Gauge::new(),
            used: Used::default(),
            has_colour,
        };
        let work = move || shower.run(&end);
        std::thread::Builder::new().name("view".to_owned()).spawn(work).ok()?;
        Some(Self { figures: Some(figures), ended })
    }

    /// The latest figures.
    pub fn show(&self, figures: &Figures) {
        self.figures.iter().for_each(|to| _ = to.send_replace(figures.clone()));
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        drop(self.figures.take());
        // Ends by the sender that is dropped when the terminal has been given back.
        if self.ended.recv_timeout(END_WAIT) == Err(RecvTimeoutError::Timeout) {
            FullScreen::give_back();
        }
    }
}

struct Shower {
    screen: FullScreen,
    feeds: Feeds,
    figures: watch::Receiver<Figures>,
    /// When those came.
    seen_at: Mono,
    view: View,
    page: usize,
    gauge: Gauge,
    used: Used,
    has_colour: bool,
}

impl Shower {
    fn run(mut self, _end: &SyncSender<()>) {
        let (mut round, mut said_before) = (ROUNDS_MAX, 0);
        loop {
            let typed = keys(&self.screen.typed(WAIT));
            for key in &typed {
                if self.view.press(*key, self.page) == Wish::Stop {
                    // As Ctrl-C does it, so that there is one way to stop.
                    let _ = raise(Signal::SIGINT);
                }
            }
            let Ok(is_new) = self.figures.has_changed() else { return };
            let (notes, said) = aside::latest(NOTES_MAX);
            if is_new {
                self.seen_at = clock::now().mono;
            }
            round += 1;
            let is_due = is_new || round >= ROUNDS_MAX || said != said_before || self.screen.is_resized();
            if is_due || !typed.is_empty() {
                if is_new || round >= ROUNDS_MAX {
                    self.used = self.gauge.look();
                    round = 0;
                }
                said_before = said;
                self.draw(&notes);
            }
        }
    }

    fn draw(&mut self, notes: &[String]) {
        let mut figures = self.figures.borrow_and_update().clone();
        let rows = Rows::clone(&self.feeds.labels.borrow());
        let nodes = self.feeds.nodes.as_ref().map(|nodes| Rows::clone(&nodes.borrow()));
        // What this machine is like says nothing about the nodes of a grid.
        let used = nodes.is_none().then_some(&self.used);
        if nodes.is_some() {
            figures.elapsed_s += clock::now().mono.since_ns(self.seen_at) / NS_PER_S;
        }
        let board = Board {
            figures: &figures,
            rows: &rows,
            nodes: nodes.as_deref().map(Vec::as_slice),
            cpu_percent: used.and_then(|used| used.cpu_percent),
            memory_percent: used.and_then(|used| used.memory_percent),
            notes,
            has_keys: self.screen.has_keys(),
            has_colour: self.has_colour,
        };
        let (view, page) = (&mut self.view, &mut self.page);
        self.screen.draw(|frame| *page = draw(frame, &board, view));
    }
}
