//! Bodies that are not in a trace, and those of which a tool shows words in the place of the content of files.

use super::model::Message;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// JMeter's words for the content of a file.
const NOT_SHOWN: [&str; 2] = ["<actual file content, not shown here>", "<file has been uploaded>"];

/// Answers without a body, whatever their headers say.
const WITHOUT_BODY: [u16; 2] = [204, 304];

impl Message {
    /// Why its body is not here although it had one, a sentence; `request`: what it answers, if it is an answer.
    #[must_use]
    pub fn body_missing(&self, request: Option<&Self>) -> Option<String> {
        if self.body.is_some() {
            return None;
        }
        if let Some(bytes) = self.body_bytes {
            let why = "they are no text and may have a secret in them";
            return (bytes > 0).then(|| format!("{bytes} bytes that are not shown: {why}"));
        }
        let is_head = request.and_then(|request| request.method.as_deref()) == Some("HEAD");
        if is_head || self.status.is_some_and(|status| status < 200 || WITHOUT_BODY.contains(&status)) {
            return None;
        }
        // An empty one is not written either.
        let length: Option<u64> = self.header("content-length").and_then(|length| length.trim().parse().ok());
        length
            .filter(|bytes| *bytes > 0)
            .map(|bytes| format!("{bytes} bytes that are not here: the tool did not keep them"))
    }

    /// The first of that name, in whatever case.
    pub(super) fn header(&self, wanted: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.as_str())
    }

    /// Whether words stand in the body of a request for the content of files. What a server answers is what it answered.
    #[must_use]
    pub fn lacks_files(&self) -> bool {
        let is_request = self.url.is_some() || self.method.is_some();
        let Some(body) = self.body.as_ref().filter(|_| is_request) else { return false };
        match self.body_encoding {
            None => NOT_SHOWN.iter().any(|words| body.contains(words)),
            Some(_) => {
                STANDARD.decode(body).is_ok_and(|bytes| NOT_SHOWN.iter().any(|words| has(&bytes, words)))
            }
        }
    }

    /// Such words are text, whatever the content would have been, and the size is that of what was sent, where a header says it.
    pub(super) fn as_sent(&mut self) {
        if !self.lacks_files() {
            return;
        }
        let bytes = self.body.as_ref().filter(|_| self.body_encoding.is_some());
        let text = bytes.and_then(|body| String::from_utf8(STANDARD.decode(body).ok()?).ok());
        if text.is_some() {
            (self.body, self.body_encoding) = (text, None);
        }
        if let Some(sent) = self.header("content-length").and_then(|length| length.trim().parse().ok()) {
            self.body_bytes = Some(sent);
        }
    }
}

fn has(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|part| part == words.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::model::Trace;
    use super::*;
    use serde_json::json;

    fn read(body: &[u8], headers: serde_json::Value) -> Message {
        let request = json!({ "url": "http://x/", "headers": headers, "body": STANDARD.encode(body), "body_bytes": 37,
                              "body_encoding": "base64" });
        let json = json!({ "label": "a", "time_ns": 1, "rt_ms": 1, "request": request });
        Trace::read(json.to_string().as_bytes()).unwrap().request.unwrap()
    }

    #[test]
    fn a_body_that_is_not_here_is_told_from_one_that_is_empty() {
        let said = |method: &str, response: serde_json::Value| {
            let json = json!({ "label": "a", "time_ns": 1, "rt_ms": 1, "request": { "method": method, "url": "http://x/" }, "response": response });
            let trace = Trace::read(json.to_string().as_bytes()).unwrap();
            trace.response.unwrap().body_missing(trace.request.as_ref())
        };
        let length = |bytes: &str| json!([["Content-Length", bytes]]);
        let kept = said("GET", json!({ "status": 200, "headers": length("5000") })).unwrap();
        assert_eq!(kept, "5000 bytes that are not here: the tool did not keep them");
        let withheld = said("GET", json!({ "status": 200, "body_bytes": 84 })).unwrap();
        assert_eq!(withheld, "84 bytes that are not shown: they are no text and may have a secret in them");
        for (method, response) in [
            ("HEAD", json!({ "status": 200, "headers": length("5000") })),
            ("GET", json!({ "status": 304, "headers": length("5000") })),
            ("GET", json!({ "status": 500, "headers": length("0") })),
            ("GET", json!({ "status": 500, "headers": length("-5") })),
            ("GET", json!({ "status": 500 })),
            ("GET", json!({ "status": 500, "body": "x", "headers": length("5000") })),
        ] {
            assert_eq!(said(method, response.clone()), None, "{method} {response}");
        }
    }

    #[test]
    fn words_in_the_place_of_a_file_are_text_and_of_the_size_of_what_was_sent() {
        let words = NOT_SHOWN[0].as_bytes();
        let file = read(words, json!([["content-length", " 70000 "]]));
        assert_eq!((file.body.as_deref(), file.body_encoding.as_deref()), (Some(NOT_SHOWN[0]), None));
        assert_eq!(file.body_bytes, Some(70_000));
        assert!(file.lacks_files() && !file.is_cut(), "what is missing is a file, not an end");
        for headers in [json!([]), json!([["Content-Length", "-1"]])] {
            assert_eq!(read(words, headers).body_bytes, Some(37), "nobody knows better");
        }
        let mixed = read(&[words, b"\xff"].concat(), json!([]));
        assert!(mixed.lacks_files() && mixed.body_encoding.is_some());
        let other = read(b"\xff\0", json!([["Content-Length", "9"]]));
        assert!(!other.lacks_files() && other.body_bytes == Some(37));
    }
}
