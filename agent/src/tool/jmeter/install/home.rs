//! A JMeter home out of Maven's artefacts.
//!
//! `ApacheJMeter.jar` goes to `bin`, `ApacheJMeter_*.jar` to `lib/ext`, all else to `lib`; the files of `bin` are in the
//! `ApacheJMeter_config` jar.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::assets;
use super::{STEPS, TOOL};
use crate::tool::install::error::InstallError;
use crate::tool::install::java::Jdk;
use crate::tool::install::maven::{self, Wanted, directory_text};
use crate::tool::install::options::InstallOptions;
use crate::tool::install::process;
use crate::tool::install::progress::Progress;
use crate::tool::install::workspace::Workspace;

/// It takes a second.
const UNPACK_LIMIT: Duration = Duration::from_secs(5 * 60);
const MAIN_CLASS: &str = "org.apache.jmeter.NewDriver";

/// The jar that JMeter is launched from.
pub fn launcher_jar(home: &Path) -> PathBuf {
    home.join("bin/ApacheJMeter.jar")
}

/// Every jar of a home.
pub fn jars(home: &Path) -> impl Iterator<Item = PathBuf> {
    assets::home_jars().map(|(name, _)| home.join(place_of(name)))
}

/// The arguments that start a home of ours with every jar on the class path. The order is that of the checksum list and
/// not of the directory: a class archive holds for one order only, and jars that a user adds are found by JMeter anyway.
pub fn class_path_args(home: &Path, more: &[PathBuf]) -> Vec<OsString> {
    let mut class_path = OsString::new();
    for jar in jars(home) {
        if !class_path.is_empty() {
            class_path.push(":");
        }
        class_path.push(jar);
    }
    for jar in more {
        class_path.push(":");
        class_path.push(jar);
    }
    let mut home_arg = OsString::from("-Djmeter.home=");
    home_arg.push(home);
    vec![home_arg, "-cp".into(), class_path, MAIN_CLASS.into()]
}

/// Steps 1 and 2: resolve, check, assemble, put into place.
pub fn install(
    workspace: &Workspace,
    maven: &Path,
    jdk: &Jdk,
    options: &InstallOptions,
    target: &Path,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    progress.step(1, STEPS, &format!("fetch JMeter {} with Maven", options.version));
    let jars = fetch(workspace, maven, options, progress)?;

    progress.step(2, STEPS, "check it against the pinned checksums and put it together");
    let home = workspace.temporary().join("home");
    assemble(&jars, &home)?;
    let checked = check(&home, progress)?;
    unpack_bin(workspace, jdk, &home, progress)?;
    workspace.publish(&home, target).map_err(InstallError::io("put into place", target))?;
    progress.done(&format!("{checked}, in {}", target.display()));
    Ok(())
}

/// The same for a home to which an earlier version has given fewer jars. They are added one by one: a JMeter that runs from
/// it must not lose its own.
pub fn complete(
    workspace: &Workspace,
    maven: &Path,
    options: &InstallOptions,
    home: &Path,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    progress.step(1, STEPS, &format!("fetch what is missing of JMeter {} with Maven", options.version));
    let jars = fetch(workspace, maven, options, progress)?;
    progress.step(2, STEPS, "add it and check everything against the pinned checksums");
    add_missing(&jars, home)?;
    let checked = check(home, progress)?;
    progress.done(&format!("{checked}, in {}", home.display()));
    Ok(())
}

/// Those of the pinned jars that a home does not have.
pub fn add_missing(fetched: &Path, home: &Path) -> Result<(), InstallError> {
    for (name, _) in assets::home_jars() {
        let to = home.join(place_of(name));
        if !to.is_file() {
            put(fetched, name, &to)?;
        }
    }
    Ok(())
}

fn fetch(
    workspace: &Workspace,
    maven: &Path,
    options: &InstallOptions,
    progress: &mut dyn Progress,
) -> Result<PathBuf, InstallError> {
    let jars = workspace.temporary().join("jars");
    let wanted = Wanted {
        pom: assets::HOME_POM,
        property: ("jmeter.version", &options.version),
        offline: options.offline,
        doing: "fetch JMeter",
    };
    maven::copy(workspace, maven, &wanted, &jars, progress)?;
    progress.done(&directory_text(&jars));
    Ok(jars)
}

/// Compares every jar with its pinned checksum.
pub fn check(home: &Path, progress: &mut dyn Progress) -> Result<String, InstallError> {
    let jars = assets::home_jars().map(|(name, sum)| (name, home.join(place_of(name)), sum));
    maven::check(TOOL, jars, progress)
}

fn assemble(jars: &Path, home: &Path) -> Result<(), InstallError> {
    for dir in ["bin", "lib/ext", "lib/junit"] {
        let dir = home.join(dir);
        fs::create_dir_all(&dir).map_err(InstallError::io("create", &dir))?;
    }
    for (name, _) in assets::home_jars() {
        put(jars, name, &home.join(place_of(name)))?;
    }
    maven::check_no_other(TOOL, jars, "", |_| false)
}

fn put(jars: &Path, name: &str, to: &Path) -> Result<(), InstallError> {
    fs::rename(jars.join(name), to).map_err(|_| InstallError::Checksum {
        tool: TOOL,
        what: format!("{name} is missing from what Maven has fetched"),
    })
}

/// `jar` writes only below its working directory.
fn unpack_bin(
    workspace: &Workspace,
    jdk: &Jdk,
    home: &Path,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    let config =
        assets::home_jars().map(|(name, _)| name).find(|name| name.starts_with("ApacheJMeter_config-"));
    let config = config.unwrap_or_default();
    let mut command = Command::new(&jdk.jar);
    command.current_dir(home).arg("--extract").arg("--file").arg(home.join(place_of(config))).arg("bin");
    let ended = process::run(&mut command, &workspace.temporary().join("jar.log"), UNPACK_LIMIT, || {
        !progress.is_cancelled()
    })
    .map_err(InstallError::io("run", &jdk.jar))?;
    ended.finished("unpack JMeter's settings", &jdk.jar, progress)
}

/// Where in a home a jar belongs.
fn place_of(name: &str) -> PathBuf {
    if name.starts_with("ApacheJMeter-") {
        "bin/ApacheJMeter.jar".into()
    } else if name.starts_with("ApacheJMeter_") {
        Path::new("lib/ext").join(name)
    } else {
        Path::new("lib").join(name)
    }
}
