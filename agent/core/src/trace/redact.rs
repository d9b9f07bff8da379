//! Takes secrets out of what a trace shows.
//!
//! Names stay, a value becomes `‹redacted:3f9a›`: the beginning of a hash whose key is made for the run and kept nowhere, so
//! that a reader sees whether two requests used the same token and nobody can guess it by trying. It works on text as it comes,
//! for bodies are cut and need not be well-formed: what has a secret's name beside it (query, form, JSON, XML, multipart, lines
//! like a header's) or a secret's shape. The plug-ins do the same before they write anything; both are held to the same
//! examples (`plugins/sump/src/test/resources/trace/redaction.json`).

mod names;
mod place;
mod shape;

use names::Names;
use ring::hmac;

/// See the module's head.
pub struct Redactor {
    key: hmac::Key,
    names: Names,
}

/// How every redacted value begins.
const MARK: &str = "‹redacted:";

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
        let mut shown = String::with_capacity(text.len());
        let mut at = 0;
        // Up to where it is written.
        let mut done = 0;
        while at < bytes.len() {
            if !place::is_name(bytes[at]) {
                at += 1;
                continue;
            }
            let at_name = at;
            let end = at + bytes[at..].iter().take_while(|byte| place::is_name(**byte)).count();
            at = end;
            let Some(secret) = self.secret(text, at_name, end) else { continue };
            at = secret.end.max(end);
            if !text[secret.clone()].starts_with(MARK) {
                shown.push_str(&text[done..secret.start]);
                shown.push_str(&self.hidden(&text[secret.clone()]));
                done = secret.end;
            }
        }
        shown.push_str(&text[done..]);
        shown
    }

    /// The secret that the word `text[at..end]` is or names.
    fn secret(&self, text: &str, at: usize, end: usize) -> Option<std::ops::Range<usize>> {
        let bytes = text.as_bytes();
        let word = &text[at..end];
        let by_name = || {
            if names::is_element(word)
                && let Some(content) = place::element(bytes, at, end, true)
            {
                return Some(content);
            }
            self.names.is_secret(word).then(|| place::value(bytes, at, end))?
        };
        let by_part = || place::form_part(text, at, end, |name| self.names.is_secret(name));
        let secret = shape::card(bytes, at)
            .or_else(|| shape::web_token(bytes, at, end))
            .or_else(|| shape::credentials(bytes, at, end))
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
