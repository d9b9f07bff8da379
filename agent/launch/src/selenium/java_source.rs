//! What is in a Java source: its package and the classes that can be started, without a compiler.
//!
//! Only as much of the language is read as braces, comments, literals and declarations need; whether the source is
//! right is the compiler's affair. A class counts when it declares `public static void main(String...)`, at any level but
//! inside of a method.

/// Classes that can be started, of one source: bounds what a hostile file can fill.
const MAINS_MAX: usize = 64;
/// Nested braces that are followed; beyond that nothing is found any more.
const DEPTH_MAX: usize = 1_000;

/// The facts of one source file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JavaSource {
    /// Its package, `None` for the unnamed one.
    pub package: Option<String>,
    /// Names for the `java` program of the classes that can be started, in the order of the source.
    pub mains: Vec<String>,
    /// The name of its public top-level class: a compiler wants the file to be named so.
    pub public_class: Option<String>,
}

impl JavaSource {
    /// Reads a source. Bytes that are not UTF-8 only stand in texts and comments of sources that compile.
    #[must_use]
    pub fn read(source: &[u8]) -> Self {
        let text = String::from_utf8_lossy(source);
        let mut reader = Reader::default();
        for token in Tokens(&text) {
            reader.token(token);
        }
        reader.found
    }

    /// Where the file must lie below a root of sources: its package as directories, empty for none.
    #[must_use]
    pub fn package_directory(&self) -> String {
        self.package.as_deref().unwrap_or_default().replace('.', "/")
    }
}

#[derive(Default)]
struct Reader<'a> {
    found: JavaSource,
    /// What each open brace belongs to: a type's name, or anything else.
    open: Vec<Option<&'a str>>,
    /// The tokens since the last brace or semicolon.
    statement: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn token(&mut self, token: &'a str) {
        match token {
            ";" => {
                self.package();
                self.statement.clear();
            }
            "{" => {
                self.main();
                let name = self.declared();
                if self.open.len() < DEPTH_MAX {
                    self.open.push(name);
                }
                self.statement.clear();
            }
            "}" => {
                self.open.pop();
                self.statement.clear();
            }
            // A statement of a program that a person wrote is shorter.
            _ if self.statement.len() < DEPTH_MAX => self.statement.push(token),
            _ => {}
        }
    }

    fn package(&mut self) {
        if self.open.is_empty() && self.found.package.is_none() && self.statement.first() == Some(&"package")
        {
            self.found.package = Some(self.statement[1..].concat());
        }
    }

    /// The name of the type whose body begins.
    fn declared(&mut self) -> Option<&'a str> {
        let at = self.statement.iter().enumerate().position(|(at, word)| {
            matches!(*word, "class" | "interface" | "enum" | "record")
                && (at == 0 || self.statement[at - 1] != ".")
                && self.statement.get(at + 1).is_some_and(|name| is_word(name))
        })?;
        let name = self.statement[at + 1];
        if self.open.is_empty() && self.statement[..at].contains(&"public") {
            self.found.public_class.get_or_insert_with(|| name.to_owned());
        }
        Some(name)
    }

    /// Notes the class when the body of its `main` begins.
    fn main(&mut self) {
        let Some(at) = self.statement.windows(3).position(|words| words == ["void", "main", "("]) else {
            return;
        };
        let parameters: Vec<_> = self.statement[at + 3..]
            .iter()
            .filter(|word| !matches!(**word, "final" | "java" | "lang"))
            .collect();
        let dots = parameters.iter().take_while(|word| ***word == ".").count();
        let takes_texts = parameters.get(dots) == Some(&&"String")
            && (parameters.contains(&&"[") || parameters.windows(3).any(|words| words == [&".", &".", &"."]));
        let modifiers = &self.statement[..at];
        let types: Option<Vec<&str>> = self.open.iter().copied().collect();
        let Some(types) = types.filter(|types| !types.is_empty()) else { return };
        if takes_texts
            && modifiers.contains(&"public")
            && modifiers.contains(&"static")
            && self.found.mains.len() < MAINS_MAX
        {
            let package = self.found.package.as_deref().map(|package| format!("{package}."));
            self.found.mains.push(package.unwrap_or_default() + &types.join("$"));
        }
    }
}

fn is_word(token: &str) -> bool {
    token.chars().next().is_some_and(starts_word)
}

