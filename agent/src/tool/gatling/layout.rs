//! Where a plan's sources and data are: in a project of a build tool, in a bundle as Gatling's own, or all in one directory.

use crate::base::litter::is_litter;
use std::fs;
use std::path::{Path, PathBuf};

/// A project's sets of sources; of data, the first that has a file counts.
const SETS: [&str; 4] = ["gatling", "it", "test", "main"];
/// Where packages begin in one of them.
const PACKAGE_ROOTS: [&str; 3] = ["java", "scala", "simulations"];
/// Where a bundle has what it sends, from Gatling 3 back to Gatling 2.
const DATA_DIRS: [&str; 4] = ["resources", "data", "bodies", "request-bodies"];
/// What a bundle's sources are in.
const SIMULATIONS: &str = "simulations";
/// What a bundle of Gatling's own has both in.
const USER_FILES: &str = "user-files";
/// What a project of several modules has at its top.
const BUILD_FILES: [&str; 6] =
    ["pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "build.sbt"];
/// Directories that are looked at for modules.
const MODULES_MAX: usize = 200;
/// Directories around the only one that has anything: what archives unpack to.
const WRAPS_MAX: usize = 4;

/// A plan's directories. What it names is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// Where Gatling runs.
    pub(super) directory: PathBuf,
    /// Below which all sources are the plan's, or might be.
    pub(super) sources: Vec<PathBuf>,
    /// Where packages begin.
    pub(super) roots: Vec<PathBuf>,
    /// Directories with data, in the class path's order; `directory` is the first.
    pub(super) data: Vec<PathBuf>,
    /// Where jars lie, besides in the first one of `data`.
    pub(super) libraries: Vec<PathBuf>,
    /// Whether there are other sources than the plan's.
    pub(super) is_project: bool,
}

impl Layout {
    /// That of a directory, links resolved; of the project or bundle that it is a part of.
    pub(super) fn of_directory(path: &Path) -> Self {
        if let Some(found) = around(path) {
            return found.with(path);
        }
        let mut dir = path.to_owned();
        for _ in 0..WRAPS_MAX {
            if let Some(found) = project(&dir).or_else(|| bundle(&dir)).or_else(|| modules(&dir)) {
                return found;
            }
            match only_directory(&dir) {
                Some(inner) => dir = inner,
                None => break,
            }
        }
        flat(&dir).with(path)
    }

    /// That of a file, links resolved: of the project or bundle that it is in.
    pub(super) fn of_file(path: &Path) -> Self {
        let own = path.parent().unwrap_or(path);
        around(own).unwrap_or_else(|| flat(own)).with(own)
    }

    /// With another directory for data.
    fn with(mut self, dir: &Path) -> Self {
        if !self.data.iter().any(|known| known == dir) {
            self.data.push(dir.to_owned());
        }
        self
    }
}

/// The project or bundle that a directory lies in.
fn around(own: &Path) -> Option<Layout> {
    let is_of = |found: &Layout| found.sources.iter().any(|dir| own.starts_with(dir) || dir.starts_with(own));
    let mut all = own.ancestors().filter_map(|dir| {
        let name = dir.file_name()?;
        let above = dir.parent()?;
        if name == SIMULATIONS {
            return bundle(above);
        }
        if name == "src" {
            return project(above);
        }
        None
    });
    all.find(is_of)
}

/// A project of projects: as one, since what one of them names may be another's.
fn modules(dir: &Path) -> Option<Layout> {
    if !BUILD_FILES.iter().any(|file| dir.join(file).is_file()) {
        return None;
    }
    let below = |dir: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        let dirs = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let mut dirs: Vec<PathBuf> = dirs.map(|entry| entry.path()).collect();
        dirs.sort();
        dirs
    };
    let children = below(dir);
    let grandchildren: Vec<PathBuf> = children.iter().flat_map(|child| below(child)).collect();
    let mut found = flat(dir);
    (found.sources, found.roots, found.is_project) = (Vec::new(), Vec::new(), true);
    for module in children.iter().chain(&grandchildren).take(MODULES_MAX).filter_map(|dir| project(dir)) {
        found.sources.extend(module.sources);
        found.roots.extend(module.roots);
        found.data.extend(module.data);
        found.libraries.extend(module.libraries);
    }
    (!found.sources.is_empty()).then_some(found)
}

fn flat(dir: &Path) -> Layout {
    Layout {
        directory: dir.to_owned(),
        sources: vec![dir.to_owned()],
        roots: vec![dir.to_owned()],
        data: with_data(dir, &[dir]),
        libraries: vec![dir.join("lib")],
        is_project: false,
    }
}

