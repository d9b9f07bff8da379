//! The one pass over a line.
//!
//! A plain loop over bytes with a table of those that matter: measured faster than eight bytes at a time, because names
//! are short and branches well predicted. `inline(always)` where it saves a sixth of the time of [`crate::wire::sump`], whose
//! closures then see their fields in registers.

use super::escape::is_escaped_in_names;
use super::{Line, LineError, Value, number};

/// Whether `tag=` without a value is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EmptyTags {
    /// As InfluxDB does.
    Refused,
    /// For senders that write an empty label so.
    Taken,
}

/// Bits of [`CLASS`]: which bytes need a look in which context.
const IN_MEASUREMENT: u8 = 1;
const IN_KEY: u8 = 2;
const IN_TAG_VALUE: u8 = 4;
const IN_TEXT: u8 = 8;

static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut class = [0; 256];
    // A control character ends a name, and nothing that may follow one: it is refused. Tag values are text from elsewhere.
    let mut control = 0;
    while control < b' ' as usize {
        class[control] = IN_MEASUREMENT | IN_KEY;
        control += 1;
    }
    class[0x7f] = IN_MEASUREMENT | IN_KEY;
    class[b'\\' as usize] = IN_MEASUREMENT | IN_KEY | IN_TAG_VALUE | IN_TEXT;
    class[b',' as usize] = IN_MEASUREMENT | IN_KEY | IN_TAG_VALUE;
    class[b' ' as usize] = IN_MEASUREMENT | IN_KEY | IN_TAG_VALUE;
    class[b'\t' as usize] = IN_MEASUREMENT | IN_KEY | IN_TAG_VALUE;
    class[b'\n' as usize] = IN_MEASUREMENT | IN_KEY | IN_TAG_VALUE;
    class[b'=' as usize] = IN_KEY;
    class[b'"' as usize] = IN_TEXT;
    class
}

/// Checks `line`, hands every field to `field`.
#[inline(always)]
pub(crate) fn scan<'a>(
    line: &'a [u8],
    empty_tags: EmptyTags,
    mut field: impl FnMut(&'a [u8], Value<'a>),
) -> Result<Line<'a>, LineError> {
    let measurement_end = name(line, 0, IN_MEASUREMENT)?;
    let tags_end = tags(line, measurement_end, empty_tags)?;
    let fields_start = spaces(line, tags_end);
    if fields_start == tags_end {
        return Err(LineError { what: "expected a space and the fields", at: tags_end });
    }
    let mut at = fields_start;
    let fields_end = loop {
        let (key, value, end) = one_field(line, at)?;
        field(key, value);
        match line.get(end) {
            Some(b',') => at = end + 1,
            Some(b' ') | None => break end,
            Some(_) => return Err(LineError { what: "expected a comma or a space", at: end }),
        }
    };
    Ok(Line {
        measurement: &line[..measurement_end],
        tags: line.get(measurement_end + 1..tags_end).unwrap_or_default(),
        fields: &line[fields_start..fields_end],
        timestamp: timestamp(line, fields_end)?,
    })
}

/// Measurement and tags of a line that need not be well formed behind them.
pub(crate) fn head(line: &[u8], empty_tags: EmptyTags) -> Option<(&[u8], &[u8])> {
    let measurement_end = name(line, 0, IN_MEASUREMENT).ok()?;
    let tags_end = tags(line, measurement_end, empty_tags).ok()?;
    let tags = line.get(measurement_end + 1..tags_end).unwrap_or_default();
    (line.get(tags_end) == Some(&b' ')).then_some((&line[..measurement_end], tags))
}

/// From the end of the measurement to the end of the tags.
#[inline(always)]
fn tags(line: &[u8], measurement_end: usize, empty_tags: EmptyTags) -> Result<usize, LineError> {
    let mut at = measurement_end;
    while line.get(at) == Some(&b',') {
        let equals = name(line, at + 1, IN_KEY)?;
        if line.get(equals) != Some(&b'=') {
            return Err(LineError { what: "expected = after a tag's key", at: equals });
        }
        let empty = matches!(line.get(equals + 1), Some(b',' | b' '));
        at = if empty && empty_tags == EmptyTags::Taken {
            equals + 1
        } else {
            name(line, equals + 1, IN_TAG_VALUE)?
        };
    }
    Ok(at)
}

