//! `gridnode status`: what the agent on this machine is doing.

use crate::agent::status::{StatusDocument, fetch, render_status, socket_path};
use crate::base::advice::Advice;
use crate::base::exit::{Exit, Interrupted};
use crate::base::signals::Signals;
use crate::console::{Screen, write_result};
use anyhow::Context;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Between two looks of `--watch`.
const WATCH_S: u64 = 2;
/// Clears a terminal and goes to its top left.
const CLEAR: &str = "\x1b[2J\x1b[H";

/// Show what the agent on this machine is doing.
///
/// Reads from the agent's unix socket; nothing is changed by looking. Exit code 0: all is well; 1: no agent answers; 3:
/// it answers, and something needs a person (listed under "needs attention").
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gridnode status\n  gridnode status --json | jq '.runs[].ledger'")]
pub struct StatusArgs {
    /// The whole document as JSON, one line
    #[arg(long)]
    pub json: bool,
    /// Look again every two seconds, until Ctrl-C
    #[arg(long)]
    pub watch: bool,
    /// State directory of the agent
    #[arg(long, env = "GRIDNODE_STATE_DIR", value_name = "DIR", default_value = "/var/lib/gridnode")]
    pub state_dir: PathBuf,
    /// The agent's socket [default: status.sock in the state directory]
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
}

/// Carries it out.
///
/// # Errors
/// When no agent answers.
pub async fn status(args: StatusArgs) -> anyhow::Result<ExitCode> {
    if !args.watch {
        return look(&args).await.map(|document| exit_of(&document).into());
    }
    let mut signals = Signals::new()?;
    loop {
        let again = async {
            look(&args).await?;
            tokio::time::sleep(Duration::from_secs(WATCH_S)).await;
            anyhow::Ok(())
        };
        tokio::select! {
            looked = again => looked?,
            signal = signals.next() => return Err(Interrupted { signal }.into()),
        }
    }
}

async fn look(args: &StatusArgs) -> anyhow::Result<StatusDocument> {
    let path = args.socket.clone().unwrap_or_else(|| socket_path(&args.state_dir));
    let (document, text) = match fetch(&path).await {
        Ok(answer) => answer,
        Err(error) => {
            let advice = error.advice();
            return Err(error).context(Advice::new(advice));
        }
    };
    let screen = Screen::stdout();
    let shown = if args.json { text } else { render_status(&screen, &document) };
    let clear = if args.watch && screen.live && !args.json { CLEAR } else { "" };
    write_result(&format!("{clear}{shown}"))?;
    Ok(document)
}

fn exit_of(document: &StatusDocument) -> Exit {
    if document.concerns().is_empty() { Exit::Fine } else { Exit::NeedsAttention }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::status::tests::document;

    #[test]
    fn the_exit_code_says_whether_somebody_is_needed() {
        let mut document = document();
        assert_eq!(exit_of(&document), Exit::Fine);
        document.journal_broken = true;
        assert_eq!(exit_of(&document), Exit::NeedsAttention);
    }

    #[tokio::test]
    async fn without_an_agent_there_is_a_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let args = StatusArgs { json: false, watch: false, state_dir: dir.path().to_owned(), socket: None };
        let error = status(args).await.unwrap_err();
        assert!(format!("{error:#}").contains("no agent runs here"), "{error:#}");
        assert!(
            error.downcast_ref::<Advice>().is_some_and(|advice| advice.to_string().contains("--state-dir"))
        );
        assert_eq!(Exit::of(&error), Exit::CouldNotRun);
    }
}
