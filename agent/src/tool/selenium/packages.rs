//! Python packages that a plan brings a `requirements.txt` for: an environment of their own, made once and kept in the tools
//! directory. The runner's own packages are seen in it, and stand behind the plan's.
//!
//! What pip builds runs code of strangers, so it gets what a tool gets: a made environment without anything of ours, a supervisor,
//! a limit, an end of its whole tree.
//!
//! Limits: of environments the last eight are kept, and those in use. The environment's name is made of the file, of those that it names by `-r` and `-c`, and, where it has options or
//! paths, of its directory. What changes in a directory of wheels behind them is not seen: remove the environment then.

use super::environments;
use super::install::{SeleniumHome, provides};
use super::plan::{CheckedPlan, PlanKind};
use crate::cage::Cage;
use crate::cage::foreign_file::write_private;
use crate::cage::tail::tail;
use crate::tool::build::{Build, BuildFailed, run};
use crate::tool::directories::Directories;
use crate::tool::install::digest::files_hash;
use crate::tool::install::workspace::Workspace;
use crate::tool::install::{InstallError, Progress};
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// What people call it.
const FILE: &str = "requirements.txt";
/// A list of thousands of packages is smaller.
const FILE_BYTES_MAX: u64 = 1 << 20;
const VENV_LIMIT: Duration = Duration::from_secs(2 * 60);
/// Packages that have to be compiled take minutes.
const PIP_LIMIT: Duration = Duration::from_secs(10 * 60);
/// Of each of pip's outputs: the end has the reason.
const LOG_BYTES_MAX: u64 = 1 << 20;

/// Whether packages of plans may be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Packages {
    /// Somebody runs their own plan.
    #[default]
    Install,
    /// The node's configuration does not allow it.
    Refuse,
}

/// Why a plan does not get its packages.
#[derive(Debug, Error)]
pub enum PackagesError {
    /// Its owner has to allow it.
    #[error(
        "the plan brings {}, and this node installs no packages for plans: set plan_packages = true in the section [tools] of \
         its configuration, or send the plan without that file", file.display()
    )]
    Refused {
        /// The list.
        file: PathBuf,
    },
    /// The list cannot be read.
    #[error("failed to read {}: {source}", file.display())]
    Unreadable {
        /// The list.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no room for the environment.
    #[error("failed to install the packages of {}: {source}", file.display())]
    Workspace {
        /// The list.
        file: PathBuf,
        /// Why.
        source: InstallError,
    },
    /// Python or pip has failed.
    #[error("failed to install the packages of {}: {why} (all that pip said: {})", file.display(), log.display())]
    Failed {
        /// The list.
        file: PathBuf,
        /// The decisive line, or what became of it.
        why: String,
        /// Where the rest is.
        log: PathBuf,
    },
}

impl CheckedPlan {
    /// Whether packages have to be installed for it, which takes a while: those of an earlier run are there.
    #[must_use]
    pub fn needs_packages(&self, home: &SeleniumHome) -> bool {
        let Ok(Some(list)) = list_of(self) else { return false };
        !python_of(&all_of(home).join(list.key(&self.directory, home))).is_file()
    }

    /// Files beside the plan that it is run with: its jars, or the list of its packages and the lists that that names.
    #[must_use]
    pub fn files_beside(&self) -> Vec<PathBuf> {
        if let PlanKind::Java { jars, .. } = &self.kind {
            return jars.clone();
        }
        let Ok(Some(list)) = list_of(self) else { return Vec::new() };
        let others = list.others.iter().map(|(name, _)| list.file.with_file_name(name));
        let others: Vec<PathBuf> = others.filter(|path| path.is_file()).collect();
        std::iter::once(list.file).chain(others).collect()
    }
}

/// The list beside a plan that has more than the runner's own packages.
fn list_of(plan: &CheckedPlan) -> Result<Option<List>, PackagesError> {
    let file = plan.directory.join(FILE);
    if plan.kind != PlanKind::Python || !file.is_file() {
        return Ok(None);
    }
    let list = List::read(&file).map_err(|source| PackagesError::Unreadable { file, source })?;
    Ok(list.wants_more().then_some(list))
}

