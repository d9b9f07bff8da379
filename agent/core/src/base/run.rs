//! Who a run is, in the three forms that are needed: [`RunIdentity`] is what its rollups carry, [`RunKey`] what commands name
//! it by, [`RunName`] the key of its accounts and the name of its directory in the spool.

use crate::base::ids::Ident;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Identity of one run of one flood on this node. `None` parts were not given and are left out of tags (an empty tag
/// value is invalid line protocol).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// `<flood>.<run>`, also the name of the run's spool directory: accounts are kept for each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunName(pub Arc<str>);

impl From<&str> for RunName {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for RunName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
