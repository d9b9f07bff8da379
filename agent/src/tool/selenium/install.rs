//! Installs Selenium for Python and Java plans, our runner and our `FloodSump`.
//!
//! Python's packages come through pip into an environment of its own, Java's jars through the user's own Maven; both must
//! match the checksums that this binary carries. Browser and driver are the system's. The last step starts a browser once;
//! where there is none yet it says what to install, and the rest of the installation is good.
//!
//! The version is the last one whose Java side still has what published plans call (`implicitlyWait(5, SECONDS)` went with
//! 4.33); it speaks the standard protocol, so the browser's version does not matter.
//!
//! All functions here block, for minutes at worst: call them off the async runtime.

mod assets;
mod browser;
mod python;
mod verify;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::tool::install::access;
use crate::tool::install::compile::{self, Contents};
use crate::tool::install::error::InstallError;
use crate::tool::install::installed::{Installed, versions_in};
use crate::tool::install::java::{self, Java, Jdk};
use crate::tool::install::maven::{self, Wanted};
use crate::tool::install::options::InstallOptions;
use crate::tool::install::progress::Progress;
use crate::tool::install::workspace::Workspace;

pub use browser::{Browser, BrowserError, BrowserPaths};
pub use python::provides;

/// The version that is installed unless another is asked for.
pub const VERSION_DEFAULT: &str = "4.32.0";
/// The versions this binary has checksums for.
pub const VERSIONS: [&str; 1] = [VERSION_DEFAULT];

const STEPS: u32 = 5;
/// What errors call it.
const TOOL: &str = "Selenium";
const JAR_NAME: &str = "gridnode-selenium.jar";

/// A Selenium that plans can be run with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeleniumHome {
    /// The `java` program.
    pub java: PathBuf,
    /// The compiler for Java plans.
    pub javac: PathBuf,
    /// Python of the private environment.
    pub python: PathBuf,
    /// For `PYTHONPATH`: holds the runner's package.
    pub runner: PathBuf,
    /// Its directory: `python` and `java` are in it.
    pub home: PathBuf,
    /// Selenium's version.
    pub version: String,
    /// `FloodSump`.
    pub plugin_jar: PathBuf,
}

impl SeleniumHome {
    /// Class path of Java plans, without their own classes. `FloodSump`'s jar comes first: it also has a `DesiredCapabilities`
    /// with the methods that published plans call and Selenium has given up.
    #[must_use]
    pub fn class_path(&self) -> OsString {
        class_path(&self.plugin_jar, &self.home)
    }
}

/// Whether Chromium's sandbox can be used: it refuses to start as root with it.
#[must_use]
pub fn sandbox_works() -> bool {
    !nix::unistd::geteuid().is_root()
}

/// The Selenium of these options if it is complete, without looking further than at its files: no Maven, no pip, no network.
/// `Ok(None)` means that [`install`] has something to do.
pub fn installed(options: &InstallOptions) -> Result<Option<SeleniumHome>, InstallError> {
    let layout = Layout::of(options)?;
    let (_, java, jdk) = java::from_env()?;
    if let Some(python) = layout.forbidden_python() {
        return Err(InstallError::ForbiddenPython {
            home: layout.home.display().to_string(),
            python: python.display().to_string(),
            owner: access::owner_of(&layout.home),
            tools_dir: options.tools_dir.display().to_string(),
        });
    }
    Ok(layout.is_complete().then(|| layout.ready(&java, &jdk)))
}

/// The Selenium of these options, installed now if it is not there yet.
pub fn ensure(
    options: &InstallOptions,
    browser: &BrowserPaths,
    progress: &mut dyn Progress,
) -> Result<SeleniumHome, InstallError> {
    options.ensure(installed(options)?, || install(options, browser, progress))
}

/// Installs what is missing: all of it, or only the runner of a newer binary. Waits for another installation in the same
/// directory and then finds its work done. `browser` is the one to try.
pub fn install(
    options: &InstallOptions,
    browser: &BrowserPaths,
    progress: &mut dyn Progress,
) -> Result<SeleniumHome, InstallError> {
    let layout = Layout::of(options)?;
    Workspace::may_open(&options.tools_dir, "selenium")?;
    let (search, java, jdk) = java::from_env()?;
    let home_wanted = options.force || !layout.has_home();
    if home_wanted && options.offline {
        return Err(InstallError::Missing(
            "failed to install Selenium offline: pip has no local repository to take its packages from; install once with \
             the network, or put the tools directory of another machine with the same system here"
                .to_owned(),
        ));
    }
    let programs =
        if home_wanted { Some((python::find(&search, &options.tools_dir)?, search.maven()?)) } else { None };

    let workspace = Workspace::open(&options.tools_dir, "selenium", progress)?;
    if layout.is_complete() && !options.force {
        return Ok(layout.ready(&java, &jdk));
    }
    match programs {
        Some((python, maven)) if options.force || !layout.has_home() => {
            install_home(&workspace, &python, &maven, options, &layout.home, progress)?;
        }
        _ => {
            progress.step(1, STEPS, "use the Python environment that is already there");
            progress.done(&layout.home.display().to_string());
            progress.step(2, STEPS, "use the jars that are already there");
            progress.done("");
            progress.step(3, STEPS, "check them against the pinned checksums");
            let checked = check_jars(&layout.home.join("java"), progress)?;
            progress.done(&checked);
        }
    }
    let unfinished = workspace.temporary().join("plugin");
    progress.step(4, STEPS, "compile FloodSump and write the runner");
    let jar = unfinished.join(JAR_NAME);
    let jars = class_path(&jar, &layout.home);
    let sources = assets::java_sources();
    compile::to_jar(&workspace, &jdk, &Contents::of(&sources), &jars, &jar, progress)?;
    let runner = compile::write_sources(&unfinished.join("python"), &assets::runner_sources())?;
    progress.done(&format!("{JAR_NAME}, {} files of the runner", runner.len()));
    try_browser(&workspace, &layout, browser, progress)?;
    workspace
        .publish(&unfinished, &layout.plugin)
        .map_err(InstallError::io("put into place", &layout.plugin))?;
    Ok(layout.ready(&java, &jdk))
}

