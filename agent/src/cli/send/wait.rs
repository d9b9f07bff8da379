//! `--wait`: sends a command and shows what the nodes say about it until they are done; of a start, what all of them came to.

use super::grid;
use super::options::SendOptions;
use super::printer::Printer;
use super::receipts::Receipts;
use super::verdict::{self, VerdictOptions};
use super::watch::{GridWatch, WatchOptions};
use super::{GRACE_S, words};
use crate::base::advice::Advice;
use crate::base::exit::{Exit, Interrupted};
use crate::base::signals::{Signals, exit_at_next};
use crate::console::write_note;
use crate::control::aws::Aws;
use crate::control::send::{Following, Listener, Message, Order, SendSettings, expected, patience};
use crate::local::conclusion::Asked;
use anyhow::Context;
use gridnode_core::node::command::{Action, Route};
use gridnode_core::node::follow::GridVerdict;

/// Sends and follows.
///
/// # Errors
/// When the command cannot be sent, nobody answers, the time is over, or a signal comes.
pub async fn wait(aws: &Aws, message: &Message, route: &Route, send: &SendOptions) -> anyhow::Result<Exit> {
    let mut printer = Printer::new(send.json);
    let order = Order { topics: &send.topics, message, stop: None };
    let followed = follow(aws, &order, (route, 0), send, &mut printer).await?;
    let exit = followed.verdict.and_then(|verdict| exit_of(&verdict, message, send));
    with_advice(exit, followed.is_sent, message)
}

/// The same for a start that goes out `whom` and begins up to so many seconds later; then judges what all nodes came to.
///
/// # Errors
/// The same, and when what was asked for cannot be written.
pub async fn wait_and_judge(
    aws: &Aws,
    message: &Message,
    whom: (&Route, u64),
    send: &SendOptions,
    (options, watch): (&VerdictOptions, &WatchOptions),
) -> anyhow::Result<Exit> {
    let Action::Start { flood } = &message.command().action else {
        return wait(aws, message, whom.0, send).await;
    };
    let thresholds = options.all();
    let ending = if options.stop_on_fail { thresholds.clone() } else { Vec::new() };
    let mut receipts = Receipts::new(Printer::new(send.json), GridWatch::of(flood, watch, send.json, ending));
    let stop = || {
        let action = Action::Stop { flood: flood.key(), grace_s: GRACE_S };
        Message::new(action, &SendSettings { id: None, valid_for_s: None, ..send.settings_of(whom.0) })
    };
    let order = Order { topics: &send.topics, message, stop: Some(&stop) };
    let followed = follow(aws, &order, whom, send, &mut receipts).await;
    // Before anything is printed, whatever came.
    receipts.watched();
    let followed = followed?;
    let verdict = match followed.verdict {
        Ok(verdict) => verdict,
        Err(error) => return with_advice(Err(error), followed.is_sent, message),
    };
    let whose = (flood.identity(None, None), flood.tags.clone());
    let asked = Asked { thresholds: &thresholds, accepts_saturated: options.accept_saturated };
    let report = receipts.conclude(aws, whose, &expected(whom.0, send.expect), &asked).await;
    let exit = verdict::exit_of(&verdict, &report, !thresholds.is_empty());
    grid::show(&report, options, exit.code(), send.json)?;
    match exit {
        Exit::CouldNotRun => with_advice(exit_of(&verdict, message, send), followed.is_sent, message),
        exit => {
            // The numbers are there, and so is a verdict, or why there is none.
            if let Some(complaint) = words::complaint(&verdict) {
                write_note(&format!("error: {complaint}"));
                write_note(&format!("what to do: {}", words::goes_on(&message.command().action)));
            }
            Ok(exit)
        }
    }
}

struct Followed {
    verdict: anyhow::Result<GridVerdict>,
    is_sent: bool,
}

/// Whatever happens, the queue goes again.
async fn follow(
    aws: &Aws,
    order: &Order<'_>,
    (route, ahead_s): (&Route, u64),
    send: &SendOptions,
    listener: &mut dyn Listener,
) -> anyhow::Result<Followed> {
    let command = order.message.command();
    let whom = (expected(route, send.expect), patience(&command.action, ahead_s, send.timeout));
    if let Some(note) = words::waits(&command.action, whom.1.answer_ms / 1_000) {
        write_note(&note);
    }
    // From here on a signal is an event.
    let mut signals = Signals::new()?;
    let mut following = Following::open(aws, send.the_events_topic()?, listener).await?;
    let verdict = tokio::select! {
        verdict = following.send(aws, order, whom, listener) => verdict,
        signal = signals.next() => Err(Interrupted { signal }.into()),
    };
    let is_sent = following.is_sent();
    // A second signal does not wait for the removal.
    exit_at_next()?;
    following.close(aws, listener).await;
    Ok(Followed { verdict, is_sent })
}

/// Where there is nothing better to do: the command stands.
fn with_advice(exit: anyhow::Result<Exit>, is_sent: bool, message: &Message) -> anyhow::Result<Exit> {
    match exit {
        Err(error) if is_sent && error.downcast_ref::<Advice>().is_none() => {
            Err(error).context(Advice::new(words::goes_on(&message.command().action)))
        }
        exit => exit,
    }
}

fn exit_of(verdict: &GridVerdict, message: &Message, send: &SendOptions) -> anyhow::Result<Exit> {
    let advice = match verdict {
        GridVerdict::Nobody => words::nobody(&message.command().action, &message.command().route),
        GridVerdict::Distrusted(_) => words::distrusted(send.sign_key.is_some()),
        _ => words::goes_on(&message.command().action),
    };
    match (words::complaint(verdict), verdict) {
        (Some(complaint), _) => Err(anyhow::anyhow!(complaint)).context(Advice::new(advice)),
        (None, GridVerdict::Doubtful) => Ok(Exit::NotTrustworthy),
        (None, GridVerdict::AssertionsFailed) => Ok(Exit::AssertionsFailed),
        (None, GridVerdict::NotAll) => Ok(Exit::ToolFailed),
        (None, _) => Ok(Exit::Fine),
    }
}
