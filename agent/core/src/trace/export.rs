//! A trace in forms that other tools read.

use super::model::{Message, Trace};
use crate::base::rfc3339;
use crate::base::time::Wall;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The request as a command of curl. Hidden values stay hidden: put your own in their place.
#[must_use]
pub fn curl(trace: &Trace) -> Option<String> {
    let request = trace.request.as_ref()?;
    let url = request.url.as_deref().filter(|url| !url.is_empty())?;
    let mut command =
        format!("curl -i -X {} {}", quoted(request.method.as_deref().unwrap_or("GET")), quoted(url));
    // curl makes these itself.
    const OWN: [&str; 3] = ["content-length", "connection", "host"];
    for (name, value) in
        request.headers.iter().filter(|(name, _)| !OWN.contains(&name.to_ascii_lowercase().as_str()))
    {
        let _ = write!(command, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
    }
    match (&request.body, &request.body_encoding) {
        (Some(body), None) => {
            let _ = write!(command, " \\\n  --data-raw {}", quoted(body));
        }
        (Some(body), Some(_)) => {
            command = format!("printf %s {} | base64 -d | {command} \\\n  --data-binary @-", quoted(body));
        }
        (None, _) => {}
    }
    Some(command)
}

/// For a shell: in single marks.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// An HTTP Archive 1.2 of it: its steps, and then what it came to.
#[must_use]
pub fn har(trace: &Trace) -> Value {
    let entries: Vec<Value> =
        trace.exchanges().map(|(request, response)| entry(trace, request, response)).collect();
    json!({ "log": {
        "version": "1.2",
        "creator": { "name": "gridnode", "version": env!("CARGO_PKG_VERSION") },
        "entries": entries,
        "comment": trace.error,
    } })
}

fn entry(trace: &Trace, request: Option<&Message>, response: Option<&Message>) -> Value {
    let none = Message::default();
    let (request, response) = (request.unwrap_or(&none), response.unwrap_or(&none));
    let size = |message: &Message| message.body_bytes.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(-1));
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
    if let Some(body) = &request.body {
        sent["postData"] = json!({ "mimeType": content_type(request), "text": body });
    }
    let mut content = json!({ "size": size(response), "mimeType": content_type(response), "text": response.body.as_deref().unwrap_or_default() });
    if let Some(encoding) = &response.body_encoding {
        content["encoding"] = json!(encoding);
    }
    json!({
        "startedDateTime": rfc3339::format(Wall(trace.time_ns)), "time": trace.rt_ms, "request": sent,
        "response": {
            "status": response.status.unwrap_or(0), "statusText": response.message.as_deref().unwrap_or_default(),
            "httpVersion": "HTTP/1.1", "cookies": [], "headers": headers(response), "content": content,
            "redirectURL": header(response, "location").unwrap_or_default(), "headersSize": -1, "bodySize": size(response),
        },
        "cache": {}, "timings": { "send": 0, "wait": trace.rt_ms, "receive": 0 }, "comment": trace.label,
    })
}

fn headers(message: &Message) -> Vec<Value> {
    message.headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn header<'m>(message: &'m Message, wanted: &str) -> Option<&'m str> {
    let found = message.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    found.map(|(_, value)| value.as_str())
}

fn content_type(message: &Message) -> &str {
    header(message, "content-type").unwrap_or_default()
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
    fn a_command_of_curl_is_safe_in_a_shell() {
        assert_eq!(
            curl(&trace()).unwrap(),
            "curl -i -X 'POST' 'http://shop/buy?a=1&b' \\\n  -H 'X-Name: O'\\''Hara' \\\n  --data-raw 'it'\\''s'"
        );
        assert_eq!(curl(&Trace { request: None, ..trace() }), None);
    }

    #[test]
    fn an_archive_has_all_of_it() {
        let har = har(&trace());
        let entries = har["log"]["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0]["response"]["redirectURL"], "/buy");
        assert_eq!(entries[1]["startedDateTime"], "2025-11-29T07:06:39.123Z");
        assert_eq!(entries[1]["request"]["queryString"][1], json!({ "name": "b", "value": "" }));
        assert_eq!(entries[1]["response"]["content"]["encoding"], "base64");
        assert_eq!(entries[1]["request"]["postData"]["text"], "it's");
    }
}
