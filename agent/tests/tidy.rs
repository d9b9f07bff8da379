//! What a reader may rely on in every source file of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// A room that is larger than this cannot be known from its door.
const LINES_MAX: usize = 500;
/// A function that is longer than this does several things.
const FUNCTION_LINES_MAX: usize = 70;
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
        if path.extension().is_some_and(|ext| ext == "rs") {
            complaints.extend(
                long_functions(&text).map(|(name, n)| format!("{}: {name}: {n} lines", path.display())),
            );
        }
        for (number, line) in text.lines().enumerate() {
            if LEFTOVERS.iter().any(|leftover| line.contains(leftover)) {
                complaints.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Functions over the bound, as name and lines. The formatter puts a function's closing brace below its first word.
fn long_functions(text: &str) -> impl Iterator<Item = (String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let name = |line: &str| Some(line.split_once("fn ")?.1.split(['(', '<']).next()?.to_owned());
    let starts = (0..lines.len()).filter(|at| is_function(lines[*at])).collect::<Vec<_>>();
    let long = starts.into_iter().filter_map(move |at| {
        let indent = lines[at].len() - lines[at].trim_start().len();
        let ends = |line: &&str| line.len() == indent + 1 && line.ends_with('}');
        let n = lines[at..].iter().position(ends)? + 1;
        (n > FUNCTION_LINES_MAX).then(|| (name(lines[at]).unwrap_or_default(), n))
    });
    long.collect::<Vec<_>>().into_iter()
}

fn is_function(line: &str) -> bool {
    const BEFORE: [&str; 6] = ["pub", "pub(super)", "pub(crate)", "const", "async", "unsafe"];
    let mut words = line.split_whitespace().skip_while(|word| BEFORE.contains(word));
    words.next() == Some("fn") && !line.trim_end().ends_with([';', '}'])
}
