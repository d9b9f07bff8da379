//! The example file, made from the table: it cannot fall behind.

use super::key::{Fallback, Key};
use super::kind::{Kind, Unit};
use super::table::KEYS;
use super::value::Value;

/// Columns of a comment.
const COLUMNS: usize = 100;

const HEAD: &str = "\
# The configuration of `gridnode agent`, to be put at /etc/gridnode/config.toml.
#
# Flags win over the environment, that over this file, and this file over the instance metadata
# service. `gridnode config` shows what is in effect and where it comes from. What is commented out
# here is the default, or an example where it says so; what is not has to be given.
";

/// A commented file with every key.
#[must_use]
pub fn example() -> String {
    let mut text = HEAD.to_owned();
    let mut section = "";
    for key in KEYS {
        if key.section() != section {
            section = key.section();
            text.push_str(&format!("\n[{section}]\n"));
        }
        text.push_str(&entry(key));
    }
    text
}

fn entry(key: &Key) -> String {
    let mut text = String::from("\n");
    let bounds = match key.kind {
        Kind::Number { min, max, .. } => Some(format!("{min} to {max}")),
        Kind::NumberOf(_, allowed) => {
            Some(format!("one of {}", allowed.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")))
        }
        Kind::WordOf(words) => Some(format!("one of {}", words.join(", "))),
        _ => None,
    };
    let unit = key.kind.unit().and_then(Unit::word).map(|word| format!(" {word}")).unwrap_or_default();
    wrap(&mut text, key.help);
    let mut facts: Vec<String> = Vec::new();
    facts.extend(bounds.map(|bounds| format!("{bounds}{unit}")));
    facts.extend(match key.fallback {
        Fallback::Required => Some("has to be given".to_owned()),
        Fallback::None => Some("default: none; an example".to_owned()),
        Fallback::Derived(from) => Some(format!("default: {from}; an example")),
        _ => None,
    });
    facts.push(format!("environment: {}", key.env_name()));
    wrap(&mut text, &format!("({})", facts.join("; ")));
    let value = key.default_value().map_or_else(|| key.example.to_owned(), |value| shown(&value));
    let hash = if key.fallback == Fallback::Required { "" } else { "#" };
    text.push_str(&format!("{hash}{} = {value}\n", key.last()));
    text
}

/// Large numbers with underscores, for people.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    let Value::Number(10_000..) = value else { return text };
    let groups: Vec<&str> =
        text.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).unwrap_or("")).collect();
    groups.join("_")
}

fn wrap(text: &mut String, sentence: &str) {
    let mut line = String::from("#");
    for word in sentence.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > COLUMNS {
            text.push_str(&line);
            text.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}
