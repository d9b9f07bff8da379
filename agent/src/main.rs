//! The one binary, `gridnode`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: the supervisor must stay a small process without a runtime, threads or logging.
    if let Some(code) = gridnode::supervise::dispatch() {
        return code;
    }
    ExitCode::SUCCESS
}
