//! Writes line protocol: the other direction of [`crate::wire::line`].
//!
//! Field types never change between points: counts are integers (`5i`), everything measured is a float and always has
//! a decimal point (`5.0`), because an InfluxDB drops a whole point over an integer in a float field.

use std::io::Write;

/// Appends points to a buffer, one line each.
#[derive(Debug, Default)]
pub struct PointWriter {
    /// The lines written so far.
    pub body: Vec<u8>,
    first_field: bool,
}

impl PointWriter {
    /// Starts a point with a measurement and ready-made tags (`,a=b,c=d`, see [`push_tag`]).
    pub fn start(&mut self, measurement: &str, tags: &[u8]) {
        self.body.extend_from_slice(measurement.as_bytes());
        self.body.extend_from_slice(tags);
        self.first_field = true;
    }

    /// Adds a float field. Not finite is written as 0.0: the format has no word for it.
    pub fn float(&mut self, key: &str, value: f64) {
        self.key(key);
        let value = if value.is_finite() { value } else { 0.0 };
        // `Display` for f64 is the shortest text that reads back the same, never with an exponent.
        let start = self.body.len();
        let _ = write!(self.body, "{value}");
        if !self.body[start..].contains(&b'.') {
            self.body.extend_from_slice(b".0");
        }
    }

    /// Adds µs as a float field in ms, exactly.
    pub fn ms(&mut self, key: &str, us: u64) {
        self.key(key);
        let (whole, rest) = (us / 1_000, us % 1_000);
        let _ = match (rest % 100, rest % 10) {
            (0, _) => write!(self.body, "{whole}.{}", rest / 100),
            (_, 0) => write!(self.body, "{whole}.{:02}", rest / 10),
            _ => write!(self.body, "{whole}.{rest:03}"),
        };
    }

    /// Adds an integer field. Values over `i64::MAX` cannot be written and saturate.
    pub fn int(&mut self, key: &str, value: u64) {
        self.key(key);
        let _ = write!(self.body, "{}i", value.min(i64::MAX.unsigned_abs()));
    }

    /// Adds an integer field that may be below 0.
    pub fn integer(&mut self, key: &str, value: i64) {
        self.key(key);
        let _ = write!(self.body, "{value}i");
    }

    /// Adds a boolean field.
    pub fn bool(&mut self, key: &str, value: bool) {
        self.key(key);
        self.body.extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// Adds a string field.
    pub fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.body.push(b'"');
        for byte in value.bytes() {
            match byte {
                b'"' | b'\\' => self.body.extend_from_slice(&[b'\\', byte]),
                // A line break would end the line for every reader that splits first.
                b'\n' | b'\r' => self.body.push(b' '),
                _ => self.body.push(byte),
            }
        }
        self.body.push(b'"');
    }

    /// Ends the point with its timestamp.
    pub fn end(&mut self, timestamp_ns: i64) {
        let _ = writeln!(self.body, " {timestamp_ns}");
    }

    fn key(&mut self, key: &str) {
        self.body.push(if self.first_field { b' ' } else { b',' });
        self.first_field = false;
        self.body.extend_from_slice(key.as_bytes());
        self.body.push(b'=');
    }
}

/// Appends `,key=value`; nothing when there is no value, for an empty tag value is invalid.
pub fn push_tag(tags: &mut Vec<u8>, key: &str, value: Option<&str>) {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return };
    tags.push(b',');
    tags.extend_from_slice(key.as_bytes());
    tags.push(b'=');
    for byte in value.bytes() {
        if matches!(byte, b',' | b'=' | b' ') {
            tags.push(b'\\');
        }
        tags.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_written_as_itself() {
        let mut tags = Vec::new();
        push_tag(&mut tags, "grid", Some("a b"));
        push_tag(&mut tags, "region", None);
        let mut point = PointWriter::default();
        point.start("m", &tags);
        point.float("mean", 5.0);
        point.float("tiny", 0.000_001);
        point.float("nan", f64::NAN);
        point.ms("min", 123_450);
        point.ms("max", 1);
        point.ms("p50", 20_000);
        point.int("count", 3);
        point.bool("ok", true);
        point.text("label", "a \"b\" \\ c");
        point.end(-5);
        let body = String::from_utf8(point.body).unwrap();
        assert_eq!(
            body,
            "m,grid=a\\ b mean=5.0,tiny=0.000001,nan=0.0,min=123.45,max=0.001,p50=20.0,count=3i,ok=true,\
             label=\"a \\\"b\\\" \\\\ c\" -5\n"
        );
    }
}
