//! The one binary, `gridnode`.

use clap::Parser;
use gridnode::{cli, telemetry};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: the supervisor must stay a small process without a runtime, threads or logging.
    if let Some(code) = gridnode::supervise::dispatch() {
        return code;
    }
    let cli = cli::Cli::parse();
    telemetry::start();
    match cli::dispatch(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
