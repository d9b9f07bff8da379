//! The system's Chromium and its driver: a browser comes with some 100 libraries and security updates of its own, so it is
//! the distribution's and not ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use thiserror::Error;

use crate::tool::install::java::SearchPath;
use crate::tool::install::process::{self, Ended};

/// In the order in which they are looked for.
const BROWSERS: [&str; 4] = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];
const DRIVER: &str = "chromedriver";
/// It takes less than a second.
const VERSION_LIMIT: Duration = Duration::from_secs(30);
const PACKAGES: &str = "Debian: apt-get install chromium chromium-driver";

/// Where to look: what is not given is looked for on the path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrowserPaths {
    /// The browser's program.
    pub chromium: Option<PathBuf>,
    /// The driver's program.
    pub chromedriver: Option<PathBuf>,
}

/// A browser and a driver that fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    /// The browser's program.
    pub chromium: PathBuf,
    /// The driver's program.
    pub chromedriver: PathBuf,
    /// As the browser gives it (`156.0.7559.59`).
    pub version: String,
}

/// Why there is none.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BrowserError {
    /// No browser.
    #[error("failed to find Chromium ({looked_for}): browser tests need one ({PACKAGES})")]
    NoBrowser {
        /// Where it was looked for.
        looked_for: String,
    },
    /// No driver.
    #[error(
        "failed to find `{0}`, the driver of Chromium: browser tests need one of the browser's own version ({PACKAGES})"
    )]
    NoDriver(String),
    /// A program that does not say its version.
    #[error("failed to ask {program} for its version: {why} ({PACKAGES})")]
    NoVersion {
        /// Which.
        program: String,
        /// What came instead.
        why: String,
    },
    /// They do not fit together.
    #[error(
        "Chromium is version {browser} and its driver version {driver}: they work together only when the first number is \
         the same ({PACKAGES})"
    )]
    Mismatch {
        /// The browser's version.
        browser: String,
        /// The driver's version.
        driver: String,
    },
}

impl Browser {
    /// Looks for both and asks them for their versions; blocks for about half a second. `scratch` is a directory for what they
    /// print.
    ///
    /// # Errors
    /// With a sentence that names the packages to install.
    pub fn find(paths: &BrowserPaths, scratch: &Path) -> Result<Self, BrowserError> {
        Self::find_in(&SearchPath::from_env(), paths, scratch)
    }

    fn find_in(search: &SearchPath, paths: &BrowserPaths, scratch: &Path) -> Result<Self, BrowserError> {
        let chromium = match &paths.chromium {
            Some(path) => Some(path.clone()).filter(|path| path.is_file()),
            None => BROWSERS.iter().find_map(|name| search.find(name)),
        };
        let chromium = chromium.ok_or_else(|| BrowserError::NoBrowser {
            looked_for: paths
                .chromium
                .as_ref()
                .map_or_else(|| BROWSERS.join(", "), |path| path.display().to_string()),
        })?;
        let chromedriver = match &paths.chromedriver {
            Some(path) => Some(path.clone()).filter(|path| path.is_file()),
            None => search.find(DRIVER),
        };
        let chromedriver = chromedriver.ok_or_else(|| {
            let wanted = paths.chromedriver.as_deref().unwrap_or(Path::new(DRIVER));
            BrowserError::NoDriver(wanted.display().to_string())
        })?;
        let browser = version_of(&chromium, scratch)?;
        let driver = version_of(&chromedriver, scratch)?;
        if major(&browser) != major(&driver) {
            return Err(BrowserError::Mismatch { browser, driver });
        }
        Ok(Self { chromium, chromedriver, version: browser })
    }
}

fn version_of(program: &Path, scratch: &Path) -> Result<String, BrowserError> {
    let fail = |why: String| BrowserError::NoVersion { program: program.display().to_string(), why };
    let log = scratch.join("version.log");
    let ended = process::run(Command::new(program).arg("--version"), &log, VERSION_LIMIT, || true);
    let text = match ended {
        Ok(Ended::Well) => fs::read_to_string(&log).unwrap_or_default(),
        Ok(Ended::Badly(status, words)) => return Err(fail(format!("it ended with {status}: {words}"))),
        Ok(Ended::Stopped) => return Err(fail("it did not answer in 30 s".to_owned())),
        Err(error) => return Err(fail(error.to_string())),
    };
    version_in(&text).map(str::to_owned).ok_or_else(|| fail("it printed none".to_owned()))
}

/// The first word that is numbers with dots between them.
fn version_in(text: &str) -> Option<&str> {
    text.split_ascii_whitespace().find(|word| {
        word.contains('.')
            && word.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn program(dir: &Path, name: &str, says: &str) {
        fs::write(dir.join(name), format!("#!/bin/sh\necho '{says}'\n")).unwrap();
        fs::set_permissions(dir.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn find(dir: &Path) -> Result<Browser, BrowserError> {
        Browser::find_in(&SearchPath::new(None, Some(dir.as_os_str())), &BrowserPaths::default(), dir)
    }

    #[test]
    fn what_is_missing_is_named_with_its_packages() {
        let dir = tempfile::tempdir().unwrap();
        assert!(find(dir.path()).unwrap_err().to_string().contains("chromium chromium-driver"));
        program(dir.path(), "google-chrome", "Google Chrome 156.0.1.2 ");
        let error = find(dir.path()).unwrap_err();
        assert_eq!(error, BrowserError::NoDriver("chromedriver".to_owned()));
        let paths = BrowserPaths { chromium: Some("/opt/none".into()), chromedriver: None };
        let error = Browser::find_in(&SearchPath::default(), &paths, dir.path()).unwrap_err().to_string();
        assert!(error.contains("/opt/none"), "{error}");
    }

    #[test]
    fn only_the_first_number_must_be_the_same() {
        let dir = tempfile::tempdir().unwrap();
        program(dir.path(), "chromium", "Chromium 156.0.7559.59 built on Debian 12.2");
        program(dir.path(), "chromedriver", "ChromeDriver 156.0.1.1 (abc-refs/branch@{#1})");
        assert_eq!(find(dir.path()).unwrap().version, "156.0.7559.59");
        program(dir.path(), "chromedriver", "ChromeDriver 155.0.1.1");
        let error = find(dir.path()).unwrap_err().to_string();
        assert!(error.contains("156.0.7559.59") && error.contains("155.0.1.1"), "{error}");
        program(dir.path(), "chromedriver", "usage: no");
        assert!(matches!(find(dir.path()), Err(BrowserError::NoVersion { .. })));
    }
}
