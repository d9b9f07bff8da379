//! The heads of compiled classes, out of a directory or a jar. A jar is never unpacked, so no path in it can lead anywhere.

use crate::tool::PlanError;
use gridnode_core::launch::gatling::{CLASS_BYTES_MAX, CLASSES_MAX, ClassHead};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// All classes of a jar together, unpacked: a bent jar could claim to hold anything.
const JAR_BYTES_MAX: u64 = 1 << 30;
/// Parents that are looked for in the jars beside a plan.
const LOOKUPS_MAX: usize = 1_000;

/// The classes of a jar; what is no class, though it is called so, is left to the JVM.
pub(super) fn of_jar(path: &Path) -> Result<Vec<ClassHead>, PlanError> {
    let mut jar = open(path)?;
    // A name that cannot be read is none of a class that the JVM would find.
    let names = jar.file_names().flatten().filter(|name| is_class(name));
    let names: Vec<String> = names.map(Cow::into_owned).collect();
    if names.len() > CLASSES_MAX {
        return Err(too_many(path, &format!("more than {CLASSES_MAX} classes")));
    }
    let mut bytes_left = JAR_BYTES_MAX;
    let mut heads = Vec::new();
    for name in names {
        let bytes = class_bytes(&mut jar, &name).map_err(|why| not_a_jar(path, &why))?;
        bytes_left = bytes_left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| too_many(path, &format!("more than {} MiB of classes", JAR_BYTES_MAX >> 20)))?;
        heads.extend(ClassHead::parse(&bytes).ok());
    }
    Ok(heads)
}

/// The classes below a directory that a compiler has filled.
pub(super) fn of_directory(root: &Path) -> Result<Vec<ClassHead>, PlanError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| PlanError::Unreadable { path, source }
    };
    let mut heads = Vec::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(dir) = waiting.pop() {
        for entry in fs::read_dir(&dir).map_err(unreadable(&dir))? {
            let path = entry.map_err(unreadable(&dir))?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "class") {
                if heads.len() == CLASSES_MAX {
                    return Err(too_many(root, &format!("more than {CLASSES_MAX} classes")));
                }
                heads.extend(ClassHead::parse(&fs::read(&path).map_err(unreadable(&path))?).ok());
            }
        }
    }
    Ok(heads)
}

/// The parents of `classes`, and theirs, that are in `jars`.
pub(super) fn parents_in(jars: &[PathBuf], classes: &[ClassHead]) -> Result<Vec<ClassHead>, PlanError> {
    let is_jar = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "jar");
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
            if jar.index_for_name(&entry).is_none() {
                continue;
            }
            let bytes = class_bytes(jar, &entry).map_err(|why| not_a_jar(path, &why))?;
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
    let file = File::open(path).map_err(|source| PlanError::Unreadable { path: path.to_owned(), source })?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| not_a_jar(path, &error.to_string()))
}

fn class_bytes(jar: &mut Jar, name: &str) -> Result<Vec<u8>, String> {
    let entry = jar.by_name(name).map_err(|error| format!("{name}: {error}"))?;
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

fn too_many(path: &Path, what: &str) -> PlanError {
    PlanError::NotAPlan { path: path.to_owned(), why: format!("it has {what}") }
}
