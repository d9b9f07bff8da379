//! Where tools go.

use super::access;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

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
