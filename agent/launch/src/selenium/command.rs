//! The command line of a browser test: the private environment's Python, our runner, one options file.
//!
//! - The plan's directory is the working directory: data files are relative to it. It must not be searched first for
//!   modules, or a file `selenium.py` beside a plan would take Selenium's place (`PYTHONSAFEPATH`; Python before 3.11
//!   does not know it).
//! - No byte code is written into the tools directory, which may belong to somebody else.

use crate::{Environment, LaunchSpec};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The runner's package.
pub const RUNNER_MODULE: &str = "gridnode_selenium";

/// How this node runs a browser test. All paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeleniumLaunch {
    /// The private environment's `python`.
    pub python: PathBuf,
    /// The directory that holds the runner's package.
    pub runner: PathBuf,
    /// The options file.
    pub options: PathBuf,
    /// The plan's directory.
    pub working_dir: PathBuf,
    /// For temporary files; the run's own.
    pub temporary_dir: PathBuf,
    /// Where screenshots of failures go; the JVMs of a Java plan read it from their environment.
    pub screenshots_dir: PathBuf,
    /// What the tool is told through its environment.
    pub environment: Environment,
}

/// Why no command line can be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A path that Python could misread.
    #[error("the {what} `{}` cannot be used: {why}", path.display())]
    Path {
        /// Which path.
        what: &'static str,
        /// The path.
        path: PathBuf,
        /// What is wrong with it and what would do.
        why: &'static str,
    },
}

impl SeleniumLaunch {
    /// Makes the command line.
    ///
    /// # Errors
    /// When a path is relative or has a character with a meaning of its own.
    pub fn spec(&self) -> Result<LaunchSpec, CommandError> {
        self.check()?;
        let mut env = self.environment.variables();
        let own: [(&str, OsString); 7] = [
            ("GRIDNODE_SCREENSHOTS_DIR", self.screenshots_dir.clone().into()),
            ("PYTHONPATH", self.runner.clone().into()),
            ("PYTHONSAFEPATH", "1".into()),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
            ("PYTHONNOUSERSITE", "1".into()),
            // A log that comes late is a log of the wrong moment.
            ("PYTHONUNBUFFERED", "1".into()),
            ("TMPDIR", self.temporary_dir.clone().into()),
        ];
        env.extend(own.map(|(name, value)| (name.to_owned(), value)));
        env.sort();
        Ok(LaunchSpec {
            program: self.python.clone(),
            args: vec!["-m".into(), RUNNER_MODULE.into(), self.options.clone().into()],
            env,
            working_dir: self.working_dir.clone(),
        })
    }

    fn check(&self) -> Result<(), CommandError> {
        let paths: [(&'static str, &Path); 6] = [
            ("directory for screenshots", &self.screenshots_dir),
            ("Python program", &self.python),
            ("runner's directory", &self.runner),
            ("options file", &self.options),
            ("working directory", &self.working_dir),
            ("temporary directory", &self.temporary_dir),
        ];
        for (what, path) in paths {
            let refuse = |why| Err(CommandError::Path { what, path: path.to_owned(), why });
            let bytes = path.as_os_str().as_encoded_bytes();
            if !path.is_absolute() {
                return refuse("it must be an absolute path");
            }
            if bytes.contains(&0) {
                return refuse("it has a NUL character");
            }
            if what == "runner's directory" && bytes.contains(&b':') {
                return refuse("Python splits lists of directories at `:`: use one without it in its name");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::example;

    fn launch() -> SeleniumLaunch {
        SeleniumLaunch {
            python: "/tools/selenium/python/bin/python".into(),
            runner: "/tools/selenium/runner".into(),
            options: "/runs/7/options.json".into(),
            working_dir: "/bundle".into(),
            temporary_dir: "/runs/7/tmp".into(),
            screenshots_dir: "/runs/7/screenshots".into(),
            environment: example(),
        }
    }

    #[test]
    fn the_command_line_names_the_options_file_and_nothing_else_of_the_run() {
        let spec = launch().spec().unwrap();
        assert_eq!(spec.args, ["-m", "gridnode_selenium", "/runs/7/options.json"]);
        assert_eq!(spec.working_dir, Path::new("/bundle"));
        let value = |name: &str| spec.env.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        assert_eq!(value("PYTHONPATH"), Some("/tools/selenium/runner".into()));
        assert_eq!(value("PYTHONSAFEPATH"), Some("1".into()));
        assert_eq!(value("FLOOD_SUMP_PORT"), Some("35663".into()));
        assert!(spec.env.is_sorted());
    }

    #[test]
    fn a_path_that_would_be_misread_is_refused() {
        let error = SeleniumLaunch { runner: "/a:b".into(), ..launch() }.spec().unwrap_err().to_string();
        assert!(error.contains("splits"), "{error}");
        let error =
            SeleniumLaunch { options: "options.json".into(), ..launch() }.spec().unwrap_err().to_string();
        assert!(error.contains("absolute"), "{error}");
    }
}
