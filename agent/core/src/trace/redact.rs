//! Takes secrets out of what a trace shows.
//!
//! Names stay, a value becomes `‹redacted:3f9a›`: the beginning of a hash whose key is made for the run and kept nowhere, so
//! that a reader sees whether two requests used the same token and nobody can guess it by trying. It works on text as it comes,
//! for bodies are cut and need not be well-formed: what has a secret's name beside it (query, form, JSON, XML, multipart, lines
//! like a header's, a tag's other attributes, another member of an object, the cell before it) or a secret's shape. The plug-ins
//! do the same before they write anything; both are held to the same examples
//! (`plugins/sump/src/test/resources/trace/redaction.json`).

mod arrow;
mod bearer;
mod beside;
mod call;
mod caption;
mod cell;
mod code;
mod command;
mod complaint;
pub mod cut;
mod encoded;
mod expression;
mod fold;
mod form;
mod grid;
mod ini;
mod insert;
mod join;
mod keyed;
mod likely;
mod lines;
mod list;
mod loose;
mod mark;
mod markup;
mod names;
mod netrc;
mod nothing;
mod pair;
mod phrase;
mod place;
mod posted;
mod program;
mod prose;
mod quote;
mod rare;
mod refer;
mod refused;
mod route;
mod run;
mod scan;
mod schema;
mod script;
mod sentence;
mod shape;
mod sheet;
mod socket;
mod spoken;
mod sql;
mod table;
mod tag;
mod token;
mod told;
mod url;
mod verdict;
mod weak;
mod why;
mod word;
mod yaml;

pub use run::RunRedactors;

use command::Command;
use fold::Folded;
use join::{joined, joined_to_scheme};
use names::Names;
use pair::Pairs;
use program::Found;
use ring::hmac;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::fmt;
use std::ops::Range;
use tag::Tags;
use weak::Kind;

/// See the module's head.
pub struct Redactor {
    key: hmac::Key,
    names: Names,
}

/// How every redacted value begins.
pub(super) const MARK: &str = "‹redacted:";

/// What may stand before the secret of a header.
const SCHEMES: [&str; 9] =
    ["Bearer", "Basic", "Digest", "Negotiate", "NTLM", "AWS4-HMAC-SHA256", "Token", "ApiKey", "OAuth"];

/// Of a name within what is no text.
const NAME_CHARS_MIN: usize = 4;

/// Times a text is read. What is hidden may be what hid something else.
const READINGS_MAX: usize = 8;

/// A text as it is shown.
struct Shown<'a> {
    redactor: &'a Redactor,
    text: &'a str,
    /// As it is written, and where `text` is in it.
    written: &'a str,
    folded: &'a Folded<'a>,
    out: String,
    /// Up to where it is shown, and the same of what is written.
    done: usize,
    written_to: usize,
    /// What was found and is not reached yet: where it begins, and where it ends from the end on, so that of two that begin
    /// together the longer one is first.
    secrets: BinaryHeap<Reverse<(usize, Reverse<usize>)>>,
}

/// What a text is known to be, as far as it is read.
struct Seen {
    tags: Tags,
    /// Words that look like a secret's name and are none.
    labels: HashSet<usize>,
    /// Up to where a table's titles may stand.
    head_end: usize,
    /// Whether any code may be a secret.
    has_codes: bool,
    command: Command,
}

impl Shown<'_> {
    /// Cut at characters whatever stands around it.
    fn push(&mut self, secret: Range<usize>) {
        let is_whole = self.text.is_char_boundary(secret.start) && self.text.is_char_boundary(secret.end);
        if !secret.is_empty() && is_whole && !expression::is_expression(self.text.as_bytes(), &secret) {
            self.secrets.push(Reverse((secret.start, Reverse(secret.end))));
        }
    }

    /// The next secret, should it begin before `at`; with those that overlap it.
    fn next(&mut self, at: usize) -> Option<Range<usize>> {
        let pop = |secrets: &mut BinaryHeap<Reverse<(usize, Reverse<usize>)>>, to: usize| {
            let Reverse((start, _)) = secrets.peek()?;
            if *start >= to {
                return None;
            }
            secrets.pop().map(|Reverse((start, Reverse(end)))| start..end)
        };
        let mut secret = pop(&mut self.secrets, at)?;
        while let Some(other) = pop(&mut self.secrets, secret.end) {
            secret.end = secret.end.max(other.end);
        }
        Some(secret)
    }

    /// What is written already stays as it is, and what is a place holder.
    fn hide(&mut self, secret: &Range<usize>) {
        let start = secret.start.max(self.done);
        if start < secret.end {
            let place = self.folded.place(&(start..secret.end));
            self.out.push_str(&self.written[self.written_to..place.start]);
            self.out.push_str(&self.redactor.hidden(&self.written[place.clone()]));
            (self.done, self.written_to) = (secret.end, place.end);
        }
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Redactor(…)")
    }
}

