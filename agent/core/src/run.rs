//! Who a run is: the identity that its rollups carry.

use crate::ids::Ident;
use crate::window::WindowSettings;
use serde::Serialize;

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
