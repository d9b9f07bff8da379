//! The `trace` and `object` lines of published clients ([`crate::wire::sump`], dialect 1a): one of a failure becomes a trace like
//! any other.
//!
//! What is in the JSON differs from client to client. Known names are put where they belong; all of it is kept, in the answer's
//! body, where no name says what the answer was.

use super::model::{Message, Trace};
use super::redact;
use crate::wire::sump::{Code, Record, Tags};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Map, Value};
use std::io::Read as _;

/// Decompressed; contract, section 1a.
const JSON_BYTES_MAX: u64 = 1 << 20;
/// What a body of ours may have.
const BODY_BYTES_MAX: usize = 64 << 10;

const GZIP: [u8; 2] = [0x1f, 0x8b];

type Fields = Map<String, Value>;

/// The trace in a line, with its arrival for a time; `None` where the sample has passed.
///
/// # Errors
/// What is wrong with it.
pub fn of_line(line: &[u8], arrived_ns: i64) -> Result<Option<Trace>, String> {
    let Ok(Record::Trace(record)) = Record::parse(line) else {
        return Err("it is no line of a trace".to_owned());
    };
    let fields = fields(record.value)?;
    let errors = record.error_count.or_else(|| number(&fields, &["error_count", "errorCount"]));
    let code = text(&fields, &["response_code", "responseCode", "code"]);
    let code = code.or_else(|| match record.code {
        Some(Code::Http(status)) => Some(status.to_string()),
        _ => None,
    });
    let code = code.unwrap_or_default();
    let is_failure = match errors {
        Some(errors) => errors > 0,
        None => code.parse::<u32>().map_or(!code.is_empty(), |code| code >= 400),
    };
    if !is_failure {
        return Ok(None);
    }
    let label = Tags::decode(record.tags).label.unwrap_or_default();
    let error =
        text(&fields, &["error", "error_message", "errorMessage", "failure_message", "response_message"]);
    let url = text(&fields, &["url", "URL", "request_url"]);
    let sent = text(&fields, &["request_data", "requestData", "sampler_data"]);
    let answered = text(&fields, &["response_data", "responseData", "response"]);
    let all = || serde_json::to_string_pretty(&Value::Object(fields.clone())).ok();
    let response = Message {
        status: code.parse().ok(),
        headers: headers(&fields, &["response_headers", "responseHeaders"]),
        ..body(answered.or_else(all))
    };
    let request = Message {
        method: text(&fields, &["method", "request_method"]),
        url,
        headers: headers(&fields, &["request_headers", "requestHeaders"]),
        ..body(sent)
    };
    let json = serde_json::json!({
        "label": label,
        "code": code,
        "error": error.unwrap_or_default(),
        "time_ns": arrived_ns,
        "rt_ms": number(&fields, &["response_time", "responseTime", "elapsed"]).unwrap_or(0),
        "thread": text(&fields, &["thread_name", "threadName", "thread"]).unwrap_or_default(),
        "request": (request != Message::default()).then_some(request),
        "response": response,
    });
    Trace::read(json.to_string().as_bytes()).map(Some)
}

fn fields(value: &[u8]) -> Result<Fields, String> {
    let packed = STANDARD.decode(value).map_err(|error| format!("it is no base64: {error}"))?;
    let mut json = Vec::new();
    if packed.starts_with(&GZIP) {
        let unpacked = GzDecoder::new(&*packed).take(JSON_BYTES_MAX + 1).read_to_end(&mut json);
        unpacked.map_err(|error| format!("its gzip stream is broken: {error}"))?;
    } else {
        json = packed;
    }
    if json.len() as u64 > JSON_BYTES_MAX {
        return Err(format!("it has more than {} KiB", JSON_BYTES_MAX >> 10));
    }
    serde_json::from_slice(&json).map_err(|error| format!("it is no JSON object: {error}"))
}

fn text(fields: &Fields, names: &[&str]) -> Option<String> {
    let value = names.iter().find_map(|name| fields.get(*name))?;
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => return None,
        other => other.to_string(),
    };
    (!text.is_empty()).then_some(text)
}

fn number(fields: &Fields, names: &[&str]) -> Option<u64> {
    text(fields, names)?.parse().ok()
}

