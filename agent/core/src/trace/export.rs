//! A trace in forms that other tools read.

mod curl;

pub use curl::{NoCommand, curl};

use super::model::{Message, Trace};
use crate::base::rfc3339;
use crate::base::terminal::acts;
use crate::base::time::Wall;
use serde_json::{Value, json};

/// An HTTP Archive 1.2 of some, as text in which a terminal has nothing to act upon.
#[must_use]
pub fn har_text(traces: &[Trace]) -> String {
    let text = format!("{:#}", har(traces));
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => safe.push(c),
            // Within strings only; none of them takes two of JSON's units.
            _ if acts(c) => safe.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => safe.push(c),
        }
    }
    safe
}

/// An HTTP Archive 1.2: of each its steps, and then what it came to, in the order of their times.
fn har(traces: &[Trace]) -> Value {
    let mut by_time: Vec<&Trace> = traces.iter().collect();
    by_time.sort_by_key(|trace| trace.time_ns);
    let comment = match by_time[..] {
        [trace] => said(trace),
        _ => format!("{} error traces", by_time.len()),
    };
    let entries = |trace: &&Trace| -> Vec<Value> {
        let steps = trace.steps.iter().map(|step| {
            let mut step = entry(trace, step.request.as_ref(), step.response.as_ref());
            // All that is known of its time is that of the whole.
            step["time"] = json!(0);
            step["timings"] = json!({ "send": 0, "wait": 0, "receive": 0, "comment": "not known: the last request of this label has the time of all" });
            step
        });
        let mut last = entry(trace, trace.request.as_ref(), trace.response.as_ref());
        if by_time.len() > 1 {
            last["comment"] = json!(format!("{}: {}", trace.label, said(trace)));
        }
        steps.chain([last]).collect()
    };
    json!({ "log": {
        "version": "1.2",
        "creator": { "name": "gridnode", "version": env!("CARGO_PKG_VERSION") },
        "entries": by_time.iter().flat_map(entries).collect::<Vec<_>>(),
        "comment": comment,
    } })
}

/// What failed, and how much of it is not here.
fn said(trace: &Trace) -> String {
    match trace.steps_omitted {
        0 => trace.error.clone(),
        omitted => format!("{} ({omitted} more of its requests are not here)", trace.error),
    }
}

fn entry(trace: &Trace, request: Option<&Message>, response: Option<&Message>) -> Value {
    let none = Message::default();
    let unanswered = trace.unanswered(request, response);
    // A message would look like one of a server.
    let response = response.filter(|_| unanswered.is_none());
    let (request, response) = (request.unwrap_or(&none), response.unwrap_or(&none));
    let url = request.url.as_deref().unwrap_or_default();
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        json!({ "name": name, "value": value })
    });
    let mut sent = json!({
        "method": request.method.as_deref().unwrap_or("GET"), "url": url, "httpVersion": "HTTP/1.1", "cookies": [],
        "headers": headers(request), "queryString": query.collect::<Vec<_>>(), "headersSize": -1, "bodySize": size(request),
    });
    if request.method.is_none() && !url.is_empty() {
        sent["comment"] = json!("how it was asked for is not in the trace");
    }
    if let Some(body) = &request.body {
        sent["postData"] = json!({ "mimeType": content_type(request), "text": body });
        note_cut(&mut sent["postData"], request);
    } else if let Some(why) = request.body_missing(None) {
        sent["comment"] = json!(why);
    }
    let mut content = json!({ "size": size(response), "mimeType": content_type(response), "text": response.body.as_deref().unwrap_or_default() });
    if let Some(encoding) = &response.body_encoding {
        content["encoding"] = json!(encoding);
    }
    note_cut(&mut content, response);
    if let Some(why) = response.body_missing(Some(request)) {
        content["comment"] = json!(why);
    }
    let mut entry = json!({
        "startedDateTime": rfc3339::format(Wall(trace.time_ns)), "time": trace.rt_ms.max(0.0), "request": sent,
        "response": {
            "status": response.status.unwrap_or(0), "statusText": response.message.as_deref().unwrap_or_default(),
            "httpVersion": "HTTP/1.1", "cookies": [], "headers": headers(response), "content": content,
            "redirectURL": response.header("location").unwrap_or_default(), "headersSize": -1, "bodySize": size(response),
        },
        "cache": {}, "timings": { "send": 0, "wait": trace.rt_ms.max(0.0), "receive": 0 }, "comment": trace.label,
    });
    if let Some(why) = unanswered {
        // As browsers write it.
        entry["response"]["_error"] = json!(why);
    }
    entry
}

/// Bytes of a body; one that is not there has as many as its header says, if that is none. Else nobody knows: -1.
fn size(message: &Message) -> i64 {
    let is_empty = || message.header("content-length").is_some_and(|length| length.trim() == "0");
    match message.body_bytes {
        Some(bytes) => i64::try_from(bytes).unwrap_or(-1),
        None if message.body.is_none() && is_empty() => 0,
        None => -1,
    }
}

/// What an archive has no field for: that a body is not all of it, or not what was sent.
fn note_cut(part: &mut Value, message: &Message) {
    if message.lacks_files() {
        part["comment"] = json!("the content of files is not in the trace");
    }
    if message.is_cut() {
        let (shown, bytes) = (message.shown_bytes(), message.body_bytes.unwrap_or_default());
        part["comment"] = json!(format!("the body is cut: the first {shown} of its {bytes} bytes are here"));
    }
}

