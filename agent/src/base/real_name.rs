//! What a path is called, also where it does not say so itself.

use std::path::Path;

/// The last component; of `.` and `..` that of the directory they stand for. `None` for the root, and where there is none.
#[must_use]
pub fn of(path: &Path) -> Option<String> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    name(path).or_else(|| name(&path.canonicalize().ok()?))
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