/// As pairs, from one text with a line each or from an object.
fn headers(fields: &Fields, names: &[&str]) -> Vec<(String, String)> {
    match names.iter().find_map(|name| fields.get(*name)) {
        Some(Value::Object(named)) => named
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
        Some(Value::String(lines)) => {
            let pairs = lines.lines().filter_map(|line| line.split_once(':'));
            pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
        }
        _ => Vec::new(),
    }
}

fn body(text: Option<String>) -> Message {
    let Some(mut text) = text else { return Message::default() };
    let bytes = text.len() as u64;
    if let Some(cut) = (0..=BODY_BYTES_MAX).rev().find(|at| text.is_char_boundary(*at)) {
        let is_cut = cut < text.len();
        text.truncate(cut);
        if is_cut {
            text.truncate(redact::cut::whole(&text).len());
        }
    }
    Message { body: Some(text), body_bytes: Some(bytes), ..Message::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    fn line(measurement: &str, json: &str, fields: &str) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(json.as_bytes()).unwrap();
        let value = STANDARD.encode(gzip.finish().unwrap());
        format!("{measurement},account=1,flood=7,label=GET+%2Fcart value=\"{value}\"{fields}").into_bytes()
    }

    fn of(json: &str) -> Option<Trace> {
        of_line(&line("trace", json, ""), 7).unwrap()
    }

    #[test]
    fn a_failure_is_a_trace_and_a_success_is_none() {
        let failed = r#"{"label":"x","response_code":"500","error_count":"1","response_data":"<html>oops","url":"http://h/?a=1"}"#;
        let trace = of(failed).unwrap();
        assert_eq!((trace.label.as_str(), trace.code.as_str(), trace.time_ns), ("GET /cart", "500", 7));
        let response = trace.response.unwrap();
        assert_eq!((response.status, response.body.as_deref()), (Some(500), Some("<html>oops")));
        assert_eq!(trace.request.unwrap().url.as_deref(), Some("http://h/?a=1"));
        assert!(of(r#"{"label":"x","response_code":"200","error_count":"0","sample_count":"1"}"#).is_none());
        assert!(of(r#"{"response_code":200}"#).is_none());
        // Without a count the code says it.
        assert_eq!(of(r#"{"op":"x","responseCode":404,"objects":[]}"#).unwrap().code, "404");
        assert!(of_line(&line("object", r#"{"responseCode":404}"#, ",error_count=0i"), 7).unwrap().is_none());
        let by_the_line =
            |code| of_line(&line("object", r#"{"a":[]}"#, code), 7).unwrap().map(|trace| trace.code);
        assert_eq!(by_the_line(",response_code=\"506\""), Some("506".to_owned()));
        assert_eq!(by_the_line(",response_code=\"200\""), None);
    }

    #[test]
    fn what_has_no_known_name_is_kept_as_it_is() {
        let trace =
            of(r#"{"responseCode":503,"op":"click","objects":["a"],"request_headers":"Host: h\nX-A: b"}"#)
                .unwrap();
        let body = trace.response.unwrap().body.unwrap();
        assert!(body.contains("\"op\": \"click\"") && body.contains("\"objects\""), "{body}");
        assert_eq!(trace.request.unwrap().headers[1], ("X-A".to_owned(), "b".to_owned()));
    }

    #[test]
    fn bodies_are_cut_and_bombs_refused() {
        let long = format!(r#"{{"error_count":1,"response_data":"{}"}}"#, "é ".repeat(40_000));
        let response = of(&long).unwrap().response.unwrap();
        assert_eq!(response.body_bytes, Some(120_000));
        assert_eq!(response.body.unwrap().len(), BODY_BYTES_MAX - 1, "up to its last blank");
        let bomb = format!(r#"{{"error_count":1,"a":"{}"}}"#, " ".repeat(2 << 20));
        assert!(of_line(&line("trace", &bomb, ""), 7).unwrap_err().contains("KiB"));
        for wrong in
            ["trace,flood=7,label=a value=\"%%\"", "trace,flood=7,label=a value=\"aGVsbG8=\"", "sample"]
        {
            assert!(of_line(wrong.as_bytes(), 7).is_err(), "{wrong}");
        }
        assert!(of_line(&line("trace", "[1]", ""), 7).unwrap_err().contains("JSON object"));
    }
}