fn headers(message: &Message) -> Vec<Value> {
    message.headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn content_type(message: &Message) -> &str {
    message.header("content-type").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace() -> Trace {
        let json = json!({
            "label": "buy", "time_ns": 1_764_399_999_123_456_789_i64, "rt_ms": 12.5, "error": "Internal Server Error",
            "request": { "method": "POST", "url": "http://shop/buy?a=1&b", "headers": [["Host", "shop"], ["X-Name", "O'Hara"]],
                         "body": "it's", "body_bytes": 4 },
            "response": { "status": 500, "headers": [["Content-Type", "image/png"]], "body": "AAA=", "body_bytes": 2,
                          "body_encoding": "base64" },
            "steps": [{ "request": { "url": "http://shop/old" }, "response": { "status": 302, "headers": [["Location", "/buy"]] } }],
        });
        Trace::read(json.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn an_archive_has_all_of_it() {
        let har = har(&[trace()]);
        let entries = har["log"]["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0]["response"]["redirectURL"], "/buy");
        assert_eq!(entries[1]["startedDateTime"], "2025-11-29T07:06:39.123Z");
        assert_eq!(entries[1]["request"]["queryString"][1], json!({ "name": "b", "value": "" }));
        assert_eq!(entries[1]["response"]["content"]["encoding"], "base64");
        assert_eq!(entries[1]["request"]["postData"]["text"], "it's");
    }

    #[test]
    fn an_archive_of_several_has_all_of_them_by_time() {
        let earlier = Trace { time_ns: 5, label: "first".to_owned(), ..trace() };
        let har = har(&[trace(), earlier]);
        let entries = har["log"]["entries"].as_array().unwrap();
        let said: Vec<&str> = entries.iter().map(|entry| entry["comment"].as_str().unwrap()).collect();
        assert_eq!(said, ["first", "first: Internal Server Error", "buy", "buy: Internal Server Error"]);
        assert_eq!((&entries[0]["time"], &entries[1]["time"]), (&json!(0), &json!(12.5)));
        assert_eq!(har["log"]["comment"], "2 error traces");
    }

    #[test]
    fn an_archive_says_of_a_body_that_is_not_here_how_large_it_was() {
        let json = json!({
            "label": "a", "time_ns": 1, "rt_ms": 1, "request": { "method": "GET", "url": "http://x/" },
            "response": { "status": 200, "body_bytes": 84 },
        });
        let har = har(&[Trace::read(json.to_string().as_bytes()).unwrap()]);
        let content = &har["log"]["entries"][0]["response"]["content"];
        assert_eq!(content["size"], 84);
        assert!(content["comment"].as_str().unwrap().starts_with("84 bytes that are not shown"), "{content}");
    }

    #[test]
    fn an_archive_says_where_nothing_was_answered() {
        let json = json!({
            "label": "a", "time_ns": 1, "rt_ms": 1, "code": "Non HTTP response code: java.net.ConnectException",
            "error": "ConnectException: refused", "request": { "method": "GET", "url": "http://x/" },
            "response": { "message": "Non HTTP response message: refused" },
        });
        let har = har(&[Trace::read(json.to_string().as_bytes()).unwrap()]);
        let response = &har["log"]["entries"][0]["response"];
        assert_eq!((&response["status"], &response["statusText"]), (&json!(0), &json!("")));
        assert_eq!(response["_error"], "ConnectException: refused");
    }

    #[test]
    fn an_archive_says_that_a_body_is_empty_or_cut() {
        let json = json!({
            "label": "a", "time_ns": 1, "rt_ms": 1, "request": { "url": "http://x/", "body": "long", "body_bytes": 5_000_000 },
            "response": { "status": 500, "headers": [["content-length", "0"]] },
        });
        let har = har(&[Trace::read(json.to_string().as_bytes()).unwrap()]);
        let entry = &har["log"]["entries"][0];
        assert_eq!(
            entry["request"]["postData"]["comment"],
            "the body is cut: the first 4 of its 5000000 bytes are here"
        );
        assert_eq!(
            (&entry["response"]["bodySize"], &entry["response"]["content"]["size"]),
            (&json!(0), &json!(0))
        );
        assert_eq!(entry["response"]["content"]["comment"], Value::Null);
    }

    #[test]
    fn an_archive_says_that_a_file_is_not_in_it() {
        // `<actual file content, not shown here>`, as a plug-in writes what a plan says to be no text.
        let json = json!({
            "label": "a", "time_ns": 1, "rt_ms": 1,
            "request": { "url": "http://x/", "headers": [["Content-Length", "5000"]], "body_bytes": 37, "body_encoding": "base64",
                         "body": "PGFjdHVhbCBmaWxlIGNvbnRlbnQsIG5vdCBzaG93biBoZXJlPg==" },
        });
        let har = har(&[Trace::read(json.to_string().as_bytes()).unwrap()]);
        let request = &har["log"]["entries"][0]["request"];
        assert_eq!(request["postData"]["comment"], "the content of files is not in the trace");
        assert_eq!(request["postData"]["text"], "<actual file content, not shown here>");
        assert_eq!(request["bodySize"], 5000);
    }

    #[test]
    fn the_text_of_an_archive_has_nothing_that_a_terminal_acts_upon() {
        let trace = Trace { label: "\u{1b}[31m\u{9b}x\u{202e}".to_owned(), ..trace() };
        let text = har_text(std::slice::from_ref(&trace));
        assert!(text.chars().all(|c| c == '\n' || !acts(c)));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), har(&[trace]));
    }
}
