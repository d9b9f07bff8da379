//! What a path is called and where it leads, also where it does not say so itself.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The last component; of `.` and `..` that of the directory they stand for. `None` for the root, and where there is none.
#[must_use]
pub fn of(path: &Path) -> Option<String> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    name(path).or_else(|| name(&path.canonicalize().ok()?))
}

/// `path` without links and `..`: Chromium takes no profile below a path with `..`, and hangs. What is not there yet has no
/// links either, so a `..` after it leads back.
///
/// # Errors
/// When the working directory cannot be found.
pub fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut real = PathBuf::new();
    for part in std::path::absolute(path)?.components() {
        if part == Component::ParentDir {
            real.pop();
            continue;
        }
        real.push(part);
        real = fs::canonicalize(&real).unwrap_or(real);
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_its_own_name_however_it_is_called() {
        let dir = tempfile::tempdir().unwrap();
        let shop = dir.path().join("shop.v2");
        std::fs::create_dir_all(shop.join("src")).unwrap();
        for path in [shop.clone(), shop.join("."), shop.join("src/..")] {
            assert_eq!(of(&path).as_deref(), Some("shop.v2"), "{}", path.display());
        }
        assert_eq!(of(Path::new(".")), of(&std::env::current_dir().unwrap()));
        assert_eq!(of(Path::new("/")), None);
    }
}
