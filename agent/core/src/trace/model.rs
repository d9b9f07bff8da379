//! A trace as it is written: by a plug-in, and again by the agent.

use super::body::{self, BASE64, Shown};
use super::browser::{CONSOLE_MAX, ConsoleEntry, png};
use super::redact::{MARK, Redactor};
use crate::base::ids::LabelId;
use crate::base::json::is_zero;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes of a plug-in's file, with a picture; what is larger is no trace.
pub const FILE_BYTES_MAX: usize = 8 << 20;
/// Without its picture. Bodies are cut at 64 KiB.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// Of a body: plug-ins cut it there.
const BODY_BYTES_MAX: u64 = 64 << 10;
/// Redirects and embedded resources that are kept.
const STEPS_MAX: usize = 10;
/// Headers of a message that are kept.
const HEADERS_MAX: usize = 100;
/// Failures that a file can tell of: what says more was not written by a plug-in.
pub const SUPPRESSED_MAX: u64 = 1_000_000_000;
/// What connects a request with the target's own records.
const CORRELATION: [&str; 4] = ["traceparent", "x-request-id", "x-amzn-trace-id", "server-timing"];

/// One sample in full. Fields that are not known are left out when it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The flood; the agent writes its own.
    #[serde(default)]
    pub flood: String,
    /// The sample's label.
    pub label: String,
    /// Its start, ns since 1970.
    pub time_ns: i64,
    /// Its response time, ms.
    pub rt_ms: f64,
    /// As the tool says it: `500`, `none`, an exception's name.
    #[serde(default)]
    pub code: String,
    /// The error text.
    #[serde(default)]
    pub error: String,
    /// The user that sent it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub thread: String,
    /// Why it is shown.
    #[serde(default)]
    pub why: Why,
    /// Failures of this kind since the last one that was shown.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub suppressed: u64,
    /// What was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Message>,
    /// What was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Message>,
    /// Assertions that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assertions: Vec<Assertion>,
    /// Redirects and embedded resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// More of them that are not here.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub steps_omitted: u64,
    /// `traceparent`, `x-request-id`, `x-amzn-trace-id` and `server-timing`, where they were.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub correlation: BTreeMap<String, String>,
    /// Of a browser.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub console: Vec<ConsoleEntry>,
    /// Of the label as its samples have it: in `label` a secret may be hidden.
    #[serde(default, skip_serializing)]
    pub label_id: Option<LabelId>,
    /// The name of the file it was in: two failures may be the same in all that is shown of them.
    #[serde(skip)]
    pub file: String,
    /// What a browser showed. The last one: it is long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screenshot_png_base64: Option<String>,
}

/// Why a sample is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// It failed.
    #[default]
    Failed,
    /// It was slow.
    Slow,
}

/// A request or a response.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Message {
    /// Of a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Of a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Of a response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Of a response: its reason phrase, or why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// In their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Cut at 64 KiB. None where it is no text and may have a secret in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Its true size, bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<u64>,
    /// `base64` where the body is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_encoding: Option<String>,
}

/// An assertion that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assertion {
    /// Its name in the plan.
    #[serde(default)]
    pub name: String,
    /// What it says.
    #[serde(default)]
    pub message: String,
}

/// A request within the sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Message>,
    /// What was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Message>,
}

impl Trace {
    /// Reads a plug-in's file, which a customer's script may have written as well.
    ///
    /// # Errors
    /// With what is wrong with it.
    pub fn read(file: &[u8]) -> Result<Self, String> {
        if file.len() > FILE_BYTES_MAX {
            return Err(format!("it is larger than {} KiB", FILE_BYTES_MAX >> 10));
        }
        let trace = Self::parse(file)?;
        let picture_bytes = trace.screenshot_png_base64.as_ref().map_or(0, String::len);
        if file.len() - picture_bytes.min(file.len()) > TEXT_BYTES_MAX {
            return Err(format!("without its picture it is larger than {} KiB", TEXT_BYTES_MAX >> 10));
        }
        Ok(trace)
    }

    /// What the browser showed, a PNG.
    #[must_use]
    pub fn picture(&self) -> Option<Vec<u8>> {
        self.screenshot_png_base64.as_deref().and_then(png)
    }

