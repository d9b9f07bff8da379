//! Errors as a person reads them: `error: what failed: why`, then what to do. Never a debug dump.

use super::screen::{Screen, Style};
use super::text::{clean_lines, width};
use crate::base::advice::Advice;

/// The whole chain in one line where it fits, else a line for each cause; then the advice, if there is some.
#[must_use]
pub fn render_error(screen: &Screen, error: &anyhow::Error) -> String {
    let advice = error.downcast_ref::<Advice>().map(Advice::to_string);
    let mut messages: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        // Messages that already contain their cause (`{source}`) must not say it twice.
        let is_said = messages.last().is_some_and(|before| before.contains(&*clean_lines(&text, INDENT)));
        if !text.is_empty() && !is_said && Some(&text) != advice.as_ref() {
            messages.push(clean_lines(&text, INDENT));
        }
    }
    let heading = screen.paint(Style::Bad, "error:");
    let one_line = messages.join(": ");
    let mut text = if messages.len() < 2 || "error: ".len() + width(&one_line) <= screen.width {
        format!("{heading} {one_line}")
    } else {
        format!("{heading} {}", messages.join("\n  because: "))
    };
    if let Some(advice) = advice {
        text.push_str(&format!(
            "\n{} {}",
            screen.paint(Style::Strong, "what to do:"),
            clean_lines(&advice, INDENT)
        ));
    }
    text
}

/// How further lines of a text (the last words of a program) stand.
const INDENT: &str = "    ";

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("failed to listen on udp 127.0.0.1:35663: {source}")]
    struct Listen {
        source: io::Error,
    }

    fn shown(error: &anyhow::Error) -> String {
        render_error(&Screen { width: 80, ..Screen::PLAIN }, error)
    }

    #[test]
    fn a_short_chain_is_one_line_and_the_advice_another() {
        let missing: Result<(), _> =
            Err(io::Error::new(io::ErrorKind::NotFound, "No such file or directory"));
        let error = missing
            .context("failed to read checkout.jmx")
            .context(Advice::new("give the path of a JMeter plan"))
            .unwrap_err();
        insta::assert_snapshot!(shown(&error), @r"
        error: failed to read checkout.jmx: No such file or directory
        what to do: give the path of a JMeter plan
        ");
    }

    #[test]
    fn a_long_chain_is_a_line_for_each_cause() {
        let error = anyhow::anyhow!(
            "javac ended with exit code 1:\nA.java:3: error: ';' expected\n  int\x1b[31m x\n"
        )
        .context("failed to compile the plug-in for JMeter 5.6.3")
        .context("failed to install jmeter");
        insta::assert_snapshot!(shown(&error), @r"
        error: failed to install jmeter
          because: failed to compile the plug-in for JMeter 5.6.3
          because: javac ended with exit code 1:
            A.java:3: error: ';' expected
              int�[31m x
        ");
    }

    #[test]
    fn a_cause_that_was_said_is_not_said_again() {
        let error = anyhow::Error::new(Listen { source: io::Error::other("no such device") });
        assert_eq!(shown(&error), "error: failed to listen on udp 127.0.0.1:35663: no such device");
    }

    #[test]
    fn advice_may_stand_in_the_middle_of_the_chain() {
        let error = anyhow::anyhow!("disk full").context(Advice::new("make room")).context("failed to spool");
        assert_eq!(shown(&error), "error: failed to spool: disk full\nwhat to do: make room");
    }
}
