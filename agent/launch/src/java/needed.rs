//! Which sources of a project a plan needs: those that it names, and what they name. A project has others beside it, such as
//! the application itself and tests of other kinds, whose libraries are not here.
//!
//! Names are compared, not types: too many sources are compiled rather than too few.

use std::collections::{BTreeSet, HashMap, HashSet};

/// What declares a type; a `package object` is one, too.
const DECLARING: [&str; 6] = ["class", "interface", "enum", "record", "object", "trait"];
/// How the names of what a simulation extends end.
const SIMULATION: &str = "Simulation";

/// The sources of a project, told apart by numbers.
#[derive(Debug, Default)]
pub struct Project {
    /// Which sources declare a name.
    declared: HashMap<String, Vec<usize>>,
    /// Which sources extend a name.
    extended: HashMap<String, Vec<usize>>,
}

impl Project {
    /// Takes note of the source `at`; `stem` is its file's name without the extension.
    pub fn add(&mut self, at: usize, stem: &str, text: &str) {
        note(&mut self.declared, stem, at);
        let mut before = "";
        // The last name of `extends shop.Base` is the parent's own.
        let mut parent: Option<&str> = None;
        for Word { text, depth, is_qualified } in words(text) {
            if depth == 0 && DECLARING.contains(&before) {
                note(&mut self.declared, text, at);
            }
            if before == "extends" || (parent.is_some() && is_qualified) {
                parent = Some(text);
            } else if let Some(parent) = parent.take() {
                note(&mut self.extended, parent, at);
            }
            before = text;
        }
        if let Some(parent) = parent {
            note(&mut self.extended, parent, at);
        }
    }

    /// The sources of simulations: of classes that extend one, or what extends one.
    #[must_use]
    pub fn simulations(&self) -> BTreeSet<usize> {
        let is_base = |name: &&String| name.ends_with(SIMULATION);
        let mut found: BTreeSet<usize> = BTreeSet::new();
        let mut waiting: Vec<&str> = self.extended.keys().filter(is_base).map(String::as_str).collect();
        let mut seen: HashSet<&str> = waiting.iter().copied().collect();
        while let Some(name) = waiting.pop() {
            let fresh: Vec<usize> = self
                .extended
                .get(name)
                .into_iter()
                .flatten()
                .copied()
                .filter(|at| found.insert(*at))
                .collect();
            let bases = self.extended.keys().filter(|base| {
                self.declared.get(*base).is_some_and(|by| by.iter().any(|at| fresh.contains(at)))
            });
            waiting.extend(bases.map(String::as_str).filter(|base| seen.insert(base)));
        }
        found
    }

    /// The sources that declare what `text` names.
    #[must_use]
    pub fn named_in(&self, text: &str) -> BTreeSet<usize> {
        words(text).filter_map(|word| self.declared.get(word.text)).flatten().copied().collect()
    }
}

fn note(table: &mut HashMap<String, Vec<usize>>, name: &str, at: usize) {
    let by = table.entry(name.to_owned()).or_default();
    if by.last() != Some(&at) {
        by.push(at);
    }
}

/// An identifier outside of comments and texts.
struct Word<'a> {
    text: &'a str,
    /// Braces around it.
    depth: usize,
    /// Whether a dot stands before it.
    is_qualified: bool,
}

/// All of them. What Scala computes within a text counts; what else stands in it does not: a request may be called as a class.
fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let (mut rest, mut depth, mut is_qualified) = (text, 0_usize, false);
    // What follows the text that is looked into.
    let mut outside = "";
    std::iter::from_fn(move || {
        loop {
            let Some(c) = rest.chars().next() else {
                if outside.is_empty() {
                    return None;
                }
                rest = std::mem::take(&mut outside);
                continue;
            };
            if is_part(c) {
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                let (text, after) = rest.split_at(end);
                rest = after;
                if after.starts_with('"') && outside.is_empty() {
                    // A text right behind a word is one with names in it.
                    outside = behind_text(after);
                    rest = after[..after.len() - outside.len()].trim_matches('"');
                }
                let word = Word { text, depth, is_qualified };
                is_qualified = false;
                return Some(word);
            }
            rest = match c {
                '"' => behind_text(rest),
                '/' if rest.starts_with("//") => rest.split_once('\n').map_or("", |(_, after)| after),
                '/' if rest.starts_with("/*") => rest[2..].split_once("*/").map_or("", |(_, after)| after),
                // A brace or a quotation mark as a character.
                '\'' if matches!(rest.as_bytes(), [_, b'{' | b'}' | b'"', b'\'', ..]) => &rest[3..],
                _ => {
                    match c {
                        '{' => depth += 1,
                        '}' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    &rest[c.len_utf8()..]
                }
            };
            is_qualified = c == '.' || (is_qualified && c.is_whitespace());
        }
    })
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Behind the text that `rest` begins with, on one line or in three quotation marks.
fn behind_text(rest: &str) -> &str {
    if let Some(inner) = rest.strip_prefix("\"\"\"") {
        return inner.split_once("\"\"\"").map_or("", |(_, after)| after);
    }
    let bytes = rest.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' | b'\n' => return &rest[at + 1..],
            _ => at += 1,
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(sources: &[(&str, &str)]) -> Project {
        let mut project = Project::default();
        sources.iter().enumerate().for_each(|(at, (stem, text))| project.add(at, stem, text));
        project
    }

    #[test]
    fn simulations_are_found_through_their_parents() {
        let found = project(&[
            ("Checkout", "class Checkout extends shop.Base { }"),
            ("Base", "abstract class Base extends io.gatling . javaapi.core.Simulation { }"),
            ("CartTest", "class CartTest extends TestCase { /* extends Simulation */ }"),
            ("Engine", "object Engine extends App { Gatling.fromMap(\"extends Simulation\") }"),
            ("Other", "class Other[A] extends OurSimulation[A](1)"),
        ]);
        assert_eq!(found.simulations(), [0, 1, 4].into());
    }

    #[test]
    fn what_is_named_is_needed_and_what_a_request_is_called_is_not() {
        let found = project(&[
            ("Urls", "public final class Urls { static class Inner {} }"),
            ("Home", "@Controller class Home {}"),
            ("package", "package object pages { implicit val a = 1 }"),
            ("Login", "class Login {}"),
            ("Many", "class One\n case class Two(a: Int)\nenum Three { A, B }"),
        ]);
        let named = |text: &str| found.named_in(text).into_iter().collect::<Vec<_>>();
        assert_eq!(named("import static shop.Urls.*; // Home"), [0]);
        assert_eq!(named("http(\"Home \\\" Home\").get('\"' + Two)"), [4]);
        assert_eq!(named("import pages._; s\"${Login.path}/\" ; f\"\"\"$Three\"\"\""), [2, 3, 4]);
        assert!(named("Inner '{' \"\"\" Login \" \"\"\" /* One */").is_empty());
        assert!(named("\"open").is_empty() && named("/* open").is_empty() && named("\"\\").is_empty());
    }
}
