//! What Macs leave beside the files of people, on foreign disks and in archives, and what is nobody's: `._Shop.java` is no
//! source though it is called so.

use std::ffi::OsStr;

/// Finder's archives keep all of it in one directory.
const ARCHIVES_DIR: &[u8] = b"__MACOSX";
/// How windows of Finder look.
const WINDOWS_FILE: &[u8] = b".DS_Store";
/// AppleDouble: attributes of the file of the same name without it.
const DOUBLE: &[u8] = b"._";

/// Whether a file or directory of this name is nobody's.
#[must_use]
pub fn is_litter(name: &OsStr) -> bool {
    is_litter_name(name.as_encoded_bytes())
}

/// Whether an archive's entry of this path is, or lies in what is.
#[must_use]
pub fn is_litter_path(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/').any(is_litter_name)
}

fn is_litter_name(name: &[u8]) -> bool {
    name.starts_with(DOUBLE) || name == ARCHIVES_DIR || name == WINDOWS_FILE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_macs_leave_is_nobodys() {
        for name in ["._Shop.java", "__MACOSX", ".DS_Store", "._"] {
            assert!(
                is_litter(OsStr::new(name)) && is_litter_path(format!("shop/{name}/a").as_bytes()),
                "{name}"
            );
        }
        for name in ["Shop.java", ".env", "_.java", "MACOSX", "a._b", ""] {
            assert!(
                !is_litter(OsStr::new(name)) && !is_litter_path(format!("shop/{name}").as_bytes()),
                "{name}"
            );
        }
    }
}
