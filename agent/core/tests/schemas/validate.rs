//! As much of JSON Schema as the schemas use. A keyword that is not known here makes the test fail: nothing in a
//! schema goes unchecked.

use gridnode_core::base::rfc3339;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

pub struct Schema(Value);

impl Schema {
    pub fn new(text: &str) -> Self {
        Self(serde_json::from_str(text).expect("a schema is JSON"))
    }

    /// A definition.
    pub fn definition(&self, name: &str) -> &Value {
        &self.0["$defs"][name]
    }

    pub fn validate(&self, value: &Value) -> Result<(), String> {
        self.check(&self.0, value, "")
    }

    /// Every bound of an integer.
    pub fn bounds(&self, found: &mut BTreeSet<u64>) {
        collect_bounds(&self.0, found);
    }

    fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let object = schema.as_object().expect("a schema is an object");
        for (keyword, with) in object {
            self.keyword(keyword, with, value, at)
                .map_err(|why| if why.is_empty() { format!("{at}: {keyword}") } else { why })?;
        }
        match (object.get("additionalProperties"), value) {
            (Some(rule), Value::Object(entries)) => self.additional(rule, object, entries, at),
            _ => Ok(()),
        }
    }

    fn keyword(&self, keyword: &str, with: &Value, value: &Value, at: &str) -> Result<(), String> {
        let check = |fine: bool| if fine { Ok(()) } else { Err(String::new()) };
        let passes = |schema: &&Value| self.check(schema, value, at).is_ok();
        let text = value.as_str();
        match keyword {
            "$schema" | "$defs" | "title" | "description" | "additionalProperties" => Ok(()),
            "$ref" => {
                let name = with.as_str().and_then(|path| path.strip_prefix("#/$defs/")).expect("a reference");
                self.check(self.definition(name), value, at)
            }
            "oneOf" => check(with.as_array().expect("a list").iter().filter(passes).count() == 1),
            "anyOf" => check(with.as_array().expect("a list").iter().any(|schema| passes(&schema))),
            "const" => check(with == value),
            "enum" => check(with.as_array().expect("a list").contains(value)),
            "type" => check(match with {
                Value::Array(kinds) => kinds.iter().any(|kind| is(kind, value)),
                kind => is(kind, value),
            }),
            "properties" => self.properties(with, value, at),
            "required" => check(value.as_object().is_none_or(|object| {
                with.as_array()
                    .expect("a list")
                    .iter()
                    .all(|name| object.contains_key(name.as_str().unwrap()))
            })),
            "items" => value.as_array().map_or(Ok(()), |items| {
                items.iter().try_for_each(|item| self.check(with, item, &format!("{at}[]")))
            }),
            "propertyNames" => value.as_object().map_or(Ok(()), |object| {
                object.keys().try_for_each(|name| self.check(with, &Value::from(name.as_str()), at))
            }),
            "minimum" => check(value.as_f64().is_none_or(|n| n >= with.as_f64().unwrap())),
            "maximum" => check(value.as_f64().is_none_or(|n| n <= with.as_f64().unwrap())),
            "minLength" => {
                check(text.is_none_or(|text| text.chars().count() as u64 >= with.as_u64().unwrap()))
            }
            "maxLength" => {
                check(text.is_none_or(|text| text.chars().count() as u64 <= with.as_u64().unwrap()))
            }
            "minItems" => {
                check(value.as_array().is_none_or(|items| items.len() as u64 >= with.as_u64().unwrap()))
            }
            "maxItems" => {
                check(value.as_array().is_none_or(|items| items.len() as u64 <= with.as_u64().unwrap()))
            }
            "maxProperties" => {
                check(value.as_object().is_none_or(|object| object.len() as u64 <= with.as_u64().unwrap()))
            }
            "pattern" => check(text.is_none_or(|text| matches(with.as_str().unwrap(), text))),
            "format" => check(text.is_none_or(|text| rfc3339::parse(text).is_ok())),
            other => panic!("the keyword {other} is not checked"),
        }
    }

    fn properties(&self, schemas: &Value, value: &Value, at: &str) -> Result<(), String> {
        let Value::Object(object) = value else { return Ok(()) };
        for (name, schema) in schemas.as_object().expect("an object") {
            if let Some(value) = object.get(name) {
                self.check(schema, value, &format!("{at}.{name}"))?;
            }
        }
        Ok(())
    }

    fn additional(
        &self,
        rule: &Value,
        schema: &Map<String, Value>,
        entries: &Map<String, Value>,
        at: &str,
    ) -> Result<(), String> {
        let known = |name: &str| schema.get("properties").is_some_and(|known| known.get(name).is_some());
        for (name, value) in entries.iter().filter(|(name, _)| !known(name)) {
            match rule {
                Value::Bool(false) => return Err(format!("{at}.{name} is not known")),
                rule => self.check(rule, value, &format!("{at}.{name}"))?,
            }
        }
        Ok(())
    }
}

fn collect_bounds(schema: &Value, found: &mut BTreeSet<u64>) {
    match schema {
        Value::Object(object) => {
            let bounds = ["minimum", "maximum"].map(|name| object.get(name).and_then(Value::as_u64));
            found.extend(bounds.into_iter().flatten());
            object.values().for_each(|value| collect_bounds(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_bounds(item, found)),
        _ => {}
    }
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str().expect("the name of a type") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other} is not checked"),
    }
}

/// The patterns that the schemas use, by hand.
fn matches(pattern: &str, text: &str) -> bool {
    let all = |range: std::ops::RangeInclusive<usize>, extra: &str| {
        range.contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || extra.as_bytes().contains(&b))
    };
    match pattern {
        "^[A-Za-z0-9_.:-]{1,64}$" => all(1..=64, "_.:-"),
        "^[A-Za-z0-9_.-]{1,128}$" => all(1..=128, "_.-"),
        "^[A-Za-z0-9_.-]{1,64}$" => all(1..=64, "_.-"),
        "^[^\\u0000-\\u001f\\u007f-\\u009f]*$" => !text.chars().any(char::is_control),
        "^[0-9A-Fa-f]{64}$" => text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()),
        "^(s3://|file:///)" => text.starts_with("s3://") || text.starts_with("file:///"),
        other => panic!("the pattern {other} is not checked"),
    }
}
