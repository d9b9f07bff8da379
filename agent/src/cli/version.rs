//! What `--version` says: enough of it to tell somebody else which program this is, in one line.

use crate::tool::{gatling, jmeter, selenium};
use std::env::consts::{ARCH, OS};
use std::sync::LazyLock;

/// Of the sources, where whoever builds says so: `GRIDNODE_COMMIT=$(git rev-parse --short HEAD) cargo build`.
const COMMIT: Option<&str> = option_env!("GRIDNODE_COMMIT");
/// Cargo tells the triple to build scripts only; what it is made of is known here, too.
const VENDOR: &str = if cfg!(target_vendor = "unknown") { "unknown" } else { "other" };
const LIBC: &str = if cfg!(target_env = "musl") { "musl" } else { "gnu" };

static LINE: LazyLock<String> = LazyLock::new(|| line(COMMIT));

/// Behind the program's name.
pub fn long() -> &'static str {
    &LINE
}

fn line(commit: Option<&str>) -> String {
    let commit =
        commit.map(str::trim).filter(|commit| !commit.is_empty() && !commit.contains(char::is_whitespace));
    format!(
        "{}{} {ARCH}-{VENDOR}-{OS}-{LIBC}, JMeter {}, Gatling {}, Selenium {}",
        env!("CARGO_PKG_VERSION"),
        commit.map(|commit| format!(" ({commit})")).unwrap_or_default(),
        jmeter::install::VERSION_DEFAULT,
        gatling::install::VERSION_DEFAULT,
        selenium::install::VERSION_DEFAULT,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::CommandFactory;

    #[test]
    fn it_is_one_line_with_all_that_a_report_needs() {
        let said = Cli::command().render_long_version();
        assert!(said.starts_with(concat!("gridnode ", env!("CARGO_PKG_VERSION"))), "{said}");
        for part in [ARCH, "-linux-", "JMeter 5.", "Gatling 3.", "Selenium 4."] {
            assert!(said.contains(part), "{said}");
        }
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert_eq!(
            Cli::command().render_version().trim_end(),
            concat!("gridnode ", env!("CARGO_PKG_VERSION"))
        );
    }

    #[test]
    fn the_commit_is_there_where_it_is_known() {
        assert!(line(Some("1a2b3c4\n")).contains(" (1a2b3c4) "));
        for unknown in [None, Some(""), Some("fatal: not a git repository")] {
            assert!(!line(unknown).contains('('), "{unknown:?}");
        }
    }
}
