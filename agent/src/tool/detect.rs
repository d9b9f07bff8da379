//! Which tool a plan is for, as far as its file says so.

use crate::base::litter::is_litter;
use crate::cage::foreign_file;
use gridnode_launch::ToolKind;
use std::path::{Path, PathBuf};

/// Bytes of a Java source in which its imports are looked for.
const HEAD_BYTES: u64 = 64 << 10;
/// Directories below a plan's that are looked into.
const DEPTH_MAX: usize = 8;
/// Files and directories that are looked at: a plan is not hidden behind more.
const LOOKS_MAX: usize = 10_000;

/// The tool for the plan at `path`.
///
/// # Errors
/// With a sentence, when that cannot be told.
pub fn kind_of(path: &Path) -> Result<ToolKind, String> {
    let unclear = |why: &str| Err(format!("{}: {why}: name the tool with --tool", path.display()));
    if path.is_dir() {
        if names_in(path).is_some_and(|names| names.is_empty()) {
            return Err(format!(
                "{}: this directory is empty: name a plan, or a directory with one",
                path.display()
            ));
        }
        return of_directory(path).map_or_else(|| unclear("no plan is seen in this directory"), Ok);
    }
    if let Some(kind) = kind_by_name(path) {
        return Ok(kind);
    }
    match extension(path).as_str() {
        "kt" => {
            Err(format!("{}: Kotlin is not compiled here: build a jar of it and run that", path.display()))
        }
        "java" => match path.metadata() {
            Err(error) => Err(format!("failed to read the plan {}: {error}", path.display())),
            Ok(_) => of_java(path).map_or_else(|| unclear("it imports neither Gatling nor Selenium"), Ok),
        },
        _ => unclear("its name does not end in .jmx, .py, .java, .scala or .jar"),
    }
}

/// The tool for a plan of this name, where a name is enough to tell.
#[must_use]
pub fn kind_by_name(path: &Path) -> Option<ToolKind> {
    match extension(path).as_str() {
        "jmx" => Some(ToolKind::Jmeter),
        "py" => Some(ToolKind::Selenium),
        "scala" | "jar" => Some(ToolKind::Gatling),
        _ => None,
    }
}

/// By what lies in it; where that says nothing, by the first source below that does.
fn of_directory(path: &Path) -> Option<ToolKind> {
    let names = names_in(path)?;
    let is_build = |name: &Path| {
        name.file_name().is_some_and(|name| name == "src" || name == "build.sbt" || name == "pom.xml")
    };
    if names.iter().any(|name| extension(name) == "scala" || is_build(name)) {
        return Some(ToolKind::Gatling);
    }
    names
        .iter()
        .filter(|name| extension(name) == "java")
        .find_map(|name| of_java(name))
        .or_else(|| below(path))
}

fn below(path: &Path) -> Option<ToolKind> {
    let mut waiting = vec![(path.to_owned(), 0)];
    let mut looks = 0;
    while let Some((dir, depth)) = waiting.pop() {
        for path in names_in(&dir).unwrap_or_default() {
            looks += 1;
            if looks > LOOKS_MAX {
                return None;
            }
            // Follows no link, and looks at nothing hidden.
            let is_dir = path.symlink_metadata().is_ok_and(|meta| meta.is_dir());
            let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if is_dir && !is_hidden && depth < DEPTH_MAX {
                waiting.push((path, depth + 1));
                continue;
            }
            match extension(&path).as_str() {
                "scala" => return Some(ToolKind::Gatling),
                "java" if !is_dir => {
                    if let Some(kind) = of_java(&path) {
                        return Some(kind);
                    }
                }
                _ => {}
            }
        }
    }
    None
}

/// What is in a directory but for what Macs leave, sorted.
fn names_in(dir: &Path) -> Option<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir).ok()?.flatten().filter(|entry| !is_litter(&entry.file_name()));
    let mut names: Vec<_> = entries.map(|entry| entry.path()).collect();
    names.sort();
    Some(names)
}

fn of_java(path: &Path) -> Option<ToolKind> {
    // A link is followed where it is the plan itself, or lies beside it.
    let text = foreign_file::head(&path.canonicalize().ok()?, HEAD_BYTES).ok()?;
    let text = String::from_utf8_lossy(&text);
    if text.contains("io.gatling.") {
        Some(ToolKind::Gatling)
    } else {
        let browser = text.contains("org.openqa.selenium") || text.contains("io.flood.selenium");
        browser.then_some(ToolKind::Selenium)
    }
}

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_says_what_it_is_for() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        };
        std::fs::create_dir(dir.path().join("empty")).unwrap();
        let empty = kind_of(&dir.path().join("empty")).unwrap_err();
        assert!(
            empty.ends_with("empty: this directory is empty: name a plan, or a directory with one"),
            "{empty}"
        );
        let gatling = write("g/A.java", "import static io.gatling.javaapi.core.CoreDsl.*;");
        let browser = write("b/B.java", "import io.flood.selenium.FloodSump;");
        let neither = write("n/C.java", "class C {}");
        assert_eq!(kind_of(&gatling), Ok(ToolKind::Gatling));
        assert_eq!(kind_of(&browser), Ok(ToolKind::Selenium));
        assert!(kind_of(&neither).unwrap_err().contains("--tool"));
        assert_eq!(kind_of(Path::new("a.JMX")), Ok(ToolKind::Jmeter));
        assert_eq!(kind_of(Path::new("a.py")), Ok(ToolKind::Selenium));
        assert_eq!(kind_of(&dir.path().join("g")), Ok(ToolKind::Gatling));
        assert_eq!(kind_of(&dir.path().join("b")), Ok(ToolKind::Selenium));
        assert!(kind_of(&dir.path().join("n")).is_err());
        write("n/._A.java", "import static io.gatling.javaapi.core.CoreDsl.*;");
        write("n/__MACOSX/B.scala", "");
        assert!(kind_of(&dir.path().join("n")).is_err());
        write("bundle/simulations/shop/A.java", "import static io.gatling.javaapi.core.CoreDsl.*;");
        assert_eq!(kind_of(&dir.path().join("bundle")), Ok(ToolKind::Gatling));
        assert!(kind_of(Path::new("none.java")).unwrap_err().starts_with("failed to read"));
        assert!(kind_of(Path::new("a.txt")).unwrap_err().contains(".jmx"));
        let kotlin = kind_of(Path::new("words.kt")).unwrap_err();
        assert!(kotlin.contains("build a jar") && !kotlin.contains("--tool"), "{kotlin}");
    }
}
