//! Where a run's files are.
//!
//! | in the run's directory | what |
//! |---|---|
//! | `plan/` | what is made out of the plan: a spliced copy, compiled classes |
//! | `home/`, `tmp/` | the tool's own; nothing in them is read after its end |
//! | `traces/` | error traces and the plug-ins' last words (`*.final`) |
//! | `stdout.log`, `stderr.log` | the tool's outputs, bounded |
//! | `gatling.log` | what Gatling's own loggers have written |
//! | `params.properties` | JMeter's parameters: for the owner's eyes, gone with the tool's end |
//! | `own-…/` | the same of Gatling (`java.args`) and Selenium (`options.json`) |
//! | `report.jsonl`, `stop` | what the plug-in says about itself, and what it is told |
//! | `exit.json` | how the tool ended |

use crate::base::entropy::random_hex;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// The run's directories; see the module's head.
#[derive(Debug, Clone)]
pub struct Directories {
    /// All of it.
    pub run: PathBuf,
    /// What is made out of the plan.
    pub plan: PathBuf,
    /// The tool's home.
    pub home: PathBuf,
    /// The tool's temporary files.
    pub temporary: PathBuf,
    /// Error traces and last words.
    pub traces: PathBuf,
}

impl Directories {
    /// Makes them.
    ///
    /// # Errors
    /// With the path that could not be made.
    pub fn make(run: &Path) -> Result<Self, (PathBuf, io::Error)> {
        let [home, temporary] = scratch_dirs(run);
        let dirs =
            Self { run: run.to_owned(), plan: run.join("plan"), home, temporary, traces: traces_dir(run) };
        for dir in [&dirs.run, &dirs.plan, &dirs.home, &dirs.temporary, &dirs.traces] {
            fs::create_dir_all(dir).map_err(|source| (dir.clone(), source))?;
        }
        Ok(dirs)
    }

    /// Makes a directory whose name nobody could foresee, for what is written after code of a customer's has run: a macro in a
    /// compiler can leave pipes and links wherever it expects a file of ours.
    ///
    /// # Errors
    /// With the path that could not be made.
    pub fn make_unforeseen(&self) -> Result<PathBuf, (PathBuf, io::Error)> {
        let name = random_hex().map_err(|error| (self.run.clone(), io::Error::other(error)))?;
        let path = self.run.join(format!("own-{name}"));
        DirBuilder::new().mode(0o700).create(&path).map_err(|source| (path.clone(), source))?;
        Ok(path)
    }

    /// Where a plug-in says how it fares.
    #[must_use]
    pub fn report_file(&self) -> PathBuf {
        self.run.join("report.jsonl")
    }

    /// Where a wish to end appears.
    #[must_use]
    pub fn stop_file(&self) -> PathBuf {
        self.run.join("stop")
    }
}

/// Where a run's end is noted, below its directory.
#[must_use]
pub fn exit_file(run_dir: &Path) -> PathBuf {
    run_dir.join("exit.json")
}

/// Where a run's error traces and last words are.
#[must_use]
pub fn traces_dir(run_dir: &Path) -> PathBuf {
    run_dir.join("traces")
}

/// What in a run's directory only the tool needs, and only as long as it runs: its home and its temporary files.
#[must_use]
pub fn scratch_dirs(run_dir: &Path) -> [PathBuf; 2] {
    ["home", "tmp"].map(|name| run_dir.join(name))
}
