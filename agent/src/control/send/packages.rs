//! Java sources that a compiler would not find on a node: it looks for them where their packages say.

use super::files::Source;
use super::news::Misplaced;
use gridnode_launch::java::package;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Of a source, its package stands at the beginning.
const HEAD_BYTES: u64 = 64 << 10;

/// Sources beside the plan that lie elsewhere than their packages say. The plan itself is given to the compiler by name.
#[must_use]
pub fn misplaced(sources: &[Source]) -> Vec<Misplaced> {
    let beside = sources.iter().skip(1).filter(|source| source.name().as_str().ends_with(".java"));
    beside.filter_map(|source| look(source.name().as_str(), source.local_path()?)).collect()
}

fn look(name: &str, path: &Path) -> Option<Misplaced> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
    let dir = package::directory(&head);
    let file = name.rsplit('/').next().unwrap_or(name);
    let wanted = if dir.is_empty() { file.to_owned() } else { format!("{dir}/{file}") };
    let is_there = name == wanted || name.ends_with(&format!("/{wanted}"));
    (!is_there).then(|| Misplaced { name: name.to_owned(), package: dir.replace('/', "."), wanted })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_lies_where_its_package_says_or_it_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Common.java");
        std::fs::write(&path, "/* package no; */ package com.shop;\nclass Common {}").unwrap();
        for (name, is_there) in [
            ("com/shop/Common.java", true),
            ("src/com/shop/Common.java", true),
            ("Common.java", false),
            ("shop/Common.java", false),
            ("xcom/shop/Common.java", false),
        ] {
            let (package, wanted) = ("com.shop".to_owned(), "com/shop/Common.java".to_owned());
            let misplaced = Misplaced { name: name.to_owned(), package, wanted };
            assert_eq!(look(name, &path), (!is_there).then_some(misplaced), "{name}");
        }
        std::fs::write(&path, "class Common {}").unwrap();
        assert_eq!(look("Common.java", &path), None);
    }
}
