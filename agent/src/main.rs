//! The one binary, `gridnode`.

use gridnode::base::{exit::Exit, telemetry};
use gridnode::cli;
use gridnode::console::{Screen, render_error, write_note};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Before a secret is read, by this process or by the supervisor.
    gridnode::base::own_memory::hide();
    // Before anything else: the supervisor must stay a small process without a runtime, threads or logging.
    if let Some(code) = gridnode::cage::supervise::dispatch() {
        return code;
    }
    if let Some(code) = gridnode::cage::empty_out::dispatch() {
        return code;
    }
    let cli = cli::parse();
    telemetry::start();
    match cli::dispatch(cli) {
        Ok(code) => code,
        Err(error) => {
            write_note(&render_error(&Screen::stderr(), &error));
            Exit::of(&error).into()
        }
    }
}
