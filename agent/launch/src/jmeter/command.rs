//! The command line of a JMeter run, and the file with its parameters.
//!
//! - A parameter may be a secret: a command line is everybody's to read, and JMeter's log repeats each `-J` of it. Of a file
//!   it says the name only.
//! - JMeter looks for a plan's relative paths in its working directory first, then beside the plan. The plan that runs
//!   (ours, with the listener in it) lies elsewhere, so our listener tells JMeter where the user's plan is.
//! - The JVM gets what JMeter's own start script gives it: without its `--add-opens`, scripts and plug-ins that work
//!   everywhere else fail here.
//! - Java is started directly and not through JMeter's shell script, so that signals reach the JVM and no variable of
//!   the script changes its options.
//! - A JVM that has run out of memory exits at once: otherwise JMeter hangs with part of its threads dead, and the
//!   numbers of such a run are worth nothing.
//! - JMeter opens no UDP port for its shutdown messages: anybody on the machine could send them. Our listener in the plan looks
//!   for a file instead.

use super::params::{self, ParamError};
use super::value::param;
use crate::{Environment, LaunchSpec};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The system properties that JMeter's own start script sets.
const SCRIPT_PROPERTIES: [&str; 3] =
    ["-Djava.security.egd=file:/dev/urandom", "-Duser.language=en", "-Duser.region=EN"];
/// The packages that it opens to everybody: JMeter itself, Groovy, BeanShell and plug-ins reflect on them.
const SCRIPT_OPENS: [&str; 11] = [
    "java.desktop/sun.awt",
    "java.desktop/sun.swing",
    "java.desktop/javax.swing.text.html",
    "java.desktop/java.awt",
    "java.desktop/java.awt.font",
    "java.base/java.lang",
    "java.base/java.lang.invoke",
    "java.base/java.lang.reflect",
    "java.base/java.util",
    "java.base/java.util.concurrent.atomic",
    "java.base/java.text",
];

/// Where JMeter looks for jars besides its home.
pub const SEARCH_PATHS: &str = "search_paths";

/// How this node runs JMeter. All paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JmeterLaunch {
    /// The `java` executable.
    pub java: PathBuf,
    /// JMeter's home: `bin/ApacheJMeter.jar` is in it.
    pub home: PathBuf,
    /// What starts JMeter in this home, main class and its first arguments included; empty: `-jar` with its own jar.
    pub launcher: Vec<OsString>,
    /// The plan to run.
    pub plan: PathBuf,
    /// The user's plan, which it is a copy of: JMeter's base directory is where that lies.
    pub user_plan: PathBuf,
    /// Files with JMeter's properties that lie beside the user's plan.
    pub property_files: Vec<PathBuf>,
    /// The same with system properties.
    pub system_property_files: Vec<PathBuf>,
    /// Whether this Java has modules: all but version 8.
    pub has_modules: bool,
    /// Where JMeter's own log goes.
    pub log: PathBuf,
    /// The file with [`super::log_layout::LOG_CONFIGURATION`].
    pub log_configuration: PathBuf,
    /// Where JMeter's own result file goes, if one is wanted.
    pub results: Option<PathBuf>,
    /// Jars to load from outside of the home, our listener's among them.
    pub search_paths: Vec<PathBuf>,
    /// What the property files have for that, as JMeter splits it: the agent's own would hide it.
    pub plans_search_paths: Option<String>,
    /// Where the run's files are.
    pub working_dir: PathBuf,
    /// For temporary files; the run's own.
    pub temporary_dir: PathBuf,
    /// Largest heap, MiB.
    pub heap_mib: u32,
    /// Further options for the JVM, from the operator's configuration, never from a command.
    pub jvm_options: Vec<String>,
    /// JMeter properties, from [`super::Overridden::properties`].
    pub properties: Vec<(String, String)>,
    /// The file for them.
    pub parameters_file: PathBuf,
    /// What the tool is told through its environment.
    pub environment: Environment,
}

/// Why no command line can be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A path that JMeter or the JVM could misread.
    #[error("the {what} `{}` cannot be used: {why}", path.display())]
    Path {
        /// Which path.
        what: &'static str,
        /// The path.
        path: PathBuf,
        /// What is wrong with it and what would do.
        why: &'static str,
    },
    /// A property that cannot be passed.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Settings that cannot work.
    #[error("JMeter cannot be started: {0}")]
    Settings(&'static str),
}

