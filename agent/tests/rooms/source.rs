//! What the files of a crate take from each other, read from their tokens: paths, in `use` lines and elsewhere.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module's path below its crate's root; the root itself is empty.
pub type Module = Vec<String>;

/// The files of one crate by module, without tests.
pub struct Crate {
    pub name: &'static str,
    files: BTreeMap<Module, File>,
}

struct File {
    /// Everything that looks like a path.
    paths: Vec<Vec<String>>,
    /// Names that it hands on from elsewhere (`pub use`), with where they come from.
    handed_on: BTreeMap<String, Vec<String>>,
}

impl Crate {
    pub fn read(name: &'static str, src: &Path) -> Self {
        let mut files = BTreeMap::new();
        read_dir(src, &[], &mut files);
        assert!(!files.is_empty(), "{} has no sources", src.display());
        Self { name, files }
    }

    /// What each module takes from which other one of this crate: the file that defines it, wherever it is handed on.
    pub fn uses(&self) -> BTreeSet<(Module, Module)> {
        let mut uses = BTreeSet::new();
        for (module, file) in &self.files {
            for path in &file.paths {
                if let Some(target) = self.absolute(module, path).and_then(|path| self.defining(&path, 0))
                    && target != *module
                {
                    uses.insert((module.clone(), target));
                }
            }
        }
        uses
    }

    /// A path from the crate's root; `None` when it leads elsewhere.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let ups = path.iter().take_while(|segment| *segment == "super").count();
        let above = module.get(..module.len().checked_sub(ups)?)?;
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([module, &path[1..]].concat()),
            "super" => Some([above, &path[ups..]].concat()),
            child => {
                let below = [module.as_slice(), &[child.to_owned()]].concat();
                self.files.contains_key(&below).then(|| [module, path].concat())
            }
        }
    }

    fn defining(&self, path: &[String], depth: u32) -> Option<Module> {
        let known = |n: &usize| self.files.contains_key(&path[..*n]);
        let n = (0..=path.len()).rev().find(known)?;
        let module = path[..n].to_vec();
        let handed_on = path.get(n).and_then(|name| self.files[&module].handed_on.get(name));
        match handed_on.and_then(|from| self.absolute(&module, from)) {
            Some(from) if depth < 8 => self.defining(&from, depth + 1),
            _ => Some(module),
        }
    }
}

fn read_dir(dir: &Path, module: &[String], files: &mut BTreeMap<Module, File>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if name == "tests" || name == "main" {
            continue;
        }
        let below = if name == "lib" { Vec::new() } else { [module, &[name]].concat() };
        if path.is_dir() {
            read_dir(&path, &below, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let tokens = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            files.insert(below, File::of(tokens));
        }
    }
}

impl File {
    fn of(tokens: TokenStream) -> Self {
        let mut file = Self { paths: Vec::new(), handed_on: BTreeMap::new() };
        file.walk(&tokens.into_iter().collect::<Vec<_>>());
        file
    }

    fn walk(&mut self, tokens: &[TokenTree]) {
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Punct(punct) if punct.as_char() == '#' && is_test(tokens.get(at + 1)) => {
                    at = end_of_item(tokens, at + 2);
                    continue;
                }
                TokenTree::Group(group) => self.walk(&group.stream().into_iter().collect::<Vec<_>>()),
                TokenTree::Ident(first) => {
                    let mut found = Vec::new();
                    let end = path_at(tokens, at, &[], &mut found);
                    if first == "use" {
                        let is_handed_on = at > 0 && is_public(tokens, at - 1);
                        at += 1;
                        at = path_at(tokens, at, &[], &mut found);
                        for path in found.iter().filter(|path| is_handed_on && path.len() > 1) {
                            self.handed_on.insert(path[path.len() - 1].clone(), path.clone());
                        }
                        self.paths.append(&mut found);
                        continue;
                    }
                    self.paths.extend(found.into_iter().filter(|path| path.len() > 1));
                    at = end;
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }
}

/// The paths that begin at `at`, behind `prefix`: one, or several where it ends in braces. Gives where they end.
fn path_at(tokens: &[TokenTree], mut at: usize, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    while let Some(TokenTree::Ident(segment)) = tokens.get(at) {
        path.push(segment.to_string());
        at += 1;
        let colon =
            |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == ':');
        if !(colon(tokens.get(at)) && colon(tokens.get(at + 1))) {
            break;
        }
        at += 2;
        if let Some(TokenTree::Group(group)) = tokens.get(at)
            && group.delimiter() == Delimiter::Brace
        {
            let inside: Vec<TokenTree> = group.stream().into_iter().collect();
            let comma = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ',');
            inside.split(comma).for_each(|item| {
                path_at(item, 0, &path, found);
            });
            return at + 1;
        }
    }
    if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
        path.pop();
    }
    if path.len() > prefix.len() {
        found.push(path);
    }
    at.max(1)
}

fn is_test(attribute: Option<&TokenTree>) -> bool {
    attribute.is_some_and(|attribute| attribute.to_string().replace(' ', "") == "[cfg(test)]")
}

fn is_public(tokens: &[TokenTree], at: usize) -> bool {
    match &tokens[at] {
        TokenTree::Ident(word) => word == "pub",
        TokenTree::Group(_) => at > 0 && matches!(&tokens[at - 1], TokenTree::Ident(word) if word == "pub"),
        _ => false,
    }
}

/// Behind the item that begins at `at`: its body, or its semicolon.
fn end_of_item(tokens: &[TokenTree], at: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    tokens[at..].iter().position(ends).map_or(tokens.len(), |n| at + n + 1)
}
