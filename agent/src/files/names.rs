//! Which names of a run's directory are taken: nothing is written twice, nothing is both a file and a directory.

use gridnode_core::node::command::FileName;
use std::collections::BTreeSet;

/// How many names a sentence lists.
const LISTED_MAX: usize = 8;

/// Names so far. Bounded by the caps on files of a command and of archives.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    files: BTreeSet<String>,
    dirs: BTreeSet<String>,
}

impl Names {
    /// Takes a name for a file. The error completes "`name` cannot be placed: …".
    pub(crate) fn file(&mut self, name: &FileName) -> Result<(), String> {
        if self.dirs.contains(name.as_str()) {
            return Err("a directory has this name".to_owned());
        }
        self.parents(name)?;
        match self.files.insert(name.as_str().to_owned()) {
            true => Ok(()),
            false => Err("another file has this name".to_owned()),
        }
    }

    /// Takes a name for a directory; one that is there already is the same.
    pub(crate) fn dir(&mut self, name: &FileName) -> Result<(), String> {
        if self.files.contains(name.as_str()) {
            return Err("a file has this name".to_owned());
        }
        self.parents(name)?;
        self.dirs.insert(name.as_str().to_owned());
        Ok(())
    }

    /// Whether there is a file or a directory of this name.
    pub(crate) fn has(&self, name: &FileName) -> bool {
        self.files.contains(name.as_str()) || self.dirs.contains(name.as_str())
    }

    /// Files so far.
    pub(crate) fn files(&self) -> usize {
        self.files.len()
    }

    /// Some of the files, for a sentence; those that end as `like` does come first.
    pub(crate) fn some(&self, like: &FileName) -> String {
        let ending = like.as_str().rsplit_once('.').map_or("", |(_, ending)| ending);
        let alike = |name: &&String| name.rsplit_once('.').is_some_and(|(_, other)| other == ending);
        let first = self.files.iter().filter(alike);
        let then = self.files.iter().filter(|name| !alike(name));
        let listed: Vec<String> =
            first.chain(then).take(LISTED_MAX).map(|name| format!("`{name}`")).collect();
        match self.files.len() {
            0 => "no files at all".to_owned(),
            all if all > listed.len() => format!("{} and {} more", listed.join(", "), all - listed.len()),
            _ => listed.join(", "),
        }
    }

    fn parents(&mut self, name: &FileName) -> Result<(), String> {
        for (at, _) in name.as_str().match_indices('/') {
            let parent = &name.as_str()[..at];
            if self.files.contains(parent) {
                return Err(format!("`{parent}` is a file already"));
            }
            self.dirs.insert(parent.to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> FileName {
        FileName::new(text).unwrap()
    }

    #[test]
    fn a_name_is_one_thing() {
        let mut names = Names::default();
        assert_eq!(names.file(&name("a/b/c")), Ok(()));
        assert_eq!(names.file(&name("a/b/d")), Ok(()));
        assert_eq!(names.dir(&name("a/b")), Ok(()));
        assert_eq!(names.dir(&name("a/e")), Ok(()));
        assert!(names.file(&name("a/b/c")).unwrap_err().contains("another file"));
        assert!(names.file(&name("a/b")).unwrap_err().contains("a directory"));
        assert!(names.file(&name("a/e")).unwrap_err().contains("a directory"));
        assert!(names.file(&name("a/b/c/d")).unwrap_err().contains("`a/b/c` is a file"));
        assert!(names.dir(&name("a/b/c")).unwrap_err().contains("a file"));
        assert!(names.has(&name("a/b/d")) && names.has(&name("a/b")) && !names.has(&name("b")));
        assert_eq!(names.files(), 2);
    }

    #[test]
    fn a_sentence_lists_likely_names_first_and_not_all() {
        let mut names = Names::default();
        assert_eq!(names.some(&name("p.jmx")), "no files at all");
        (0..20).for_each(|n| names.file(&name(&format!("data/{n}.csv"))).unwrap());
        names.file(&name("x/plan.jmx")).unwrap();
        let said = names.some(&name("p.jmx"));
        assert!(said.starts_with("`x/plan.jmx`, `data/0.csv`") && said.ends_with("and 13 more"), "{said}");
    }
}
