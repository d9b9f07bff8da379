//! Why a plan of source or classes cannot be run.

use gridnode_launch::params::ParamError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a plan cannot be run.
#[derive(Debug, Error)]
pub enum PlanError {
    /// Cannot be read.
    #[error("failed to read the plan {}: {source}", path.display())]
    Unreadable {
        /// The plan.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Is not a plan.
    #[error("{}: {why}", path.display())]
    NotAPlan {
        /// The plan.
        path: PathBuf,
        /// Why, and what would be one.
        why: String,
    },
    /// A load or parameter that cannot be used.
    #[error(transparent)]
    Load(#[from] ParamError),
}
