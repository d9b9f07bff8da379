//! Java sources that a compiler would not find on a node: it looks for them where their packages say.

use super::files::Source;
use gridnode_launch::java::package;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Of a source, its package stands at the beginning.
const HEAD_BYTES: u64 = 64 << 10;

/// A sentence for each source beside the plan that lies elsewhere than its package says. The plan itself is given to the
/// compiler by name.
#[must_use]
pub fn remarks(sources: &[Source]) -> Vec<String> {
    let beside = sources.iter().skip(1).filter(|source| source.name().as_str().ends_with(".java"));
    beside.filter_map(|source| remark(source.name().as_str(), source.local_path()?)).collect()
}

fn remark(name: &str, path: &Path) -> Option<String> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
    let dir = package::directory(&head);
    let file = name.rsplit('/').next().unwrap_or(name);
    let wanted = if dir.is_empty() { file.to_owned() } else { format!("{dir}/{file}") };
    let is_there = name == wanted || name.ends_with(&format!("/{wanted}"));
    (!is_there).then(|| {
        format!(
            "{name} is of the package {}, and a compiler looks for it as {wanted}: send the directory with all sources \
             (gridnode send start DIR), or this file as {wanted}=FILE",
            dir.replace('/', ".")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_lies_where_its_package_says_or_it_is_said() {
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
            let remark = remark(name, &path);
            assert_eq!(remark.is_none(), is_there, "{name}: {remark:?}");
            let said =
                |text: &String| text.contains("com/shop/Common.java=FILE") && text.contains("send start DIR");
            assert!(remark.iter().all(said), "{remark:?}");
        }
        std::fs::write(&path, "class Common {}").unwrap();
        assert_eq!(remark("Common.java", &path), None);
    }
}
