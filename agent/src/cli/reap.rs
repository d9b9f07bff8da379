//! `gridnode reap`: removes queues and subscriptions of grid nodes that are gone.

mod words;

use super::options::duration_s;
use crate::base::advice::Advice;
use crate::base::clock;
use crate::base::exit::Exit;
use crate::console::{Steps, clean, of, write_note, write_result};
use crate::control::aws::{AwsSettings, Endpoints, TopicArn};
use crate::control::queue::{PREFIX, SILENCE_S};
use crate::control::reap::{Criteria, Reaper, Removed, Survey};
use anyhow::{Context, bail};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use words::{SHOWN_MAX, counted, left_alone, listing, to_remove};

/// The end of `gridnode reap --help`.
pub const HOW_IT_DECIDES: &str = "\
How it decides:
  It looks at every queue of the region that is named PREFIX* and tagged gridnode=1. Its node is
  gone when nobody holds a message of it and the node has not renewed the tag `seen` for
  --older-than; a living node renews it every minute. Then it looks at the topics that these
  queues were subscribed to, and at each --topic, also for subscriptions that lead to a node's
  queue that does not exist any more.

  It shows what it is going to remove and asks; scripts give --yes. Everything is looked at once
  more right before it is removed, and subscriptions are ended before their queue is deleted: it
  can be broken off and run again at any time. A living node whose queue is removed all the same
  makes it again within 5 minutes.

Exit codes:
  0  nothing is left to remove, or --dry-run, or the answer was no
  1  it could not look, could not ask, or something could not be removed: the message says why";

/// Options of `gridnode reap`.
#[derive(Debug, clap::Args)]
pub struct ReapArgs {
    /// Look at this topic's subscriptions, too; may be given several times
    #[arg(long = "topic", value_name = "ARN")]
    pub topics: Vec<TopicArn>,
    /// What the names of the nodes' queues begin with: their control.queue_prefix
    #[arg(long, value_name = "TEXT", default_value = PREFIX)]
    pub prefix: String,
    /// Region of the queues [default: as AWS_REGION, the profile or the instance says]
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// A node that was not seen for so long is gone: 45m, 1h, 1h30m; 3m at least
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = older_than_s)]
    pub older_than: u32,
    /// Show what would be removed and remove nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Calls a second at most: the nodes share the account's quota
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub calls_per_s: u32,
    /// Another endpoint than AWS's own, for queues and topics
    #[arg(long, value_name = "URL", help_heading = "Endpoints", env = "GRIDNODE_AWS_ENDPOINT_URL")]
    pub endpoint_url: Option<String>,
    /// For queues alone
    #[arg(long, value_name = "URL", help_heading = "Endpoints", env = "GRIDNODE_AWS_SQS_ENDPOINT_URL")]
    pub sqs_endpoint_url: Option<String>,
    /// For topics alone
    #[arg(long, value_name = "URL", help_heading = "Endpoints", env = "GRIDNODE_AWS_SNS_ENDPOINT_URL")]
    pub sns_endpoint_url: Option<String>,
}

/// Reads how long a node was not seen that is gone.
///
/// # Errors
/// When a living node may not have been seen for so long.
fn older_than_s(text: &str) -> Result<u32, String> {
    let s = duration_s(text)?;
    if u64::from(s) < SILENCE_S {
        return Err(format!(
            "a living node says once a minute that it is there: give {}m or more",
            SILENCE_S / 60
        ));
    }
    Ok(s)
}

/// Looks, asks, removes.
///
/// # Errors
/// When it cannot look, may not ask, or something could not be removed.
pub async fn reap(args: ReapArgs) -> anyhow::Result<ExitCode> {
    if args.prefix.is_empty() {
        bail!("an empty --prefix would look at every queue of the region");
    }
    let both = args.endpoint_url;
    let sqs = args.sqs_endpoint_url.or_else(|| both.clone());
    let endpoints = Endpoints { sqs, sns: args.sns_endpoint_url.or(both), s3: None };
    let older_than_s = u64::from(args.older_than);
    let criteria = Criteria { prefix: args.prefix, topics: args.topics.into_iter().collect(), older_than_s };
    let is_hasty = criteria.is_hasty();
    let settings = AwsSettings { region: args.region, endpoints };
    let mut reaper = Reaper::new(&settings, criteria, args.calls_per_s).await?;
    let steps_in_all = if args.dry_run { 1 } else { 2 };
    if is_hasty {
        write_note(
            "warning: below 15m nodes that AWS cannot be reached from may be taken for gone; they make their queues again",
        );
    }

    let mut steps = Steps::new();
    steps.step(1, steps_in_all, &format!("Looking at the queues of {}", reaper.region()));
    let found = reaper.survey(&mut |progress| steps.working(&words::progress(&progress))).await;
    let found = found.inspect_err(|_| steps.failed())?;
    steps.done(&of(found.looked_at(), "queue", "queues"));
    found.unclear.iter().for_each(|error| write_note(&format!("warning: {error}")));
    let to_remove = to_remove(&found);
    if found.is_empty() {
        write_result(&format!("nothing to remove: {}", left_alone(&found)))?;
        return Ok(Exit::Fine.into());
    }
    for line in listing(&found, clock::now().wall.0) {
        write_result(&line)?;
    }
    if args.dry_run {
        write_result(&format!("would remove {to_remove}; would leave alone: {}", left_alone(&found)))?;
        return Ok(Exit::Fine.into());
    }
    if !args.yes && !confirmed(&to_remove).await? {
        write_result("nothing was removed")?;
        return Ok(Exit::Fine.into());
    }
    steps.step(2, steps_in_all, &format!("Removing {to_remove}"));
    let removed = reaper.remove(&found, &mut |progress| steps.working(&words::progress(&progress))).await;
    steps.done("");
    conclude(&found, &removed)
}

fn conclude(found: &Survey, removed: &Removed) -> anyhow::Result<ExitCode> {
    let mut line = format!("removed {}", counted(removed.queues, removed.subscriptions));
    if removed.spared > 0 {
        line.push_str(&format!("; spared {} that came back or went away meanwhile", removed.spared));
    }
    write_result(&format!("{line}; left alone: {}", left_alone(found)))?;
    if removed.failed.is_empty() {
        return Ok(Exit::Fine.into());
    }
    for failure in removed.failed.iter().take(SHOWN_MAX) {
        write_note(&format!("  {}", clean(failure)));
    }
    let failed = of(removed.failed.len() as u64, "thing", "things");
    Err(anyhow::anyhow!("{failed} could not be removed"))
        .context(Advice::new("put right what the lines above say, then run it again"))
}

/// Asks on the terminal. Without one nobody could answer.
async fn confirmed(to_remove: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        let error = anyhow::anyhow!("{to_remove} are to be removed, and there is no terminal to ask on");
        return Err(error.context(Advice::new("give --yes to remove them, or --dry-run to only look")));
    }
    let question = format!("Remove {to_remove}? [y/N] ");
    let asked = tokio::task::spawn_blocking(move || {
        let mut answer = String::new();
        std::io::stderr().write_all(question.as_bytes())?;
        std::io::stdin().read_line(&mut answer)?;
        std::io::Result::Ok(answer)
    });
    let Ok(answer) = asked.await? else { bail!("the answer could not be read from the terminal") };
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_living_node_is_never_older_than_that() {
        assert_eq!(older_than_s("3m"), Ok(180));
        for text in ["0", "1s", "179s"] {
            assert!(older_than_s(text).unwrap_err().contains("give 3m or more"), "{text}");
        }
    }
}
