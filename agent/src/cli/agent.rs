//! `gridnode agent`: what a node of a grid runs.

use super::config::ConfigOptions;
use crate::base::exit::Exit;
use crate::config::read;
use crate::console::write_note;
use clap::Args;
use std::process::ExitCode;

/// Run the agent of a grid node: it makes its own queue, takes commands and runs floods.
///
/// It is controlled by messages alone (`gridnode send` publishes them) and knows of no other node. `gridnode check`
/// says whether this machine has all that it needs, `gridnode config --example` prints a configuration to start from,
/// `gridnode status` looks inside while it runs.
///
/// SIGTERM stops floods, delivers what was measured and keeps the queue for the next start; Ctrl-C also removes the
/// queue.
#[derive(Debug, Args)]
pub struct AgentArgs {
    /// Where the configuration comes from
    #[command(flatten)]
    pub options: ConfigOptions,
}

/// Runs until something ends it.
///
/// # Errors
/// When it cannot start.
pub async fn agent(args: AgentArgs) -> anyhow::Result<ExitCode> {
    match read(&args.options.read_options()).await {
        Ok(loaded) => {
            loaded.lacks.iter().for_each(|what| tracing::info!("{what}"));
            crate::agent::run(loaded).await
        }
        Err(errors) => {
            write_note(&errors.to_string());
            Ok(Exit::CouldNotRun.into())
        }
    }
}
