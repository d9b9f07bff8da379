//! Why a tool could not be installed.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::java::JavaError;
use super::workspace::WorkspaceError;

/// Why a tool could not be installed.
#[derive(Debug, Error)]
pub enum InstallError {
    /// Java or Maven is missing or too old.
    #[error(transparent)]
    Java(#[from] JavaError),
    /// Something else that must be on the machine is not; the text says what and which package has it.
    #[error("{0}")]
    Missing(String),
    /// No checksums for it.
    #[error(
        "failed to install {tool} {version}: only {known} can be checked against pinned checksums; use that one{instead}"
    )]
    UnknownVersion {
        /// The tool.
        tool: &'static str,
        /// What was asked for.
        version: String,
        /// The versions that can be had.
        known: String,
        /// What else can be done.
        instead: &'static str,
    },
    /// `--jmeter-home` names something else.
    #[error(
        "failed to use {0} as a JMeter home: it has no bin/ApacheJMeter.jar; name the directory that contains bin and lib"
    )]
    NotAHome(PathBuf),
    /// A tools directory that somebody else looks after.
    #[error(
        "{tools_dir} cannot be written by this user, and what this version of gridnode needs is not complete in it: let \
         {owner} run `gridnode tools install {what} --tools-dir {tools_dir}`, or name a directory of your own with --tools-dir"
    )]
    Denied {
        /// The directory.
        tools_dir: String,
        /// Who can write there.
        owner: String,
        /// What is to be installed.
        what: String,
    },
    /// Selenium is there, and its Python is not for this user.
    #[error(
        "Selenium is installed in {home}, but its Python {python} cannot be run by this user: let {owner} run `gridnode \
         tools install selenium --force --tools-dir {tools_dir}` with a Python that everybody can run, or name a directory \
         of your own with --tools-dir"
    )]
    ForbiddenPython {
        /// Where Selenium is.
        home: String,
        /// The interpreter.
        python: String,
        /// Who has installed it.
        owner: String,
        /// The tools directory.
        tools_dir: String,
    },
    /// No checksum of it is known, and no version was named.
    #[error(
        "failed to install the plug-in `{coordinate}`: gridnode knows no version of it: name one, `{coordinate}:VERSION`, whose \
         checksum is recorded then; known without one: {known}"
    )]
    UnknownPlugin {
        /// What was asked for.
        coordinate: String,
        /// What could be.
        known: String,
    },
    /// Maven does not find it.
    #[error(
        "failed to install the plug-in `{coordinate}`: no repository that Maven uses has it, or something that it needs: \
         correct group, artifact or version (search.maven.org lists what there is)"
    )]
    NoSuchPlugin {
        /// What was asked for.
        coordinate: String,
    },
    /// It has to be there and is not.
    #[error(
        "the plug-in `{coordinate}` of JMeter is not installed in {}: run `gridnode tools install jmeter --plugin \
         {coordinate}` as the owner of that directory, or take it out of tools.jmeter_plugins",
        plugins_dir.display()
    )]
    PluginMissing {
        /// Which.
        coordinate: String,
        /// Where.
        plugins_dir: PathBuf,
    },
    /// It is no more what was fetched.
    #[error(
        "the plug-in file {} is not what was installed (its SHA-256 differs): install it again with `gridnode tools install \
         jmeter --plugin {coordinate}`",
        path.display()
    )]
    PluginChanged {
        /// The file.
        path: PathBuf,
        /// The plug-in.
        coordinate: String,
    },
    /// The caller cancelled.
    #[error("the installation was cancelled; nothing of it is left behind")]
    Cancelled,
    /// A program failed.
    #[error("failed to {doing}: {program} ended with {status}; its last words:\n{output}")]
    Program {
        /// What it was to do.
        doing: &'static str,
        /// Its name.
        program: String,
        /// Exit code or signal.
        status: String,
        /// The end of its output.
        output: String,
    },
    /// What Maven delivered is not what was tested.
    #[error(
        "failed to check {tool}: {what}; the repository or mirror that Maven uses delivers something else than Maven \
         Central (look at the mirrors in ~/.m2/settings.xml, remove the file from ~/.m2/repository and try again)"
    )]
    Checksum {
        /// The tool.
        tool: &'static str,
        /// Which file, and what is wrong with it.
        what: String,
    },
    /// The tool ran, but not as it must.
    #[error("failed to verify {what}: {reason}; its log says:\n{log}")]
    NotVerified {
        /// What was tried.
        what: &'static str,
        /// What did not happen.
        reason: String,
        /// The end of the log.
        log: String,
    },
    /// A file or directory.
    #[error("failed to {doing} {path}: {source}")]
    Io {
        /// The verb.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl InstallError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }
}

impl From<WorkspaceError> for InstallError {
    fn from(error: WorkspaceError) -> Self {
        match error {
            WorkspaceError::Cancelled => Self::Cancelled,
            WorkspaceError::Denied { tools_dir, owner, what } => {
                Self::Denied { tools_dir: tools_dir.display().to_string(), owner, what }
            }
            WorkspaceError::Io(path, source) => Self::Io { doing: "prepare", path, source },
        }
    }
}
