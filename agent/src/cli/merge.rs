//! `gridnode merge FILE…`: true percentiles over the rollups of many nodes.

use std::path::PathBuf;

/// Options of `gridnode merge`.
#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// Files of line protocol, gzipped or not; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}
