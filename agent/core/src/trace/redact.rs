//! Takes secrets out of what a trace shows.
//!
//! Names stay, a value becomes `‹redacted:3f9a›`: the beginning of a hash whose key is made for the run and kept nowhere, so
//! that a reader sees whether two requests used the same token and nobody can guess it by trying. It works on text as it comes,
//! for bodies are cut and need not be well-formed: what has a secret's name beside it (query, form, JSON, XML, multipart, lines
//! like a header's, a tag's other attributes) or a secret's shape. The plug-ins do the same before they write anything; both
//! are held to the same examples (`plugins/sump/src/test/resources/trace/redaction.json`).

mod names;
mod place;
mod quote;
mod shape;
mod tag;

use names::Names;
use ring::hmac;
use std::ops::Range;
use tag::Tags;

/// See the module's head.
pub struct Redactor {
    key: hmac::Key,
    names: Names,
}

/// How every redacted value begins.
const MARK: &str = "‹redacted:";

/// A text as it is shown.
struct Shown<'a> {
    redactor: &'a Redactor,
    text: &'a str,
    out: String,
    /// Up to where it is written.
    done: usize,
}

impl Shown<'_> {
    /// What is written already stays as it is.
    fn hide(&mut self, secret: Range<usize>) {
        let start = secret.start.max(self.done);
        if start < secret.end && !self.text[start..].starts_with(MARK) {
            self.out.push_str(&self.text[self.done..start]);
            self.out.push_str(&self.redactor.hidden(&self.text[start..secret.end]));
            self.done = secret.end;
        }
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
            "setcookie" => {
                let (cookie, attributes) = value.split_at(value.find(';').unwrap_or(value.len()));
                self.cookies(cookie) + attributes
            }
            _ if self.names.is_secret(name) => match value.split_once(' ') {
                // `Bearer TOKEN`: the scheme is no secret.
                Some((scheme, token)) if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                    format!("{scheme} {}", self.hidden(token))
                }
                _ => self.hidden(value),
            },
            _ => self.text(value),
        }
    }

    /// Any text: a URL, a body, an error, a label.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let bytes = text.as_bytes();
        let mut shown = Shown { redactor: self, text, out: String::with_capacity(text.len()), done: 0 };
        let mut tags = Tags::default();
        // Of an element, whose attributes come first.
        let mut content: Option<Range<usize>> = None;
        let mut at = 0;
        while at < bytes.len() {
            if let Some(content) = content.take_if(|content| content.start <= at) {
                at = at.max(content.end);
                shown.hide(content);
            } else if place::is_name(bytes[at]) {
                let end = at + bytes[at..].iter().take_while(|byte| place::is_name(**byte)).count();
                tags.look(text, at, end, &self.names);
                let secret = self.secret(text, at, end, &tags);
                at = end;
                match secret {
                    Some(secret)
                        if content.is_none() && bytes[end..secret.start.max(end)].contains(&b'>') =>
                    {
                        content = Some(secret)
                    }
                    Some(secret) => {
                        at = secret.end.max(end);
                        shown.hide(secret);
                    }
                    None => {}
                }
            } else {
                at += 1;
            }
        }
        // It may begin in the middle of the last word: `token=>\u0022abc`.
        if let Some(content) = content {
            shown.hide(content);
        }
        shown.out.push_str(&text[shown.done..]);
        shown.out
    }

    /// The secret that the word `text[at..end]` is or names.
    fn secret(&self, text: &str, at: usize, end: usize, tags: &Tags) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let word = &text[at..end];
        let first = at + tag::escape(bytes, at, end);
        let by_name = || {
            if names::is_element(word)
                && let Some(content) = place::element(bytes, at, end, true)
            {
                return Some(content);
            }
            let is_secret =
                self.names.is_secret(word) || first > at && self.names.is_secret(&text[first..end]);
            let value = is_secret.then(|| place::value(bytes, at, end))??;
            // `Authorization=Bearer TOKEN`, as Java prints a map.
            let token = shape::credentials(bytes, value.start, value.end);
            Some(value.start..token.map_or(value.end, |token| token.end))
        };
        let by_part = || place::form_part(text, at, end, |name| self.names.is_secret(name));
        let secret = shape::card(bytes, first)
            .or_else(|| shape::web_token(bytes, first, end))
            .or_else(|| shape::credentials(bytes, first, end))
            .or_else(|| tags.value(bytes, at, end))
            .or_else(by_name)
            .or_else(by_part)?;
        // Cut at characters whatever stands around it.
        let is_whole =
            !secret.is_empty() && text.is_char_boundary(secret.start) && text.is_char_boundary(secret.end);
        is_whole.then_some(secret)
    }

    fn cookies(&self, value: &str) -> String {
        let hidden = value.split(';').map(|pair| match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() => format!("{name}={}", self.hidden(value)),
            _ => pair.to_owned(),
        });
        hidden.collect::<Vec<_>>().join(";")
    }

    /// A value's place holder. What is one already stays.
    fn hidden(&self, value: &str) -> String {
        if value.starts_with(MARK) || value.is_empty() {
            return value.to_owned();
        }
        let tag = hmac::sign(&self.key, value.as_bytes());
        let [first, second, ..] = tag.as_ref() else { return format!("{MARK}›") };
        format!("{MARK}{first:02x}{second:02x}›")
    }
}

#[cfg(test)]
mod tests;
