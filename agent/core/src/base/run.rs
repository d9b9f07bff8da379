//! Who a run is: the identity that its rollups carry.

use crate::base::ids::Ident;
use crate::measure::window::WindowSettings;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Identity of one run of one flood on this node. `None` parts were not given and are left out of tags (an empty tag
/// value is invalid line protocol).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct RunIdentity {
    /// Customer account.
    pub account: Option<Ident>,
    /// The load test.
    pub flood: Ident,
    /// Project of the account.
    pub project: Option<Ident>,
    /// Logical collection of nodes.
    pub grid: Option<Ident>,
    /// Region of this node.
    pub region: Option<Ident>,
    /// Number of this execution of the flood.
    pub run: u64,
}

/// What tells one run from any other on this node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunKey {
    /// The load test.
    pub id: Ident,
    /// Number of this execution of it.
    pub run: u64,
}

impl RunKey {
    /// One component of a path, different for every run: an id alone could be `..`, and `:` separates paths elsewhere.
    #[must_use]
    pub fn dir_name(&self) -> String {
        format!("{}@{}", self.id.as_str().replace(':', "+"), self.run)
    }
}

impl fmt::Display for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run {} of flood {}", self.run, self.id)
    }
}

/// What the data side needs to know to take a run's samples.
#[derive(Debug, Clone)]
pub struct RunSettings {
    /// Who it is.
    pub identity: RunIdentity,
    /// How its windows are cut.
    pub window: WindowSettings,
    /// Distinct labels before folding.
    pub labels_max: usize,
}
