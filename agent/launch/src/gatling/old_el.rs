//! `${…}`, the expressions of Gatling 2 and 3: since 3.7 they are written `#{…}`, and since 3.11 the old ones go out as they stand.

use std::collections::BTreeSet;

/// Characters between the braces that are looked at; longer ones are templates of something else.
const NAME_CHARS_MAX: usize = 60;
/// Of these a sentence names the first.
const NAMED_MAX: usize = 3;
/// What only Gatling's language has, and takes such a text as an expression.
const GIVEN: [&str; 22] = [
    "http",
    "baseUrl",
    "StringBody",
    "StringBodyPart",
    "queryParam",
    "multivaluedQueryParam",
    "formParam",
    "multivaluedFormParam",
    "basicAuth",
    "header",
    "foreach",
    "repeat",
    "during",
    "asLongAs",
    "doIf",
    "doIfOrElse",
    "doIfEquals",
    "doIfEqualsOrElse",
    "doSwitch",
    "pause",
    "group",
    "jsonPath",
];
/// The same where they are called on what a call gave, `http("a").get(…)`: maps have such methods, too.
const GIVEN_ON_A_CALL: [&str; 6] = ["get", "post", "put", "delete", "patch", "head"];
/// Where a plan fills in such a place itself, it is a template of its own.
const OWN: [&str; 10] = [
    "replace",
    "replaceAll",
    "replaceFirst",
    "replaceAllLiterally",
    "indexOf",
    "contains",
    "split",
    "equals",
    "quote",
    "compile",
];

/// What sends a file, having filled in its expressions.
const TEMPLATES: [&str; 3] = ["ElFileBodyPart", "ElFileBody", "elFileBody"];

/// In what is said of those that surely do.
pub const GOES_OUT: &str = "is no expression and goes out as it stands";

/// One in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As it is written, `${id}`.
    pub written: String,
    /// From 1.
    pub line: usize,
    /// Whether Gatling surely gets it, so that it surely goes out so.
    pub is_given: bool,
}

impl Found {
    fn now(&self) -> String {
        format!("#{}", &self.written[1..])
    }
}

/// Whether a Gatling still understands them.
#[must_use]
pub fn is_understood(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    matches!((parts.next().flatten(), parts.next().flatten()), (Some(major), Some(minor)) if (major, minor) < (3, 11))
}

/// Those in the texts of a source, each once.
#[must_use]
pub fn of_source(text: &str, is_scala: bool) -> Vec<Found> {
    let mut scan =
        Scan { text, at: 0, line: 1, is_scala, calls: Vec::new(), found: Vec::new(), own: BTreeSet::new() };
    scan.run();
    let Scan { mut found, own, .. } = scan;
    found.retain(|one| !own.contains(&one.written));
    let mut kept: Vec<Found> = Vec::new();
    for one in found {
        match kept.iter_mut().find(|known| known.written == one.written) {
            Some(known) if one.is_given && !known.is_given => *known = one,
            Some(_) => {}
            None => kept.push(one),
        }
    }
    kept
}

/// Files of a source's own that Gatling sends as templates, as it names them.
pub fn templates(source: &str) -> impl Iterator<Item = &str> {
    let code = source
        .lines()
        .map(str::trim_start)
        .filter(|line| !["//", "*", "/*"].iter().any(|c| line.starts_with(c)));
    code.flat_map(|line| TEMPLATES.iter().flat_map(move |call| line.split(call).skip(1))).filter_map(|rest| {
        let text = rest.trim_start().strip_prefix('(')?.trim_start();
        // The part of a form may have a name before its file.
        let mut words = text.starts_with('"').then(|| text.split('"').skip(1).step_by(2))?;
        words.find(|word| word.contains('.'))
    })
}

/// Those in a file that Gatling sends as a template: all of them are meant as expressions.
#[must_use]
pub fn of_template(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (line, text) in text.lines().enumerate() {
        for (at, _) in text.match_indices("${").filter(|(at, _)| !text[..*at].ends_with('$')) {
            let Some(written) = whole(&text[at..]) else { continue };
            if !found.iter().any(|one| one.written == written) {
                found.push(Found { written: written.to_owned(), line: line + 1, is_given: true });
            }
        }
    }
    found
}

/// What is said before the run of those in a plan's sources, each with its file, and whether it is so sure that it is a doubt after it.
#[must_use]
pub fn of_sources(found: &[(String, Found)], version: &str) -> Option<(String, bool)> {
    let is_sure = found.iter().any(|(_, one)| one.is_given);
    let told: Vec<&(String, Found)> = found.iter().filter(|(_, one)| one.is_given == is_sure).collect();
    let (_, first) = told.first()?;
    let names = told
        .iter()
        .take(NAMED_MAX)
        .map(|(file, one)| format!("`{}` ({file}, line {})", one.written, one.line));
    let mut names = names.collect::<Vec<_>>().join(", ");
    if told.len() > NAMED_MAX {
        names.push_str(&format!(" and {} more", told.len() - NAMED_MAX));
    }
    let rest = format!(
        "it is written `{}` since Gatling 3.7, and Gatling {version} knows nothing else",
        first.now()
    );
    Some(if is_sure {
        (format!("{names}: such a `${{…}}` {GOES_OUT}: {rest}"), true)
    } else {
        (format!("{names}: if this is meant as an expression of Gatling's, {rest}"), false)
    })
}

