//! What the binary carries for Gatling: the plug-in's sources, POMs and pinned jars.

use crate::tool::install::compile::Source;
use crate::tool::install::digest::files_hash;
use crate::tool::install::maven::pinned;

/// The POM from which Maven resolves Gatling's jars.
pub const HOME_POM: &str = include_str!("../../../../../plugins/gatling/home-pom.xml");
/// The POM from which Maven resolves Scala's compiler.
pub const SCALA_POM: &str = include_str!("../../../../../plugins/gatling/scala-pom.xml");
/// The POM that makes the relocated ASM for the plug-in.
pub const ASM_POM: &str = include_str!("../../../../../plugins/asm/pom.xml");
/// Names the class where the JVM enters the plug-in.
pub const MANIFEST: &str = include_str!("../../../../../plugins/gatling/MANIFEST.MF");

const ROOTS: [&str; 2] = ["sump/src/main/java/", "gatling/src/main/java/"];

/// A version of Gatling that this binary knows.
#[derive(Debug)]
pub struct Release {
    /// Gatling's version.
    pub version: &'static str,
    /// The version of Scala that it was built with.
    pub scala: &'static str,
    /// `<sha256>  lib/<jar>` or `<sha256>  scala/<jar>` a line.
    pins: &'static str,
}

/// All of them; the first is the default.
pub const RELEASES: [Release; 3] = [
    Release {
        version: "3.15.1",
        scala: "2.13.18",
        pins: include_str!("../../../../../plugins/gatling/home-3.15.1.sha256"),
    },
    Release {
        version: "3.11.5",
        scala: "2.13.14",
        pins: include_str!("../../../../../plugins/gatling/home-3.11.5.sha256"),
    },
    Release {
        version: "3.9.5",
        scala: "2.13.10",
        pins: include_str!("../../../../../plugins/gatling/home-3.9.5.sha256"),
    },
];

impl Release {
    /// Path below the home and SHA-256 of every jar.
    pub fn jars(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        pinned(self.pins)
    }
}

#[derive(rust_embed::RustEmbed)]
#[folder = "../plugins/"]
#[include = "gatling/src/main/java/*.java"]
#[include = "sump/src/main/java/*.java"]
struct Sources;

/// The sources of the plug-in.
pub fn plugin_sources() -> Vec<Source> {
    let mut sources: Vec<Source> = Sources::iter()
        .filter_map(|path| {
            let name = ROOTS.iter().find_map(|root| path.strip_prefix(root))?.to_owned();
            Some((name, Sources::get(&path)?.data))
        })
        .collect();
    sources.sort();
    sources
}

/// Changes whenever something of the plug-in does.
pub fn plugin_hash() -> String {
    let mut files = plugin_sources();
    files.push(("MANIFEST.MF".to_owned(), MANIFEST.as_bytes().into()));
    files.push(("asm.xml".to_owned(), ASM_POM.as_bytes().into()));
    files_hash(&files)
}

/// Changes whenever the relocated ASM does.
pub fn asm_hash() -> String {
    files_hash(&[("asm.xml".to_owned(), ASM_POM)])
}
