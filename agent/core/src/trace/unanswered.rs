//! Requests that nothing has answered: a refused connection, an unknown host, a timeout.

use super::model::{Message, Trace};

/// JMeter's words where nothing was answered.
const UNANSWERED_CODE: &str = "Non HTTP response code: ";
const UNANSWERED_MESSAGE: &str = "Non HTTP response message: ";

impl Trace {
    /// Why a request of it has no answer, in its tool's words, where it has none.
    #[must_use]
    pub fn unanswered<'t>(
        &'t self,
        request: Option<&Message>,
        response: Option<&'t Message>,
    ) -> Option<&'t str> {
        request?;
        let said = response.and_then(|response| response.message.as_deref());
        let words = said.and_then(|said| said.strip_prefix(UNANSWERED_MESSAGE));
        let is_empty = response.is_none_or(Message::is_empty);
        let has_no_code = matches!(self.code.as_str(), "" | "none");
        let is_known =
            words.is_some() || self.code.starts_with(UNANSWERED_CODE) || has_no_code && said.is_none();
        let is_whole_trace = response == self.response.as_ref();
        (is_empty && is_known).then(|| match words.or(said) {
            // It names the exception, too.
            _ if is_whole_trace && !self.error.is_empty() => &self.error,
            words => words.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_was_answered_that_is_known_by_its_tools_words() {
        let of = |code: &str, error: &str, response: serde_json::Value| {
            let json = serde_json::json!({
                "label": "a", "time_ns": 1, "rt_ms": 1, "code": code, "error": error, "request": { "url": "http://x/" },
                "response": response,
            });
            let trace = Trace::read(json.to_string().as_bytes()).unwrap();
            trace.unanswered(trace.request.as_ref(), trace.response.as_ref()).map(str::to_owned)
        };
        let message = |text: &str| serde_json::json!({ "message": text });
        let refused = "Non HTTP response code: java.net.ConnectException";
        let words = "Non HTTP response message: Connection refused";
        let named = "ConnectException: Connection refused";
        assert_eq!(of(refused, named, message(words)).as_deref(), Some(named));
        assert_eq!(of(refused, "", message(words)).as_deref(), Some("Connection refused"));
        assert_eq!(
            of("none", "j.n.ConnectException", serde_json::Value::Null).as_deref(),
            Some("j.n.ConnectException")
        );
        // A database, a script and a server have answered.
        for (code, response) in [
            ("42S02 1146", message("no such table")),
            ("none", message("boom")),
            ("none", serde_json::json!({ "body": "Class not found: a.B", "body_bytes": 20 })),
            ("500", serde_json::json!({ "status": 500 })),
            ("500", serde_json::Value::Null),
        ] {
            assert_eq!(of(code, "x", response), None, "{code}");
        }
    }
}
