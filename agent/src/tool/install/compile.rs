//! A plug-in's jar, compiled on this machine against the very jars it will run with.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::error::InstallError;
use super::java::{JAVA_VERSION_MIN, Jdk};
use super::process;
use super::progress::Progress;
use super::workspace::Workspace;

/// It takes seconds; a loaded machine may need a minute.
const COMPILE_LIMIT: Duration = Duration::from_secs(5 * 60);

/// Path and text of a source that the binary carries.
pub type Source = (String, Cow<'static, [u8]>);

/// What goes into a jar.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    /// What is compiled.
    pub sources: &'a [Source],
    /// A jar whose classes go in as they are.
    pub unpacked: Option<&'a Path>,
    /// The manifest, unless an empty one will do.
    pub manifest: Option<&'a str>,
}

impl<'a> Contents<'a> {
    /// Nothing but these.
    pub fn of(sources: &'a [Source]) -> Self {
        Self { sources, unpacked: None, manifest: None }
    }
}

/// Compiles sources and packs them into `jar`, whose directory is created.
pub fn to_jar(
    workspace: &Workspace,
    jdk: &Jdk,
    contents: &Contents<'_>,
    class_path: &OsStr,
    jar: &Path,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    let sources = write_sources(&workspace.temporary().join("sources"), contents.sources)?;
    let classes = workspace.temporary().join("classes");
    for dir in [Some(classes.as_path()), jar.parent()].into_iter().flatten() {
        fs::create_dir_all(dir).map_err(InstallError::io("create", dir))?;
    }
    let mut javac = Command::new(&jdk.javac);
    javac
        .args(["-encoding", "UTF-8", "-proc:none", "-nowarn", "--release"])
        .arg(JAVA_VERSION_MIN.to_string());
    javac.arg("-cp").arg(class_path).arg("-d").arg(&classes).args(sources);
    let log = workspace.temporary().join("javac.log");
    let ended = process::run(&mut javac, &log, COMPILE_LIMIT, || !progress.is_cancelled())
        .map_err(InstallError::io("run", &jdk.javac))?;
    ended.finished("compile the plug-in against this tool", &jdk.javac, progress)?;

    if let Some(unpacked) = contents.unpacked {
        unpack(workspace, jdk, unpacked, &classes, progress)?;
    }
    let mut pack = Command::new(&jdk.jar);
    pack.arg("--create").arg("--file").arg(jar);
    if let Some(text) = contents.manifest {
        let manifest = workspace.temporary().join("MANIFEST.MF");
        fs::write(&manifest, text).map_err(InstallError::io("write", &manifest))?;
        pack.arg("--manifest").arg(manifest);
    }
    pack.arg("-C").arg(&classes).arg(".");
    let log = workspace.temporary().join("jar.log");
    let ended = process::run(&mut pack, &log, COMPILE_LIMIT, || !progress.is_cancelled())
        .map_err(InstallError::io("run", &jdk.jar))?;
    ended.finished("pack the plug-in", &jdk.jar, progress)
}

fn unpack(
    workspace: &Workspace,
    jdk: &Jdk,
    jar: &Path,
    classes: &Path,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    let mut unpack = Command::new(&jdk.jar);
    unpack.current_dir(classes).arg("--extract").arg("--file").arg(jar);
    let log = workspace.temporary().join("unpack.log");
    let ended = process::run(&mut unpack, &log, COMPILE_LIMIT, || !progress.is_cancelled())
        .map_err(InstallError::io("run", &jdk.jar))?;
    ended.finished("unpack a part of the plug-in", &jdk.jar, progress)?;
    // Its manifest is not ours.
    let about = classes.join("META-INF");
    if about.is_dir() {
        fs::remove_dir_all(&about).map_err(InstallError::io("remove", &about))?;
    }
    Ok(())
}

/// Writes sources below `dir` and says where they are.
pub fn write_sources(dir: &Path, sources: &[Source]) -> Result<Vec<PathBuf>, InstallError> {
    let mut paths = Vec::new();
    for (name, text) in sources {
        let path = dir.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(InstallError::io("create", parent))?;
        }
        fs::write(&path, text).map_err(InstallError::io("write", &path))?;
        paths.push(path);
    }
    Ok(paths)
}
