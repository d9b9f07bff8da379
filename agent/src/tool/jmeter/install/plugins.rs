//! Plug-ins of JMeter that others have made, fetched from Maven's repositories.
//!
//! Each has a directory of its own below `jmeter/plugins`, with a record of what was fetched: a jar that has changed since is
//! not used. The home stays as it was checked: plug-ins go on the class path behind it, as jars beside a plan do.

use std::fs;
use std::path::{Path, PathBuf};

use gridnode_launch::jmeter::Coordinate;

use super::assets;
use crate::tool::install::digest::sha256_hex;
use crate::tool::install::error::InstallError;
use crate::tool::install::java::SearchPath;
use crate::tool::install::maven::{self, Wanted, directory_text};
use crate::tool::install::progress::Progress;
use crate::tool::install::workspace::Workspace;

/// The record: the coordinate, then `<sha256>  <file name>` a line.
const RECORD: &str = "installed.sha256";
/// What the known plug-ins share. Its own dependencies are another JMeter's, so it is never left to Maven to bring it.
const COMMON: (&str, &str) = ("kg.apc", "jmeter-plugins-cmn-jmeter");
/// What a JMeter has itself, by groups.
const OF_JMETER: [&str; 4] = ["org.apache.jmeter", "org.apache.logging.log4j", "org.slf4j", "log4j"];

/// An installed plug-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    /// What it is, with its version.
    pub coordinate: Coordinate,
    /// Where.
    pub dir: PathBuf,
    /// Its jars, sorted, as they were when they were fetched.
    pub jars: Vec<PathBuf>,
}

/// What is to be fetched, and what it has to be.
struct Fetched {
    coordinate: Coordinate,
    /// Where the binary knows it.
    sum: Option<&'static str>,
}

/// Where they are.
pub fn plugins_dir(tools_dir: &Path) -> PathBuf {
    tools_dir.join("jmeter/plugins")
}

/// Installs what is not there yet. Blocks.
pub fn install(
    tools_dir: &Path,
    wanted: &[Coordinate],
    (offline, force): (bool, bool),
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    let wanted = with_what_they_share(wanted)?;
    let dir = plugins_dir(tools_dir);
    let is_there = |one: &Fetched| {
        let there = fs::read_to_string(place(&dir, &one.coordinate).join(RECORD));
        // One that has been changed is fetched again.
        there.is_ok()
            && read(&place(&dir, &one.coordinate)).is_ok_and(|there| one.coordinate == there.coordinate)
    };
    if !force && wanted.iter().all(is_there) {
        return Ok(());
    }
    let what = wanted.iter().map(|one| format!(" --plugin {}", one.coordinate)).collect::<String>();
    let what = format!("jmeter{what}");
    Workspace::may_open(tools_dir, &what)?;
    let maven = SearchPath::from_env().maven()?;
    let workspace = Workspace::open(tools_dir, &what, progress)?;
    let steps = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
    for (number, one) in (1..).zip(&wanted) {
        progress.step(number, steps, &format!("fetch the plug-in {} with Maven", one.coordinate));
        if is_there(one) && !force {
            progress.done("it is already there");
            continue;
        }
        let unfinished = fetch(&workspace, &maven, one, offline, progress)?;
        let target = place(&dir, &one.coordinate);
        workspace.publish(&unfinished, &target).map_err(InstallError::io("put into place", &target))?;
        // Of the next plug-in, too, what was there has to make way.
        let _ = fs::remove_dir_all(workspace.temporary().join("replaced"));
        let as_pinned = one.sum.map_or("checksum recorded", |_| "as pinned");
        progress.done(&format!("{}, {as_pinned}", directory_text(&target)));
    }
    Ok(())
}

