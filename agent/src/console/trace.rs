//! A trace as a person reads it. All of it comes from outside and is cleaned.

use super::indented::indented;
use super::number::of;
use super::screen::{Screen, Style};
use super::text::{clean, clean_lines};
use gridnode_core::base::rfc3339;
use gridnode_core::base::time::Wall;
use gridnode_core::trace::{Message, Trace, Why};

/// A trace in lines.
#[must_use]
pub fn render_trace(screen: &Screen, trace: &Trace) -> String {
    let why = match trace.why {
        Why::Failed => "failed",
        Why::Slow => "was slow",
    };
    let head = format!("{} {why}, {}", clean(&trace.label), clean(&trace.code));
    let mut lines = vec![screen.paint(Style::Strong, &head).into_owned()];
    let mut facts = vec![rfc3339::format(Wall(trace.time_ns)), format!("{} ms", trace.rt_ms)];
    facts.extend((!trace.thread.is_empty()).then(|| clean(&trace.thread)));
    facts.extend(trace.correlation.iter().map(|(name, value)| format!("{name} {}", clean(value))));
    lines.push(screen.paint(Style::Faint, &facts.join(" · ")).into_owned());
    if !trace.error.is_empty() {
        lines.push(screen.paint(Style::Bad, &clean_lines(&trace.error, "  ")).into_owned());
    }
    for assertion in trace.assertions.iter().filter(|assertion| assertion.message != trace.error) {
        lines.push(format!(
            "assertion {}: {}",
            clean(&assertion.name),
            clean_lines(&assertion.message, "  ")
        ));
    }
    for entry in &trace.console {
        let from = [entry.level.as_str(), entry.source.as_str()].map(clean).join(" ");
        lines.push(format!("console {}: {}", from.trim(), clean_lines(&entry.text, "  ")));
    }
    if trace.picture().is_some() {
        lines.push("what the browser showed is beside it, in a file that ends in .png".to_owned());
    }
    if trace.suppressed > 0 {
        lines.push(format!("{} more of this kind before it are not shown", trace.suppressed));
    }
    if trace.steps_omitted > 0 {
        let requests = of(trace.steps_omitted, "request", "requests");
        lines.push(format!("{requests} more of it, redirects or parts of a page, are not shown"));
    }
    for (request, response) in trace.exchanges() {
        match trace.unanswered(request, response) {
            Some(why) => {
                exchange(screen, request, None, &mut lines);
                unanswered(screen, why, &mut lines);
            }
            None => exchange(screen, request, response, &mut lines),
        }
    }
    lines.join("\n")
}

fn unanswered(screen: &Screen, why: &str, lines: &mut Vec<String>) {
    let why = if why.is_empty() { String::new() } else { format!(": {}", clean_lines(why, "  ")) };
    lines.push(String::new());
    lines.push(screen.paint(Style::Strong, &format!("no answer{why}")).into_owned());
}

fn exchange(screen: &Screen, request: Option<&Message>, response: Option<&Message>, lines: &mut Vec<String>) {
    if let Some(request) = request {
        let text = |text: &Option<String>| clean(text.as_deref().unwrap_or_default());
        match &request.method {
            Some(_) => {
                let head = format!("{} {}", text(&request.method), text(&request.url));
                message(screen, '>', head.trim(), (request, None), lines);
            }
            // A browser's: a form may have been sent.
            None => {
                let head = format!("{} (how it was asked for is not known)", text(&request.url));
                message(screen, '>', head.trim(), (request, None), lines);
            }
        }
    }
    if let Some(response) = response {
        let status = response.status.map(|status| status.to_string()).unwrap_or_default();
        let head = format!("{status} {}", clean(response.message.as_deref().unwrap_or_default()));
        let head = if head.trim().is_empty() { "without a status" } else { head.trim() };
        message(screen, '<', head, (response, request), lines);
    }
}

/// `answered`: what it is the answer to, if it is one.
fn message(
    screen: &Screen,
    arrow: char,
    head: &str,
    (message, answered): (&Message, Option<&Message>),
    lines: &mut Vec<String>,
) {
    lines.push(String::new());
    lines.push(screen.paint(Style::Strong, &format!("{arrow} {head}")).into_owned());
    lines.extend(
        message.headers.iter().map(|(name, value)| format!("{arrow} {}: {}", clean(name), clean(value))),
    );
    let total = message.body_bytes.unwrap_or(0);
    let Some(body) = &message.body else {
        if let Some(why) = message.body_missing(answered) {
            lines.extend([String::new(), why]);
        }
        return;
    };
    lines.push(String::new());
    if message.body_encoding.is_some() {
        lines.push(format!("{total} bytes that are no text: the trace has them, in base64"));
        return;
    }
    // JSON is easier to read on lines of its own.
    lines.push(clean_lines(&indented(body).unwrap_or_else(|| body.clone()), ""));
    if message.lacks_files() {
        let words = format!("… of {total} bytes: the content of files is not in the trace");
        lines.push(screen.paint(Style::Faint, &words).into_owned());
    }
    if message.is_cut() {
        let words = format!("… cut: above are the first {} of {total} bytes", message.shown_bytes());
        lines.push(screen.paint(Style::Faint, &words).into_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str, error: &str, response: &serde_json::Value) -> String {
        let json = serde_json::json!({
            "label": "Front page", "time_ns": 1, "rt_ms": 1, "code": code, "error": error,
            "request": { "method": "GET", "url": "http://x/" }, "response": response,
        });
        render_trace(&Screen::PLAIN, &Trace::read(json.to_string().as_bytes()).unwrap())
    }

    #[test]
    fn a_file_that_is_not_in_it_is_said() {
        let json = serde_json::json!({
            "label": "upload", "time_ns": 1, "rt_ms": 1,
            "request": { "method": "PUT", "url": "http://x/", "headers": [["Content-Length", "5000"]],
                         "body": "<actual file content, not shown here>", "body_bytes": 37 },
        });
        let text = render_trace(&Screen::PLAIN, &Trace::read(json.to_string().as_bytes()).unwrap());
        assert!(text.contains("… of 5000 bytes: the content of files is not in the trace"), "{text}");
    }

    #[test]
    fn where_nothing_was_answered_nothing_looks_like_an_answer() {
        let refused = serde_json::json!({ "message": "Non HTTP response message: Connection refused" });
        let text =
            shown("Non HTTP response code: java.net.ConnectException", "ConnectException: refused", &refused);
        assert!(text.ends_with("> GET http://x/\n\nno answer: ConnectException: refused"), "{text}");
        let own = serde_json::json!({ "body": "Class not found: a.B", "body_bytes": 20 });
        let text = shown("none", "Class not found: a.B", &own);
        assert!(text.ends_with("< without a status\n\nClass not found: a.B"), "{text}");
    }
}