fn project(dir: &Path) -> Option<Layout> {
    let sets: Vec<PathBuf> =
        SETS.iter().map(|set| dir.join("src").join(set)).filter(|set| set.is_dir()).collect();
    if sets.is_empty() {
        return None;
    }
    let below = |names: &[&str]| -> Vec<PathBuf> {
        let all = sets.iter().flat_map(|set| names.iter().map(|name| set.join(name)));
        all.filter(|dir| dir.is_dir()).collect()
    };
    let data = [dir.to_owned()].into_iter().chain(below(&DATA_DIRS)).collect();
    let mut roots = below(&PACKAGE_ROOTS);
    roots.extend(sets.iter().cloned());
    let directory = dir.to_owned();
    Some(Layout { directory, sources: sets, roots, data, libraries: vec![dir.join("lib")], is_project: true })
}

/// Found by its simulations, whether the bundle was named or its `user-files`.
fn bundle(dir: &Path) -> Option<Layout> {
    let inner = dir.join(USER_FILES);
    let files = if inner.join(SIMULATIONS).is_dir() { inner } else { dir.to_owned() };
    let sources = vec![files.join(SIMULATIONS)];
    if !sources[0].is_dir() {
        return None;
    }
    let mut data = with_data(dir, &[files.as_path()]);
    // `user-files/data/users.csv` is how people write it.
    if files == dir && dir.file_name().is_some_and(|name| name == USER_FILES) {
        data.extend(dir.parent().map(Path::to_owned));
    }
    let libraries = vec![dir.join("lib"), files.join("lib")];
    let roots = sources.clone();
    Some(Layout { directory: dir.to_owned(), sources, roots, data, libraries, is_project: false })
}

/// `first`, `dirs`, and what lies in them for data.
fn with_data(first: &Path, dirs: &[&Path]) -> Vec<PathBuf> {
    let mut found = vec![first.to_owned()];
    found.extend(dirs.iter().filter(|dir| **dir != first).map(|dir| (*dir).to_owned()));
    let data = dirs.iter().flat_map(|dir| DATA_DIRS.iter().map(|name| dir.join(name)));
    found.extend(data.filter(|dir| dir.is_dir()));
    found
}

/// The one thing in a directory, where it is a directory, too.
fn only_directory(dir: &Path) -> Option<PathBuf> {
    let mut entries = fs::read_dir(dir).ok()?.flatten().filter(|entry| !is_litter(&entry.file_name()));
    let (first, second) = (entries.next()?, entries.next());
    let is_dir = first.file_type().is_ok_and(|kind| kind.is_dir());
    (second.is_none() && is_dir).then(|| first.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        for file in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        (dir, root)
    }

    #[test]
    fn a_bundle_is_the_same_whichever_of_its_directories_is_named() {
        let (_dir, root) = tree(&["uf/user-files/simulations/a/A.java", "uf/user-files/data/a.csv"]);
        let files = root.join("uf/user-files");
        let sources = vec![files.join("simulations")];
        let outer = Layout::of_directory(&root.join("uf"));
        assert_eq!((&outer.directory, &outer.sources), (&root.join("uf"), &sources));
        assert_eq!(outer.data, [root.join("uf"), files.clone(), files.join("data")]);
        let inner = Layout::of_directory(&files);
        assert_eq!((&inner.directory, &inner.sources), (&files, &sources));
        assert_eq!(inner.data, [files.clone(), files.join("data"), root.join("uf")]);
        let file = Layout::of_file(&files.join("simulations/a/A.java"));
        assert_eq!((file.directory, file.roots), (files.clone(), sources));
        assert_eq!(file.data.last(), Some(&files.join("simulations/a")));
        assert_eq!(Layout::of_directory(&root).directory, root.join("uf"));
    }

    #[test]
    fn a_part_of_a_project_is_in_it_and_modules_are_one() {
        let (_dir, root) =
            tree(&["pom.xml", "app/src/main/java/A.java", "load/src/test/java/b/B.java", "load/users.csv"]);
        let load = root.join("load");
        let whole = Layout::of_directory(&load);
        for part in ["src", "src/test", "src/test/java/b"] {
            let found = Layout::of_directory(&load.join(part));
            assert_eq!((&found.directory, &found.sources), (&load, &whole.sources), "{part}");
        }
        let all = Layout::of_directory(&root);
        assert!(all.is_project);
        assert_eq!(all.sources, [root.join("app/src/main"), load.join("src/test")]);
        assert_eq!(all.data, [root.clone(), root.join("app"), load]);
    }

    #[test]
    fn what_an_archive_has_around_a_plan_is_passed_through() {
        let (_dir, root) = tree(&["shop/A.java", "shop/users.csv", "__MACOSX/shop/._A.java", ".DS_Store"]);
        let found = Layout::of_directory(&root);
        assert_eq!(found.directory, root.join("shop"));
        assert_eq!(found.data, [root.join("shop"), root]);
    }
}
