//! A trace's request as a command of curl that is safe to paste: all of it comes from outside.
//!
//! What curl itself would read as something else (another protocol, a file after `@`, an option) does not get into it, nor what a
//! terminal acts upon.

use crate::base::terminal::acts;
use crate::trace::model::{Message, Trace};
use crate::trace::redact::MARK;
use std::fmt::Write as _;

/// Why there is no command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCommand {
    /// A browser's trace, or one whose tool did not tell.
    #[error("the trace has no request with a URL, so there is no command of curl")]
    NoUrl,
    /// What a plan writes into its trace is not to have curl read files.
    #[error("the URL of the trace begins with neither http:// nor https://, so there is no command of curl")]
    OtherUrl,
}

/// The request as a command of curl. Hidden values stay hidden: put your own in their place.
///
/// # Errors
/// When there is no request over HTTP in it.
pub fn curl(trace: &Trace) -> Result<String, NoCommand> {
    let request = trace.request.as_ref().ok_or(NoCommand::NoUrl)?;
    let url = request.url.as_deref().filter(|url| !url.is_empty()).ok_or(NoCommand::NoUrl)?;
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(NoCommand::OtherUrl);
    }
    let method = method_of(request).unwrap_or("GET");
    let is_head = method == "HEAD";
    // Braces and brackets in a URL are no patterns of it. With another word for HEAD, curl would wait for a body.
    let mut command = "curl -i -g".to_owned();
    command += &if is_head { " -I".to_owned() } else { format!(" -X {}", quoted(method)) };
    // Dots in a path would be taken for directories.
    command += if url.contains("/.") { " --path-as-is" } else { "" };
    let _ = write!(command, " --url {}", quoted(&in_a_url(url)));
    headers(request, url, &mut command);
    let body = request.body.as_ref().filter(|_| !is_head);
    for name in unsent(request, body.is_some()) {
        let _ = write!(command, " \\\n  -H '{name}:'");
    }
    match (body, &request.body_encoding) {
        (Some(body), None) if body.chars().any(|c| is_odd(c) || c == '\0') => {
            command = format!("printf {} | {command} \\\n  --data-binary @-", printed(body));
        }
        (Some(body), None) => {
            let _ = write!(command, " \\\n  --data-raw {}", quoted(body));
        }
        (Some(body), Some(_)) => {
            command = format!("printf %s {} | base64 -d | {command} \\\n  --data-binary @-", quoted(body));
        }
        (None, _) => {}
    }
    Ok(remarks(request, is_head) + &command)
}

/// One that can be sent.
fn method_of(request: &Message) -> Option<&str> {
    request.method.as_deref().filter(|method| is_token(method))
}

/// In what it is not the request that was sent, as comments.
fn remarks(request: &Message, is_head: bool) -> String {
    let body = request.body.as_deref().unwrap_or_default();
    let bytes = request.body_bytes.unwrap_or(0);
    let mut remarks = String::new();
    if request.method.is_some() && method_of(request).is_none() {
        // It is not repeated: a line could end in it.
        remarks.push_str("# the method in the trace is none of HTTP: GET stands in its place\n");
    }
    if bytes > 0 && request.body.is_none() {
        let _ = writeln!(remarks, "# the body ({bytes} bytes) is not in the trace");
    } else if request.is_cut() {
        let _ = writeln!(remarks, "# the body was cut: {} of {bytes} bytes", body.len());
    }
    if request.lacks_files() {
        remarks.push_str("# the content of files is not in the trace\n");
    }
    if is_head && bytes > 0 {
        remarks.push_str("# curl sends no body with HEAD\n");
    }
    let mut texts = request.headers.iter().map(|(_, value)| value.as_str()).chain([body]);
    if texts.any(|text| text.contains(MARK)) || request.url.as_ref().is_some_and(|url| url.contains(MARK)) {
        remarks.push_str("# put values in the place of what is hidden\n");
    }
    if request.method.is_none() && request.headers.is_empty() && request.body.is_none() {
        remarks.push_str(
            "# how it was asked for is not in the trace (a browser's page): this opens its address\n",
        );
    }
    remarks
}

/// Headers that curl sends of itself; after a colon and nothing it leaves one out. A trace that has no headers at all does not
/// tell that none of the last two was sent.
fn unsent(request: &Message, has_body: bool) -> impl Iterator<Item = &'static str> {
    let has_headers = !request.headers.is_empty();
    let curls = [("Content-Type", has_body), ("Accept", has_headers), ("User-Agent", has_headers)];
    let is_there = |wanted: &str| request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    curls.into_iter().filter(move |(name, is_due)| *is_due && !is_there(name)).map(|(name, _)| name)
}

