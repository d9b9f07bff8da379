//! What a trace becomes: an object with a name of its own, the same however often it is made.

use super::marks::between_marks;
use super::model::{Trace, Why};
use crate::base::ids::LabelId;
use ring::digest;
use std::fmt::Write as _;

/// A trace that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceObject {
    /// From the node, the run, the file's name and the content, 32 hex digits: a second try is the same object, and what is taken
    /// again after a kill, too, though what was hidden in it has other marks.
    pub id: String,
    /// Of its label.
    pub label_id: LabelId,
    /// The JSON.
    pub json: Vec<u8>,
}

impl TraceObject {
    /// Of a trace without secrets.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn new(node: &str, run: u64, trace: &Trace) -> Result<Self, serde_json::Error> {
        let json = serde_json::to_vec_pretty(trace)?;
        let mut hash = digest::Context::new(&digest::SHA256);
        for part in [node, &run.to_string(), &trace.file] {
            hash.update(part.as_bytes());
            hash.update(&[0]);
        }
        let text = String::from_utf8_lossy(&json);
        for part in between_marks(&text) {
            hash.update(part.as_bytes());
        }
        let mut id = String::with_capacity(32);
        for byte in &hash.finish().as_ref()[..16] {
            let _ = write!(id, "{byte:02x}");
        }
        Ok(Self { id, label_id: trace.label_id.unwrap_or_else(|| LabelId::of(&trace.label)), json })
    }

    /// A file's name that a person recognises: `GET-cart-500-3f9a1c02.json`, or of a slow one `GET-cart-200-slow-3f9a1c02.json`.
    #[must_use]
    pub fn file_name(&self, trace: &Trace) -> String {
        let words = |text: &str, chars: usize| {
            let plain = text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' });
            let joined = plain.collect::<String>();
            let parts: Vec<&str> = joined.split('-').filter(|part| !part.chars().all(|c| c == '.')).collect();
            parts.join("-").chars().take(chars).collect::<String>()
        };
        let short = self.id.get(..8).unwrap_or(&self.id);
        let names = [words(&trace.label, 40), words(&trace.code, 24)];
        let why = if trace.why == Why::Slow { "slow" } else { "" };
        let named = names.iter().map(String::as_str).chain([why]);
        let named: Vec<&str> = named.filter(|name| !name.is_empty()).collect();
        [named.as_slice(), &[short]].concat().join("-") + ".json"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(label: &str, code: &str) -> Trace {
        let json = serde_json::json!({ "label": label, "code": code, "time_ns": 0, "rt_ms": 1.0 });
        Trace::read(json.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn the_same_trace_is_the_same_object_and_another_is_not() {
        let id =
            |node: &str, run: u64, label: &str| TraceObject::new(node, run, &trace(label, "500")).unwrap().id;
        assert_eq!(id("n", 1, "a"), id("n", 1, "a"));
        assert_eq!(id("n", 1, "a").len(), 32);
        assert!(
            id("n", 1, "a") != id("n", 2, "a")
                && id("n", 1, "a") != id("m", 1, "a")
                && id("n", 1, "a") != id("n", 1, "b")
        );
    }

    #[test]
    fn two_files_are_two_objects_and_one_taken_again_is_the_same() {
        let of = |file: &str, error: &str| {
            let trace = Trace { file: file.to_owned(), error: error.to_owned(), ..trace("a", "500") };
            TraceObject::new("n", 1, &trace).unwrap().id
        };
        assert_ne!(of("trace-s-1.json", "x"), of("trace-s-2.json", "x"));
        let one = of("trace-s-1.json", "token=‹redacted:0123›.");
        assert_eq!(one, of("trace-s-1.json", "token=‹redacted:4567›."));
        assert_ne!(one, of("trace-s-1.json", "token=‹redacted:4567›!"));
    }

    #[test]
    fn a_files_name_is_one_name_whatever_the_label_is() {
        for (label, code, want) in [
            ("GET /cart", "500", "GET-cart-500-"),
            ("../../etc/passwd", "", "etc-passwd-"),
            ("...", "..", ""),
            (
                "購物車",
                "Non HTTP response code: java.net.SocketTimeoutException",
                "Non-HTTP-response-code-j-",
            ),
        ] {
            let trace = trace(label, code);
            let name = TraceObject::new("n", 1, &trace).unwrap().file_name(&trace);
            assert!(
                name.starts_with(want) && name.ends_with(".json") && !name.contains(['/', '\0']),
                "{name}"
            );
            assert_eq!(name.len(), want.len() + 8 + ".json".len());
        }
        let slow = Trace { why: Why::Slow, ..trace("GET /", "200") };
        assert!(TraceObject::new("n", 1, &slow).unwrap().file_name(&slow).starts_with("GET-200-slow-"));
    }
}
