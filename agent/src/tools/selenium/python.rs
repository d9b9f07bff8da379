//! The private Python environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::assets;
use crate::tools::digest::bytes_text;
use crate::tools::java::SearchPath;
use crate::tools::workspace::Workspace;
use crate::tools::{InstallError, Progress, process};

/// Some 15 packages of 15 MB; most of it is Selenium itself.
const PIP_LIMIT: Duration = Duration::from_secs(15 * 60);
const VENV_LIMIT: Duration = Duration::from_secs(3 * 60);

/// The interpreter of an environment.
pub fn interpreter(environment: &Path) -> PathBuf {
    environment.join("bin/python")
}

/// The machine's own Python.
pub fn find(search: &SearchPath) -> Result<PathBuf, InstallError> {
    search.find("python3").ok_or_else(|| {
        InstallError::Missing(
            "failed to find `python3`: Selenium runs in it, at least version 3.9 is needed (Debian and Ubuntu: python3 \
             and python3-venv)"
                .to_owned(),
        )
    })
}

/// Makes the environment in `target` and fills it with the pinned packages.
pub fn install(
    workspace: &Workspace,
    python: &Path,
    target: &Path,
    progress: &mut dyn Progress,
) -> Result<String, InstallError> {
    let log = workspace.temporary().join("python.log");
    let mut venv = Command::new(python);
    venv.args(["-m", "venv"]).arg(target);
    let ended = process::run(&mut venv, &log, VENV_LIMIT, || !progress.is_cancelled())
        .map_err(InstallError::io("run", python))?;
    ended.finished(
        "make a private Python environment (Debian and Ubuntu: the package python3-venv is needed)",
        python,
        progress,
    )?;

    let requirements = workspace.temporary().join("requirements.txt");
    fs::write(&requirements, assets::REQUIREMENTS).map_err(InstallError::io("write", &requirements))?;
    let private = interpreter(target);
    let mut pip = Command::new(&private);
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes"]);
    pip.args(["--only-binary", ":all:", "--progress-bar", "off", "-r"]).arg(&requirements);
    let ended = process::run(&mut pip, &log, PIP_LIMIT, || {
        progress.working("pip is fetching packages");
        !progress.is_cancelled()
    })
    .map_err(InstallError::io("run", &private))?;
    ended.finished("fetch Selenium's Python packages, each as pinned", &private, progress)?;
    Ok(format!("{} packages, {}", packages(), bytes_text(size_of(target))))
}

/// Names in the list of requirements; some are for old versions of Python only.
fn packages() -> usize {
    let names = assets::REQUIREMENTS.lines().filter_map(|line| line.split_once("==").map(|(name, _)| name));
    names.collect::<std::collections::BTreeSet<_>>().len()
}

/// Bytes of all files below a directory that we made ourselves.
fn size_of(dir: &Path) -> u64 {
    fs::read_dir(dir).into_iter().flatten().flatten().fold(0, |sum, entry| {
        sum + match entry.metadata() {
            Ok(meta) if meta.is_dir() => size_of(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        }
    })
}
