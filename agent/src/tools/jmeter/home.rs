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
use super::{InstallError, InstallOptions, Progress, STEPS, Workspace, bytes_text};
use crate::tools::java::Jdk;
use crate::tools::process::{self, Ended};

/// The Maven plug-in that copies; pinned, or a mirror's newest decides what happens.
const COPY_GOAL: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
/// A slow line needs minutes for 80 MB; a dead one must not hold an installation for ever.
const MAVEN_LIMIT: Duration = Duration::from_secs(30 * 60);
const MAIN_CLASS: &str = "org.apache.jmeter.NewDriver";

/// The jar that JMeter is launched from.
pub fn launcher_jar(home: &Path) -> PathBuf {
    home.join("bin/ApacheJMeter.jar")
}

/// The arguments that start a home of ours with every jar on the class path. The order is that of the checksum list and
/// not of the directory: a class archive holds for one order only, and jars that a user adds are found by JMeter anyway.
pub fn class_path_args(home: &Path) -> Vec<OsString> {
    let mut class_path = OsString::new();
    for (name, _) in assets::home_jars() {
        if !class_path.is_empty() {
            class_path.push(":");
        }
        class_path.push(home.join(place_of(name)));
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
    let jars = workspace.temporary().join("jars");
    resolve(workspace, maven, options, &jars, progress)?;
    progress.done(&directory_text(&jars));

    progress.step(2, STEPS, "check it against the pinned checksums and put it together");
    let home = workspace.temporary().join("home");
    assemble(&jars, &home)?;
    let checked = check(&home, progress)?;
    unpack_bin(workspace, jdk, &home, progress)?;
    workspace.publish(&home, target).map_err(InstallError::io("put into place", target))?;
    progress.done(&format!("{checked}, in {}", target.display()));
    Ok(())
}

/// Compares every jar with its pinned checksum.
pub fn check(home: &Path, progress: &mut dyn Progress) -> Result<String, InstallError> {
    let mut bytes_total = 0;
    let mut jars = 0;
    for (name, sum) in assets::home_jars() {
        if progress.is_cancelled() {
            return Err(InstallError::Cancelled);
        }
        let path = home.join(place_of(name));
        let bytes = fs::read(&path).map_err(InstallError::io("read", &path))?;
        let found = assets::sha256_hex(&bytes);
        if found != sum {
            return Err(InstallError::Checksum(format!("{name} has the SHA-256 {found} instead of {sum}")));
        }
        bytes_total += bytes.len() as u64;
        jars += 1;
        progress.working(&format!("{jars} jars"));
    }
    Ok(format!("{jars} jars, {}, all as pinned", bytes_text(bytes_total)))
}

fn resolve(
    workspace: &Workspace,
    maven: &Path,
    options: &InstallOptions,
    jars: &Path,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    let project = workspace.temporary().join("maven");
    fs::create_dir(&project).map_err(InstallError::io("create", &project))?;
    let pom = project.join("pom.xml");
    fs::write(&pom, assets::HOME_POM).map_err(InstallError::io("write", &pom))?;
    let mut command = Command::new(maven);
    command.current_dir(&project).args(["-B", "-ntp", COPY_GOAL, "-DincludeScope=runtime"]);
    command.arg(format!("-Djmeter.version={}", options.version));
    command.arg(super::joined("-DoutputDirectory=", jars));
    if options.offline {
        command.arg("-o");
    }
    let ended = process::run(&mut command, &workspace.temporary().join("maven.log"), MAVEN_LIMIT, || {
        progress.working(&directory_text(jars));
        !progress.is_cancelled()
    })
    .map_err(InstallError::io("run", maven))?;
    finished(ended, "fetch JMeter", maven, progress)
}

/// Turns a program's end into a result.
pub fn finished(
    ended: Ended,
    doing: &'static str,
    program: &Path,
    progress: &dyn Progress,
) -> Result<(), InstallError> {
    let (status, output) = match ended {
        Ended::Well => return Ok(()),
        Ended::Stopped if progress.is_cancelled() => return Err(InstallError::Cancelled),
        Ended::Stopped => ("no end: it was stopped because it took too long".to_owned(), String::new()),
        Ended::Badly(status, output) => (status.to_string(), output),
    };
    Err(InstallError::Program { doing, program: program.display().to_string(), status, output })
}

fn assemble(jars: &Path, home: &Path) -> Result<(), InstallError> {
    for dir in ["bin", "lib/ext", "lib/junit"] {
        let dir = home.join(dir);
        fs::create_dir_all(&dir).map_err(InstallError::io("create", &dir))?;
    }
    for (name, _) in assets::home_jars() {
        let from = jars.join(name);
        fs::rename(&from, home.join(place_of(name)))
            .map_err(|_| InstallError::Checksum(format!("{name} is missing from what Maven has fetched")))?;
    }
    match fs::read_dir(jars).map_err(InstallError::io("read", jars))?.flatten().next() {
        Some(extra) => {
            let name = extra.file_name().to_string_lossy().into_owned();
            Err(InstallError::Checksum(format!("{name} came along and is not pinned")))
        }
        None => Ok(()),
    }
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
    let ended = process::run(&mut command, &workspace.temporary().join("jar.log"), MAVEN_LIMIT, || {
        !progress.is_cancelled()
    })
    .map_err(InstallError::io("run", &jdk.jar))?;
    finished(ended, "unpack JMeter's settings", &jdk.jar, progress)
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

fn directory_text(dir: &Path) -> String {
    let sizes: Vec<u64> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.metadata().ok().map(|meta| meta.len()))
        .collect();
    format!("{} jars, {}", sizes.len(), bytes_text(sizes.iter().sum()))
}
