//! Readers of single values. What they return on error completes the sentence "`field` …".

use super::json::Json;
use crate::base::ids::Ident;
use crate::base::rfc3339;
use crate::base::time::Wall;
use std::ops::RangeInclusive;

pub(super) fn text(bytes_max: usize) -> impl Fn(Json) -> Result<String, String> {
    move |json| match json {
        Json::Text(text) if text.len() <= bytes_max => Ok(text),
        Json::Text(text) => Err(format!("has {} bytes; at most {bytes_max} are allowed", text.len())),
        other => Err(format!("is {}; it should be a string", other.kind())),
    }
}

/// A text of at least one character that has no control characters.
pub(super) fn plain(bytes_max: usize) -> impl Fn(Json) -> Result<String, String> {
    move |json| {
        let text = text(bytes_max)(json)?;
        match text.chars().any(char::is_control) {
            true => Err("has a control character in it".to_owned()),
            false if text.is_empty() => Err("is empty".to_owned()),
            false => Ok(text),
        }
    }
}

pub(super) fn integer(range: RangeInclusive<u64>) -> impl Fn(Json) -> Result<u64, String> {
    move |json| match json {
        Json::Integer(n) if range.contains(&n) => Ok(n),
        Json::Integer(n) => Err(format!("is {n}; it should be from {} to {}", range.start(), range.end())),
        other => Err(format!(
            "is {}; it should be an integer from {} to {}",
            other.kind(),
            range.start(),
            range.end()
        )),
    }
}

pub(super) fn integer_u32(range: RangeInclusive<u32>) -> impl Fn(Json) -> Result<u32, String> {
    let (start, end) = range.into_inner();
    move |json| {
        let n = integer(u64::from(start)..=u64::from(end))(json)?;
        u32::try_from(n).map_err(|_| format!("is {n}, which is too large"))
    }
}

pub(super) fn boolean(json: Json) -> Result<bool, String> {
    match json {
        Json::Bool(value) => Ok(value),
        other => Err(format!("is {}; it should be true or false", other.kind())),
    }
}

pub(super) fn ident(json: Json) -> Result<Ident, String> {
    let text = text(4_096)(json)?;
    Ident::new(&text).map_err(|error| format!("cannot be used: {error}"))
}

pub(super) fn time(json: Json) -> Result<Wall, String> {
    let text = text(64)(json)?;
    rfc3339::parse(&text).map_err(|error| format!("cannot be used: {error}"))
}

pub(super) fn list(len_max: usize) -> impl Fn(Json) -> Result<Vec<Json>, String> {
    move |json| match json {
        Json::List(items) if items.len() <= len_max => Ok(items),
        Json::List(items) => Err(format!("has {} entries; at most {len_max} are allowed", items.len())),
        other => Err(format!("is {}; it should be an array", other.kind())),
    }
}
