//! What a person, or a program, sees of a run on all nodes while it goes on, and the thresholds that end it early.

use crate::base::clock;
use crate::cli::moment::Moment;
use crate::cli::view::{Feeds, Shown};
use crate::console::{Live, Screen, Tick, clean, of, write_note, write_result};
use crate::data::tap::Rows;
use clap::Args;
use gridnode_core::base::time::{Mono, NS_PER_S};
use gridnode_core::judge::Threshold;
use gridnode_core::live::{Figures, GridLive};
use gridnode_core::node::command::StartFlood;
use gridnode_core::node::event::{Event, EventBody};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::watch;

/// How often nodes say how their run goes unless asked otherwise, s.
const EVERY_S: u32 = 15;
/// What is shown is made anew this often at most, though each of many nodes says something.
const REFRESH_NS: u64 = NS_PER_S;

/// The options.
#[derive(Debug, Clone, Args)]
pub struct WatchOptions {
    /// How often nodes say how their run goes, for the live view and --stop-on-fail: 5s to 10m, 0 for never [default: 15s]
    #[arg(long, value_name = "TIME", help_heading = "Waiting", requires = "wait", value_parser = every_s)]
    pub progress: Option<u32>,
    /// A line each time that all nodes have said something, instead of the live view, which a terminal gets
    #[arg(long, help_heading = "Waiting", requires = "wait", conflicts_with = "json")]
    pub plain: bool,
}

impl WatchOptions {
    /// For the command; nobody is asked for what nobody waits for.
    #[must_use]
    pub fn every_s(&self, waits: bool) -> Option<u32> {
        Some(self.progress.unwrap_or(EVERY_S)).filter(|s| waits && *s > 0)
    }
}

fn every_s(text: &str) -> Result<u32, String> {
    match crate::cli::options::duration_s(text)? {
        s @ (0 | 5..=600) => Ok(s),
        s => Err(format!("{s} s is not possible: write 5s to 10m, or 0 for never")),
    }
}

/// See the module's head.
pub struct GridWatch {
    grid: GridLive,
    show: Show,
    flood: String,
    planned_s: Option<u64>,
    /// When the first tool was heard to run.
    running_since: Option<Mono>,
    refreshed: Option<Mono>,
    /// The latest period that was told of.
    told: Option<i64>,
    has_news: bool,
    /// Nodes whose words could not be used.
    doubted: BTreeSet<String>,
    /// Those that can be broken for good; none where nothing is to be stopped.
    thresholds: Vec<Threshold>,
    /// What is broken, until it was taken.
    broken: Option<String>,
}

enum Show {
    View { view: Shown, labels: watch::Sender<Rows>, nodes: watch::Sender<Rows> },
    Lines(Live),
    Json,
}

/// All nodes together, once they have said something.
#[derive(Debug, Serialize)]
struct GridProgress<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    moment: Moment<'a>,
    /// Nodes that have said something.
    nodes: u64,
    /// What should worry somebody, in words.
    alarms: Vec<String>,
}

impl GridWatch {
    /// Of this start, whose nodes say something; `None` where they do not. Thresholds are those that are to end it.
    #[must_use]
    pub fn of(
        flood: &StartFlood,
        options: &WatchOptions,
        is_json: bool,
        thresholds: Vec<Threshold>,
    ) -> Option<Self> {
        let every_s = flood.progress_s?;
        Some(Self {
            grid: GridLive::new(every_s, flood.window_s),
            show: Show::new(options.plain, is_json),
            flood: flood.id.to_string(),
            planned_s: flood.duration_s,
            running_since: None,
            refreshed: None,
            told: None,
            has_news: false,
            doubted: BTreeSet::new(),
            thresholds: thresholds.into_iter().filter(Threshold::is_for_good).collect(),
            broken: None,
        })
    }

    /// Whether the terminal is taken: what is said goes to its notes then.
    #[must_use]
    pub fn has_screen(&self) -> bool {
        matches!(self.show, Show::View { .. })
    }

    /// Whether there was news of all nodes since this was asked last, or is seen anyway.
    pub fn has_spoken(&mut self) -> bool {
        std::mem::take(&mut self.has_news) || self.has_screen()
    }

    /// Why the run is to be stopped; once.
    pub fn take_broken(&mut self) -> Option<String> {
        self.broken.take()
    }

