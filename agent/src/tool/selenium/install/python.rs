//! The private Python environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::assets;
use crate::tool::install::digest::bytes_text;
use crate::tool::install::java::SearchPath;
use crate::tool::install::workspace::Workspace;
use crate::tool::install::{InstallError, Progress, access, process};

/// Some 15 packages of 15 MB; most of it is Selenium itself.
const PIP_LIMIT: Duration = Duration::from_secs(15 * 60);
const VENV_LIMIT: Duration = Duration::from_secs(3 * 60);

/// The interpreter of an environment.
pub fn interpreter(environment: &Path) -> PathBuf {
    environment.join("bin/python")
}

/// The machine's own Python. Root, who installs for others, takes one that others can run where there is one.
pub fn find(search: &SearchPath, tools_dir: &Path) -> Result<PathBuf, InstallError> {
    let is_for_others = nix::unistd::geteuid().is_root() && access::is_reachable_by_all(tools_dir);
    let all: Vec<PathBuf> = search.find_all("python3").collect();
    let open = all.iter().find(|python| is_for_others && real(python).is_some_and(|real| is_open(&real)));
    open.or(all.first()).cloned().ok_or_else(|| {
        InstallError::Missing(
            "failed to find `python3`: Selenium runs in it, at least version 3.9 is needed (Debian and Ubuntu: python3 \
             and python3-venv)"
                .to_owned(),
        )
    })
}

/// What keeps others from using an environment made with `python` in a directory that they can reach.
pub fn warning(python: &Path, tools_dir: &Path) -> Option<String> {
    let real = real(python)?;
    let is_private = access::is_reachable_by_all(tools_dir) && !is_open(&real);
    is_private.then(|| {
        format!(
            "other users cannot run {}, and so not use this installation; put a Python that they can run first on the path",
            real.display()
        )
    })
}

fn is_open(real: &Path) -> bool {
    access::is_open_to_all(real)
}

/// The program that an environment's links will lead to: what is on the path may be a script that starts another one. `None`
/// when no environment can be made with it.
fn real(python: &Path) -> Option<PathBuf> {
    const SCRIPT: &str = "import ensurepip, os, sys, venv; print(os.path.realpath(sys.executable))";
    let said = Command::new(python).args(["-I", "-c", SCRIPT]).stdin(Stdio::null()).output().ok()?;
    let path = String::from_utf8(said.stdout).ok()?;
    said.status.success().then(|| PathBuf::from(path.trim()))
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

/// Whether a line of a plan's list asks for nothing but what every environment has: a bare name, or one with a version that
/// ours is or that it comes after.
pub fn provides(requirement: &str) -> bool {
    let wanted = requirement.replace(' ', "").to_ascii_lowercase().replace('_', "-");
    let ours = |name: &str| {
        let pins = assets::REQUIREMENTS.lines().filter_map(|line| line.split_once("=="));
        pins.into_iter()
            .find(|(pinned, _)| pinned.eq_ignore_ascii_case(name))
            .and_then(|(_, rest)| rest.split([' ', ';']).next())
    };
    let numbers = |version: &str| version.split('.').map(str::parse).collect::<Result<Vec<u32>, _>>();
    if let Some((name, version)) = wanted.split_once(">=") {
        let pair = ours(name).map(|ours| (numbers(ours), numbers(version)));
        return matches!(pair, Some((Ok(ours), Ok(least))) if ours >= least);
    }
    match wanted.split_once("==") {
        Some((name, version)) => ours(name) == Some(version),
        None => ours(&wanted).is_some(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::fs::PermissionsExt as _;

    /// A directory with a `python3` that says that it is `real`.
    fn python(dir: &Path, real: &Path, mode: u32) {
        fs::create_dir_all(dir).unwrap();
        let script = format!("#!/bin/sh\necho {}\n", real.display());
        let program = dir.join("python3");
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(dir, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn an_environment_for_others_is_made_with_a_python_that_they_can_run() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let (private, shims, open) =
            (dir.path().join("root"), dir.path().join("shims"), dir.path().join("open"));
        python(&private, &private.join("python3"), 0o700);
        python(&shims, &private.join("python3"), 0o755);
        python(&open, &open.join("python3"), 0o755);
        let path = std::env::join_paths([&shims, &open]).unwrap();
        let search = SearchPath::new(None, Some(OsStr::new(&path)));
        // Others than root have what is first on their path, and a warning.
        let is_root = nix::unistd::geteuid().is_root();
        let expected = if is_root { &open } else { &shims }.join("python3");
        assert_eq!(find(&search, &dir.path().join("tools")).unwrap(), expected);
        assert_eq!(find(&search, &private.join("tools")).unwrap(), shims.join("python3"));
        let warning = |python: &Path| warning(python, &dir.path().join("tools"));
        assert!(
            warning(&shims.join("python3")).unwrap().contains(&private.join("python3").display().to_string())
        );
        assert_eq!(warning(&open.join("python3")), None);
    }
}
