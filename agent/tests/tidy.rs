//! What a reader may rely on in every source file of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// A room that is larger than this cannot be known from its door.
const LINES_MAX: usize = 500;
/// Left in by accident, every one of them.
const LEFTOVERS: [&str; 4] = ["todo!(", "unimplemented!(", "dbg!(", "<<<<<<< "];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            sources(&path, found);
        } else if path.extension().is_some_and(|ext| ["rs", "java", "py"].iter().any(|known| ext == *known)) {
            found.push(path);
        }
    }
}

#[test]
fn files_are_small_and_nothing_is_left_over() {
    // Where it runs, not where it was built: checkouts may share a build directory.
    let root = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("..");
    let mut found = Vec::new();
    sources(&root, &mut found);
    assert!(found.len() > 100, "only {} source files: is this the repository?", found.len());
    let mut complaints = Vec::new();
    for path in found.iter().filter(|path| !path.ends_with("agent/tests/tidy.rs")) {
        let text = fs::read_to_string(path).unwrap_or_default();
        let lines = text.lines().count();
        if lines > LINES_MAX {
            complaints.push(format!("{}: {lines} lines", path.display()));
        }
        for (number, line) in text.lines().enumerate() {
            if LEFTOVERS.iter().any(|leftover| line.contains(leftover)) {
                complaints.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
