//! The heads of compiled classes, out of a directory or a jar. A jar is never unpacked, so no path in it can lead anywhere.

use crate::cage::foreign_file;
use crate::tool::PlanError;
use gridnode_launch::gatling::{CLASS_BYTES_MAX, CLASSES_MAX, ClassHead};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// All classes of a plan together, unpacked: a bent jar could claim to hold anything.
const BYTES_MAX: usize = 1 << 30;
/// Their names and those of their parents, which are kept: as many classes as may be have some 10 MiB.
const NAME_BYTES_MAX: usize = 32 << 20;
/// Directories below each other that are looked into; packages have a handful.
const DEPTH_MAX: usize = 64;
/// Parents that are looked for in the jars beside a plan.
const LOOKUPS_MAX: usize = 1_000;

/// What is known of a plan's classes, within bounds.
pub(super) struct Heads<'a> {
    plan: &'a Path,
    kept: Vec<ClassHead>,
    seen: usize,
    bytes: usize,
    name_bytes: usize,
}

impl<'a> Heads<'a> {
    pub(super) fn of(plan: &'a Path) -> Self {
        Self { plan, kept: Vec::new(), seen: 0, bytes: 0, name_bytes: 0 }
    }

    /// Takes in one class; what is none, though it is called so, is left to the JVM.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), PlanError> {
        self.seen += 1;
        self.bytes += bytes.len();
        if let Ok(head) = ClassHead::parse(bytes) {
            self.name_bytes += head.name.len() + head.parent.as_ref().map_or(0, String::len);
            self.kept.push(head);
        }
        let excess = if self.seen > CLASSES_MAX {
            format!("{CLASSES_MAX} classes")
        } else if self.bytes > BYTES_MAX {
            format!("{} MiB of classes", BYTES_MAX >> 20)
        } else if self.name_bytes > NAME_BYTES_MAX {
            format!("{} MiB of names of classes", NAME_BYTES_MAX >> 20)
        } else {
            return Ok(());
        };
        Err(PlanError::NotAPlan { path: self.plan.to_owned(), why: format!("it has more than {excess}") })
    }
}

/// The classes of a jar.
pub(super) fn of_jar(path: &Path) -> Result<Vec<ClassHead>, PlanError> {
    let mut jar = open(path)?;
    // A name that cannot be read is none of a class that the JVM would find.
    let names = jar.file_names().enumerate().filter_map(|(at, name)| Some((at, name.ok()?.into_owned())));
    // By number: looking up a name that is not in UTF-8 would go through all of them.
    let own: Vec<(usize, String)> = names.filter(|(_, name)| is_class(name)).collect();
    let mut heads = Heads::of(path);
    for (at, name) in own {
        let bytes = class_bytes(&mut jar, at, &name).map_err(|why| not_a_jar(path, &why))?;
        heads.take(&bytes)?;
    }
    Ok(heads.kept)
}

/// The classes below a directory that a compiler has filled. Macros ran in it: pipes, links and whatever else they have left
/// is no class.
pub(super) fn of_directory(root: &Path) -> Result<Vec<ClassHead>, PlanError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| PlanError::Unreadable { path, source }
    };
    let mut heads = Heads::of(root);
    let mut waiting = vec![(root.to_owned(), 0)];
    while let Some((dir, depth)) = waiting.pop() {
        for entry in fs::read_dir(&dir).map_err(unreadable(&dir))? {
            let entry = entry.map_err(unreadable(&dir))?;
            let path = entry.path();
            // Follows no link.
            let kind = entry.file_type().map_err(unreadable(&path))?;
            if kind.is_dir() && depth < DEPTH_MAX {
                waiting.push((path, depth + 1));
            } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "class") {
                let bytes = foreign_file::head(&path, CLASS_BYTES_MAX as u64);
                heads.take(&bytes.map_err(unreadable(&path))?)?;
            }
        }
    }
    Ok(heads.kept)
}

/// The parents of `classes`, and theirs, that are in `jars`.
pub(super) fn parents_in(jars: &[PathBuf], classes: &[ClassHead]) -> Result<Vec<ClassHead>, PlanError> {
    let is_jar = |path: &&PathBuf| {
        // A plan's directory may be called so, too.
        path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jar")) && path.is_file()
    };
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