/// The Python of an environment with the plan's packages, made now if it is not there; `None` when the runner's own does.
pub(super) fn python(
    plan: &CheckedPlan,
    home: &SeleniumHome,
    allowed: Packages,
    dirs: &Directories,
    cage: &Cage,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Option<PathBuf>, PackagesError> {
    let Some(list) = list_of(plan)? else { return Ok(None) };
    // Also where somebody has installed them already: what a node does must not depend on what was done there before.
    if allowed == Packages::Refuse {
        return Err(PackagesError::Refused { file: list.file });
    }
    if cage.slot.is_some() {
        // What a run's user has written no other run may use: each makes its own, and it goes with the run.
        let target = dirs.run.join("packages");
        let log = target.with_extension("log");
        Making { list: &list, home, dirs, cage, is_cancelled, log }.fill(&plan.directory, &target)?;
        return Ok(Some(python_of(&target)));
    }
    let target = all_of(home).join(list.key(&plan.directory, home));
    if !python_of(&target).is_file() {
        let log = target.with_extension("log");
        Making { list: &list, home, dirs, cage, is_cancelled, log }.make(&plan.directory, &target)?;
    }
    environments::used(&target);
    Ok(Some(python_of(&target)))
}

/// Where the environments are.
fn all_of(home: &SeleniumHome) -> PathBuf {
    home.home.with_file_name("packages")
}

/// What a plan asks for.
struct List {
    file: PathBuf,
    text: String,
    /// Lists that it names.
    others: Vec<(String, String)>,
}

impl List {
    fn read(file: &Path) -> io::Result<Self> {
        let text = read(file)?;
        let mut others = Vec::new();
        for line in lines(&text) {
            let mut words = line.splitn(2, [' ', '=']);
            let option = words.next().unwrap_or_default();
            let named =
                words.next().filter(|_| ["-r", "--requirement", "-c", "--constraint"].contains(&option));
            if let Some(name) = named {
                // What is not there is pip's to say.
                others.push((
                    name.trim().to_owned(),
                    read(&file.with_file_name(name.trim())).unwrap_or_default(),
                ));
            }
        }
        Ok(Self { file: file.to_owned(), text, others })
    }

    fn wants_more(&self) -> bool {
        lines(&self.text).any(|line| !provides(line))
    }

    fn key(&self, directory: &Path, home: &SeleniumHome) -> String {
        let config = home.home.join("python/pyvenv.cfg");
        let python = fs::read_to_string(config).unwrap_or_default();
        let version = python.lines().find(|line| line.starts_with("version")).unwrap_or_default();
        let is_local =
            lines(&self.text).any(|line| line.starts_with(['-', '.', '/']) || line.contains("file:"));
        let place = if is_local { directory.display().to_string() } else { String::new() };
        let mut files = vec![("python".to_owned(), version.to_owned()), ("place".to_owned(), place)];
        files.push((FILE.to_owned(), self.text.clone()));
        files.extend(self.others.iter().cloned());
        files_hash(&files)
    }
}

/// One environment in the making.
struct Making<'a> {
    list: &'a List,
    home: &'a SeleniumHome,
    dirs: &'a Directories,
    cage: &'a Cage,
    is_cancelled: &'a dyn Fn() -> bool,
    log: PathBuf,
}

impl Making<'_> {
    fn make(&self, directory: &Path, target: &Path) -> Result<(), PackagesError> {
        let no_room = |source| PackagesError::Workspace { file: self.list.file.clone(), source };
        let tools = self.home.home.parent().and_then(Path::parent).and_then(Path::parent).unwrap_or(target);
        let mut wanted = Wanted(self.is_cancelled);
        let workspace =
            Workspace::open(tools, "selenium", &mut wanted).map_err(|error| no_room(error.into()))?;
        if python_of(target).is_file() {
            return Ok(());
        }
        let all = target.with_file_name("");
        fs::create_dir_all(&all).map_err(|error| no_room(InstallError::io("create", &all)(error)))?;
        let made = workspace.temporary().join("packages");
        self.fill(directory, &made)?;
        let placed = workspace.publish(&made, target);
        placed.map_err(|error| no_room(InstallError::io("put into place", target)(error)))?;
        environments::used(target);
        environments::remove_old(&all);
        Ok(())
    }

    /// A new environment at `made`.
    fn fill(&self, directory: &Path, made: &Path) -> Result<(), PackagesError> {
        let no_room = |source| PackagesError::Workspace { file: self.list.file.clone(), source };
        let args = ["-I", "-m", "venv", "--without-pip"].map(OsString::from);
        let args = args.into_iter().chain([made.into()]).collect();
        self.step("venv", &self.home.python, args, VENV_LIMIT, directory)?;
        // Behind its own: the runner's packages, pip among them.
        let (site, own) = (site_of(made), site_of(&self.home.home.join("python")));
        let path = site.join("gridnode.pth");
        fs::write(&path, format!("{}\n", own.display()))
            .map_err(|error| no_room(InstallError::io("write", &path)(error)))?;
        let args =
            ["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-cache-dir"];
        let mut args: Vec<OsString> = args.map(OsString::from).into();
        args.extend(["--progress-bar", "off", "-r"].map(OsString::from));
        args.push(self.list.file.clone().into());
        self.step("pip", &python_of(made), args, PIP_LIMIT, directory)
    }

    fn step(
        &self,
        name: &'static str,
        program: &Path,
        args: Vec<OsString>,
        limit: Duration,
        directory: &Path,
    ) -> Result<(), PackagesError> {
        let env: [(&str, OsString); 5] = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin".into()),
            ("LANG", "C.UTF-8".into()),
            ("HOME", self.dirs.home.clone().into()),
            ("TMPDIR", self.dirs.temporary.clone().into()),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
        ];
        let step = Build {
            name,
            program: program.to_owned(),
            args,
            env: env.map(|(name, value)| (name.into(), value)).into(),
            working_dir: directory.to_owned(),
            log_dir: &self.dirs.plan,
            cage: self.cage,
            limit,
        };
        run(&step, &mut || (self.is_cancelled)()).map_err(|error| {
            let said = ["err", "out"].map(|end| {
                tail(&self.dirs.plan.join(format!("{name}.{end}")), LOG_BYTES_MAX).unwrap_or_default()
            });
            let all = said.join("\n");
            // The run's directory goes with a run that does not take place.
            let _ = write_private(&self.log, all.as_bytes());
            let why = match error {
                BuildFailed::Refused { .. } => decisive(&all).to_owned(),
                other => other.to_string(),
            };
            PackagesError::Failed { file: self.list.file.clone(), why, log: self.log.clone() }
        })
    }
}