fn headers(request: &Message, url: &str, command: &mut String) {
    // curl makes these itself.
    const OWN: [&str; 2] = ["content-length", "connection"];
    let authority =
        url.split("//").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    for (name, value) in &request.headers {
        let lower = name.to_ascii_lowercase();
        // Without a body it makes none of the first, which some servers want all the same.
        let is_empty = lower == "content-length" && value.trim() == "0" && request.body.is_none();
        let is_curls =
            OWN.contains(&lower.as_str()) && !is_empty || (lower == "host" && is_same_host(value, host));
        // A name that is none would be a file (`@FILE`) or another header to curl.
        if !is_token(name) || is_curls {
            continue;
        }
        let value: String = value.chars().filter(|c| !matches!(c, '\0' | '\r' | '\n')).collect();
        // After a colon and nothing curl leaves the header out.
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        let _ = write!(command, " \\\n  -H {}", quoted(&header));
        if lower == "accept-encoding" && ["gzip", "deflate", "br"].iter().any(|how| value.contains(how)) {
            command.push_str(" --compressed");
        }
    }
}

/// Whether a URL's host is what the header would be of itself; the usual ports are in no header.
fn is_same_host(header: &str, host: &str) -> bool {
    let plain =
        |text: &str| text.trim().trim_end_matches(":80").trim_end_matches(":443").to_ascii_lowercase();
    plain(header) == plain(host)
}