/// What is installed, sorted; what has changed since is an error.
pub fn installed(plugins_dir: &Path) -> Result<Vec<Plugin>, InstallError> {
    let entries = fs::read_dir(plugins_dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut dirs: Vec<PathBuf> = entries.filter(|dir| dir.join(RECORD).is_file()).collect();
    dirs.sort();
    dirs.iter().map(|dir| read(dir)).collect()
}

/// The jars of all that are installed, when those that have to be there are.
pub fn jars(plugins_dir: &Path, needed: &[Coordinate]) -> Result<Vec<PathBuf>, InstallError> {
    let there = installed(plugins_dir)?;
    let is_missing = |needed: &&Coordinate| !there.iter().any(|one| needed.is_met_by(&one.coordinate));
    match needed.iter().find(is_missing) {
        Some(coordinate) => {
            let plugins_dir = plugins_dir.to_owned();
            Err(InstallError::PluginMissing { coordinate: coordinate.to_string(), plugins_dir })
        }
        None => Ok(there.into_iter().flat_map(|one| one.jars).collect()),
    }
}

/// Each once, with its version and checksum, and what is shared first.
fn with_what_they_share(wanted: &[Coordinate]) -> Result<Vec<Fetched>, InstallError> {
    let common = known().find(|(coordinate, _)| (coordinate.group(), coordinate.artifact()) == COMMON);
    let common = common.map(|(coordinate, sum)| Fetched { coordinate, sum: Some(sum) });
    let mut all: Vec<Fetched> = common.into_iter().collect();
    for one in wanted {
        let pinned = known().find(|(known, _)| one.is_met_by(known));
        let fetched = match pinned {
            Some((coordinate, sum)) => Fetched { coordinate, sum: Some(sum) },
            None if one.version().is_some() => Fetched { coordinate: one.clone(), sum: None },
            None => {
                let known: Vec<String> = known().map(|(known, _)| known.to_string()).collect();
                return Err(InstallError::UnknownPlugin {
                    coordinate: one.to_string(),
                    known: known.join(", "),
                });
            }
        };
        // Of one plug-in there is one version, the one that was asked for last.
        all.retain(|other| {
            place(Path::new(""), &other.coordinate) != place(Path::new(""), &fetched.coordinate)
        });
        all.push(fetched);
    }
    Ok(all)
}

/// The plug-ins that the binary has checksums for.
fn known() -> impl Iterator<Item = (Coordinate, &'static str)> {
    assets::known_plugins().filter_map(|(text, sum)| Some((text.parse().ok()?, sum)))
}

/// The directory of a plug-in, whatever its version: `+` is in no coordinate.
fn place(plugins_dir: &Path, coordinate: &Coordinate) -> PathBuf {
    plugins_dir.join(format!("{}+{}", coordinate.group(), coordinate.artifact()))
}

/// A directory with its jars and the record.
fn fetch(
    workspace: &Workspace,
    maven: &Path,
    one: &Fetched,
    offline: bool,
    progress: &mut dyn Progress,
) -> Result<PathBuf, InstallError> {
    let coordinate = &one.coordinate;
    let jars = place(workspace.temporary(), coordinate);
    let pom = pom(one);
    let version = coordinate.version().unwrap_or_default();
    let wanted = Wanted {
        pom: &pom,
        property: ("plugin.version", version),
        offline,
        doing: "fetch a plug-in of JMeter",
    };
    maven::copy(workspace, maven, &wanted, &jars, progress).map_err(|error| no_such(error, coordinate))?;
    let mut record = format!("{coordinate}\n");
    let own_name = format!("{}-{version}.jar", coordinate.artifact());
    for name in names_in(&jars)? {
        let path = jars.join(&name);
        if name != own_name && assets::home_jars().any(|(of_home, _)| artifact(of_home) == artifact(&name)) {
            fs::remove_file(&path).map_err(InstallError::io("remove", &path))?;
            continue;
        }
        let found = sha256_of(&path)?;
        if let Some(sum) = one.sum.filter(|sum| *sum != found) {
            let what = format!("{name} has the SHA-256 {found} instead of {sum}");
            return Err(InstallError::Checksum { tool: "the plug-in of JMeter", what });
        }
        record.push_str(&format!("{found}  {name}\n"));
    }
    let path = jars.join(RECORD);
    fs::write(&path, record).map_err(InstallError::io("write", &path))?;
    Ok(jars)
}

/// Of a plug-in that the binary knows, nothing comes along: what it needs is known, too.
fn pom(one: &Fetched) -> String {
    let exclusion = |group: &str, artifact: &str| {
        format!("<exclusion><groupId>{group}</groupId><artifactId>{artifact}</artifactId></exclusion>")
    };
    let exclusions = match one.sum {
        Some(_) => exclusion("*", "*"),
        None => {
            OF_JMETER.iter().map(|group| exclusion(group, "*")).collect::<String>()
                + &exclusion(COMMON.0, COMMON.1)
        }
    };
    assets::PLUGIN_POM
        .replace("{GROUP}", one.coordinate.group())
        .replace("{ARTIFACT}", one.coordinate.artifact())
        .replace("{EXCLUSIONS}", &exclusions)
}

/// What Maven says of what it does not find is three lines of its own words.
fn no_such(error: InstallError, coordinate: &Coordinate) -> InstallError {
    const WORDS: [&str; 2] = ["Could not find artifact ", "was not found in "];
    match error {
        InstallError::Program { output, .. } if WORDS.iter().any(|words| output.contains(words)) => {
            InstallError::NoSuchPlugin { coordinate: coordinate.to_string() }
        }
        error => error,
    }
}

/// A plug-in whose jars are what they were.
fn read(dir: &Path) -> Result<Plugin, InstallError> {
    let record = dir.join(RECORD);
    let text = fs::read_to_string(&record).map_err(InstallError::io("read", &record))?;
    let (first, list) = text.split_once('\n').unwrap_or_default();
    let coordinate: Coordinate = first.parse().map_err(|_| changed(&record, "none"))?;
    let mut jars = Vec::new();
    for (sum, name) in list.lines().filter_map(|line| line.split_once("  ")) {
        let jar = dir.join(name);
        if sha256_of(&jar)? != sum {
            return Err(changed(&jar, first));
        }
        jars.push(jar);
    }
    Ok(Plugin { coordinate, dir: dir.to_owned(), jars })
}

fn changed(path: &Path, coordinate: &str) -> InstallError {
    InstallError::PluginChanged { path: path.to_owned(), coordinate: coordinate.to_owned() }
}

fn sha256_of(path: &Path) -> Result<String, InstallError> {
    fs::read(path).map(|bytes| sha256_hex(&bytes)).map_err(InstallError::io("read", path))
}

fn names_in(dir: &Path) -> Result<Vec<String>, InstallError> {
    let entries = fs::read_dir(dir).map_err(InstallError::io("read", dir))?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

/// A jar's name without its version.
fn artifact(name: &str) -> &str {
    let version =
        name.match_indices('-').find(|(at, _)| name[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    version.map_or(name, |(at, _)| &name[..at])
}

#[cfg(test)]
mod tests;
