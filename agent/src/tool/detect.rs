//! Which tool a plan is for, as far as its file says so.

use gridnode_launch::ToolKind;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Bytes of a Java source in which its imports are looked for.
const HEAD_BYTES: u64 = 64 << 10;

/// The tool for the plan at `path`.
///
/// # Errors
/// With a sentence, when that cannot be told.
pub fn kind_of(path: &Path) -> Result<ToolKind, String> {
    let unclear = |why: &str| Err(format!("{}: {why}: name the tool with --tool", path.display()));
    if path.is_dir() {
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

fn of_directory(path: &Path) -> Option<ToolKind> {
    let mut names: Vec<_> = std::fs::read_dir(path).ok()?.flatten().map(|entry| entry.path()).collect();
    names.sort();
    let is_build = |name: &Path| {
        name.file_name().is_some_and(|name| name == "src" || name == "build.sbt" || name == "pom.xml")
    };
    if names.iter().any(|name| extension(name) == "scala" || is_build(name)) {
        return Some(ToolKind::Gatling);
    }
    names.iter().filter(|name| extension(name) == "java").find_map(|name| of_java(name))
}

fn of_java(path: &Path) -> Option<ToolKind> {
    let mut text = Vec::new();
    File::open(path).ok()?.take(HEAD_BYTES).read_to_end(&mut text).ok()?;
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
        assert!(kind_of(Path::new("none.java")).unwrap_err().starts_with("failed to read"));
        assert!(kind_of(Path::new("a.txt")).unwrap_err().contains(".jmx"));
        let kotlin = kind_of(Path::new("words.kt")).unwrap_err();
        assert!(kotlin.contains("build a jar") && !kotlin.contains("--tool"), "{kotlin}");
    }
}