impl Redactor {
    /// With the run's key, and names of secrets beside the usual ones.
    #[must_use]
    pub fn new(key: &[u8], more_names: &[String]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), names: Names::with(more_names) }
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        match names::plain(name).as_str() {
            "cookie" => self.cookies(value),
            "setcookie" | "setcookie2" => {
                let (cookie, attributes) = value.split_at(value.find(';').unwrap_or(value.len()));
                self.cookies(cookie) + attributes
            }
            _ if self.names.is_secret(name) || names::is_header(name) => {
                // `Bearer TOKEN`: the scheme is no secret.
                let scheme = value.find([' ', '\t']).map_or("", |at| &value[..at]);
                let is_scheme = SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known));
                let token = value[scheme.len()..].trim_start_matches([' ', '\t']);
                let token = if is_scheme { token } else { value };
                format!("{}{}", &value[..value.len() - token.len()], self.hidden(token))
            }
            _ => {
                if let Some(token) = bearer::token_of_header(value) {
                    return format!("{}{}", &value[..token], self.hidden(&value[token..]));
                }
                if name.eq_ignore_ascii_case(socket::NAME) {
                    // Its rule begins at the name.
                    let shown = self.text(&format!("{name}: {value}"));
                    return shown.get(name.len() + 2..).unwrap_or_default().to_owned();
                }
                self.text(value)
            }
        }
    }

    /// Any text: a URL, a body, an error, a label. Of what it returns, it returns the same.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let mut shown = self.read(text);
        let mut before = text.to_owned();
        for _ in 1..READINGS_MAX {
            if shown == before {
                // What is encoded is looked at when nothing else is left.
                shown = self.decoded(shown);
            }
            if shown == before {
                return shown;
            }
            before = std::mem::take(&mut shown);
            shown = self.read(&before);
        }
        if shown == before { shown } else { self.hidden(&shown) }
    }

    /// With each value hidden that has a secret in it when it is decoded.
    fn decoded(&self, text: String) -> String {
        let secrets = encoded::values(&text, 1, &|value| self.read(value));
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for secret in secrets {
            out.push_str(&text[done..secret.start]);
            out.push_str(&self.hidden(&text[secret.clone()]));
            done = secret.end;
        }
        out.push_str(&text[done..]);
        out
    }

    fn read(&self, written: &str) -> String {
        let folded = Folded::new(written);
        let text = &*folded.text;
        let bytes = text.as_bytes();
        let (out, secrets) = (String::with_capacity(written.len()), BinaryHeap::new());
        let mut shown =
            Shown { redactor: self, text, written, folded: &folded, out, done: 0, written_to: 0, secrets };
        let Pairs { secrets, mut labels, .. } = pair::pairs(text, &self.names);
        let mut cells = table::columns(text, &self.names);
        cells.extend(sheet::sheets(text, &self.names));
        // Before the first of them the titles are.
        let head_end = cells.first().map_or(0, |cell| cell.start);
        let wholes = [
            secrets,
            cells,
            form::form(text, &self.names),
            token::tokens(text),
            list::lists(text, &self.names),
            verdict::verdicts(text, &self.names),
            refused::refused(text, &self.names),
            arrow::arrows(text, &self.names),
            netrc::netrc(text),
            grid::grids(text, &self.names),
            ini::pairs(text, &self.names),
            posted::posted(bytes),
            posted::asserted(bytes, &self.names),
        ];
        wholes.into_iter().flatten().for_each(|secret| shown.push(secret));
        let (listed, others) = lines::lines(text, &self.names);
        labels.extend(others);
        let with_tokens = listed.into_iter().chain(rare::rare(text, &self.names));
        with_tokens.for_each(|secret| shown.push(with_token(bytes, secret)));
        let has_codes = code::is_exchange(text);
        let mut seen =
            Seen { tags: Tags::default(), labels, head_end, has_codes, command: Command::default() };
        let mut at = 0;
        while at < bytes.len() {
            if let Some(secret) = shown.next(at + 1) {
                shown.hide(&secret);
                at = at.max(secret.end);
            } else if scan::is_name(bytes[at]) {
                let end = at + bytes[at..].iter().take_while(|byte| scan::is_name(**byte)).count();
                self.word(&mut shown, &mut seen, at, end);
                // It may be the word itself.
                if let Some(secret) = shown.next(end) {
                    shown.hide(&secret);
                    at = secret.end;
                }
                at = at.max(end);
            } else {
                if let Some(password) = url::password(bytes, at) {
                    shown.push(password);
                }
                at += shape::mark(&bytes[at..]).max(1);
            }
        }
        while let Some(secret) = shown.next(usize::MAX) {
            shown.hide(&secret);
        }
        shown.out.push_str(&written[shown.written_to..]);
        shown.out
    }

    /// Looks at the word `text[at..end]`.
    fn word(&self, shown: &mut Shown<'_>, seen: &mut Seen, at: usize, end: usize) {
        let text = shown.text;
        let bytes = text.as_bytes();
        let content = seen.tags.look(text, at, end, &self.names);
        let keyed = keyed::keyed(text, at, end, &self.names);
        let is_label = keyed.is_some() || seen.labels.contains(&at) || seen.tags.is_label(at);
        let first = at + tag::escape(bytes, at, end);
        let word = &text[first..end];
        let loose = || loose::loose(text, first, end, seen.head_end, &self.names);
        let found = [
            content,
            keyed,
            self.secret(text, at, end, &seen.tags, is_label),
            (word == code::NAME).then(|| code::code(bytes, at, end, seen.has_codes)).flatten(),
            code::proof(bytes, first, end),
            sentence::sentence(bytes, first, end, &self.names),
            joined_to_scheme(bytes, first, end),
            sql::statement(text, first, end, &self.names),
            route::route(text, first, end, &self.names),
            caption::caption(bytes, first, end, &self.names),
            (!is_label).then(|| spoken::spoken(text, first, end, &self.names)).flatten(),
            (!is_label).then(loose).flatten(),
            seen.command.look(text, first, end),
        ];
        let parameters = url::parameters(text, first, end, &self.names);
        let others = [
            parameters,
            bearer::encoded(bytes, first, end),
            shape::glued_cards(bytes, first, end),
            socket::protocols(text, first, end, &self.names),
            insert::inserted(text, first, end, &self.names),
        ];
        found
            .into_iter()
            .chain(others.into_iter().flatten().map(Some))
            .flatten()
            .for_each(|secret| shown.push(secret));
    }

    /// The secret that the word `text[at..end]` is or names.
    fn secret(&self, text: &str, at: usize, end: usize, tags: &Tags, is_label: bool) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let first = at + tag::escape(bytes, at, end);
        let by_name = || {
            if names::is_element(&text[first..end])
                && let Some(content) = markup::element(bytes, at, end, true)
            {
                return Some(content);
            }
            let starts = if first > at { &[at, first][..] } else { &[at] };
            let own = starts.iter().filter(|_| !is_label).find_map(|name| self.named(text, at, end, *name));
            let phrase = || phrase::phrase(text, first, end, &self.names).filter(|_| !is_label);
            own.or_else(|| phrase().and_then(|start| self.named(text, start, end, start)))
        };
        let by_part = || place::form_part(text, at, end, &self.names);
        shape::card(bytes, first)
            .or_else(|| shape::web_token(bytes, first, end))
            .or_else(|| bearer::credentials(bytes, first, end))
            .or_else(|| tags.value(bytes, at, end))
            .or_else(by_name)
            .or_else(by_part)
    }

    /// The value of the word `text[at..end]`, if it is a secret's name from `first` on.
    fn named(&self, text: &str, at: usize, end: usize, first: usize) -> Option<Range<usize>> {
        let (bytes, name) = (text.as_bytes(), &text[first..end]);
        let kind = self.names.kind(name);
        if kind.is_weak() {
            let head = weak::head(bytes, end);
            let value = place::value(head, at, end)?;
            if !weak::fits(kind, &head[value]) {
                return None;
            }
        }
        let written = || script::script(bytes, at, end, &self.names);
        if let Some(found) = (kind == Kind::Secret).then(written).flatten() {
            return if let Found::Value(value) = found { Some(value) } else { None };
        }
        let value = (kind != Kind::None).then(|| place::value(bytes, at, end))??;
        if schema::describes(bytes, at, end, &value) || complaint::complains(bytes, &value) {
            return None;
        }
        let value = joined(bytes, value);
        let is_other = kind == Kind::Pass && weak::is_another(bytes, end, &value);
        (!is_other).then(|| with_token(bytes, value))
    }

    /// Whether what is no text may have a secret in it: the name of one, or what is one. Short names are there by chance.
    #[must_use]
    pub fn may_be_in(&self, text: &str) -> bool {
        let is_name = |word: &str| (NAME_CHARS_MIN..).contains(&word.len()) && self.names.is_secret(word);
        text.split(|char: char| !char.is_ascii_alphanumeric() && !"_-.".contains(char)).any(is_name)
            || self.text(text) != text
    }

    fn cookies(&self, value: &str) -> String {
        let hidden = value.split(';').map(|pair| match pair.split_once('=') {
            Some((name, value)) => format!("{name}={}", self.hidden(value)),
            None => {
                let secret = pair.trim_start();
                format!("{}{}", &pair[..pair.len() - secret.len()], self.hidden(secret))
            }
        });
        hidden.collect::<Vec<_>>().join(";")
    }

    /// A value's place holder. What is one already stays, and what says of itself that it has no value.
    fn hidden(&self, value: &str) -> String {
        let bytes = value.as_bytes();
        if value.is_empty() || shape::is_hidden(bytes) || expression::is_expression(bytes, &(0..bytes.len()))
        {
            return value.to_owned();
        }
        let tag = hmac::sign(&self.key, value.as_bytes());
        let [first, second, ..] = tag.as_ref() else { return format!("{MARK}›") };
        format!("{MARK}{first:02x}{second:02x}›")
    }
}

/// Whether a name can be one of the configuration: it has a letter or a digit.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !names::full(name).is_empty()
}

/// `Authorization=Bearer TOKEN`, as Java prints a map.
fn with_token(bytes: &[u8], value: Range<usize>) -> Range<usize> {
    let token = bearer::credentials(bytes, value.start, value.end);
    value.start..token.map_or(value.end, |token| token.end)
}

#[cfg(test)]
mod tests;
