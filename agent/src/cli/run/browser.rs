//! Options of browser tests.

use crate::tool::selenium::install::BrowserPaths;
use clap::Args;
use std::path::PathBuf;

/// How browsers are run.
#[derive(Debug, Clone, Default, Args)]
pub struct BrowserArgs {
    /// The browser [default: chromium, google-chrome or chromium-browser on the path]
    #[arg(long, value_name = "FILE", help_heading = "Browser tests")]
    pub chromium: Option<PathBuf>,
    /// Its driver, of the same version [default: chromedriver on the path]
    #[arg(long, value_name = "FILE", help_heading = "Browser tests")]
    pub chromedriver: Option<PathBuf>,
    /// Keep each browser and its profile from one iteration to the next, instead of a fresh one for each
    #[arg(long, help_heading = "Browser tests")]
    pub keep_profile: bool,
}

impl BrowserArgs {
    /// For whoever looks for them.
    #[must_use]
    pub fn paths(&self) -> BrowserPaths {
        BrowserPaths { chromium: self.chromium.clone(), chromedriver: self.chromedriver.clone() }
    }
}
