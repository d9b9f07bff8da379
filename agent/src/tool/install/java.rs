//! Finds the Java and Maven programs an installation needs, and says what to install where one is missing.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The oldest Java that runs the plug-in's classes.
pub const JAVA_VERSION_MIN: u32 = 11;

/// A Java installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Java {
    /// The `java` program, symbolic links resolved.
    pub program: PathBuf,
    /// As its `release` file gives it (`17.0.15`); `None` when there is no such file.
    pub version: Option<String>,
}

/// A program is missing or too old.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum JavaError {
    /// No `java` on the path.
    #[error(
        "failed to find `java`: install a JDK, version 17 is the one that is tested (Debian and Ubuntu: \
         openjdk-17-jdk-headless, Fedora: java-17-openjdk-devel, macOS: brew install openjdk@17), or set JAVA_HOME"
    )]
    NoJava,
    /// `java` is there, the compiler is not.
    #[error(
        "failed to find `{0}` beside or on the path of `java`: the plug-in is compiled on this machine, which needs a whole \
         JDK, not only a JRE (Debian and Ubuntu: openjdk-17-jdk-headless, Fedora: java-17-openjdk-devel)"
    )]
    NoJdk(&'static str),
    /// Maven is missing.
    #[error(
        "failed to find `mvn`: Maven fetches the jars of a tool (Debian, Ubuntu and Fedora: maven, macOS: brew install maven); \
         a JMeter that is already there can be used with --jmeter-home"
    )]
    NoMaven,
    /// Too old.
    #[error(
        "failed to use {program}: it is Java {version}, at least {JAVA_VERSION_MIN} is needed (Debian and Ubuntu: \
         openjdk-17-jdk-headless), or set JAVA_HOME to a newer one"
    )]
    TooOld {
        /// Where it is.
        program: String,
        /// What it says it is.
        version: String,
    },
}

/// Where programs are looked for: `$JAVA_HOME/bin`, then `$PATH`.
#[derive(Debug, Clone, Default)]
pub struct SearchPath(Vec<PathBuf>);

impl SearchPath {
    /// From the values of `JAVA_HOME` and `PATH`.
    pub fn new(java_home: Option<&OsStr>, path: Option<&OsStr>) -> Self {
        let home = java_home.filter(|home| !home.is_empty()).map(|home| Path::new(home).join("bin"));
        Self(home.into_iter().chain(path.into_iter().flat_map(std::env::split_paths)).collect())
    }

    /// From this process's environment.
    pub fn from_env() -> Self {
        Self::new(std::env::var_os("JAVA_HOME").as_deref(), std::env::var_os("PATH").as_deref())
    }

    /// `java`, new enough.
    pub fn java(&self) -> Result<Java, JavaError> {
        let found = self.find("java").ok_or(JavaError::NoJava)?;
        let program = fs::canonicalize(&found).unwrap_or(found);
        let version = release_version(&program);
        if let Some(version) = &version
            && major(version).is_some_and(|major| major < JAVA_VERSION_MIN)
        {
            return Err(JavaError::TooOld {
                program: program.display().to_string(),
                version: version.clone(),
            });
        }
        Ok(Java { program, version })
    }

    /// A program of the JDK (`javac`, `jar`): the one beside `java` if there is one, so that both are of one version.
    pub fn jdk_program(&self, java: &Java, name: &'static str) -> Result<PathBuf, JavaError> {
        let beside = java.program.with_file_name(name);
        if is_executable(&beside) {
            return Ok(beside);
        }
        self.find(name).ok_or(JavaError::NoJdk(name))
    }

    /// `mvn`.
    pub fn maven(&self) -> Result<PathBuf, JavaError> {
        self.find("mvn").ok_or(JavaError::NoMaven)
    }

    /// The first program of that name.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        self.find_all(name).next()
    }

    /// All programs of that name, the first one first.
    pub fn find_all(&self, name: &str) -> impl Iterator<Item = PathBuf> {
        self.0.iter().map(move |dir| dir.join(name)).filter(|program| is_executable(program))
    }
}

fn is_executable(program: &Path) -> bool {
    fs::metadata(program).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Reads the version without starting a JVM, which would cost every run some 100 ms.
fn release_version(program: &Path) -> Option<String> {
    let release = fs::read_to_string(program.parent()?.parent()?.join("release")).ok()?;
    let value = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// `17.0.15` → 17, `1.8.0_402` → 8, `22-ea` → 22.
fn major(version: &str) -> Option<u32> {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().ok());
    match numbers.next()?? {
        1 => numbers.next()?,
        major => Some(major),
    }
}

/// The programs of a JDK that an installation needs.
#[derive(Debug, Clone)]
pub struct Jdk {
    /// The compiler.
    pub javac: PathBuf,
    /// The archiver.
    pub jar: PathBuf,
}

impl Jdk {
    /// Both, or which one is missing.
    pub fn find(search: &SearchPath, java: &Java) -> Result<Self, JavaError> {
        Ok(Self { javac: search.jdk_program(java, "javac")?, jar: search.jdk_program(java, "jar")? })
    }
}

/// Where programs are looked for, a Java there, and its JDK.
///
/// # Errors
/// When one of them is missing or too old.
pub fn from_env() -> Result<(SearchPath, Java, Jdk), JavaError> {
    let search = SearchPath::from_env();
    let java = search.java()?;
    let jdk = Jdk::find(&search, &java)?;
    Ok((search, java, jdk))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(dir: &Path, name: &str) {
        fs::create_dir_all(dir).unwrap();
        fs::write(dir.join(name), "#!/bin/sh\n").unwrap();
        fs::set_permissions(dir.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn versions_of_all_ages_are_understood() {
        assert_eq!(major("17.0.15"), Some(17));
        assert_eq!(major("1.8.0_402"), Some(8));
        assert_eq!(major("22-ea"), Some(22));
        assert_eq!(major("eleven"), None);
    }

    #[test]
    fn an_old_java_is_refused_with_both_versions_named() {
        let dir = tempfile::tempdir().unwrap();
        program(&dir.path().join("bin"), "java");
        fs::write(dir.path().join("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"1.8.0_402\"\n").unwrap();
        let error = SearchPath::new(Some(dir.path().as_os_str()), None).java().unwrap_err().to_string();
        assert!(error.contains("Java 1.8.0_402") && error.contains("at least 11"), "{error}");
    }

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        let dir = tempfile::tempdir().unwrap();
        let empty = SearchPath::new(None, Some(dir.path().as_os_str()));
        assert!(empty.java().unwrap_err().to_string().contains("openjdk-17-jdk-headless"));
        assert!(empty.maven().unwrap_err().to_string().contains("maven"));
        program(dir.path(), "java");
        let jre = empty.java().unwrap();
        assert_eq!(empty.jdk_program(&jre, "javac"), Err(JavaError::NoJdk("javac")));
    }
}