fn starts_word(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '$'
}

/// Words and single characters of a source, without blanks, comments and literals of text.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            self.0 = self.0.trim_start();
            let first = self.0.chars().next()?;
            if let Some(rest) = self.0.strip_prefix("//") {
                self.0 = rest.split_once('\n').map_or("", |(_, rest)| rest);
            } else if let Some(rest) = self.0.strip_prefix("/*") {
                self.0 = rest.split_once("*/").map_or("", |(_, rest)| rest);
            } else if let Some(rest) = self.0.strip_prefix("\"\"\"") {
                self.0 = after_literal(rest, "\"\"\"");
            } else if let Some(rest) = self.0.strip_prefix('"') {
                self.0 = after_literal(rest, "\"");
            } else if let Some(rest) = self.0.strip_prefix('\'') {
                self.0 = after_literal(rest, "'");
            } else {
                let in_word = |c: char| starts_word(c) || c.is_ascii_digit();
                let length = match self.0.find(|c| !in_word(c)) {
                    Some(0) => first.len_utf8(),
                    Some(end) => end,
                    None => self.0.len(),
                };
                let (token, rest) = self.0.split_at(length);
                self.0 = rest;
                return Some(token);
            }
        }
    }
}

/// What follows a literal whose opening mark is gone. An unclosed one ends with its line.
fn after_literal<'a>(mut rest: &'a str, mark: &str) -> &'a str {
    let ends_with_line = mark.len() == 1;
    loop {
        if let Some(after) = rest.strip_prefix(mark) {
            return after;
        }
        let mut characters = rest.chars();
        match characters.next() {
            None => return rest,
            Some('\n') if ends_with_line => return rest,
            Some('\\') => {
                characters.next();
            }
            Some(_) => {}
        }
        rest = characters.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mains(source: &str) -> Vec<String> {
        JavaSource::read(source.as_bytes()).mains
    }

    #[test]
    fn a_published_kind_of_plan() {
        let source = JavaSource::read(
            b"import io.flood.selenium.FloodSump;\n/* public class Old { */\npublic class Checkout  {\n  public static void \
              main(String[] args) throws Exception {\n    String s = \"} class X {\"; char c = '{'; // }\n    while (true) { }\n  }\n}\n",
        );
        assert_eq!(source.mains, ["Checkout"]);
        assert_eq!(source.public_class.as_deref(), Some("Checkout"));
        assert_eq!((source.package.as_deref(), source.package_directory()), (None, String::new()));
    }

    #[test]
    fn packages_and_nested_classes_make_the_name() {
        let source = JavaSource::read(
            b"package com . shop.load; @A(\"x\") final class Outer<T extends Comparable<T>> {\n static class Inner { \
              public static void main(final java.lang.String... a) {} } }",
        );
        assert_eq!(source.mains, ["com.shop.load.Outer$Inner"]);
        assert_eq!(source.package_directory(), "com/shop/load");
        assert_eq!(source.public_class, None);
    }

    #[test]
    fn what_only_looks_like_a_main_is_none() {
        for source in [
            "class A { static void main(String[] a) {} }",
            "class A { public void main(String[] a) {} }",
            "class A { public static void main() {} }",
            "class A { public static void main(int[] a) {} }",
            "class A { public static void main(String a) {} }",
            "class A { public static int main(String[] a) { return 1; } }",
            "class A { void f() { class B { public static void main(String[] a) {} } } }",
            "class A { String s = \"\"\"\n public static void main(String[] a) {\n \"\"\"; }",
            "// class A { public static void main(String[] a) {} }",
            "public static void main(String[] a) {}",
        ] {
            assert_eq!(mains(source), [""; 0], "{source}");
        }
    }

    #[test]
    fn several_are_all_found_and_class_literals_declare_nothing() {
        let source = "class A { Class<?> c = B.class; public static void main(String a[]) { } }\n\
                      class B { static public void main(String... a) { log(B.class); Runnable r = () -> { }; } }";
        assert_eq!(mains(source), ["A", "B"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "[a-z{};()'\"/*\\\\ \n]{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = JavaSource::read(&bytes);
            let mut source = text.into_bytes();
            source.extend(b"\n*/\"\"\"\n");
            let _ = JavaSource::read(&source);
        }
    }
}
