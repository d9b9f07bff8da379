//! Installs Gatling, the compiler for simulations in Scala, and our plug-in.
//!
//! The jars come through the user's own Maven and must match the checksums that this binary carries. `gatling-app` and the
//! Java parts of HTTP, JDBC, Redis and JMS are taken, all under Apache-2.0; `gatling-charts-highcharts`, which makes HTML
//! reports, has a licence of its own and is left out: the agent runs Gatling without reports. The plug-in is compiled
//! against the very Gatling it will run in; ASM, which it needs, is relocated by Maven.
//!
//! All functions here block, for minutes at worst: call them off the async runtime.

mod assets;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::tool::install::compile::{self, Contents};
use crate::tool::install::error::InstallError;
use crate::tool::install::installed::Installed;
use crate::tool::install::java::{self, Java, Jdk};
use crate::tool::install::maven::{self, Package, Wanted};
use crate::tool::install::options::InstallOptions;
use crate::tool::install::progress::Progress;
use crate::tool::install::workspace::Workspace;
use assets::{RELEASES, Release};

/// The version that is installed unless another is asked for.
pub const VERSION_DEFAULT: &str = "3.15.1";

const STEPS: u32 = 4;
/// What errors call it.
const TOOL: &str = "Gatling";
const JAR_NAME: &str = "gridnode-gatling.jar";
const ASM_NAME: &str = "gridnode-asm.jar";

/// A Gatling that simulations can be run with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatlingHome {
    /// The `java` program.
    pub java: PathBuf,
    /// The compiler for simulations in Java.
    pub javac: PathBuf,
    /// Its directory: `lib` and `scala` are in it.
    pub home: PathBuf,
    /// Gatling's version.
    pub version: String,
    /// Our plug-in.
    pub plugin_jar: PathBuf,
}

impl GatlingHome {
    /// Gatling's jars.
    #[must_use]
    pub fn lib(&self) -> PathBuf {
        self.home.join("lib")
    }

    /// The jars of Scala's compiler.
    #[must_use]
    pub fn scala(&self) -> PathBuf {
        self.home.join("scala")
    }
}

/// The Gatling of these options if it is complete, without looking further than at its files: no Maven, no network.
/// `Ok(None)` means that [`install`] has something to do.
pub fn installed(options: &InstallOptions) -> Result<Option<GatlingHome>, InstallError> {
    let layout = Layout::of(options)?;
    let (_, java, jdk) = java::from_env()?;
    Ok(layout.is_complete().then(|| layout.ready(&java, &jdk)))
}

/// The Gatling of these options, installed now if it is not there yet.
pub fn ensure(options: &InstallOptions, progress: &mut dyn Progress) -> Result<GatlingHome, InstallError> {
    options.ensure(installed(options)?, || install(options, progress))
}

/// Installs what is missing: all of it, or only the plug-in of a newer binary. Waits for another installation in the same
/// directory and then finds its work done.
pub fn install(options: &InstallOptions, progress: &mut dyn Progress) -> Result<GatlingHome, InstallError> {
    let layout = Layout::of(options)?;
    let what = match options.version.as_str() {
        VERSION_DEFAULT => "gatling".to_owned(),
        other => format!("gatling --version {other}"),
    };
    Workspace::may_open(&options.tools_dir, &what)?;
    let (search, java, jdk) = java::from_env()?;

    let workspace = Workspace::open(&options.tools_dir, &what, progress)?;
    if layout.is_complete() && !options.force {
        return Ok(layout.ready(&java, &jdk));
    }
    // The plug-in of a newer binary needs none: an image may have been made without it.
    let maven =
        if options.force || !layout.has_home() || !layout.has_asm() { Some(search.maven()?) } else { None };
    let maven = maven.as_deref();
    if let Some(maven) = maven.filter(|_| options.force || !layout.has_home()) {
        install_home(&workspace, maven, options, &layout, progress)?;
    } else {
        progress.step(1, STEPS, "use the jars that are already there");
        progress.done(&layout.home.display().to_string());
        progress.step(2, STEPS, "check them against the pinned checksums");
        let checked = check_jars(layout.release, &layout.home, progress)?;
        progress.done(&checked);
    }
    install_plugin(&workspace, maven, &jdk, options, &layout, progress)?;
    Ok(layout.ready(&java, &jdk))
}

/// The versions below `tools_dir`.
pub fn list(tools_dir: &Path) -> Vec<Installed> {
    let mut found = Vec::new();
    for release in &RELEASES {
        let layout = Layout::at(&tools_dir.join("gatling"), release);
        if layout.has_home() {
            let plugin_ready = layout.is_complete();
            let version = release.version.to_owned();
            found.push(Installed { tool: "gatling", version, dir: layout.home, plugin_ready, fault: None });
        }
    }
    found
}

