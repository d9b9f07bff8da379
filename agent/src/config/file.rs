//! The file: TOML, with the line of each value.

use super::error::{ConfigError, Origin, Wrong};
use super::key::Key;
use super::kind::Kind;
use super::source::{FileText, Given};
use super::suggest::{nearest, nearest_key};
use super::table::KEYS;
use super::value::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// All values in the file; what is wrong with it besides goes to `errors`.
pub(super) fn read(file: &FileText, errors: &mut Vec<ConfigError>) -> Vec<Given> {
    let (table, broken) = DeTable::parse_recoverable(&file.text);
    let mut reader = Reader { file, errors, given: Vec::new() };
    for error in &broken {
        let place = reader.origin(error.span().map_or(0, |span| span.start));
        // Only the message: the library's whole text repeats the line, which may hold a password.
        let remedy = match file.text.trim_start().starts_with("#cloud-config") {
            true => {
                "these are cloud-init's words: this file is what stands below `content:` of write_files, as packer/user-data shows"
            }
            false => "write key = value, texts in quotes",
        };
        let wrong = Wrong::new(format!("this is not TOML, {}", error.message()), remedy);
        reader.errors.push(wrong.at(place, ""));
    }
    if broken.is_empty() {
        reader.table("", table.get_ref());
    }
    reader.given.sort_by_key(|(offset, _)| *offset);
    reader.given.into_iter().map(|(_, given)| given).collect()
}

struct Reader<'r> {
    file: &'r FileText,
    errors: &'r mut Vec<ConfigError>,
    given: Vec<(usize, Given)>,
}

impl Reader<'_> {
    fn table(&mut self, section: &str, table: &DeTable<'_>) {
        for (part, value) in table {
            let offset = part.span().start;
            let part: &str = part.get_ref();
            // A quoted key with a dot in it must not pass for a key in a section.
            let part = if part.contains('.') { format!("\"{part}\"") } else { part.to_owned() };
            let name = if section.is_empty() { part } else { format!("{section}.{part}") };
            let is_section = KEYS.iter().any(|key| key.section() == name);
            let key = KEYS.iter().find(|key| key.name == name);
            match (key, value.get_ref()) {
                (Some(key), value) => {
                    let given = Given { key, value: typed(key, value), origin: self.origin(offset) };
                    self.given.push((offset, given));
                }
                (None, DeValue::Table(inner)) if is_section => self.table(&name, inner),
                (None, _) if is_section => {
                    let wrong = Wrong::new("is a section", format!("write [{name}] and its keys below it"));
                    self.error(offset, &name, wrong);
                }
                (None, value) => self.unknown(offset, &name, matches!(value, DeValue::Table(_))),
            }
        }
    }

    fn unknown(&mut self, offset: usize, name: &str, is_table: bool) {
        let sections = KEYS.iter().map(Key::section).filter(|section| !section.is_empty());
        let (kind, meant) = if is_table {
            ("section", nearest(name, sections).map(str::to_owned))
        } else {
            ("key", nearest_key(name).map(shown))
        };
        let remedy = match meant {
            Some(meant) => format!("did you mean {meant}? Otherwise remove it"),
            None => "remove it; `gridnode config --example` shows all keys".to_owned(),
        };
        self.error(offset, name, Wrong::new(format!("is not a {kind} of this version"), remedy));
    }

    fn error(&mut self, offset: usize, name: &str, wrong: Wrong) {
        let place = self.origin(offset);
        self.errors.push(wrong.at(place, name));
    }

    fn origin(&self, offset: usize) -> Origin {
        let before = self.file.text.as_bytes().iter().take(offset);
        let line = 1 + before.filter(|b| **b == b'\n').count();
        Origin::File { path: self.file.path.clone(), line }
    }
}

/// The key as one finds it in the file.
fn shown(key: &Key) -> String {
    match key.section() {
        "" => format!("{} at the top of the file", key.last()),
        section => format!("{} in section [{section}]", key.last()),
    }
}

fn typed(key: &Key, value: &DeValue<'_>) -> Result<Value, Wrong> {
    let kind = key.kind;
    match value {
        DeValue::Boolean(on) if matches!(kind, Kind::Bool) => Ok(Value::Bool(*on)),
        // `enabled = true` beside `enabled = "auto"`.
        DeValue::Boolean(on) if matches!(kind, Kind::WordOf(_)) => kind.text(&on.to_string()),
        DeValue::Integer(number) if kind.unit().is_some() => {
            let number = i128::from_str_radix(number.as_str(), number.radix());
            kind.number(number.unwrap_or(i128::MAX))
        }
        DeValue::String(text) => kind.text(text),
        DeValue::Array(items) if kind.is_list() => {
            let text = |item: &'_ Spanned<DeValue<'_>>| item.get_ref().as_str().map(str::to_owned);
            let texts: Option<Vec<String>> = items.iter().map(text).collect();
            let texts =
                texts.ok_or_else(|| Wrong::new("holds something that is not a text", kind.remedy()))?;
            kind.list(&texts.iter().map(String::as_str).collect::<Vec<_>>())
        }
        other => Err(kind.wrong_type(other.type_str())),
    }
}