/// Waits for other installations as long as somebody wants it.
struct Wanted<'a>(&'a dyn Fn() -> bool);

impl Progress for Wanted<'_> {
    fn step(&mut self, _number: u32, _of: u32, _what: &str) {}
    fn working(&mut self, _state: &str) {}
    fn done(&mut self, _result: &str) {}
    fn is_cancelled(&self) -> bool {
        (self.0)()
    }
}

fn python_of(environment: &Path) -> PathBuf {
    environment.join("bin/python")
}

/// Where its packages are: `lib/python3.N/site-packages`.
fn site_of(environment: &Path) -> PathBuf {
    let lib = environment.join("lib");
    let versions = fs::read_dir(&lib).into_iter().flatten().flatten().map(|entry| entry.path());
    versions.map(|path| path.join("site-packages")).find(|path| path.is_dir()).unwrap_or(lib)
}

fn read(file: &Path) -> io::Result<String> {
    let mut text = Vec::new();
    fs::File::open(file)?.take(FILE_BYTES_MAX).read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(|line| line.split(" #").next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The line of pip's words that says why.
fn decisive(said: &str) -> &str {
    let found = ["ERROR:", "error:"]
        .iter()
        .find_map(|start| said.lines().find(|line| line.trim_start().starts_with(start)));
    let last = || said.lines().rfind(|line| !line.trim().is_empty());
    found.or_else(last).unwrap_or("it failed without a word").trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runners_own_packages_need_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(FILE);
        let wants_more = |text: &str| {
            fs::write(&file, text).unwrap();
            List::read(&file).unwrap().wants_more()
        };
        assert!(!wants_more("# browsers\nselenium\nSelenium>=4.1  # any\n\n"));
        for more in ["requests", "selenium==3.141", "selenium>=99", "-r other.txt", "selenium[x]"] {
            assert!(wants_more(&format!("selenium\n{more}\n")), "{more}");
        }
    }

    #[test]
    fn an_environment_belongs_to_its_lists() {
        let dir = tempfile::tempdir().unwrap();
        let none = PathBuf::from("/nonexistent");
        let home = SeleniumHome {
            java: none.clone(),
            javac: none.clone(),
            python: none.clone(),
            runner: none.clone(),
            home: none.clone(),
            version: String::new(),
            plugin_jar: none,
        };
        let file = dir.path().join(FILE);
        let key = |text: &str, other: &str, place: &str| {
            fs::write(&file, text).unwrap();
            fs::write(dir.path().join("other.txt"), other).unwrap();
            List::read(&file).unwrap().key(Path::new(place), &home)
        };
        assert_eq!(key("a==1", "", "/a"), key("a==1", "", "/b"));
        assert_ne!(key("a==1", "", "/a"), key("a==2", "", "/a"));
        assert_ne!(key("-r other.txt", "a==1", "/a"), key("-r other.txt", "a==2", "/a"));
        assert_ne!(key("./own.whl", "", "/a"), key("./own.whl", "", "/b"));
    }

    #[test]
    fn the_line_that_says_why() {
        assert_eq!(
            decisive("Looking\n  ERROR: No matching distribution\nERROR: later\n"),
            "ERROR: No matching distribution"
        );
        assert_eq!(decisive("one\nlast\n\n"), "last");
    }
}
