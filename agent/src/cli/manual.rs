//! `gridnode completions` and `gridnode man`: what the command line knows of itself, for shells and for `man`.

use super::Cli;
use crate::base::exit::Exit;
use crate::console::write_result;
use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::Shell;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

pub(super) const COMPLETIONS_EXAMPLE: &str = "\
Examples:
  gridnode completions bash > /etc/bash_completion.d/gridnode
  gridnode completions zsh > \"${fpath[1]}/_gridnode\"
  gridnode completions fish > ~/.config/fish/completions/gridnode.fish";

pub(super) const MAN_EXAMPLE: &str = "\
Example:
  gridnode man /usr/local/share/man/man1 && man gridnode-run";

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Where to; it is made where it is not there
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Prints a shell's completions.
///
/// # Errors
/// When nobody takes them.
pub fn completions(args: &CompletionsArgs) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "gridnode", &mut script);
    write_result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine.into())
}

/// Writes the pages.
///
/// # Errors
/// When they cannot be written.
pub fn man(args: &ManArgs) -> anyhow::Result<ExitCode> {
    let dir = &args.dir;
    fs::create_dir_all(dir).with_context(|| format!("failed to create {}", dir.display()))?;
    clap_mangen::generate_to(Cli::command(), dir)
        .with_context(|| format!("failed to write manual pages into {}", dir.display()))?;
    Ok(Exit::Fine.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_page_for_every_command() {
        let dir = tempfile::tempdir().unwrap();
        man(&ManArgs { dir: dir.path().join("man1") }).unwrap();
        for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
            let page = dir.path().join("man1").join(format!("gridnode-{}.1", command.get_name()));
            assert!(fs::read_to_string(&page).unwrap().contains(".SH SYNOPSIS"), "{}", page.display());
        }
        assert!(dir.path().join("man1/gridnode.1").is_file());
    }
}