    /// Takes an event in.
    pub fn hear(&mut self, event: &Event) {
        let (now, now_s) = (clock::now().mono, clock::now().wall.0.div_euclid(NS_PER_S as i64));
        match &event.body {
            EventBody::FloodRunning { .. } => _ = self.running_since.get_or_insert(now),
            EventBody::FloodProgress(progress) => {
                let node = event.node.as_str();
                if let Err(why) = self.grid.add(node, progress, now_s)
                    && self.doubted.insert(node.to_owned())
                {
                    write_note(&format!(
                        "warning: what {node} says of its run cannot be used: {}",
                        clean(&why)
                    ));
                }
                self.running_since.get_or_insert(now);
            }
            EventBody::FloodFinished { .. } => self.grid.over(event.node.as_str()),
            _ => return,
        }
        self.refresh(now);
    }

    fn refresh(&mut self, now: Mono) {
        let period = self.grid.period();
        let is_news = period.is_some() && period != self.told;
        let is_due = self.refreshed.is_none_or(|before| now.since_ns(before) >= REFRESH_NS);
        if !(is_news || is_due && self.has_screen()) {
            return;
        }
        let figures = Figures {
            flood: self.flood.clone(),
            elapsed_s: self.running_since.map_or(0, |since| now.since_ns(since) / NS_PER_S),
            planned_s: self.planned_s,
            ..self.grid.figures()
        };
        self.refreshed = Some(now);
        match &mut self.show {
            Show::View { view, labels, nodes } => {
                labels.send_replace(Arc::new(self.grid.labels()));
                nodes.send_replace(Arc::new(self.grid.nodes()));
                view.show(&figures);
            }
            Show::Lines(live) if is_news => {
                let nodes = of(self.grid.nodes().len() as u64, "node", "nodes");
                let note = std::iter::once(nodes).chain(figures.alarms()).collect::<Vec<_>>().join("; ");
                write_note(&live.line(&Tick::of(&figures, note)));
            }
            Show::Json if is_news => {
                // Nobody who listens any more is no reason to stop.
                let _ = write_result(&json(&figures, self.grid.nodes().len() as u64));
            }
            Show::Lines(_) | Show::Json => {}
        }
        if is_news {
            (self.told, self.has_news) = (period, true);
            self.judge();
        }
    }

    fn judge(&mut self) {
        if self.thresholds.is_empty() {
            return;
        }
        if let Some(judgement) = self.grid.broken(&self.thresholds) {
            self.broken = Some(judgement.why);
            self.thresholds.clear();
        }
    }
}

impl Show {
    fn new(is_plain: bool, is_json: bool) -> Self {
        let screen = Screen::stderr();
        if is_json {
            return Self::Json;
        }
        let (labels, labels_out) = watch::channel(Rows::default());
        let (nodes, nodes_out) = watch::channel(Rows::default());
        let feeds = Feeds { labels: labels_out, nodes: Some(nodes_out) };
        match (!is_plain).then(|| Shown::start(feeds, screen.colour)).flatten() {
            Some(view) => Self::View { view, labels, nodes },
            None => Self::Lines(Live::new(screen)),
        }
    }
}

fn json(figures: &Figures, nodes: u64) -> String {
    let object =
        GridProgress { kind: "grid.progress", moment: Moment::of(figures), nodes, alarms: figures.alarms() };
    // Numbers and texts.
    serde_json::to_string(&object).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_is_a_time_too() {
        assert_eq!((every_s("0"), every_s("5s"), every_s("10m")), (Ok(0), Ok(5), Ok(600)));
        assert!(every_s("4s").unwrap_err().starts_with("4 s is not possible") && every_s("11m").is_err());
        let options = |progress| WatchOptions { progress, plain: false };
        assert_eq!(
            [None, Some(0), Some(60)].map(|asked| options(asked).every_s(true)),
            [Some(15), None, Some(60)]
        );
        assert_eq!(options(None).every_s(false), None);
    }

    #[test]
    fn an_object_is_one_line() {
        let figures = Figures {
            flood: "7".to_owned(),
            elapsed_s: 30,
            planned_s: Some(60),
            users: 20,
            passed: 151,
            beside: vec!["1 saturated: a (cpu)".to_owned()],
            ..Figures::default()
        };
        insta::assert_snapshot!(json(&figures, 2), @r#"{"type":"grid.progress","flood":"7","elapsed_s":30,"remaining_s":30,"users":20,"rate_per_s":0.0,"passed":151,"failed":0,"p50_ms":null,"p95_ms":null,"p99_ms":null,"nodes":2,"alarms":["1 saturated: a (cpu)"]}"#);
    }
}
