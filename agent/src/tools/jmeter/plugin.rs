//! Our plug-in's jar, compiled against the very JMeter it will run in.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::assets;
use super::home::finished;
use super::{InstallError, Progress, Workspace};
use crate::tools::java::{JAVA_VERSION_MIN, Jdk};
use crate::tools::process;

/// The jar's file name in its directory.
pub const JAR_NAME: &str = "gridnode-jmeter.jar";
/// It takes seconds; a loaded machine may need a minute.
const COMPILE_LIMIT: Duration = Duration::from_secs(5 * 60);

/// Compiles the sources and packs them into `directory`, which is created. Returns the jar.
pub fn compile(
    workspace: &Workspace,
    jdk: &Jdk,
    home: &Path,
    directory: &Path,
    progress: &mut dyn Progress,
) -> Result<PathBuf, InstallError> {
    let sources = write_sources(&workspace.temporary().join("sources"))?;
    let classes = workspace.temporary().join("classes");
    for dir in [&classes, directory] {
        fs::create_dir_all(dir).map_err(InstallError::io("create", dir))?;
    }
    let mut javac = Command::new(&jdk.javac);
    javac
        .args(["-encoding", "UTF-8", "-proc:none", "-nowarn", "--release"])
        .arg(JAVA_VERSION_MIN.to_string());
    javac.arg("-cp").arg(compile_class_path(home)).arg("-d").arg(&classes).args(sources);
    let log = workspace.temporary().join("javac.log");
    let ended = process::run(&mut javac, &log, COMPILE_LIMIT, || !progress.is_cancelled())
        .map_err(InstallError::io("run", &jdk.javac))?;
    finished(ended, "compile the plug-in against this JMeter", &jdk.javac, progress)?;

    let jar = directory.join(JAR_NAME);
    let mut pack = Command::new(&jdk.jar);
    pack.arg("--create").arg("--file").arg(&jar).arg("-C").arg(&classes).arg(".");
    let log = workspace.temporary().join("jar.log");
    let ended = process::run(&mut pack, &log, COMPILE_LIMIT, || !progress.is_cancelled())
        .map_err(InstallError::io("run", &jdk.jar))?;
    finished(ended, "pack the plug-in", &jdk.jar, progress)?;
    Ok(jar)
}

fn write_sources(dir: &Path) -> Result<Vec<PathBuf>, InstallError> {
    let mut paths = Vec::new();
    for (name, text) in assets::plugin_sources() {
        let path = dir.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(InstallError::io("create", parent))?;
        }
        fs::write(&path, text).map_err(InstallError::io("write", &path))?;
        paths.push(path);
    }
    Ok(paths)
}

/// The compiler expands the stars itself.
fn compile_class_path(home: &Path) -> OsString {
    let mut path = super::home::launcher_jar(home).into_os_string();
    for dir in ["lib/*", "lib/ext/*"] {
        path.push(":");
        path.push(home.join(dir));
    }
    path
}
