//! A trace's request as a command of curl that is safe to paste: all of it comes from outside.
//!
//! What curl itself would read as something else (another protocol, a file after `@`, an option) does not get into it, nor what a
//! terminal acts upon.

use crate::base::terminal::acts;
use crate::trace::model::{Message, Trace};
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
    let method = request.method.as_deref().filter(|method| is_token(method)).unwrap_or("GET");
    // Braces and brackets in a URL are no patterns of it.
    let mut command = format!("curl -i -g -X {} --url {}", quoted(method), quoted(&url.replace('\0', "")));
    headers(request, &mut command);
    match (&request.body, &request.body_encoding) {
        (Some(body), None) if body.contains('\0') => {
            command = format!("printf {} | {command} \\\n  --data-binary @-", printed(body));
        }
        (Some(body), None) => {
            let _ = write!(command, " \\\n  --data-raw {}", quoted(body));
        }
        (Some(body), Some(_)) => {
            let body = quoted(&body.replace('\0', ""));
            command = format!("printf %s {body} | base64 -d | {command} \\\n  --data-binary @-");
        }
        (None, _) => {}
    }
    Ok(command)
}

fn headers(request: &Message, command: &mut String) {
    // curl makes these itself.
    const OWN: [&str; 3] = ["content-length", "connection", "host"];
    for (name, value) in &request.headers {
        // A name that is none would be a file (`@FILE`) or another header to curl.
        if is_token(name) && !OWN.contains(&name.to_ascii_lowercase().as_str()) {
            let value: String = value.chars().filter(|c| !matches!(c, '\0' | '\r' | '\n')).collect();
            // After a colon and nothing curl leaves the header out.
            let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
            let _ = write!(command, " \\\n  -H {}", quoted(&header));
        }
    }
}

/// Methods and names of headers, by RFC 9110.
fn is_token(text: &str) -> bool {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(is_token)
}

/// For a shell: in single marks; where a terminal would act upon something, with its bytes as numbers.
fn quoted(text: &str) -> String {
    let is_plain = text.chars().all(|c| c == '\n' || c == '\t' || !acts(c));
    if is_plain {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut quoted = String::from("$'");
    for c in text.chars() {
        match c {
            '\\' | '\'' => quoted.extend(['\\', c]),
            _ if acts(c) => bytes(c, &mut quoted),
            _ => quoted.push(c),
        }
    }
    quoted + "'"
}

/// For `printf`, which alone has a way to write a NUL.
fn printed(text: &str) -> String {
    let mut printed = String::from("'");
    for c in text.chars() {
        match c {
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
             --data-raw 'it'\\''s'"
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
        assert_eq!(command, "curl -i -g -X 'GET' --url 'HTTPS://x/' \\\n  -H 'A: 1B: 2'");
    }

    #[test]
    fn a_terminal_has_nothing_to_act_upon() {
        let evil = "\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\r'\\%";
        let request = json!({ "url": format!("http://x/{evil}"), "headers": [["A", evil]], "body": evil });
        let command = of(request).unwrap();
        assert!(command.chars().all(|c| c == '\n' || !acts(c)), "{command:?}");
        assert!(command.contains(r"--data-raw $'\033]0;x\007\302\23331m\342\200\256\015\'\\%'"), "{command}");
        let nul = of(json!({ "url": "http://x/\0", "body": "100% \0'\\\u{1b}" })).unwrap();
        assert_eq!(
            nul,
            "printf '100%% \\000'\\''\\\\\\033' | curl -i -g -X 'GET' --url 'http://x/' \\\n  --data-binary @-"
        );
    }
}
