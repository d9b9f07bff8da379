//! The files that a JMeter plan names: `run` finds them where it is started or beside the plan, and a node has only what
//! is sent.

use super::files::{Local, Place, Source};
use super::named::{Named, without_dot};
use super::settings::{FileSettings, FloodSettings};
use crate::base::advice::Advice;
use anyhow::bail;
use gridnode_core::node::command::FileName;
use gridnode_launch::jmeter::inspect::FileKind;
use gridnode_launch::jmeter::{PLAN_BYTES_MAX, inspect};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A command has no more: further fragments are not looked into.
const FILES_MAX: usize = 64;

/// The sources of what `named` reads and nobody has named. `uploads`: the place of what is uploaded.
///
/// # Errors
/// When a file without which the plan does nothing is not here, or has a name that no file of a run can have.
pub(super) fn of_plan(
    named: &Named<'_>,
    (files, flood): (&FileSettings, &FloodSettings),
    sources: &[Source],
    (bucket, prefix): (&str, &str),
) -> anyhow::Result<Vec<Source>> {
    let is_plan = named.name.as_str().to_ascii_lowercase().ends_with(".jmx");
    if !named.is_local() || named.is_dir || !is_plan || files.further.iter().any(|text| text.contains(".zip"))
    {
        return Ok(Vec::new());
    }
    let path = Path::new(named.place);
    let beside = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut found: Vec<Source> = Vec::new();
    // Fragments that a plan includes name files, too.
    let mut plans = vec![path.to_owned()];
    while let Some(plan) = plans.pop() {
        // Where it cannot be read, whoever reads it next says what is wrong with it.
        let Some(facts) = read(&plan).and_then(|plan| inspect(&plan).ok()) else { continue };
        let needed: Vec<&str> = facts.needed_files(&flood.parameters).map(|(_, name)| name).collect();
        for (file, name) in facts.known_files(&flood.parameters) {
            let plain = without_dot(name);
            if sources.iter().chain(&found).any(|source| holds(source, plain)) {
                continue;
            }
            let is_needed = needed.contains(&name);
            let here = [PathBuf::from(name), beside.join(name)].into_iter().find(|place| place.is_file());
            match (here, FileName::new(plain)) {
                (Some(place), Ok(name)) if !name.is_archive() => {
                    if file.kind == FileKind::Include && found.len() < FILES_MAX {
                        plans.push(place.clone());
                    }
                    let file = Local::of(place);
                    let (bucket, prefix) = (bucket.to_owned(), prefix.to_owned());
                    found.push(Source { name, place: Place::Local { file, bucket, prefix } });
                }
                (Some(place), _) if is_needed => return Err(cannot_go(named, name, &place)),
                (None, _) if is_needed => {
                    bail!("{}: {}", plan.display(), file.missing(name, &shown_dir(&beside)));
                }
                // Only one sampler misses it, or the plan makes it.
                _ => {}
            }
        }
    }
    Ok(found)
}

/// Whether the file is what is sent, or lies in a directory that is.
pub(super) fn holds(source: &Source, name: &str) -> bool {
    let own = source.name().as_str();
    let dir = own.strip_suffix(".zip").and_then(|dir| name.strip_prefix(dir));
    own == name || dir.is_some_and(|rest| rest.starts_with('/'))
}

/// A name that leads out of the plan's directory: the plan would have to lie deeper in what is sent.
fn cannot_go(named: &Named<'_>, name: &str, place: &Path) -> anyhow::Error {
    let why = format!(
        "the plan {} reads `{name}`, and on a node there is nothing but what is sent, below one directory",
        named.place
    );
    let advice = match above_both(Path::new(named.place), place) {
        Some((dir, plan)) if !name.starts_with('/') => format!(
            "send the directory that has both: gridnode send start {} --plan {} …",
            dir.display(),
            plan.display()
        ),
        _ => format!(
            "name it without a directory in the plan, and send it along: gridnode send start {} {} …",
            named.place,
            place.display()
        ),
    };
    anyhow::anyhow!(why).context(Advice::new(advice))
}

/// The nearest directory above both that is not the root, and the plan's path in it.
fn above_both(plan: &Path, file: &Path) -> Option<(PathBuf, PathBuf)> {
    let (plan, file) = (fs::canonicalize(plan).ok()?, fs::canonicalize(file).ok()?);
    let dir = plan.ancestors().skip(1).find(|dir| file.starts_with(dir))?;
    dir.parent()?;
    Some((dir.to_owned(), plan.strip_prefix(dir).ok()?.to_owned()))
}

fn shown_dir(dir: &Path) -> String {
    if dir.as_os_str().is_empty() { ".".to_owned() } else { dir.display().to_string() }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let mut plan = Vec::new();
    File::open(path).ok()?.take(PLAN_BYTES_MAX as u64).read_to_end(&mut plan).ok()?;
    Some(plan)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Deaf, asked, plan_with as plan};
    use super::super::{gather, settings::StartSettings};
    use std::fs;
    use std::path::Path;

    fn csv(name: &str) -> String {
        format!(
            "<CSVDataSet testname='c'><stringProp name='filename'>{name}</stringProp></CSVDataSet><hashTree/>"
        )
    }

    fn names(settings: &StartSettings) -> Result<Vec<String>, String> {
        let gathered = gather(settings, &mut Deaf).map_err(|error| format!("{error:#}"))?;
        Ok(gathered.names().map(str::to_owned).collect())
    }

    fn write(dir: &Path, name: &str, text: &str) -> String {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    #[test]
    fn what_a_plan_reads_goes_along_unless_it_is_named_already() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let path = write(root, "a.jmx", &plan(&(csv("./data/u.csv") + &csv("v.csv"))));
        assert!(names(&asked(&path)).unwrap_err().contains("reads `./data/u.csv`"));
        write(root, "data/u.csv", "u");
        write(root, "v.csv", "v");
        assert_eq!(names(&asked(&path)).unwrap(), ["a.jmx", "data/u.csv", "v.csv"]);
        let mut settings = asked(&path);
        settings.files.further = vec![
            root.join("v.csv").to_str().unwrap().to_owned(),
            root.join("data").to_str().unwrap().to_owned(),
        ];
        assert_eq!(names(&settings).unwrap(), ["a.jmx", "v.csv", "data.zip"]);
    }

    #[test]
    fn a_fragment_brings_its_own_files() {
        let dir = tempfile::tempdir().unwrap();
        let include = "<IncludeController testname='i'><stringProp name='IncludeController.includepath'>f.jmx</stringProp>\
                       </IncludeController><hashTree/>";
        let path = write(dir.path(), "a.jmx", &plan(include));
        write(dir.path(), "f.jmx", &plan(&csv("u.csv")));
        write(dir.path(), "u.csv", "u");
        assert_eq!(names(&asked(&path)).unwrap(), ["a.jmx", "f.jmx", "u.csv"]);
    }

    #[test]
    fn what_lies_elsewhere_is_refused_with_the_command_that_works() {
        let dir = tempfile::tempdir().unwrap();
        let path = write(dir.path(), "plans/a.jmx", &plan(&csv("../data/u.csv")));
        write(dir.path(), "data/u.csv", "u");
        let error = names(&asked(&path)).unwrap_err();
        let root = dir.path().canonicalize().unwrap();
        let command = format!("gridnode send start {} --plan plans/a.jmx", root.display());
        assert!(error.contains("reads `../data/u.csv`") && error.contains(&command), "{error}");
    }
}