    /// The same without a bound on its size: what the agent writes is indented, and so larger.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let begins = json.iter().find(|byte| !byte.is_ascii_whitespace());
        // A list would be read as fields without names, and what is said of it would be of no use.
        if begins != Some(&b'{') && serde_json::from_slice::<IgnoredAny>(json).is_ok() {
            return Err("an object is due".to_owned());
        }
        let mut trace: Self = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if !trace.rt_ms.is_finite() {
            return Err("`rt_ms` is no number".to_owned());
        }
        for (what, count) in [("suppressed", trace.suppressed), ("steps_omitted", trace.steps_omitted)] {
            if count > SUPPRESSED_MAX {
                return Err(format!("`{what}` is more than {SUPPRESSED_MAX}"));
            }
        }
        trace.steps_omitted += trace.steps.len().saturating_sub(STEPS_MAX) as u64;
        trace.steps.truncate(STEPS_MAX);
        if let Some(wrong) = trace.messages().find_map(Message::wrong) {
            return Err(wrong);
        }
        let steps = trace.steps.iter_mut().flat_map(|step| [&mut step.request, &mut step.response]);
        let all = [&mut trace.request, &mut trace.response].into_iter().chain(steps);
        all.flatten().for_each(|message| {
            message.as_sent();
            message.headers.truncate(HEADERS_MAX);
        });
        trace.correlation.retain(|name, _| CORRELATION.contains(&name.as_str()));
        trace.console.truncate(CONSOLE_MAX);
        Ok(trace)
    }

    /// What was sent and answered: of its steps, and then of the sample itself.
    pub fn exchanges(&self) -> impl Iterator<Item = (Option<&Message>, Option<&Message>)> {
        let steps = self.steps.iter().map(|step| (step.request.as_ref(), step.response.as_ref()));
        steps.chain([(self.request.as_ref(), self.response.as_ref())])
    }

    fn messages(&self) -> impl Iterator<Item = &Message> {
        self.exchanges().flat_map(|(request, response)| [request, response]).flatten()
    }

    /// The same without secrets. What is hidden already stays as it is.
    #[must_use]
    pub fn redacted(self, redactor: &Redactor) -> Self {
        let text = |text: &str| redactor.text(text);
        let message = |message: Option<Message>| message.map(|message| message.redacted(redactor));
        let assertion = |it: Assertion| Assertion { name: text(&it.name), message: text(&it.message) };
        let entry = |it: ConsoleEntry| ConsoleEntry {
            level: text(&it.level),
            source: text(&it.source),
            text: text(&it.text),
        };
        let step = |step: Step| Step { request: message(step.request), response: message(step.response) };
        Self {
            label: text(&self.label),
            code: text(&self.code),
            error: text(&self.error),
            thread: text(&self.thread),
            request: message(self.request),
            response: message(self.response),
            assertions: self.assertions.into_iter().map(assertion).collect(),
            steps: self.steps.into_iter().map(step).collect(),
            correlation: self.correlation.into_iter().map(|(name, value)| (name, text(&value))).collect(),
            console: self.console.into_iter().map(entry).collect(),
            ..self
        }
    }
}

