//! A socket without a run of its own: every identity in the tags is an implicit run, up to a cap.

use super::progress::RunProgress;
use crate::base::ids::Ident;
use crate::base::limits::IMPLICIT_RUNS_MAX;
use crate::base::run::RunIdentity;
use crate::measure::RunSettings;
use crate::measure::ledger::SourceMark;
use crate::measure::window::{UsedParts, WindowSettings};
use crate::wire::sump::Tags;
use std::collections::VecDeque;

/// How implicit runs are set up. What is given here wins over what a line says.
#[derive(Debug, Clone)]
pub struct OpenSettings {
    /// Grid of this node.
    pub grid: Option<Ident>,
    /// Region of this node.
    pub region: Option<Ident>,
    /// Run number for all of them.
    pub run: u64,
    /// How windows are cut.
    pub window: WindowSettings,
    /// Distinct labels a run.
    pub labels_max: usize,
    /// How far sources had come when an earlier process ended, whatever the number of its run was.
    pub earlier: Vec<RunProgress>,
}

/// Identities of closed runs that are remembered one by one, so that a run of the same name that comes later emits no
/// part of a window twice. About 400 bytes each; those forgotten share one range.
const CLOSED_KNOWN_MAX: usize = 1_024;

pub(super) struct OpenSocket {
    settings: OpenSettings,
    runs: Vec<(RunIdentity, u32)>,
    closed: VecDeque<Known>,
    closed_forgotten: UsedParts,
    /// Of `closed`, when it was opened: those that owe samples. Asked for at each tick.
    owing: Vec<RunIdentity>,
}

/// A run that was closed.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) identity: RunIdentity,
    pub(super) used: UsedParts,
    /// Of sources that may go on.
    pub(super) sources: Vec<SourceMark>,
}

pub(super) enum RunOf {
    Known(u32),
    New(Box<RunSettings>, UsedParts, Vec<SourceMark>),
    Refused,
}

impl OpenSocket {
    pub(super) fn new(mut settings: OpenSettings) -> Self {
        let earlier = std::mem::take(&mut settings.earlier).into_iter().take(CLOSED_KNOWN_MAX);
        let run = settings.run;
        let known = |earlier: RunProgress| Known {
            identity: RunIdentity { run, ..earlier.identity },
            used: UsedParts::default(),
            sources: earlier.sources,
        };
        let closed: VecDeque<Known> = earlier.map(known).collect();
        let owes = |known: &&Known| known.sources.iter().any(|source| source.lost > 0);
        let owing = closed.iter().filter(owes).map(|known| known.identity.clone()).collect();
        Self { settings, runs: Vec::new(), closed, closed_forgotten: UsedParts::default(), owing }
    }

    /// The run these tags belong to. Refused: no flood, a name that is not an identifier, or too many of them.
    pub(super) fn find(&self, tags: &Tags) -> RunOf {
        let Some(identity) = self.identity(tags) else { return RunOf::Refused };
        if let Some((_, run)) = self.runs.iter().find(|(known, _)| *known == identity) {
            return RunOf::Known(*run);
        }
        if self.runs.len() >= IMPLICIT_RUNS_MAX {
            return RunOf::Refused;
        }
        self.run_of(identity)
    }

    fn run_of(&self, identity: RunIdentity) -> RunOf {
        let settings = &self.settings;
        let known = self.closed.iter().find(|known| known.identity == identity);
        let (used, sources) = known
            .map_or_else(|| (self.closed_forgotten, Vec::new()), |known| (known.used, known.sources.clone()));
        let (window, labels_max) = (settings.window, settings.labels_max);
        RunOf::New(Box::new(RunSettings { identity, window, labels_max }), used, sources)
    }

    pub(super) fn remember(&mut self, identity: RunIdentity, run: u32) {
        self.runs.push((identity, run));
    }

    /// Drops a run that was closed, but for the part numbers it has used; whether it was one of this socket's.
    pub(super) fn forget(&mut self, run: u32, used: UsedParts, sources: &[SourceMark]) -> bool {
        let Some(at) = self.runs.iter().position(|(_, known)| *known == run) else { return false };
        let (identity, _) = self.runs.remove(at);
        self.closed.retain(|known| known.identity != identity);
        self.closed.push_back(Known { identity, used, sources: sources.to_vec() });
        if self.closed.len() > CLOSED_KNOWN_MAX
            && let Some(known) = self.closed.pop_front()
        {
            self.closed_forgotten = self.closed_forgotten.and(known.used);
        }
        true
    }

    /// The run that lines without a readable identity must belong to, if there is just one.
    pub(super) fn only_run(&self) -> Option<u32> {
        match self.runs.as_slice() {
            [(_, run)] => Some(*run),
            _ => None,
        }
    }

    pub(super) fn runs(&self) -> impl Iterator<Item = u32> + '_ {
        self.runs.iter().map(|(_, run)| *run)
    }

    /// Runs that were closed and have not begun again, with sources that may go on.
    pub(super) fn closed(&self) -> impl Iterator<Item = &Known> + '_ {
        let is_open = |known: &Known| self.runs.iter().any(|(identity, _)| *identity == known.identity);
        self.closed.iter().filter(move |known| !known.sources.is_empty() && !is_open(known))
    }

    /// The next of them of which something was lost that no receipt has said.
    pub(super) fn next_owing(&mut self) -> Option<RunOf> {
        if self.runs.len() >= IMPLICIT_RUNS_MAX {
            return None;
        }
        let is_open = |identity: &RunIdentity| self.runs.iter().any(|(open, _)| open == identity);
        self.owing.retain(|identity| !is_open(identity));
        self.owing.pop().map(|identity| self.run_of(identity))
    }

    fn identity(&self, tags: &Tags) -> Option<RunIdentity> {
        Some(RunIdentity {
            account: optional(tags.account.as_deref())?,
            flood: Ident::new(tags.flood.as_deref()?).ok()?,
            project: optional(tags.project.as_deref())?,
            grid: given_or_said(self.settings.grid.as_ref(), tags.grid.as_deref())?,
            region: given_or_said(self.settings.region.as_ref(), tags.region.as_deref())?,
            run: self.settings.run,
        })
    }
}

/// `None` when the text is there and no identifier.
fn optional(text: Option<&str>) -> Option<Option<Ident>> {
    text.filter(|text| !text.is_empty()).map_or(Some(None), |text| Ident::new(text).ok().map(Some))
}

fn given_or_said(given: Option<&Ident>, said: Option<&str>) -> Option<Option<Ident>> {
    given.map_or_else(|| optional(said), |given| Some(Some(given.clone())))
}
