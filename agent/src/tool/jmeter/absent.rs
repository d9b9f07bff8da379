//! Which classes of a plan no jar has. JMeter ends at the first one that it lacks; a person wants to know all of them.

use super::beside::PLACES;
use crate::cage::foreign_file;
use gridnode_launch::jmeter::{PropertyFiles, property_of};
use std::fs;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// Where a JMeter looks besides.
const DIRS: [&str; 3] = ["lib/ext", "lib", "lib/junit"];

/// What a jar says of classes that are called otherwise now, and the same of a home.
const RENAMED: &str = "META-INF/resources/org.apache.jmeter.nameupdater.properties";
const RENAMED_OF_HOME: &str = "bin/upgrade.properties";
const RENAMED_BYTES_MAX: u64 = 256 << 10;

/// The files of a home that may tell a JMeter to look elsewhere, too.
const OF_HOME: [&str; 2] = ["bin/jmeter.properties", "bin/user.properties"];

/// Whether classes may be where nobody here looks: by a parameter, by what lies beside the plan, or by the home's own files.
pub(super) fn may_be_elsewhere(params: &[(String, String)], beside: PropertyFiles<'_>, home: &Path) -> bool {
    let of_home: Vec<Vec<u8>> = OF_HOME.iter().filter_map(|name| fs::read(home.join(name)).ok()).collect();
    let is_set = |text: &str, name: &str| property_of(text, name).is_some_and(|value| !value.is_empty());
    PLACES.iter().any(|(name, _)| {
        let is_beside = match beside {
            PropertyFiles::Text(text) => is_set(text, name),
            PropertyFiles::Unknown => true,
        };
        is_beside
            || params.iter().any(|(given, _)| given == name)
            || of_home.iter().any(|bytes| is_set(&String::from_utf8_lossy(bytes), name))
    })
}

/// Those of `classes` that neither `jars` nor the JMeter in `home` has or has a new name for. A jar that cannot be read has none.
/// Where a plan has all, only a few jars are looked into.
pub(super) fn absent(classes: &[String], jars: &[PathBuf], home: &Path) -> Vec<String> {
    let mut missing: Vec<(String, &String)> =
        classes.iter().map(|class| (format!("{}.class", class.replace('.', "/")), class)).collect();
    let of_home = DIRS.iter().flat_map(|dir| jars_in(&home.join(dir)));
    let mut all = jars.iter().cloned().chain(of_home);
    while !missing.is_empty() {
        let Some(jar) = all.next() else { break };
        let file = fs::canonicalize(jar).and_then(|path| foreign_file::open(&path));
        let Some(mut jar) = file.ok().and_then(|file| ZipArchive::new(BufReader::new(file)).ok()) else {
            continue;
        };
        missing.retain(|(name, _)| jar.index_for_name(name).is_none());
        if let Ok(renamed) = jar.by_name(RENAMED) {
            without_renamed(&mut missing, renamed);
        }
    }
    if let (false, Ok(renamed)) = (missing.is_empty(), fs::File::open(home.join(RENAMED_OF_HOME))) {
        without_renamed(&mut missing, renamed);
    }
    missing.into_iter().map(|(_, class)| class.clone()).collect()
}

/// Takes out those that a file of new names has.
fn without_renamed(missing: &mut Vec<(String, &String)>, renamed: impl Read) {
    let mut text = Vec::new();
    let _ = renamed.take(RENAMED_BYTES_MAX).read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text);
    missing.retain(|(_, class)| property_of(&text, class).is_none());
}

fn jars_in(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "jar")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::Write as _;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn jar(path: &Path, entry: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut jar = ZipWriter::new(File::create(path).unwrap());
        jar.start_file(entry, SimpleFileOptions::default()).unwrap();
        jar.finish().unwrap();
    }

    #[test]
    fn what_lies_beside_the_plan_or_in_jmeter_is_not_absent() {
        let dir = tempfile::tempdir().unwrap();
        let (home, own) = (dir.path().join("home"), dir.path().join("own.jar"));
        jar(&own, "a/B.class");
        jar(&home.join("lib/ext/x.jar"), "c/D.class");
        jar(&home.join("lib/y.jar"), "e/F.class");
        fs::write(home.join("lib/z.jar"), "no jar").unwrap();
        let classes = ["a.B", "c.D", "e.F", "g.H"].map(str::to_owned);
        assert_eq!(absent(&classes, &[own, dir.path().join("gone.jar")], &home), ["g.H"]);
    }

    #[test]
    fn a_class_that_has_a_new_name_is_not_absent() {
        let dir = tempfile::tempdir().unwrap();
        let (home, own) = (dir.path().join("home"), dir.path().join("own.jar"));
        let mut jar = ZipWriter::new(File::create(&own).unwrap());
        jar.start_file(RENAMED, SimpleFileOptions::default()).unwrap();
        jar.write_all(b"a.Old=a.New\n").unwrap();
        jar.finish().unwrap();
        fs::create_dir_all(home.join("bin")).unwrap();
        fs::write(home.join(RENAMED_OF_HOME), "b.Old=b.New\n").unwrap();
        let classes = ["a.Old", "b.Old", "a.New"].map(str::to_owned);
        assert_eq!(absent(&classes, &[own], &home), ["a.New"]);
    }

    #[test]
    fn a_property_may_name_other_places() {
        let dir = tempfile::tempdir().unwrap();
        let own = |params: &[(String, String)], text: &str| {
            may_be_elsewhere(params, PropertyFiles::Text(text), dir.path())
        };
        let given = [("search_paths".to_owned(), "exts".to_owned())];
        assert!(own(&given, "") && own(&[], "user.classpath=a.jar\n") && !own(&[], "#search_paths=a\nx=1\n"));
        assert!(may_be_elsewhere(&[], PropertyFiles::Unknown, dir.path()));
        fs::create_dir(dir.path().join("bin")).unwrap();
        fs::write(dir.path().join("bin/user.properties"), "search_paths=/own\n").unwrap();
        assert!(own(&[], ""));
    }
}