impl Message {
    /// Whether there was more of the body than is here. What stands for a secret may be shorter than it was: then only what was
    /// too long tells.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        let (Some(body), Some(bytes)) = (&self.body, self.body_bytes) else { return false };
        let shown_bytes = match self.body_encoding {
            Some(_) => body.len() / 4 * 3,
            None => body.len(),
        };
        let is_whole = self.body_encoding.is_none() && body.contains(MARK) && bytes <= BODY_BYTES_MAX;
        bytes > shown_bytes as u64 && !is_whole && !self.lacks_files()
    }

    /// Whether nothing of it came over a wire.
    pub(super) fn is_empty(&self) -> bool {
        self.status.is_none() && self.headers.is_empty() && self.body_bytes.unwrap_or(0) == 0
    }

    /// What is wrong with its body.
    fn wrong(&self) -> Option<String> {
        let encoding = self.body_encoding.as_deref()?;
        if encoding != BASE64 {
            return Some(format!("`body_encoding` is neither absent nor `{BASE64}`"));
        }
        let is_wrong = self.body.as_deref().is_some_and(|body| !body::is_base64(body));
        is_wrong.then(|| format!("`body` is no {BASE64}"))
    }

    fn content_type(&self) -> &str {
        self.header("content-type").unwrap_or_default()
    }

    /// How much of a body that is cut is here, of what it was before secrets were hidden, bytes.
    #[must_use]
    pub fn shown_bytes(&self) -> u64 {
        let body = self.body.as_deref().unwrap_or_default();
        match self.body_encoding {
            Some(_) => body.len() as u64 / 4 * 3,
            None if body.contains(MARK) => BODY_BYTES_MAX.min(self.body_bytes.unwrap_or(0)),
            None => body.len() as u64,
        }
    }

    fn redacted(self, redactor: &Redactor) -> Self {
        let text = |text: String| redactor.text(&text);
        let (body, body_encoding) = match (&self.body, &self.body_encoding) {
            (Some(body), None) => (Some(redactor.text(body)), None),
            (Some(body), Some(_)) => match body::shown(body, self.content_type(), redactor) {
                Shown::Text(text) => (Some(text), None),
                Shown::Binary => (Some(body.clone()), Some(BASE64.to_owned())),
                Shown::Nothing => (None, None),
            },
            (None, _) => (None, None),
        };
        let header = |(name, value): (String, String)| {
            let value = redactor.header(&name, &value);
            (name, value)
        };
        Self {
            method: self.method.map(text),
            url: self.url.map(text),
            message: self.message.map(text),
            headers: self.headers.into_iter().map(header).collect(),
            body,
            body_encoding,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SMALL: &str = r#"{"label":"GET /cart","time_ns":5,"rt_ms":1.5,"unknown":[1],"correlation":{"traceparent":"00-a","host":"x"}}"#;

    #[test]
    fn json_that_is_no_object_is_no_trace() {
        for json in ["[]", " [1, 2]", "5", "null", "\"trace\""] {
            assert_eq!(Trace::parse(json.as_bytes()).unwrap_err(), "an object is due", "{json}");
        }
        assert_ne!(Trace::parse(b"[").unwrap_err(), "an object is due", "it is no JSON at all");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let trace = Trace::read(SMALL.as_bytes()).unwrap();
        assert_eq!((trace.why, trace.suppressed, trace.correlation.len()), (Why::Failed, 0, 1));
        let written = serde_json::to_string(&trace).unwrap();
        assert_eq!(
            written,
            r#"{"flood":"","label":"GET /cart","time_ns":5,"rt_ms":1.5,"code":"","error":"","why":"failed","correlation":{"traceparent":"00-a"}}"#
        );
    }

    #[test]
    fn what_is_no_trace_says_why() {
        let deep = format!(r#"{{"label":{}{}"#, "[".repeat(100_000), "]".repeat(100_000));
        let large = format!(r#"{{"label":"{}"}}"#, "x".repeat(FILE_BYTES_MAX));
        let long = format!(r#"{{"label":"{}","time_ns":1,"rt_ms":1}}"#, "x".repeat(TEXT_BYTES_MAX));
        for (file, word) in [
            (&b""[..], "EOF"),
            (b"\xff\xfe", "expected value"),
            (br#"{"label":"a","time_ns":1}"#, "rt_ms"),
            (br#"{"label":"a","time_ns":1.5,"rt_ms":1}"#, "floating point"),
            (br#"{"label":"a","time_ns":1,"rt_ms":1,"suppressed":1000000001}"#, "suppressed"),
            (br#"{"label":"a","time_ns":1,"rt_ms":1,"label_id":"+123456789abcdef"}"#, "16 hex digits"),
            (deep.as_bytes(), "invalid type"),
            (large.as_bytes(), "larger than 8192 KiB"),
            (long.as_bytes(), "larger than 1024 KiB"),
        ] {
            let error = Trace::read(file).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn secrets_are_gone_from_every_field() {
        let place = |name: &str| format!("{name} password=canary");
        let message = || Message {
            method: Some(place("method")),
            url: Some(place("/cart?a=1&")),
            status: Some(500),
            message: Some(place("message")),
            headers: vec![("Cookie".to_owned(), "a=canary".to_owned()), ("X".to_owned(), place(""))],
            body: Some(r#"{"password":"canary"}"#.to_owned()),
            body_bytes: Some(21),
            body_encoding: None,
        };
        let trace = Trace {
            label: place("label"),
            code: place("code"),
            error: place("error"),
            thread: place("thread"),
            request: Some(message()),
            response: Some(message()),
            assertions: vec![Assertion { name: place("name"), message: place("text") }],
            steps: vec![Step { request: Some(message()), response: Some(message()) }],
            correlation: BTreeMap::from([("traceparent".to_owned(), place("00"))]),
            console: vec![ConsoleEntry {
                level: place("level"),
                source: place("source"),
                text: place("text"),
            }],
            ..Trace::read(SMALL.as_bytes()).unwrap()
        };
        let redactor = Redactor::new(b"key", &[]);
        let shown = trace.clone().redacted(&redactor);
        let text = serde_json::to_string(&shown).unwrap();
        assert!(!text.contains("canary"), "{text}");
        assert_eq!(
            text.matches("‹redacted:").count(),
            serde_json::to_string(&trace).unwrap().matches("canary").count()
        );
        assert_eq!(shown.clone().redacted(&redactor), shown);
    }

    #[test]
    fn a_body_that_is_no_text_is_looked_at() {
        let read = |kind: &str, body: &str, encoding: &str| {
            let message = serde_json::json!({ "headers": [["content-type", kind]], "body": body, "body_bytes": 9,
                                              "body_encoding": encoding });
            let json = serde_json::json!({ "label": "a", "time_ns": 1, "rt_ms": 1, "steps": [{ "response": message }] });
            Trace::read(json.to_string().as_bytes())
        };
        for (encoding, body, word) in
            [("", "aGk=", "encoding"), ("x", "aGk=", "encoding"), ("base64", "?", "no base64")]
        {
            assert!(read("image/png", body, encoding).unwrap_err().contains(word), "{encoding}");
        }
        let redactor = Redactor::new(b"key", &[]);
        let shown = |kind: &str, body: &[u8]| {
            let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, body);
            let once = read(kind, &body, "base64").unwrap().redacted(&redactor);
            assert_eq!(once.clone().redacted(&redactor), once, "{kind}");
            let response = once.steps[0].response.clone().unwrap();
            assert_eq!(response.body_bytes, Some(9));
            (response.body_encoding.is_some(), response.body.unwrap_or_default())
        };
        let latin = b"{\"a\":\"K\xe4se\",\"password\":\"canary\"}";
        for kind in ["application/json; charset=utf-8", "", "text/html"] {
            let (is_base64, body) = shown(kind, latin);
            assert!(!is_base64 && body.contains("Käse") && !body.contains("canary"), "{body}");
        }
        for kind in ["application/graphql", "application/x-yaml", "application/csv", "application/ecmascript"]
        {
            assert_eq!(shown(kind, b"a: 1\nb: 2"), (false, "a: 1\nb: 2".to_owned()), "{kind}");
        }
        let wide =
            "{\"a\":\"K\u{e4}se \u{2013} \u{1f600}\",\"b\":\"some more text\",\"password\":\"canary\"}";
        let little: Vec<u8> = wide.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = wide.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for kind in ["text/plain", "", "application/json; charset=utf-16", "application/octet-stream"] {
            for bytes in
                [&little[..], &big, &little[..little.len() - 5], &[b"\xff\xfe", &little[..]].concat()]
            {
                let (is_base64, body) = shown(kind, bytes);
                let begins = body.starts_with("{\"a\":\"K\u{e4}se \u{2013} \u{1f600}\"");
                assert!(!is_base64 && begins && !body.contains("canary"), "{kind}: {body}");
            }
        }
        assert_eq!(shown("application/octet-stream", &[0; 9]), (true, "AAAAAAAAAAAA".to_owned()));
        assert_eq!(shown("application/octet-stream", b"\x01\0\x02\0"), (true, "AQACAA==".to_owned()));
        let named = b"\x0a\x08password\x12\x06canary\xff";
        let card = b"\xff\x12\x10 4111111111111111\x01";
        for (kind, body) in
            [("application/x-protobuf", &named[..]), ("", named), ("application/octet-stream", card)]
        {
            assert_eq!(shown(kind, body), (false, String::new()), "{kind}");
        }
        assert_eq!(shown("application/gzip", b"\x1f\x8b\x08"), (false, String::new()));
        assert_eq!(shown("application/octet-stream", b"\xff\x01 pin"), (true, "/wEgcGlu".to_owned()));
        assert_eq!(shown("image/png", b"\xffpassword"), (true, "/3Bhc3N3b3Jk".to_owned()));
        assert_eq!(shown("application/pdf", b"%PDF-1.4"), (true, "JVBERi0xLjQ=".to_owned()));
        assert_eq!(shown("image/png", b"\x89PNG\r\n\x1a\n"), (true, "iVBORw0KGgo=".to_owned()));
        // An error under the type of what was asked for; a cut has taken the end of its last character.
        for kind in ["image/png", "font/woff2", "audio/mpeg", "application/pdf", "application/zip"] {
            let (is_base64, body) = shown(kind, b"password=canary&a=K\xc3\xa4se\xe2\x82");
            assert!(!is_base64 && body.ends_with("&a=Käse") && !body.contains("canary"), "{kind}: {body}");
        }
    }

    #[test]
    fn a_picture_is_no_text_and_may_be_long() {
        let mut trace = Trace::read(SMALL.as_bytes()).unwrap();
        // What its first bytes are in base64.
        trace.screenshot_png_base64 = Some(format!("iVBORw0KGgoA{}", "AAAA".repeat(500_000)));
        let file = serde_json::to_vec(&trace).unwrap();
        assert!(file.len() > TEXT_BYTES_MAX);
        assert_eq!(Trace::read(&file).unwrap().picture().unwrap().len(), 9 + 1_500_000);
    }

    proptest! {
        #[test]
        fn any_file_is_survived(file in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,60}") {
            let _ = Trace::read(&file);
            let _ = Trace::read(SMALL.replace("GET /cart", &text).as_bytes());
        }
    }
}
