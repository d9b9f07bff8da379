//! What the binary carries for JMeter: the plug-in's sources (with those it shares with other plug-ins), the POM and checksums
//! of a home, the verifying plan.

use crate::tool::install::compile::Source;
use crate::tool::install::digest::files_hash;
use crate::tool::install::maven::pinned;

/// The listener as it is spliced into a plan: one element and its empty `hashTree`.
const LISTENER_ELEMENT: &str = include_str!("../../../../../plugins/jmeter/element.xml");
/// The POM from which Maven resolves a home.
pub const HOME_POM: &str = include_str!("../../../../../plugins/jmeter/home-pom.xml");
/// `<sha256>  <file name>` a line, for every jar of a home.
const HOME_CHECKSUMS: &str = include_str!("../../../../../plugins/jmeter/home.sha256");
/// The POM from which Maven resolves a plug-in that others have made.
pub const PLUGIN_POM: &str = include_str!("../../../../../plugins/jmeter/plugin-pom.xml");
/// `<sha256>  <coordinate>` a line, for the plug-ins that plans of the field need most.
const PLUGIN_CHECKSUMS: &str = include_str!("../../../../../plugins/jmeter/plugins.sha256");
const VERIFY_PLAN: &str = include_str!("../../../../../plugins/jmeter/verify.jmx");

#[derive(rust_embed::RustEmbed)]
#[folder = "../plugins/jmeter/src/main/java/"]
#[include = "*.java"]
struct Sources;

/// What all plug-ins in Java share; each has its own compiled copy.
#[derive(rust_embed::RustEmbed)]
#[folder = "../plugins/sump/src/main/java/"]
#[include = "*.java"]
struct SumpSources;

/// [`LISTENER_ELEMENT`] without the line's end: the bytes to splice.
pub fn listener_element() -> &'static str {
    LISTENER_ELEMENT.trim_end()
}

/// A plan with one Java sample and one HTTP sample against `${__P(gridnode.verify_port)}`, our listener in place.
pub fn verify_plan() -> String {
    VERIFY_PLAN.replace("{ELEMENT}", listener_element())
}

/// The plug-in's sources, path and text, in a fixed order.
pub fn plugin_sources() -> Vec<Source> {
    let mut sources: Vec<_> = files::<Sources>().chain(files::<SumpSources>()).collect();
    sources.sort();
    sources
}

fn files<Folder: rust_embed::RustEmbed>() -> impl Iterator<Item = Source> {
    Folder::iter().filter_map(|path| Folder::get(&path).map(|file| (path.into_owned(), file.data)))
}

/// Changes whenever a source of the plug-in does.
pub fn plugin_hash() -> String {
    files_hash(&plugin_sources())
}

/// Changes with the plug-in and with the jars of a home: a class archive lies beside the plug-in and serves one class path.
pub fn home_plugin_hash() -> String {
    let mut files = plugin_sources();
    files.push(("home.sha256".to_owned(), HOME_CHECKSUMS.as_bytes().into()));
    files_hash(&files)
}

/// Coordinate and SHA-256 of every plug-in that is known.
pub fn known_plugins() -> impl Iterator<Item = (&'static str, &'static str)> {
    pinned(PLUGIN_CHECKSUMS)
}

/// File name and SHA-256 of every jar of a home.
pub fn home_jars() -> impl Iterator<Item = (&'static str, &'static str)> {
    pinned(HOME_CHECKSUMS)
}
