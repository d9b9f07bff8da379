//! `gridnode check`: whether this machine has all that a node needs.

use super::config::ConfigOptions;
use crate::agent::check::{Finding, State, check};
use crate::base::exit::Exit;
use crate::console::{Screen, Style, clean, of, write_result};
use clap::Args;
use serde_json::json;
use std::process::ExitCode;

/// Check everything that a grid node needs, and say what to do about what is missing.
///
/// A queue of its own is made, used and removed, and an object is written where receipts go; nothing is published, so
/// no node notices. Run it as the agent's user. The exit code is 1 when something is missing; warnings do not count.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// Where the configuration comes from
    #[command(flatten)]
    pub options: ConfigOptions,
}

/// Checks.
///
/// # Errors
/// When standard output cannot be written.
pub async fn run(args: CheckArgs) -> anyhow::Result<ExitCode> {
    let findings = check(&args.options.read_options()).await;
    let ready = findings.iter().all(|finding| finding.state != State::Fail);
    if args.json {
        write_result(&serde_json::to_string_pretty(&json!({ "ready": ready, "checks": findings }))?)?;
    } else {
        write_result(&render(&Screen::stdout(), &findings))?;
    }
    Ok(if ready { Exit::Fine } else { Exit::CouldNotRun }.into())
}

/// A line for each finding, one more where something is to be done, and a summary.
fn render(screen: &Screen, findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for finding in findings {
        let word = format!("{:4}", finding.state.word());
        let style = match finding.state {
            State::Ok => Style::Good,
            State::Warn => Style::Warning,
            State::Fail => Style::Bad,
            State::Skipped => Style::Faint,
        };
        lines.push(format!(
            "{}  {:width$}  {}",
            screen.paint(style, &word),
            finding.name,
            clean(&finding.detail)
        ));
        if let Some(remedy) = &finding.remedy {
            let what = screen.paint(Style::Strong, "what to do:");
            lines.push(format!("      {:width$}  {what} {}", "", clean(remedy)));
        }
    }
    let count = |state: State| findings.iter().filter(|finding| finding.state == state).count() as u64;
    let (failed, warned) = (count(State::Fail), count(State::Warn));
    lines.push(String::new());
    lines.push(match (failed, warned) {
        (0, 0) => "ready: this machine has all that a node needs".to_owned(),
        (0, _) => format!("ready, with {}", of(warned, "warning", "warnings")),
        _ => format!(
            "not ready: {}, {}",
            of(failed, "check failed", "checks failed"),
            of(warned, "warning", "warnings")
        ),
    });
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(name: &'static str, state: State, remedy: Option<&str>) -> Finding {
        Finding {
            name,
            state,
            detail: "how it\u{1b} stands".to_owned(),
            remedy: remedy.map(str::to_owned),
            cause: None,
        }
    }

    #[test]
    fn each_finding_has_a_line_and_its_remedy_another() {
        let findings = [
            finding("drain", State::Ok, None),
            finding("state directory", State::Fail, Some("make it")),
            finding("clock", State::Warn, Some("set it")),
            finding("receipts", State::Skipped, None),
        ];
        insta::assert_snapshot!(render(&Screen::PLAIN, &findings), @r"
        ok    drain            how it� stands
        fail  state directory  how it� stands
                               what to do: make it
        warn  clock            how it� stands
                               what to do: set it
        -     receipts         how it� stands

        not ready: 1 check failed, 1 warning
        ");
        assert!(
            render(&Screen::PLAIN, &findings[..1]).ends_with("ready: this machine has all that a node needs")
        );
        assert!(render(&Screen::PLAIN, &findings[2..]).ends_with("ready, with 1 warning"));
    }
}
