//! `gridnode reap`: removes queues and subscriptions of grid nodes that are gone.

use super::options::duration_s;
use crate::base::advice::Advice;
use crate::base::clock;
use crate::base::exit::Exit;
use crate::console::{Steps, clean, of, write_note, write_result};
use crate::control::aws::{Aws, AwsSettings, Endpoints, TopicArn};
use crate::control::queue::PREFIX;
use crate::control::reap::{Calls, Criteria, Removed, Survey, remove, survey};
use anyhow::{Context, bail};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// Names that are shown before the rest is only counted.
const SHOWN_MAX: usize = 20;
/// A node says that it is there every 5 minutes at most: below three of these a living one may be taken for gone.
const OLDER_THAN_SAFE_S: u32 = 900;

/// The end of `gridnode reap --help`.
pub const HOW_IT_DECIDES: &str = "\
How it decides:
  It looks at every queue of the region that is named PREFIX* and tagged gridnode=1. Its node is
  gone when nobody holds a message of it and the node has not renewed the tag `seen` for
  --older-than; a living node renews it every 5 minutes. Then it looks at the topics that these
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
    /// A node that was not seen for so long is gone: 45m, 1h, 1h30m
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration_s)]
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
    let aws = Aws::connect(&AwsSettings { region: args.region, endpoints }).await?;
    let seed = u64::from(std::process::id()) ^ clock::now().wall.0.unsigned_abs();
    let mut calls = Calls::new(args.calls_per_s, seed);
    let older_than_s = u64::from(args.older_than);
    let criteria = Criteria { prefix: args.prefix, topics: args.topics.into_iter().collect(), older_than_s };
    let steps_in_all = if args.dry_run { 1 } else { 2 };
    if args.older_than < OLDER_THAN_SAFE_S {
        write_note(
            "warning: below 15m nodes that are there may be taken for gone; they make their queues again",
        );
    }

    let mut steps = Steps::new();
    steps.step(1, steps_in_all, &format!("Looking at the queues of {}", aws.region()));
    let found = survey(&aws, &mut calls, &criteria, &mut |state| steps.working(state)).await;
    let found = found.inspect_err(|_| steps.failed())?;
    steps.done(&looked_at(&found));
    found.unclear.iter().for_each(|error| write_note(&format!("warning: {error}")));
    let to_remove = to_remove(&found);
    if found.gone.is_empty() && found.left_over.is_empty() {
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
    let removed = remove(&aws, &mut calls, &found, older_than_s, &mut |state| steps.working(state)).await;
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

fn to_remove(found: &Survey) -> String {
    let of_queues: usize = found.gone.iter().map(|queue| queue.subscriptions.len()).sum();
    counted(found.gone.len() as u64, (of_queues + found.left_over.len()) as u64)
}

fn counted(queues: u64, subscriptions: u64) -> String {
    format!("{} and {}", of(queues, "queue", "queues"), of(subscriptions, "subscription", "subscriptions"))
}

fn looked_at(found: &Survey) -> String {
    let queues = found.gone.len() as u64 + found.in_use + found.not_ours + found.unclear.len() as u64;
    of(queues, "queue", "queues")
}

fn left_alone(found: &Survey) -> String {
    let mut parts = vec![format!("{} of nodes that are there", of(found.in_use, "queue", "queues"))];
    let mut add = |n: u64, what: &str| {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    };
    add(found.not_ours, "without our tag");
    add(found.unclear.len() as u64, "that may not be looked at");
    add(found.foreign, "subscriptions to other accounts");
    parts.join(", ")
}

/// What is to be removed, a line each.
fn listing(found: &Survey, now_ns: i64) -> Vec<String> {
    let queues = found.gone.iter().map(|queue| {
        let age_min = now_ns.saturating_sub(queue.seen.0) / 60_000_000_000;
        let subscriptions = of(queue.subscriptions.len() as u64, "subscription", "subscriptions");
        format!(
            "queue {}  last seen {} h {:02} min ago, {subscriptions}",
            queue.name,
            age_min / 60,
            age_min % 60
        )
    });
    let left_over = found.left_over.iter().map(|left_over| {
        format!(
            "subscription of {} to {}, which does not exist",
            left_over.topic.name(),
            left_over.queue.name
        )
    });
    let mut lines: Vec<String> = queues.chain(left_over).map(|line| clean(&line).to_string()).collect();
    if lines.len() > SHOWN_MAX {
        let more = lines.len() - SHOWN_MAX;
        lines.truncate(SHOWN_MAX);
        lines.push(format!("… and {more} more"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::reap::{GoneQueue, LeftOver, QueueArn};
    use gridnode_core::base::time::Wall;

    fn topic() -> TopicArn {
        TopicArn::new("arn:aws:sns:us-east-1:123456789012:commands").unwrap()
    }

    fn gone(name: &str) -> GoneQueue {
        GoneQueue {
            name: name.into(),
            url: format!("http://x/{name}"),
            seen: Wall(0),
            subscriptions: vec![(topic(), "arn:1".into())],
            unlisted: vec![],
        }
    }

    #[test]
    fn shows_what_goes_and_what_stays() {
        let queue = QueueArn { region: "r".into(), account: "1".into(), name: "gridnode-9".into() };
        let found = Survey {
            gone: vec![gone("gridnode-3")],
            left_over: vec![LeftOver { arn: "arn:2".into(), topic: topic(), queue }],
            in_use: 2,
            not_ours: 1,
            ..Survey::default()
        };
        assert_eq!(
            listing(&found, 5_000 * 1_000_000_000),
            [
                "queue gridnode-3  last seen 1 h 23 min ago, 1 subscription",
                "subscription of commands to gridnode-9, which does not exist",
            ]
        );
        assert_eq!(to_remove(&found), "1 queue and 2 subscriptions");
        assert_eq!(left_alone(&found), "2 queues of nodes that are there, 1 without our tag");
    }

    #[test]
    fn a_long_list_is_cut() {
        let found =
            Survey { gone: (0..900).map(|n| gone(&format!("gridnode-{n}"))).collect(), ..Survey::default() };
        let lines = listing(&found, 0);
        assert_eq!((lines.len(), lines.last().map(String::as_str)), (SHOWN_MAX + 1, Some("… and 880 more")));
    }
}
