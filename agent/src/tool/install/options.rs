//! What to install, and where.

use super::error::InstallError;
use std::path::PathBuf;

/// What to install, and where.
#[derive(Debug, Clone)]
pub struct InstallOptions {
    /// The tools directory; see [`default_dir`](super::tools_dir::default_dir).
    pub tools_dir: PathBuf,
    /// A version that this binary has checksums for.
    pub version: String,
    /// The network must not be used. Maven can do with its local repository; pip has none, so of Selenium only our own part
    /// can be installed so.
    pub offline: bool,
    /// Install anew even though everything is there.
    pub force: bool,
}

impl InstallOptions {
    /// This version, with the network, keeping what is there.
    pub fn new(tools_dir: impl Into<PathBuf>, version: impl Into<String>) -> Self {
        Self { tools_dir: tools_dir.into(), version: version.into(), offline: false, force: false }
    }

    /// What is there, or else, or where it is to be made anew, what `install` makes.
    pub(crate) fn ensure<Home>(
        &self,
        installed: Option<Home>,
        install: impl FnOnce() -> Result<Home, InstallError>,
    ) -> Result<Home, InstallError> {
        installed.filter(|_| !self.force).map_or_else(install, Ok)
    }

    /// That the version is not among the `known` ones of `tool`; `instead` ends the sentence.
    pub(crate) fn unknown_version(
        &self,
        tool: &'static str,
        known: &[&str],
        instead: &'static str,
    ) -> InstallError {
        let (version, known) = (self.version.clone(), known.join(", "));
        InstallError::UnknownVersion { tool, version, known, instead }
    }
}
