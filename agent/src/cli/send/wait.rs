//! `--wait`: sends a command and shows what the nodes say about it until they are done.

use super::options::SendOptions;
use super::printer::Printer;
use super::words;
use crate::base::advice::Advice;
use crate::base::exit::{Exit, Interrupted};
use crate::base::signals::{Signals, exit_at_next};
use crate::console::write_note;
use crate::control::aws::Aws;
use crate::control::send::{Following, Message, expected, patience};
use anyhow::Context;
use gridnode_core::node::command::Route;
use gridnode_core::node::follow::GridVerdict;

/// Sends and follows.
///
/// # Errors
/// When the command cannot be sent, nobody answers, the time is over, or a signal comes.
pub async fn wait(
    aws: &Aws,
    message: &Message,
    route: &Route,
    send: &SendOptions,
    ahead_s: u64,
) -> anyhow::Result<Exit> {
    let command = message.command();
    let whom = (expected(route, send.expect), patience(&command.action, ahead_s, send.timeout));
    if let Some(note) = words::waits(&command.action, whom.1.answer_ms / 1_000) {
        write_note(&note);
    }
    let mut printer = Printer { json: send.json };
    // From here on a signal is an event: whatever happens, the queue goes again.
    let mut signals = Signals::new()?;
    let mut following = Following::open(aws, send.the_events_topic()?, &mut printer).await?;
    let followed = tokio::select! {
        verdict = following.send(aws, &send.topics, message, whom, &mut printer) => verdict,
        signal = signals.next() => Err(Interrupted { signal }.into()),
    };
    let is_sent = following.is_sent();
    // A second signal does not wait for the removal.
    exit_at_next()?;
    following.close(aws, &mut printer).await;
    let (exit, advice) = match followed {
        Ok(GridVerdict::Nobody) => (exit_of(&GridVerdict::Nobody), words::nobody(&command.action)),
        Ok(verdict @ GridVerdict::Distrusted(_)) => {
            (exit_of(&verdict), words::distrusted(send.sign_key.is_some()))
        }
        Ok(verdict) => (exit_of(&verdict), words::goes_on(&command.action)),
        Err(error) => (Err(error), words::goes_on(&command.action)),
    };
    match exit {
        Err(error) if is_sent => Err(error).context(Advice::new(advice)),
        exit => exit,
    }
}

fn exit_of(verdict: &GridVerdict) -> anyhow::Result<Exit> {
    match (words::complaint(verdict), verdict) {
        (Some(complaint), _) => Err(anyhow::anyhow!(complaint)),
        (None, GridVerdict::Doubtful) => Ok(Exit::NotTrustworthy),
        (None, GridVerdict::AssertionsFailed) => Ok(Exit::AssertionsFailed),
        (None, GridVerdict::NotAll) => Ok(Exit::ToolFailed),
        (None, _) => Ok(Exit::Fine),
    }
}