impl JmeterLaunch {
    /// Makes the command line; [`JmeterLaunch::parameters`] has to be in the file for them.
    ///
    /// # Errors
    /// When a path is relative or has a character with a meaning of its own, or a property cannot be passed.
    pub fn spec(&self) -> Result<LaunchSpec, CommandError> {
        self.check()?;
        let mut args = self.jvm_args();
        if self.launcher.is_empty() {
            args.extend([OsString::from("-jar"), self.home.join("bin/ApacheJMeter.jar").into()]);
        } else {
            args.extend(self.launcher.iter().cloned());
        }
        args.extend([OsString::from("-n"), "-t".into(), self.plan.clone().into(), "-j".into()]);
        args.push(self.log.clone().into());
        // Before a `log4j2.xml` in the working directory, too.
        args.extend([OsString::from("-i"), self.log_configuration.clone().into()]);
        if let Some(results) = &self.results {
            args.extend([OsString::from("-l"), results.clone().into()]);
        }
        for (option, files) in [("-q", &self.property_files), ("-S", &self.system_property_files)] {
            args.extend(files.iter().flat_map(|file| [OsString::from(option), file.clone().into()]));
        }
        // The last one counts, so the agent's own come last.
        args.extend([OsString::from("-q"), self.parameters_file.clone().into()]);
        args.extend(self.own_properties());
        Ok(LaunchSpec {
            program: self.java.clone(),
            args,
            env: self.environment.variables(),
            working_dir: self.working_dir.clone(),
        })
    }

    /// The bytes of the file with the parameters, as `java.util.Properties` reads it.
    #[must_use]
    pub fn parameters(&self) -> Vec<u8> {
        let mut file = String::new();
        for (name, value) in &self.properties {
            escape(&mut file, name);
            file.push('=');
            escape(&mut file, value);
            file.push('\n');
        }
        file.into_bytes()
    }

    fn jvm_args(&self) -> Vec<OsString> {
        let mut args: Vec<OsString> = vec![
            format!("-Xmx{}m", self.heap_mib).into(),
            "-XX:+ExitOnOutOfMemoryError".into(),
            // Its file in /tmp would show the arguments, and stay when the JVM is killed.
            "-XX:-UsePerfData".into(),
            "-Djava.awt.headless=true".into(),
            join("-Djava.io.tmpdir=", &self.temporary_dir),
            join("-Duser.home=", &self.environment.home),
        ];
        args.extend(SCRIPT_PROPERTIES.map(OsString::from));
        if self.has_modules {
            args.extend(SCRIPT_OPENS.map(|package| format!("--add-opens={package}=ALL-UNNAMED").into()));
        }
        args.extend(self.jvm_options.iter().map(OsString::from));
        args
    }

    fn own_properties(&self) -> Vec<OsString> {
        let given = param(&self.properties, SEARCH_PATHS).or(self.plans_search_paths.as_deref());
        let paths: Vec<OsString> =
            self.search_paths.iter().map(OsString::from).chain(given.map(OsString::from)).collect();
        let mut args = Vec::new();
        if !paths.is_empty() {
            let mut argument = OsString::from(format!("-J{SEARCH_PATHS}="));
            argument.push(paths.join(OsStr::new(";")));
            args.push(argument);
        }
        args.push(join("-Jgridnode.plan=", &self.user_plan));
        // JMeter opens one for a number above 1,000 only.
        args.push("-Jjmeterengine.nongui.port=0".into());
        // Without it the JVM lingers for a second after the end of the run.
        args.push("-Jjmeterengine.force.system.exit=true".into());
        args
    }

    fn check(&self) -> Result<(), CommandError> {
        let mut paths: Vec<(&'static str, &Path)> = vec![
            ("Java executable", &self.java),
            ("JMeter home", &self.home),
            ("plan", &self.plan),
            ("user's plan", &self.user_plan),
            ("JMeter log", &self.log),
            ("configuration of JMeter's log", &self.log_configuration),
            ("parameter file", &self.parameters_file),
            ("working directory", &self.working_dir),
            ("temporary directory", &self.temporary_dir),
        ];
        let files = self.property_files.iter().chain(&self.system_property_files);
        paths.extend(files.map(|path| ("property file", path.as_path())));
        paths.extend(self.results.iter().map(|path| ("result file", path.as_path())));
        paths.extend(self.search_paths.iter().map(|path| ("plug-in jar", path.as_path())));
        for (what, path) in paths {
            let refuse = |why| Err(CommandError::Path { what, path: path.to_owned(), why });
            let bytes = path.as_os_str().as_encoded_bytes();
            if !path.is_absolute() {
                return refuse("it must be an absolute path");
            }
            if bytes.contains(&0) {
                return refuse("it has a NUL character");
            }
            if what == "plug-in jar" && bytes.contains(&b';') {
                return refuse("JMeter splits lists of jars at `;`: use a directory without one in its name");
            }
        }
        // JMeter itself takes some 60 MiB to start.
        if self.heap_mib < 64 {
            return Err(CommandError::Settings("the heap is smaller than 64 MiB"));
        }
        Ok(params::check_all(&self.properties)?)
    }
}

/// Java takes the file for ISO 8859-1 and looks for separators, comments, blanks and continued lines before it replaces the
/// escapes: what is escaped has no meaning of its own.
fn escape(file: &mut String, text: &str) {
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii_graphic() && !b"\\:=#!".contains(&byte) => file.push(char::from(byte)),
            _ => file.push_str(&format!("\\u{unit:04x}")),
        }
    }
}

fn join(option: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(option);
    argument.push(path);
    argument
}

#[cfg(test)]
mod tests;
