//! The package of a source: where a compiler looks for it.

/// Where a source must lie below a root of sources: its package as directories, empty for none. Only what stands before the
/// first declaration is looked at; a source that does not compile has any.
#[must_use]
pub fn directory(source: &[u8]) -> String {
    let text = String::from_utf8_lossy(source);
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let after = if let Some(comment) = rest.strip_prefix("//") {
            comment.split_once('\n')
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/")
        } else {
            break;
        };
        rest = after.map_or("", |(_, rest)| rest).trim_start();
    }
    let name = rest.strip_prefix("package").filter(|name| name.starts_with(char::is_whitespace));
    let name = name.and_then(|name| name.split_once(';')).map_or("", |(name, _)| name);
    name.split('.').map(str::trim).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_stands_behind_comments_and_before_all_else() {
        for (source, wanted) in [
            ("package com.shop;\nclass A {}", "com/shop"),
            ("/* package no; */ // package no;\n\tpackage com . shop ;", "com/shop"),
            ("\u{feff}package shop;", "shop"),
            ("class A { String s = \"package no;\"; }", ""),
            ("packages.of(no);", ""),
            ("package without.an.end", ""),
            ("/* open", ""),
            ("", ""),
        ] {
            assert_eq!(directory(source.as_bytes()), wanted, "{source}");
        }
    }
}
