//! Which tools are there, of all kinds.

use crate::tool::install::installed::Installed;
use crate::tool::{gatling, jmeter, selenium};
use std::path::Path;

/// What is installed below `tools_dir`, by tool and version. A directory that is not there holds nothing.
#[must_use]
pub fn installed(tools_dir: &Path) -> Vec<Installed> {
    let mut found = jmeter::install::list(tools_dir);
    found.extend(gatling::install::list(tools_dir));
    found.extend(selenium::install::list(tools_dir));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_installed_in_a_directory_that_is_not_there() {
        assert_eq!(installed(Path::new("/nonexistent/tools")), []);
    }
}
