//! Logs: the story of a run in ten lines at info, to stderr; JSON where systemd reads along.

use super::aside;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// What is logged unless `GRIDNODE_LOG` says otherwise.
const DEFAULT_FILTER: &str = "info,aws_config=error,hyper=warn,reqwest=warn,rustls=warn";

/// Sets up logging once. `GRIDNODE_LOG` chooses levels (`debug`, `gridnode=trace`); under systemd (`JOURNAL_STREAM`)
/// lines are JSON.
pub fn start() {
    let filter = EnvFilter::try_from_env("GRIDNODE_LOG").unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(aside::stderr).with_target(false);
    // A log that cannot be written (full disk, closed terminal) would be reported to stderr, which panics there.
    let builder = builder.log_internal_errors(false);
    if std::env::var_os("JOURNAL_STREAM").is_some() {
        builder.json().flatten_event(true).init();
    } else {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        builder.with_ansi(colour).init();
    }
}
