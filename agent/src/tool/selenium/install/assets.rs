//! What the binary carries for Selenium: the runner's and `FloodSump`'s sources, pinned Python packages and jars.

use crate::tool::install::compile::Source;
use crate::tool::install::digest::files_hash;
use crate::tool::install::maven::pinned;

/// Every Python package with its checksums, in pip's form.
pub const REQUIREMENTS: &str = include_str!("../../../../../plugins/selenium/requirements.txt");
/// The POM from which Maven resolves the jars.
pub const HOME_POM: &str = include_str!("../../../../../plugins/selenium/home-pom.xml");
const JARS: &str = include_str!("../../../../../plugins/selenium/java.sha256");

const RUNNER_ROOT: &str = "selenium/python/";
const JAVA_ROOTS: [&str; 2] = ["sump/src/main/java/", "selenium/java/src/main/java/"];

#[derive(rust_embed::RustEmbed)]
#[folder = "../plugins/"]
#[include = "selenium/python/gridnode_selenium/*.py"]
#[include = "selenium/java/src/main/java/*.java"]
#[include = "sump/src/main/java/*.java"]
struct Sources;

/// The runner's package, below the directory that `PYTHONPATH` names.
pub fn runner_sources() -> Vec<Source> {
    below(&[RUNNER_ROOT])
}

/// The sources of the jar.
pub fn java_sources() -> Vec<Source> {
    below(&JAVA_ROOTS)
}

/// Changes whenever one of our sources does.
pub fn plugin_hash() -> String {
    files_hash(&[runner_sources(), java_sources()].concat())
}

/// File name and SHA-256 of every jar.
pub fn jars() -> impl Iterator<Item = (&'static str, &'static str)> {
    pinned(JARS)
}

fn below(roots: &[&str]) -> Vec<Source> {
    let mut sources: Vec<Source> = Sources::iter()
        .filter_map(|path| {
            let name = roots.iter().find_map(|root| path.strip_prefix(root))?.to_owned();
            Some((name, Sources::get(&path)?.data))
        })
        .collect();
    sources.sort();
    sources
}