/// The versions below `tools_dir`.
pub fn list(tools_dir: &Path) -> Vec<Installed> {
    let layouts = versions_in(&tools_dir.join("selenium")).into_iter();
    let entry = |layout: Layout| {
        let python = layout.forbidden_python();
        let is_there = python.is_some() || layout.has_home();
        let fault =
            python.map(|python| format!("its Python {} cannot be run by this user", python.display()));
        let plugin_ready = layout.has_plugin();
        let (version, dir) = (layout.version, layout.home);
        is_there.then_some(Installed { tool: "selenium", version, dir, plugin_ready, fault })
    };
    layouts.map(|(version, dir)| Layout::at(&dir, &version)).filter_map(entry).collect()
}

/// Steps 1 to 3.
fn install_home(
    workspace: &Workspace,
    python: &Path,
    maven: &Path,
    options: &InstallOptions,
    target: &Path,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    let home = workspace.temporary().join("home");
    fs::create_dir(&home).map_err(InstallError::io("create", &home))?;
    progress.step(1, STEPS, "make a Python environment and fetch Selenium with pip");
    let mut made = python::install(workspace, python, &home.join("python"), progress)?;
    if let Some(warning) = python::warning(python, &options.tools_dir) {
        made = format!("{made}; warning: {warning}");
    }
    progress.done(&made);

    progress.step(2, STEPS, &format!("fetch Selenium {} for Java with Maven", options.version));
    let jars = home.join("java");
    let wanted = Wanted {
        pom: assets::HOME_POM,
        property: ("selenium.version", &options.version),
        offline: options.offline,
        doing: "fetch Selenium's jars",
    };
    maven::copy(workspace, maven, &wanted, &jars, progress)?;
    progress.done(&maven::directory_text(&jars));

    progress.step(3, STEPS, "check the jars against the pinned checksums");
    let checked = check_jars(&jars, progress)?;
    workspace.publish(&home, target).map_err(InstallError::io("put into place", target))?;
    progress.done(&format!("{checked}, in {}", target.display()));
    Ok(())
}

fn check_jars(jars: &Path, progress: &mut dyn Progress) -> Result<String, InstallError> {
    maven::check_no_other(TOOL, jars, "", |name| assets::jars().any(|(pinned, _)| name == pinned))?;
    maven::check(TOOL, assets::jars().map(|(name, sum)| (name, jars.join(name), sum)), progress)
}

/// Step 5. A missing browser is only said: it may come later, and every run looks for it.
fn try_browser(
    workspace: &Workspace,
    layout: &Layout,
    browser: &BrowserPaths,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    progress.step(5, STEPS, "start a browser once");
    match Browser::find(browser, workspace.temporary()) {
        Ok(browser) => {
            verify::run(workspace, &layout.python(), &browser, progress)?;
            progress.done(&format!("{} {} shows pages", browser.chromium.display(), browser.version));
        }
        Err(error) => progress.done(&format!("not done: {error}")),
    }
    Ok(())
}

fn class_path(plugin_jar: &Path, home: &Path) -> OsString {
    let mut path = plugin_jar.as_os_str().to_owned();
    path.push(":");
    path.push(home.join("java/*"));
    path
}

/// Where the parts of one version are.
struct Layout {
    version: String,
    home: PathBuf,
    plugin: PathBuf,
}

impl Layout {
    fn of(options: &InstallOptions) -> Result<Self, InstallError> {
        if !VERSIONS.contains(&options.version.as_str()) {
            return Err(options.unknown_version(TOOL, &VERSIONS, ""));
        }
        Ok(Self::at(&options.tools_dir.join("selenium").join(&options.version), &options.version))
    }

    fn at(dir: &Path, version: &str) -> Self {
        Self {
            version: version.to_owned(),
            home: dir.join("home"),
            plugin: dir.join(format!("plugin-{}", assets::plugin_hash())),
        }
    }

    fn python(&self) -> PathBuf {
        python::interpreter(&self.home.join("python"))
    }

    /// One that is there and not for this user: it may lie in somebody's home directory.
    fn forbidden_python(&self) -> Option<PathBuf> {
        access::forbidden(&self.python())
    }

    /// An interpreter is a link to the system's, which an upgrade of the system may have taken away.
    fn has_home(&self) -> bool {
        self.forbidden_python().is_none()
            && self.python().is_file()
            && assets::jars().all(|(name, _)| self.home.join("java").join(name).is_file())
    }

    fn is_complete(&self) -> bool {
        self.has_home() && self.has_plugin()
    }

    fn has_plugin(&self) -> bool {
        self.plugin.join(JAR_NAME).is_file()
    }

    fn ready(&self, java: &Java, jdk: &Jdk) -> SeleniumHome {
        SeleniumHome {
            java: java.program.clone(),
            javac: jdk.javac.clone(),
            python: self.python(),
            runner: self.plugin.join("python"),
            home: self.home.clone(),
            version: self.version.clone(),
            plugin_jar: self.plugin.join(JAR_NAME),
        }
    }
}

#[cfg(test)]
mod tests;