/// Key and value at `at`, and the offset behind them.
#[inline(always)]
fn one_field(line: &[u8], at: usize) -> Result<(&[u8], Value<'_>, usize), LineError> {
    let equals = name(line, at, IN_KEY)?;
    if line.get(equals) != Some(&b'=') {
        return Err(LineError { what: "expected = after a field's key", at: equals });
    }
    let start = equals + 1;
    let (value, end) = match line.get(start) {
        Some(b'"') => text(line, start + 1)?,
        Some(b't' | b'T' | b'f' | b'F') => boolean(line, start)?,
        _ => number::number(line, start)?,
    };
    Ok((&line[at..equals], value, end))
}

/// The offset of the byte that ends the name at `start`: one of those that `context` marks, or the end of the line.
#[inline(always)]
fn name(line: &[u8], start: usize, context: u8) -> Result<usize, LineError> {
    let mut at = start;
    while let Some(&b) = line.get(at) {
        if CLASS[usize::from(b)] & context == 0 {
            at += 1;
        } else if b == b'\\' {
            at += backslash(line, at);
        } else {
            break;
        }
    }
    if at == start {
        return Err(LineError { what: "expected a name or a tag's value", at });
    }
    Ok(at)
}

/// How many bytes the backslash at `at` takes: it stands for itself where the next needs no escape, and the next, be it
/// a backslash, is then looked at by itself.
#[inline(always)]
fn backslash(bytes: &[u8], at: usize) -> usize {
    1 + usize::from(bytes.get(at + 1).is_some_and(|&next| is_escaped_in_names(next)))
}

/// The text whose opening quote stands before `start`, and the offset behind its closing quote.
#[inline(always)]
fn text(line: &[u8], start: usize) -> Result<(Value<'_>, usize), LineError> {
    let mut at = start;
    while let Some(&b) = line.get(at) {
        if CLASS[usize::from(b)] & IN_TEXT == 0 {
            at += 1;
        } else if b == b'\\' {
            at += 2;
        } else {
            return Ok((Value::Text(&line[start..at]), at + 1));
        }
    }
    Err(LineError { what: "a quoted text has no end; it began", at: start - 1 })
}

#[inline(always)]
fn boolean(line: &[u8], start: usize) -> Result<(Value<'_>, usize), LineError> {
    let rest = &line[start..];
    let length = rest.iter().take(6).position(|b| matches!(b, b',' | b' ')).unwrap_or(rest.len());
    let value = match &rest[..length] {
        b"t" | b"T" | b"true" | b"True" | b"TRUE" => true,
        b"f" | b"F" | b"false" | b"False" | b"FALSE" => false,
        _ => return Err(LineError { what: "expected a boolean", at: start }),
    };
    Ok((Value::Bool(value), start + length))
}

/// The timestamp between `at` and the end of the line, among any number of spaces; `None` when there are only those.
#[inline(always)]
fn timestamp(line: &[u8], at: usize) -> Result<Option<i64>, LineError> {
    let start = spaces(line, at);
    if start == line.len() {
        return Ok(None);
    }
    let (timestamp, end) = number::integer(line, start)?;
    if spaces(line, end) != line.len() {
        return Err(LineError { what: "expected nothing behind the timestamp", at: end });
    }
    Ok(Some(timestamp))
}

/// The offset behind the spaces at `at`.
#[inline(always)]
fn spaces(line: &[u8], mut at: usize) -> usize {
    while line.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// Tags, key and value still escaped. Made from any bytes: what is no pair is passed over.
#[derive(Debug, Clone)]
pub struct Pairs<'a> {
    rest: &'a [u8],
}

impl<'a> Pairs<'a> {
    /// The pairs of `tags`, as [`Line::tags`] has them.
    #[must_use]
    pub fn of(tags: &'a [u8]) -> Self {
        Self { rest: tags }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let end = unescaped(self.rest, b',');
            let pair = &self.rest[..end];
            self.rest = self.rest.get(end + 1..).unwrap_or_default();
            let equals = unescaped(pair, b'=');
            if let Some(value) = pair.get(equals + 1..) {
                return Some((&pair[..equals], value));
            }
        }
        None
    }
}

/// The offset of the first `wanted` without a backslash before it, or the length.
fn unescaped(bytes: &[u8], wanted: u8) -> usize {
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        if b == wanted {
            return at;
        }
        at += if b == b'\\' { backslash(bytes, at) } else { 1 };
    }
    bytes.len()
}

/// Fields of a checked line, keys still escaped.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields in `fields`, as [`Line::fields`] has them; ends at the first that is none.
    #[must_use]
    pub fn of(fields: &'a [u8]) -> Self {
        Self { rest: fields }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value, end) = one_field(self.rest, 0).ok()?;
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        Some((key, value))
    }
}
