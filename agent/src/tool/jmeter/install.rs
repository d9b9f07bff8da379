//! Installs JMeter and our plug-in for it, and says how to start it.
//!
//! JMeter's jars come through the user's own Maven (with its mirrors and proxies) and must match the checksums that this
//! binary carries; the plug-in is compiled from the sources it carries. The last step runs JMeter once with a two-sample
//! plan: only when the plug-in's datagrams arrive is the installation complete. That run also leaves a class archive,
//! which takes about 0.4 s (a third) off JMeter's start.
//!
//! All functions here block, for minutes at worst: call them off the async runtime.

mod assets;
mod home;
mod plugin;
pub mod plugins;
mod verify;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::tool::install::digest::{bytes_text, short_hash};
use crate::tool::install::error::InstallError;
use crate::tool::install::installed::{Installed, versions_in};
use crate::tool::install::java::{self, Java, SearchPath};
use crate::tool::install::options::InstallOptions;
use crate::tool::install::process::joined;
use crate::tool::install::progress::Progress;
use crate::tool::install::workspace::Workspace;

/// The version that is installed unless another is asked for.
pub const VERSION_DEFAULT: &str = "5.6.3";
/// The versions this binary has checksums for.
pub const VERSIONS: [&str; 1] = [VERSION_DEFAULT];

const STEPS: u32 = 4;
/// What errors call it.
const TOOL: &str = "JMeter";

/// A JMeter that can be started with our plug-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JmeterHome {
    /// The `java` program.
    pub java: PathBuf,
    /// Java's version, where known.
    pub java_version: Option<String>,
    /// JMeter's directory, with `bin` and `lib`.
    pub home: PathBuf,
    /// JMeter's version; `None` for a home of the user's own.
    pub version: Option<String>,
    /// Our plug-in, compiled for this home.
    pub plugin_jar: PathBuf,
    /// Where plug-ins of others are, if there are any; see [`plugins`].
    pub plugins_dir: PathBuf,
    /// A class archive for exactly this home and this Java.
    pub class_archive: Option<PathBuf>,
}

impl JmeterHome {
    /// What follows `java` on the command line, JVM flags of the caller's (heap, `-XX:+UseSerialGC`) coming before it and
    /// JMeter's own arguments (`-n -t plan.jmx …`) after it.
    ///
    /// A home of our own is started with its whole class path, because a class archive serves only that; a foreign home as
    /// its own script does it.
    ///
    /// `jars` are the user's own: behind all that is JMeter's, so that they replace nothing of it.
    pub fn java_args(&self, jars: &[PathBuf]) -> Vec<OsString> {
        let mut args = Vec::new();
        match &self.class_archive {
            Some(archive) => {
                args.push("-Xshare:auto".into());
                args.push(joined("-XX:SharedArchiveFile=", archive));
                args.extend(home::class_path_args(&self.home, jars));
            }
            None if self.version.is_some() => args.extend(home::class_path_args(&self.home, jars)),
            None => args.extend(["-jar".into(), home::launcher_jar(&self.home).into_os_string()]),
        }
        args.push(joined("-Jsearch_paths=", &self.plugin_jar));
        args
    }

    /// Whether its Java has modules; one that does not say its version is taken for a current one.
    #[must_use]
    pub fn has_modules(&self) -> bool {
        self.java_version.as_ref().is_none_or(|version| !version.starts_with("1."))
    }
}

/// The bytes to splice into a plan as the last children of the test plan's `hashTree`: our listener and its own, empty
/// `hashTree`.
pub fn listener_element() -> &'static str {
    assets::listener_element()
}

/// The JMeter of these options if it is complete, without looking further than at its files: no Maven, no compiler, no
/// network. `Ok(None)` means that [`install`] has something to do.
pub fn installed(options: &InstallOptions) -> Result<Option<JmeterHome>, InstallError> {
    let layout = Layout::of(options)?;
    let java = SearchPath::from_env().java()?;
    Ok(layout.is_complete().then(|| layout.ready(&java)))
}

/// The JMeter of these options, installed now if it is not there yet.
pub fn ensure(options: &InstallOptions, progress: &mut dyn Progress) -> Result<JmeterHome, InstallError> {
    options.ensure(installed(options)?, || install(options, progress))
}

/// Installs what is missing: all of it, or only the plug-in or the jars that a newer binary knows. Waits for another installation in the same
/// directory and then finds its work done.
pub fn install(options: &InstallOptions, progress: &mut dyn Progress) -> Result<JmeterHome, InstallError> {
    let layout = Layout::of(options)?;
    Workspace::may_open(&options.tools_dir, "jmeter")?;
    let (search, java, jdk) = java::from_env()?;
    let home_wanted = options.force || !layout.has_home();
    let maven = if home_wanted { Some(search.maven()?) } else { None };

    let workspace = Workspace::open(&options.tools_dir, "jmeter", progress)?;
    if layout.is_complete() && !options.force {
        return Ok(layout.ready(&java));
    }
    match maven {
        Some(maven) if options.force || !layout.is_there() => {
            home::install(&workspace, &maven, &jdk, options, &layout.home, progress)?;
        }
        Some(maven) if !layout.has_home() => {
            home::complete(&workspace, &maven, options, &layout.home, progress)?;
        }
        _ => {
            progress.step(1, STEPS, "use the JMeter that is already there");
            progress.done(&layout.home.display().to_string());
            progress.step(2, STEPS, "check it against the pinned checksums");
            let checked = home::check(&layout.home, progress)?;
            progress.done(&checked);
        }
    }
    let unfinished = workspace.temporary().join("plugin");
    progress.step(3, STEPS, "compile the plug-in");
    let jar = plugin::compile(&workspace, &jdk, &layout.home, &unfinished, progress)?;
    progress.done(&format!("{}, {}", plugin::JAR_NAME, size_of(&jar)));
    progress.step(4, STEPS, "run JMeter once to see the plug-in's results arrive");
    verify::run(&workspace, &java, &layout.home, &jar, &unfinished.join(archive_name(&java)), progress)?;
    workspace
        .publish(&unfinished, &layout.plugin)
        .map_err(InstallError::io("put into place", &layout.plugin))?;
    Ok(layout.ready(&java))
}

