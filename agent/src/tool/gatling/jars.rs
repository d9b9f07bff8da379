//! The heads of the classes in jars. A jar is never unpacked, so no path in it can lead anywhere.

use crate::cage::foreign_file;
use crate::tool::classes::Heads;
use crate::tool::plan_error::PlanError;
use gridnode_launch::java::CLASS_BYTES_MAX;
use gridnode_launch::java::class_file::ClassHead;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// Parents that are looked for in the jars beside a plan.
const LOOKUPS_MAX: usize = 1_000;

/// The object behind Scala's `import flood._`, as the JVM names its class.
const FLOOD_CLASS: &str = "flood/package$";

/// A jar that is a plan.
pub(super) struct PlanJar {
    pub(super) classes: Vec<ClassHead>,
    /// Whether its code names the package `flood` and has none of its own.
    pub(super) asks_for_flood: bool,
}

/// The classes of a jar.
pub(super) fn of_jar(path: &Path) -> Result<PlanJar, PlanError> {
    let mut jar = open(path)?;
    // A name that cannot be read is none of a class that the JVM would find.
    let names = jar.file_names().enumerate().filter_map(|(at, name)| Some((at, name.ok()?.into_owned())));
    // By number: looking up a name that is not in UTF-8 would go through all of them.
    let own: Vec<(usize, String)> = names.filter(|(_, name)| is_class(name)).collect();
    let mut heads = Heads::of(path);
    let has_flood = jar.index_for_name_raw(flood_entry().as_bytes()).is_some();
    let mut names_flood = false;
    for (at, name) in own {
        let bytes = class_bytes(&mut jar, at, &name).map_err(|why| not_a_jar(path, &why))?;
        names_flood |=
            !has_flood && bytes.windows(FLOOD_CLASS.len()).any(|part| part == FLOOD_CLASS.as_bytes());
        heads.take(&bytes)?;
    }
    Ok(PlanJar { classes: heads.into_kept(), asks_for_flood: names_flood })
}

/// Whether one of `jars` has the package `flood`; what cannot be read is for others to say.
pub(super) fn have_flood(jars: &[PathBuf]) -> bool {
    let has = |path: &PathBuf| {
        open(path).is_ok_and(|jar| jar.index_for_name_raw(flood_entry().as_bytes()).is_some())
    };
    jars.iter().filter(is_jar).any(has)
}

fn flood_entry() -> String {
    format!("{FLOOD_CLASS}.class")
}

/// A plan's directory may be called so, too.
fn is_jar(path: &&PathBuf) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jar")) && path.is_file()
}

/// The parents of `classes`, and theirs, that are in `jars`.
pub(super) fn parents_in(jars: &[PathBuf], classes: &[ClassHead]) -> Result<Vec<ClassHead>, PlanError> {
    let jars = jars.iter().filter(is_jar);
    let mut jars: Vec<(&PathBuf, Jar)> =
        jars.map(|path| Ok((path, open(path)?))).collect::<Result<_, PlanError>>()?;
    let mut known: HashSet<String> = classes.iter().map(|class| class.name.clone()).collect();
    let mut wanted: Vec<String> = classes.iter().filter_map(|class| class.parent.clone()).collect();
    let mut found = Vec::new();
    let mut lookups = 0;
    while let Some(name) = wanted.pop() {
        let elsewhere = ["java/", "io/gatling/", "scala/"].iter().any(|prefix| name.starts_with(prefix));
        if elsewhere || lookups == LOOKUPS_MAX || !known.insert(name.clone()) {
            continue;
        }
        lookups += 1;
        let entry = format!("{name}.class");
        for (path, jar) in &mut jars {
            // The JVM's names are UTF-8 as they are; a look at decoded ones, too, would go through all that a jar has.
            let Some(at) = jar.index_for_name_raw(entry.as_bytes()) else { continue };
            let bytes = class_bytes(jar, at, &entry).map_err(|why| not_a_jar(path, &why))?;
            if let Ok(head) = ClassHead::parse(&bytes) {
                wanted.extend(head.parent.clone());
                found.push(head);
            }
            break;
        }
    }
    Ok(found)
}

type Jar = ZipArchive<BufReader<File>>;

fn open(path: &Path) -> Result<Jar, PlanError> {
    // It may be a link to a jar, and a macro may have put a pipe in its place since it was found.
    let file = fs::canonicalize(path).and_then(|path| foreign_file::open(&path));
    let file = file.map_err(|source| PlanError::Unreadable { path: path.to_owned(), source })?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| not_a_jar(path, &error.to_string()))
}

fn class_bytes(jar: &mut Jar, at: usize, name: &str) -> Result<Vec<u8>, String> {
    let entry = jar.by_index(at).map_err(|error| format!("{name}: {error}"))?;
    let mut bytes = Vec::new();
    let read = entry.take(CLASS_BYTES_MAX as u64).read_to_end(&mut bytes);
    read.map(|_| bytes).map_err(|error| format!("{name}: {error}"))
}

/// Of a plan's own: neither other versions of the same class, nor Gatling's, which a jar with everything carries along.
fn is_class(name: &str) -> bool {
    name.ends_with(".class") && !name.starts_with("META-INF/") && !name.starts_with("io/gatling/")
}

fn not_a_jar(path: &Path, why: &str) -> PlanError {
    PlanError::NotAPlan { path: path.to_owned(), why: format!("it is not a jar that can be read: {why}") }
}
