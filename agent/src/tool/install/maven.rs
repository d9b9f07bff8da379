//! Jars by the user's own Maven (with its mirrors and proxies), each checked against a checksum that the binary carries.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::digest::{bytes_text, sha256_hex};
use super::error::InstallError;
use super::process::{self, joined};
use super::progress::Progress;
use super::workspace::Workspace;

/// The Maven plug-in that copies; pinned, or a mirror's newest decides what happens.
const COPY_GOAL: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
/// A slow line needs minutes for 80 MB; a dead one must not hold an installation for ever.
const MAVEN_LIMIT: Duration = Duration::from_secs(30 * 60);

/// What to fetch.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The POM that names it.
    pub pom: &'a str,
    /// A property of the POM and its value.
    pub property: (&'a str, &'a str),
    /// Maven must not use the network.
    pub offline: bool,
    /// For the message of a failure.
    pub doing: &'static str,
}

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Package<'a> {
    /// The POM that describes it.
    pub pom: &'a str,
    /// The file that it makes.
    pub name: &'a str,
    /// Maven must not use the network.
    pub offline: bool,
    /// For the message of a failure.
    pub doing: &'static str,
}

/// File name and SHA-256 of each line of a list, `<sha256>  <file name>`.
pub fn pinned(list: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    list.lines().filter_map(|line| line.split_once("  ")).map(|(sum, name)| (name, sum))
}

/// Copies the jars and those they need into `jars`.
pub fn copy(
    workspace: &Workspace,
    maven: &Path,
    wanted: &Wanted<'_>,
    jars: &Path,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    let project = project(workspace, &jars.file_name().unwrap_or_default().to_string_lossy(), wanted.pom)?;
    let mut command = Command::new(maven);
    command.current_dir(&project).args(["-B", "-ntp", COPY_GOAL, "-DincludeScope=runtime"]);
    command.arg(format!("-D{}={}", wanted.property.0, wanted.property.1));
    command.arg(joined("-DoutputDirectory=", jars));
    if wanted.offline {
        command.arg("-o");
    }
    let ended = process::run(&mut command, &workspace.temporary().join("maven.log"), MAVEN_LIMIT, || {
        progress.working(&directory_text(jars));
        !progress.is_cancelled()
    })
    .map_err(InstallError::io("run", maven))?;
    ended.finished(wanted.doing, maven, progress)
}

/// Has Maven make what the POM describes, and returns `name` below its `target`.
pub fn package(
    workspace: &Workspace,
    maven: &Path,
    wanted: &Package<'_>,
    progress: &mut dyn Progress,
) -> Result<PathBuf, InstallError> {
    let project = project(workspace, wanted.name, wanted.pom)?;
    let mut command = Command::new(maven);
    command.current_dir(&project).args(["-B", "-ntp", "package"]);
    if wanted.offline {
        command.arg("-o");
    }
    let ended = process::run(&mut command, &workspace.temporary().join("package.log"), MAVEN_LIMIT, || {
        progress.working("Maven is running");
        !progress.is_cancelled()
    })
    .map_err(InstallError::io("run", maven))?;
    ended.finished(wanted.doing, maven, progress)?;
    Ok(project.join("target").join(wanted.name))
}

/// A directory of its own with this POM.
fn project(workspace: &Workspace, name: &str, pom: &str) -> Result<PathBuf, InstallError> {
    let project = workspace.temporary().join(format!("maven-{name}"));
    fs::create_dir(&project).map_err(InstallError::io("create", &project))?;
    let file = project.join("pom.xml");
    fs::write(&file, pom).map_err(InstallError::io("write", &file))?;
    Ok(project)
}

/// Compares jars (pinned name, place, checksum) and says what they are.
pub fn check(
    tool: &'static str,
    jars: impl Iterator<Item = (&'static str, PathBuf, &'static str)>,
    progress: &mut dyn Progress,
) -> Result<String, InstallError> {
    let mut bytes_total = 0;
    let mut count = 0;
    for (name, path, sum) in jars {
        if progress.is_cancelled() {
            return Err(InstallError::Cancelled);
        }
        let bytes = fs::read(&path).map_err(InstallError::io("read", &path))?;
        let found = sha256_hex(&bytes);
        if found != sum {
            let what = format!("{name} has the SHA-256 {found} instead of {sum}");
            return Err(InstallError::Checksum { tool, what });
        }
        bytes_total += bytes.len() as u64;
        count += 1;
        progress.working(&format!("{count} jars"));
    }
    Ok(format!("{count} jars, {}, all as pinned", bytes_text(bytes_total)))
}

/// Refuses a directory that holds what is not pinned; pinned names begin with `prefix`.
pub fn check_no_other(
    tool: &'static str,
    dir: &Path,
    prefix: &str,
    is_pinned: impl Fn(&str) -> bool,
) -> Result<(), InstallError> {
    let entries = fs::read_dir(dir).map_err(InstallError::io("read", dir))?;
    let mut names = entries.flatten().map(|entry| format!("{prefix}{}", entry.file_name().to_string_lossy()));
    match names.find(|name| !is_pinned(name)) {
        Some(extra) => {
            Err(InstallError::Checksum { tool, what: format!("{extra} came along and is not pinned") })
        }
        None => Ok(()),
    }
}

/// How many files are in a directory, and how large they are.
pub fn directory_text(dir: &Path) -> String {
    let sizes: Vec<u64> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.metadata().ok().map(|meta| meta.len()))
        .collect();
    format!("{} jars, {}", sizes.len(), bytes_text(sizes.iter().sum()))
}
