//! Names of a run's files: relative, and unable to leave the run's directory.

use serde::Serialize;
use std::fmt;
use thiserror::Error;

/// Deep enough for a package of Java below the usual directories of a project.
const COMPONENTS_MAX: usize = 16;

/// A relative path with `/` between components; at most 255 bytes, 16 components.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FileName(String);

/// Why a text is not a file name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{name}` cannot be a file name: {why}")]
pub struct FileNameError {
    name: String,
    why: &'static str,
}

impl FileName {
    /// Checks `name`. The rules are stricter than a file system's, so that no layer below reads a name differently.
    ///
    /// # Errors
    /// When it is empty, too long, absolute, has an empty component, `.` or `..`, a backslash or a control character.
    pub fn new(name: &str) -> Result<Self, FileNameError> {
        match fault(name) {
            None => Ok(Self(name.to_owned())),
            Some(why) => Err(FileNameError { name: name.chars().take(80).collect(), why }),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it ends in `.zip` (in any case): such a file is unpacked into the directory where it lies.
    #[must_use]
    pub fn is_archive(&self) -> bool {
        let ending = self.0.len().checked_sub(4).and_then(|at| self.0.get(at..));
        ending.is_some_and(|ending| ending.eq_ignore_ascii_case(".zip"))
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it is empty");
    }
    if name.len() > 255 {
        return Some("it is longer than 255 bytes");
    }
    if name.starts_with('/') {
        return Some("it is absolute; names are relative to the run's directory");
    }
    if name.contains('\\') {
        return Some("it has a backslash; write / between directories");
    }
    if name.chars().any(char::is_control) {
        return Some("it has a control character in it");
    }
    if name.split('/').count() > COMPONENTS_MAX {
        return Some("it has more than 16 components");
    }
    let bad = |part: &str| matches!(part, "" | "." | "..");
    name.split('/').any(bad).then_some("it has an empty component, `.` or `..`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::{Component, Path};

    #[test]
    fn names_that_would_leave_the_directory_are_refused() {
        for name in
            ["", "/etc/passwd", "..", "a/../b", "a//b", "a/", "./a", "a\\b", "a\0b", "C:\\x", "a\nb", "a/./b"]
        {
            assert!(FileName::new(name).is_err(), "{name:?}");
        }
        let deep = "shop/src/gatling/java/com/example/retail/shop/checkout/Checkout.java";
        for name in ["plan.jmx", "data/users.csv", "...", ".hidden", "über plan.jmx", "a..b", deep] {
            assert!(FileName::new(name).is_ok(), "{name:?}");
        }
        assert!(FileName::new(&vec!["a"; 17].join("/")).is_err());
        assert!(FileName::new(&"a".repeat(256)).is_err());
    }

    #[test]
    fn archives_are_told_by_their_names() {
        for (name, archive) in [
            ("a.zip", true),
            ("d/B.ZIP", true),
            (".zip", true),
            ("a.zip.jmx", false),
            ("zip", false),
            ("é.zi", false),
        ] {
            assert_eq!(FileName::new(name).map(|name| name.is_archive()), Ok(archive), "{name}");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_name_has_normal_components_only(name in "[a./\\\\\0é-]{0,12}") {
            if FileName::new(&name).is_ok() {
                let path = Path::new(&name);
                prop_assert!(path.components().all(|part| matches!(part, Component::Normal(_))));
                prop_assert_eq!(path.components().count(), name.split('/').count());
            }
        }
    }
}