/// A JMeter of the user's own, which is left as it is: only our plug-in is compiled for it, into the tools directory, once.
pub fn use_home(
    tools_dir: &Path,
    home: &Path,
    progress: &mut dyn Progress,
) -> Result<JmeterHome, InstallError> {
    let plugin_jar = plugin_jar_for(tools_dir, home, progress)?;
    let home = fs::canonicalize(home).map_err(InstallError::io("open", home))?;
    let java = SearchPath::from_env().java()?;
    Ok(JmeterHome {
        java: java.program,
        java_version: java.version,
        home,
        version: None,
        plugin_jar,
        plugins_dir: plugins::plugins_dir(tools_dir),
        class_archive: None,
    })
}

/// The plug-in's jar for a home of the user's own; see [`use_home`].
pub fn plugin_jar_for(
    tools_dir: &Path,
    home: &Path,
    progress: &mut dyn Progress,
) -> Result<PathBuf, InstallError> {
    let launcher = home::launcher_jar(home);
    let home = match fs::canonicalize(home) {
        Ok(home) if launcher.is_file() => home,
        _ => return Err(InstallError::NotAHome(home.to_owned())),
    };
    let target = tools_dir.join("jmeter").join(format!(
        "plugin-{}-{}",
        short_hash(home.as_os_str().as_encoded_bytes()),
        assets::plugin_hash()
    ));
    let jar = target.join(plugin::JAR_NAME);
    if jar.is_file() {
        return Ok(jar);
    }
    let (_, _, jdk) = java::from_env()?;
    let workspace = Workspace::open(tools_dir, "jmeter", progress)?;
    if !jar.is_file() {
        progress.step(1, 1, "compile the plug-in for this JMeter");
        let unfinished = workspace.temporary().join("plugin");
        plugin::compile(&workspace, &jdk, &home, &unfinished, progress)?;
        workspace.publish(&unfinished, &target).map_err(InstallError::io("put into place", &target))?;
        progress.done(&target.display().to_string());
    }
    Ok(jar)
}

/// The versions below `tools_dir`.
pub fn list(tools_dir: &Path) -> Vec<Installed> {
    let layouts = versions_in(&tools_dir.join("jmeter")).into_iter();
    let layouts = layouts.map(|(version, dir)| Layout::at(&dir, &version)).filter(Layout::is_there);
    let entry = |layout: Layout| {
        let plugin_ready = layout.is_complete();
        Installed { tool: "jmeter", version: layout.version, dir: layout.home, plugin_ready, fault: None }
    };
    layouts.map(entry).collect()
}

/// Where the parts of one version are.
struct Layout {
    version: String,
    home: PathBuf,
    plugin: PathBuf,
    plugins: PathBuf,
}

impl Layout {
    fn of(options: &InstallOptions) -> Result<Self, InstallError> {
        let instead = ", or a JMeter that is already there with --jmeter-home";
        if !VERSIONS.contains(&options.version.as_str()) {
            return Err(options.unknown_version(TOOL, &VERSIONS, instead));
        }
        Ok(Self::at(&options.tools_dir.join("jmeter").join(&options.version), &options.version))
    }

    fn at(dir: &Path, version: &str) -> Self {
        Self {
            version: version.to_owned(),
            home: dir.join("home"),
            plugin: dir.join(format!("plugin-{}", assets::home_plugin_hash())),
            plugins: dir.with_file_name("plugins"),
        }
    }

    fn is_there(&self) -> bool {
        home::launcher_jar(&self.home).is_file()
    }

    /// With every jar: earlier versions of this binary have installed fewer.
    fn has_home(&self) -> bool {
        home::jars(&self.home).all(|jar| jar.is_file())
    }

    fn is_complete(&self) -> bool {
        self.has_home() && self.plugin.join(plugin::JAR_NAME).is_file()
    }

    fn ready(&self, java: &Java) -> JmeterHome {
        JmeterHome {
            java: java.program.clone(),
            java_version: java.version.clone(),
            home: self.home.clone(),
            version: Some(self.version.clone()),
            plugin_jar: self.plugin.join(plugin::JAR_NAME),
            plugins_dir: self.plugins.clone(),
            class_archive: Some(self.plugin.join(archive_name(java))).filter(|archive| archive.is_file()),
        }
    }
}

/// A class archive serves only the JVM that made it: another one would start with a warning and without it.
fn archive_name(java: &Java) -> String {
    let mut identity = java.program.as_os_str().as_encoded_bytes().to_vec();
    identity.push(0);
    identity.extend_from_slice(java.version.as_deref().unwrap_or_default().as_bytes());
    format!("classes-{}.jsa", short_hash(&identity))
}

fn size_of(path: &Path) -> String {
    bytes_text(fs::metadata(path).map_or(0, |meta| meta.len()))
}

#[cfg(test)]
mod tests;
