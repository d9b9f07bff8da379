//! The tools directory: where the load-generation tools live that the agent installs for itself.
//!
//! Layout, all below one directory that belongs to the user:
//!
//! ```text
//! jmeter/5.6.3/home/                    a pristine JMeter, every jar checked against a pinned checksum
//! jmeter/5.6.3/plugin-<hash>/           our plug-in for it; the hash is of the plug-in's sources
//!     gridnode-jmeter.jar
//!     classes-<hash>.jsa                class archive of one JDK: JMeter starts faster with it
//! jmeter/plugin-<hash>-<hash>/          our plug-in compiled for a JMeter of the user's own
//! gatling/3.15.1/home/lib/               Gatling's jars
//! gatling/3.15.1/home/scala/             the compiler for simulations in Scala
//! gatling/3.15.1/plugin-<hash>/          our plug-in (gridnode-gatling.jar)
//! gatling/asm-<hash>/                    what the plug-in has of ASM, under a name of its own, for all versions
//! selenium/4.32.0/home/python/          private Python environment with Selenium
//! selenium/4.32.0/home/java/            Selenium's jars for Java plans
//! selenium/4.32.0/plugin-<hash>/        our runner (python/) and `FloodSump` (gridnode-selenium.jar)
//! .lock                                 held by whoever installs; the others wait
//! .tmp-…                                work in progress; removed by the next install when its owner died
//! ```
//!
//! Whatever has its final name is complete: it was assembled under a temporary name and renamed.

pub(crate) mod access;
pub(crate) mod compile;
pub(crate) mod digest;
pub(crate) mod error;
pub(crate) mod java;
pub(crate) mod maven;
pub(crate) mod process;
pub(crate) mod workspace;

pub use error::InstallError;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Who wants to see an installation go on. All calls come from the installing thread; time is the receiver's affair.
pub trait Progress {
    /// Step `number` of `of` begins.
    fn step(&mut self, number: u32, of: u32, what: &str);
    /// A few times a second while a step is under way: what is there by now, for example `41 files, 12.3 MB`.
    fn working(&mut self, state: &str);
    /// What the step has yielded.
    fn done(&mut self, result: &str);
    /// Asked several times a second; `true` ends the installation with nothing left behind.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Says nothing and never cancels.
#[derive(Debug, Default, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn step(&mut self, _number: u32, _of: u32, _what: &str) {}
    fn working(&mut self, _state: &str) {}
    fn done(&mut self, _result: &str) {}
}

/// One installed tool, as `tools list` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The tool's name.
    pub tool: &'static str,
    /// Its version.
    pub version: String,
    /// Where it is.
    pub dir: PathBuf,
    /// Whether this binary's plug-in is there too; if not, the next run compiles it.
    pub plugin_ready: bool,
    /// Why this user cannot use it although it is there.
    pub fault: Option<String>,
}

/// Where tools go unless the command line says otherwise: `$GRIDNODE_TOOLS_DIR`, `$XDG_DATA_HOME/gridnode/tools` or
/// `~/.local/share/gridnode/tools`; `None` when there is no home directory either. `env` looks a variable up.
pub fn default_dir(env: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let var = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    var("GRIDNODE_TOOLS_DIR")
        .or_else(|| {
            var("XDG_DATA_HOME").filter(|dir| dir.is_absolute()).map(|dir| dir.join("gridnode/tools"))
        })
        .or_else(|| var("HOME").map(|home| home.join(".local/share/gridnode/tools")))
}

/// Whether this user could install or complete a tool in `tools_dir`.
#[must_use]
pub fn can_install(tools_dir: &Path) -> bool {
    access::is_writable(tools_dir)
}

pub(crate) fn joined(prefix: &str, path: &Path) -> OsString {
    let mut arg = OsString::from(prefix);
    arg.push(path);
    arg
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dir_with(vars: &[(&str, &str)]) -> Option<PathBuf> {
        default_dir(|name| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value)))
    }

    #[test]
    fn the_default_directory_prefers_the_most_specific_variable() {
        let all = [("GRIDNODE_TOOLS_DIR", "/t"), ("XDG_DATA_HOME", "/x"), ("HOME", "/h")];
        assert_eq!(dir_with(&all), Some("/t".into()));
        assert_eq!(dir_with(&all[1..]), Some("/x/gridnode/tools".into()));
        assert_eq!(dir_with(&all[2..]), Some("/h/.local/share/gridnode/tools".into()));
        assert_eq!(dir_with(&[]), None);
        assert_eq!(
            dir_with(&[("XDG_DATA_HOME", "relative"), ("HOME", "/h")]),
            Some("/h/.local/share/gridnode/tools".into())
        );
    }
}