/// What there is to say of labels: one that has such a place in it was to be filled in.
pub fn of_labels<'l>(labels: impl Iterator<Item = &'l str>) -> Option<String> {
    let with: Vec<(&str, &str)> = labels.filter_map(|label| Some((label, expression(label)?))).collect();
    let (label, written) = with.iter().min()?;
    let others =
        if with.len() > 1 { format!(" (and {} more like it)", with.len() - 1) } else { String::new() };
    Some(format!("the name `{label}`{others} went out as it stands: {}", translated(written)))
}

/// What there is to add to an error that quotes one.
#[must_use]
pub fn advice(words: &str) -> Option<String> {
    expression(words).map(translated)
}

fn translated(written: &str) -> String {
    format!("`{written}` is written `#{}` since Gatling 3.7", &written[1..])
}

/// The first in a text.
fn expression(text: &str) -> Option<&str> {
    text.match_indices("${").find_map(|(at, _)| whole(&text[at..]))
}

/// The one that a text begins with.
fn whole(text: &str) -> Option<&str> {
    let end = text.find('}')?;
    let name = text.get(2..end)?;
    let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let is_name = |c: char| c.is_alphanumeric() || "_-.() ".contains(c);
    (begins && name.chars().count() <= NAME_CHARS_MAX && name.chars().all(is_name)).then(|| &text[..=end])
}

/// Goes through a source, by texts, comments and calls.
struct Scan<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    is_scala: bool,
    /// What the open parentheses belong to: the name before, and whether it was called on what a call gave.
    calls: Vec<(&'t str, bool)>,
    found: Vec<Found>,
    own: BTreeSet<String>,
}

impl<'t> Scan<'t> {
    fn run(&mut self) {
        while let Some(next) = self.rest().chars().next() {
            let rest = self.rest();
            if rest.starts_with("//") {
                self.skip(rest.find('\n').unwrap_or(rest.len()));
            } else if let Some(comment) = rest.strip_prefix("/*") {
                self.skip(comment.find("*/").map_or(rest.len(), |end| end + 4));
            } else if next == '"' {
                self.literal();
            } else if next == '\'' {
                self.skip(character(rest));
            } else {
                match next {
                    '(' => self.calls.push(called(&self.text[..self.at])),
                    ')' => drop(self.calls.pop()),
                    _ => {}
                }
                self.skip(next.len_utf8());
            }
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip(&mut self, bytes: usize) {
        self.line += self.rest()[..bytes].matches('\n').count();
        self.at += bytes;
    }

    fn literal(&mut self) {
        let before = self.text[..self.at].chars().next_back();
        let interpolates = self.is_scala && before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let quote = if self.rest().starts_with("\"\"\"") { "\"\"\"" } else { "\"" };
        self.skip(quote.len());
        let is_raw = quote.len() > 1 && self.is_scala;
        loop {
            let rest = self.rest();
            let Some(next) = rest.chars().next() else { return };
            if rest.starts_with(quote) || (quote.len() == 1 && next == '\n') {
                return self.skip(if next == '\n' { 0 } else { quote.len() });
            }
            if next == '\\' && !is_raw {
                let escaped = rest[1..].chars().next().map_or(0, char::len_utf8);
                self.skip(1 + escaped);
            } else if interpolates && rest.starts_with("$$") {
                // The text is a `$`, and an expression's begins with it.
                self.dollar(1);
                self.skip(2);
            } else if interpolates && rest.starts_with("${") {
                self.skip(scalas(rest));
            } else if rest.starts_with("$${") {
                self.skip(3);
            } else {
                if next == '$' {
                    self.dollar(0);
                }
                self.skip(next.len_utf8());
            }
        }
    }

    fn dollar(&mut self, skipped: usize) {
        let Some(written) = whole(&self.rest()[skipped..]) else { return };
        let (name, is_on_call) = self.calls.last().copied().unwrap_or_default();
        if OWN.contains(&name) {
            self.own.insert(written.to_owned());
        }
        let is_given = GIVEN.contains(&name) || (is_on_call && GIVEN_ON_A_CALL.contains(&name));
        self.found.push(Found { written: written.to_owned(), line: self.line, is_given });
    }
}

/// The name before a parenthesis, and whether what it is called on ends with a call.
fn called(before: &str) -> (&str, bool) {
    let before = before.trim_end();
    let on = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
    let is_on_call = on.trim_end().strip_suffix('.').is_some_and(|on| on.trim_end().ends_with(')'));
    (&before[on.len()..], is_on_call)
}

/// How long a character in quotes is; one quote, where it begins none (a lifetime, a symbol).
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    let Some((_, first)) = chars.next() else { return 1 };
    if first == '\\' {
        return rest[2..].char_indices().skip(1).find(|(_, c)| *c == '\'').map_or(1, |(at, _)| at + 3);
    }
    chars.next().filter(|(_, c)| *c == '\'').map_or(1, |(at, _)| at + 1)
}

/// How long what Scala computes itself is, from its `${`: it may have braces and texts in it.
fn scalas(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests;
