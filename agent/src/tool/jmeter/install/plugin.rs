//! Our plug-in's jar, compiled against the very JMeter it will run in.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::assets;
use crate::tool::install::compile::{self, Contents};
use crate::tool::install::error::InstallError;
use crate::tool::install::java::Jdk;
use crate::tool::install::progress::Progress;
use crate::tool::install::workspace::Workspace;

/// The jar's file name in its directory.
pub const JAR_NAME: &str = "gridnode-jmeter.jar";

/// Compiles the sources and packs them into `directory`, which is created. Returns the jar.
pub fn compile(
    workspace: &Workspace,
    jdk: &Jdk,
    home: &Path,
    directory: &Path,
    progress: &mut dyn Progress,
) -> Result<PathBuf, InstallError> {
    let jar = directory.join(JAR_NAME);
    let sources = assets::plugin_sources();
    compile::to_jar(workspace, jdk, &Contents::of(&sources), &compile_class_path(home), &jar, progress)?;
    Ok(jar)
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