/// What no URL has is sent as percent signs and digits; a NUL ends a word of a command.
fn in_a_url(url: &str) -> String {
    let mut shown = String::new();
    for c in url.chars().filter(|c| *c != '\0') {
        if acts(c) {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(shown, "%{byte:02X}");
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Methods and names of headers, by RFC 9110.
fn is_token(text: &str) -> bool {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(is_token)
}

/// What a terminal would act upon, and a shell's marks cannot hold for every shell.
fn is_odd(c: char) -> bool {
    acts(c) && !matches!(c, '\n' | '\t')
}

/// For any shell, in single marks; where a terminal would act upon something, as what `printf` makes of numbers.
fn quoted(text: &str) -> String {
    let text = text.replace('\0', "");
    if text.chars().any(is_odd) {
        return format!("\"$(printf {})\"", printed(&text));
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// For `printf`, which alone has a way to write a NUL.
fn printed(text: &str) -> String {
    let mut printed = String::from("'");
    for (at, c) in text.chars().enumerate() {
        match c {
            // It would begin an option.
            '-' if at == 0 => printed.push_str(r"\055"),
            '\'' => printed.push_str(r"'\''"),
            '\\' => printed.push_str(r"\\"),
            '%' => printed.push_str("%%"),
            _ if acts(c) => bytes(c, &mut printed),
            _ => printed.push(c),
        }
    }
    printed + "'"
}

/// As every shell reads it: three digits to the base of eight a byte.
fn bytes(c: char, text: &mut String) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        let _ = write!(text, "\\{byte:03o}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(request: serde_json::Value) -> Result<String, NoCommand> {
        let json = json!({ "label": "buy", "time_ns": 1, "rt_ms": 1, "request": request });
        curl(&Trace::read(json.to_string().as_bytes()).unwrap())
    }

    #[test]
    fn it_is_safe_in_a_shell() {
        let request = json!({
            "method": "POST", "url": "http://shop/buy?a=1&b", "headers": [["Host", "shop"], ["X-Name", "O'Hara"], ["X-Empty", ""]],
            "body": "it's",
        });
        assert_eq!(
            of(request).unwrap(),
            "curl -i -g -X 'POST' --url 'http://shop/buy?a=1&b' \\\n  -H 'X-Name: O'\\''Hara' \\\n  -H 'X-Empty;' \\\n  \
             -H 'Content-Type:' \\\n  -H 'Accept:' \\\n  -H 'User-Agent:' \\\n  --data-raw 'it'\\''s'"
        );
        assert_eq!(of(json!(null)), Err(NoCommand::NoUrl));
    }

    #[test]
    fn what_curl_would_read_as_something_else_is_not_in_it() {
        for url in ["-K-", "-o/tmp/x", "file:///etc/hostname", "shop/buy", "gopher://x/", " http://x"] {
            assert_eq!(of(json!({ "url": url })), Err(NoCommand::OtherUrl), "{url}");
        }
        let headers = json!([["@/etc/passwd", ""], ["X\r\nY", "1"], ["A", "1\r\nB: 2"], ["", "x"]]);
        let command = of(json!({ "url": "HTTPS://x/", "method": "-K- @x", "headers": headers })).unwrap();
        assert_eq!(
            command,
            "# the method in the trace is none of HTTP: GET stands in its place\ncurl -i -g -X 'GET' --url 'HTTPS://x/' \\\n  \
             -H 'A: 1B: 2' \\\n  -H 'Accept:' \\\n  -H 'User-Agent:'"
        );
    }

    #[test]
    fn of_a_page_it_is_not_known_how_it_was_asked_for() {
        let page = r#"{"label":"pay","code":"500","error":"","time_ns":1,"rt_ms":2,"request":{"url":"http://x/order"}}"#;
        let trace = Trace::read(page.as_bytes()).unwrap();
        assert!(curl(&trace).unwrap().starts_with("# how it was asked for is not in the trace"));
    }

    #[test]
    fn a_terminal_has_nothing_to_act_upon() {
        let evil = "\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\r'\\%";
        let request = json!({ "url": format!("http://x/{evil}"), "headers": [["A", evil]], "body": evil });
        let command = of(request).unwrap();
        assert!(command.chars().all(|c| c == '\n' || !acts(c)), "{command:?}");
        let [body, rest] = command.split(" | ").collect::<Vec<_>>()[..] else { panic!("{command}") };
        assert_eq!(body, r"printf '\033]0;x\007\302\23331m\342\200\256\015'\''\\%%'");
        assert!(rest.contains(r"--url 'http://x/%1B]0;x%07%C2%9B31m%E2%80%AE%0D'\''\%'"), "{rest}");
        assert!(
            rest.contains(r#"-H "$(printf 'A: \033]0;x\007\302\23331m\342\200\256'\''\\%%')""#),
            "{rest}"
        );
        let nul = of(json!({ "url": "http://x/\0", "body": "100% \0'\\\u{1b}" })).unwrap();
        assert_eq!(
            nul,
            "printf '100%% \\000'\\''\\\\\\033' | curl -i -g -X 'GET' --url 'http://x/' \\\n  -H 'Content-Type:' \\\n  \
             --data-binary @-"
        );
    }

    #[test]
    fn it_is_the_request_that_was_sent_or_says_in_what_it_is_not() {
        let request = json!({
            "url": "http://127.0.0.1:8080/a/../b?x=/./", "headers": [["Host", "shop.example.com"], ["Accept-Encoding", "gzip, deflate"]],
        });
        assert_eq!(
            of(request).unwrap(),
            "curl -i -g -X 'GET' --path-as-is --url 'http://127.0.0.1:8080/a/../b?x=/./' \\\n  -H 'Host: shop.example.com' \\\n  \
             -H 'Accept-Encoding: gzip, deflate' --compressed \\\n  -H 'Accept:' \\\n  -H 'User-Agent:'"
        );
        let empty = json!({ "method": "DELETE", "url": "http://x/", "headers": [["Content-Length", "0"]] });
        assert_eq!(
            of(empty).unwrap(),
            "curl -i -g -X 'DELETE' --url 'http://x/' \\\n  -H 'Content-Length: 0' \\\n  -H 'Accept:' \\\n  -H 'User-Agent:'"
        );
        let own = json!({ "url": "http://u@Shop:80/", "headers": [["Host", "shop"]] });
        assert_eq!(
            of(own).unwrap(),
            "curl -i -g -X 'GET' --url 'http://u@Shop:80/' \\\n  -H 'Accept:' \\\n  -H 'User-Agent:'"
        );
        let all = json!([["content-type", "a/b"], ["ACCEPT", "*/*"], ["user-agent", "x"]]);
        let all = of(json!({ "url": "http://x/", "headers": all, "body": "a" })).unwrap();
        assert!(["Content-Type:'", "Accept:'", "User-Agent:'"].iter().all(|own| !all.contains(own)), "{all}");
        let first = |request| of(request).unwrap().lines().next().unwrap().to_owned();
        for (request, said) in [
            (json!({ "url": "http://x/", "method": "HEAD" }), "curl -i -g -I --url 'http://x/'"),
            (json!({ "url": "http://x/", "body_bytes": 7 }), "# the body (7 bytes) is not in the trace"),
            (
                json!({ "url": "http://x/", "body": "a b", "body_bytes": 70_000 }),
                "# the body was cut: 3 of 70000 bytes",
            ),
            (
                json!({ "url": "http://x/", "body": "<actual file content, not shown here>" }),
                "# the content of files is not in the trace",
            ),
            (
                // The same as what is no text, which a file of a plan may be.
                json!({ "url": "http://x/", "body": "PGFjdHVhbCBmaWxlIGNvbnRlbnQsIG5vdCBzaG93biBoZXJlPg==", "body_bytes": 37,
                        "body_encoding": "base64" }),
                "# the content of files is not in the trace",
            ),
            (json!({ "url": "http://x/?t=‹redacted:3f9a›" }), "# put values in the place of what is hidden"),
        ] {
            assert_eq!(first(request), said);
        }
    }
}
