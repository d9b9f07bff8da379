//! `--json`: an object a line. Names and units are part of the interface; new fields may come.

use crate::cli::moment::Moment;
use crate::console::write_result;
use gridnode_core::live::Figures;
use serde::Serialize;
use std::path::Path;

/// A second of a run.
#[derive(Debug, Serialize)]
struct Second<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    moment: Moment<'a>,
    /// Samples and lines since the start.
    received: u64,
    rejected: u64,
    truncated: u64,
    /// Datagrams.
    kernel_dropped: u64,
    /// Distinct, since the start.
    labels: u64,
    /// Why this machine was too busy to measure at the latest look, if it was.
    saturated: Option<&'a str>,
}

/// The end of a run.
#[derive(Debug, Serialize)]
struct End<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    /// The exit code.
    exit: u8,
    /// Whether every sample is accounted for.
    is_whole: bool,
    /// The document with everything else.
    summary: &'a Path,
}

/// Prints a second. Nobody who listens any more is no reason to stop.
pub fn say_second(figures: &Figures) {
    let _ = write_result(&second(figures));
}

/// Prints the end.
///
/// # Errors
/// When standard output cannot be written.
pub fn say_end(exit: u8, is_whole: bool, summary: &Path) -> std::io::Result<()> {
    write_result(&line(&End { kind: "end", exit, is_whole, summary }))
}

fn second(figures: &Figures) -> String {
    line(&Second {
        kind: "second",
        moment: Moment::of(figures),
        received: figures.account.received,
        rejected: figures.account.rejected.total(),
        truncated: figures.account.truncated,
        kernel_dropped: figures.account.kernel_dropped,
        labels: figures.labels,
        saturated: figures.saturated.as_deref(),
    })
}

fn line(object: &impl Serialize) -> String {
    // Plain structs of numbers and texts; a path that is no UTF-8 is the only thing that cannot be said.
    serde_json::to_string(object).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridnode_core::live::Latest;

    #[test]
    fn a_second_is_one_line() {
        let mut figures =
            Figures { flood: "a".to_owned(), elapsed_s: 3, rate_per_s: 1.26, ..Figures::default() };
        insta::assert_snapshot!(second(&figures), @r#"{"type":"second","flood":"a","elapsed_s":3,"remaining_s":null,"users":0,"rate_per_s":1.3,"passed":0,"failed":0,"p50_ms":null,"p95_ms":null,"p99_ms":null,"received":0,"rejected":0,"truncated":0,"kernel_dropped":0,"labels":0,"saturated":null}"#);
        figures.latest = Some(Latest { p50_us: 1_500, p95_us: 2_000, p99_us: 3_000 });
        figures.saturated = Some("cpu".to_owned());
        let said = second(&figures);
        assert!(
            said.contains(r#""p50_ms":1.5,"p95_ms":2.0"#) && said.contains(r#""saturated":"cpu""#),
            "{said}"
        );
    }

    #[test]
    fn the_end_names_the_document() {
        let end = End { kind: "end", exit: 5, is_whole: true, summary: Path::new("out/summary.json") };
        assert_eq!(line(&end), r#"{"type":"end","exit":5,"is_whole":true,"summary":"out/summary.json"}"#);
    }
}