/// Steps 1 and 2.
fn install_home(
    workspace: &Workspace,
    maven: &Path,
    options: &InstallOptions,
    layout: &Layout,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    let home = workspace.temporary().join("home");
    fs::create_dir(&home).map_err(InstallError::io("create", &home))?;
    let release = layout.release;
    progress.step(1, STEPS, &format!("fetch Gatling {} with Maven", release.version));
    let gatling = Wanted {
        pom: assets::HOME_POM,
        property: ("gatling.version", release.version),
        offline: options.offline,
        doing: "fetch Gatling's jars",
    };
    maven::copy(workspace, maven, &gatling, &home.join("lib"), progress)?;
    let scala = Wanted {
        pom: assets::SCALA_POM,
        property: ("scala.version", release.scala),
        doing: "fetch Scala's compiler",
        ..gatling
    };
    maven::copy(workspace, maven, &scala, &home.join("scala"), progress)?;
    progress.done(&maven::directory_text(&home.join("lib")));

    progress.step(2, STEPS, "check the jars against the pinned checksums");
    let checked = check_jars(release, &home, progress)?;
    workspace.publish(&home, &layout.home).map_err(InstallError::io("put into place", &layout.home))?;
    progress.done(&format!("{checked}, in {}", layout.home.display()));
    Ok(())
}

/// Steps 3 and 4.
fn install_plugin(
    workspace: &Workspace,
    maven: Option<&Path>,
    jdk: &Jdk,
    options: &InstallOptions,
    layout: &Layout,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    let asm = &layout.asm.join(ASM_NAME);
    if let Some(maven) = maven.filter(|_| options.force || !layout.has_asm()) {
        progress.step(3, STEPS, "make the relocated ASM with Maven");
        make_asm(workspace, maven, options, layout, progress)?;
    } else {
        progress.step(3, STEPS, "use the relocated ASM that is already there");
    }
    progress.done(&asm.display().to_string());

    progress.step(4, STEPS, "compile the plug-in against this Gatling");
    let unfinished = workspace.temporary().join("plugin");
    let sources = assets::plugin_sources();
    let contents = Contents { sources: &sources, unpacked: Some(asm), manifest: Some(assets::MANIFEST) };
    let mut class_path = OsString::from(layout.home.join("lib/*"));
    class_path.push(":");
    class_path.push(asm);
    compile::to_jar(workspace, jdk, &contents, &class_path, &unfinished.join(JAR_NAME), progress)?;
    workspace
        .publish(&unfinished, &layout.plugin)
        .map_err(InstallError::io("put into place", &layout.plugin))?;
    progress.done(JAR_NAME);
    Ok(())
}

/// Kept apart from the plug-in: a newer binary then needs no Maven, and so no network, for its own.
fn make_asm(
    workspace: &Workspace,
    maven: &Path,
    options: &InstallOptions,
    layout: &Layout,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    let asm = Package {
        pom: assets::ASM_POM,
        name: ASM_NAME,
        offline: options.offline,
        doing: "make the relocated ASM of the plug-in",
    };
    let made = maven::package(workspace, maven, &asm, progress)?;
    let unfinished = workspace.temporary().join("asm");
    fs::create_dir(&unfinished).map_err(InstallError::io("create", &unfinished))?;
    let jar = unfinished.join(ASM_NAME);
    fs::rename(&made, &jar).map_err(InstallError::io("move", &made))?;
    workspace.publish(&unfinished, &layout.asm).map_err(InstallError::io("put into place", &layout.asm))
}

fn check_jars(release: &Release, home: &Path, progress: &mut dyn Progress) -> Result<String, InstallError> {
    for part in ["lib", "scala"] {
        let is_pinned = |name: &str| release.jars().any(|(pinned, _)| pinned == name);
        maven::check_no_other(TOOL, &home.join(part), &format!("{part}/"), is_pinned)?;
    }
    maven::check(TOOL, release.jars().map(|(name, sum)| (name, home.join(name), sum)), progress)
}

/// Where the parts of one version are.
struct Layout {
    release: &'static Release,
    home: PathBuf,
    plugin: PathBuf,
    /// Shared by all versions.
    asm: PathBuf,
}

impl Layout {
    fn of(options: &InstallOptions) -> Result<Self, InstallError> {
        let release = RELEASES.iter().find(|release| release.version == options.version);
        let versions = RELEASES.each_ref().map(|release| release.version);
        let release = release.ok_or_else(|| options.unknown_version(TOOL, &versions, ""))?;
        Ok(Self::at(&options.tools_dir.join("gatling"), release))
    }

    fn at(gatling: &Path, release: &'static Release) -> Self {
        let dir = gatling.join(release.version);
        Self {
            release,
            asm: gatling.join(format!("asm-{}", assets::asm_hash())),
            home: dir.join("home"),
            plugin: dir.join(format!("plugin-{}", assets::plugin_hash())),
        }
    }

    fn has_home(&self) -> bool {
        self.release.jars().all(|(name, _)| self.home.join(name).is_file())
    }

    fn has_asm(&self) -> bool {
        self.asm.join(ASM_NAME).is_file()
    }

    fn is_complete(&self) -> bool {
        self.has_home() && self.plugin.join(JAR_NAME).is_file()
    }

    fn ready(&self, java: &Java, jdk: &Jdk) -> GatlingHome {
        GatlingHome {
            java: java.program.clone(),
            javac: jdk.javac.clone(),
            home: self.home.clone(),
            version: self.release.version.to_owned(),
            plugin_jar: self.plugin.join(JAR_NAME),
        }
    }
}

#[cfg(test)]
mod tests;
