//! A socket without a run of its own: every identity in the tags is an implicit run, up to a cap.

use crate::ids::Ident;
use crate::limits::IMPLICIT_RUNS_MAX;
use crate::run::{RunIdentity, RunSettings};
use crate::sump::Tags;
use crate::window::WindowSettings;

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
}

pub(super) struct OpenSocket {
    settings: OpenSettings,
    runs: Vec<(RunIdentity, u32)>,
}

pub(super) enum Found {
    Known(u32),
    New(RunSettings),
    Refused,
}

impl OpenSocket {
    pub(super) fn new(settings: OpenSettings) -> Self {
        Self { settings, runs: Vec::new() }
    }

    /// The run these tags belong to. Refused: no flood, a name that is not an identifier, or too many of them.
    pub(super) fn find(&self, tags: &Tags) -> Found {
        let Some(identity) = self.identity(tags) else { return Found::Refused };
        if let Some((_, run)) = self.runs.iter().find(|(known, _)| *known == identity) {
            return Found::Known(*run);
        }
        if self.runs.len() >= IMPLICIT_RUNS_MAX {
            return Found::Refused;
        }
        let settings = &self.settings;
        Found::New(RunSettings { identity, window: settings.window, labels_max: settings.labels_max })
    }

    pub(super) fn remember(&mut self, identity: RunIdentity, run: u32) {
        self.runs.push((identity, run));
    }

    /// Drops a run that was closed; whether it was one of this socket's.
    pub(super) fn forget(&mut self, run: u32) -> bool {
        let before = self.runs.len();
        self.runs.retain(|(_, known)| *known != run);
        before != self.runs.len()
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
