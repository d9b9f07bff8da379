//! How the samples of one run are taken.

use super::window::WindowSettings;
use crate::base::run::RunIdentity;

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
