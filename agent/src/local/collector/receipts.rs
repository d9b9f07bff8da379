//! Receipts of implicit runs: a line of JSON each, as soon as everything of a run is delivered, or
//! at the end.

use crate::data::session::Session;
use gridnode_core::base::run::RunName;
use gridnode_core::measure::ingest::ClosedRun;
use gridnode_core::run::outcome::Outcome;
use gridnode_core::run::receipt::Receipt;
use gridnode_core::trace::redact::Redactor;
use std::io;

/// Closed runs whose receipt waits for a Drain that is away; the oldest is then stated as it is.
const WAITING_MAX: usize = 1_024;

/// Runs that have closed and are not yet stated.
pub struct Receipts {
    node: String,
    redactor: Redactor,
    waiting: Vec<Waiting>,
    any: bool,
    doubtful: u64,
}

struct Waiting {
    name: RunName,
    run: Box<ClosedRun>,
    outcome: Outcome,
}

impl Receipts {
    /// For receipts of this node.
    #[must_use]
    pub fn new(node: String, redactor: Redactor) -> Self {
        Self { node, redactor, waiting: Vec::new(), any: false, doubtful: 0 }
    }

    /// A run has closed.
    pub fn add(&mut self, name: RunName, run: Box<ClosedRun>, outcome: Outcome) {
        self.any = true;
        self.waiting.push(Waiting { name, run, outcome });
    }

    /// A run has closed.
    #[must_use]
    pub fn are_any(&self) -> bool {
        self.any
    }

    /// States what is settled.
    pub fn settle(&mut self, session: &mut Session, print: &mut dyn FnMut(&str) -> io::Result<()>) {
        let mut at = 0;
        while let Some(waiting) = self.waiting.get(at) {
            let account = session.account(&waiting.name);
            let settled = account.spooled == 0 && account.total() == waiting.run.account.aggregated;
            if settled || self.waiting.len() > WAITING_MAX {
                let waiting = self.waiting.remove(at);
                self.state(session, waiting, print);
            } else {
                at += 1;
            }
        }
    }

    /// States all the rest, settled or not; true when no receipt since the start left a doubt, and all were printed.
    pub fn finish(&mut self, session: &mut Session, print: &mut dyn FnMut(&str) -> io::Result<()>) -> bool {
        for waiting in std::mem::take(&mut self.waiting) {
            self.state(session, waiting, print);
        }
        self.doubtful == 0
    }

    fn state(
        &mut self,
        session: &mut Session,
        waiting: Waiting,
        print: &mut dyn FnMut(&str) -> io::Result<()>,
    ) {
        let Waiting { name, run, outcome } = waiting;
        let mut receipt = Receipt::new(&self.node, *run, outcome, session.account(&name));
        receipt.hide_secrets(&self.redactor);
        let doubts = receipt.doubts();
        doubts.iter().for_each(|doubt| tracing::error!(run = %name, "{doubt}"));
        self.doubtful += u64::from(!doubts.is_empty());
        // Maps with other keys than texts are what cannot be written; there are none.
        let stated = serde_json::to_string(&receipt).unwrap_or_default();
        match print(&stated) {
            Ok(()) => session.said(&name),
            Err(error) => {
                // Whoever counts on it has nothing.
                self.doubtful += 1;
                tracing::error!(%error, run = %name, "failed to print the receipt; what it says is: {stated}");
            }
        }
        session.forget(&name);
    }
}
