//! Whether this machine has all that a node needs: small checks, side by side, each with a sentence and a remedy.
//!
//! They look and try, as the agent would: a queue of their own is made, subscribed, used and removed again, an object is
//! written where receipts would go, a socket is bound for a moment. They publish nothing, so that no node and no
//! subscriber of the events notices. Every check ends: it has a deadline, and what it made is removed then, too.
//!
//! What cannot be known beforehand is not checked: the buckets that commands will name, and whether the Drain takes
//! what it is sent.

mod cage;
mod cloud;
mod drain;
mod finding;
mod identity;
mod machine;
mod ports;
mod round_trip;
mod state_dir;
mod tools;

pub use finding::{Finding, State};

use crate::config::{Config, ConfigErrors, Effective, Loaded, ReadOptions, read};
use crate::control::aws::Aws;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// For a check that asks something over the network, or of a disk.
const CHECK_TIME: Duration = Duration::from_secs(25);
/// For the queue's round trip, its tidying up included.
const ROUND_TRIP_TIME: Duration = Duration::from_secs(90);

/// What the checks look at.
struct Subject {
    config: Config,
    effective: Effective,
    has_metadata: bool,
    /// `Err` says why there is none.
    aws: Result<Aws, Finding>,
}

/// Checks everything; the findings are in an order that does not change.
pub async fn check(options: &ReadOptions) -> Vec<Finding> {
    match read(options).await {
        Ok(loaded) => check_all(loaded).await,
        Err(errors) => unusable(&errors),
    }
}

async fn check_all(loaded: Loaded) -> Vec<Finding> {
    let Loaded { config, effective, imds, lacks: _ } = loaded;
    let aws = Aws::connect(&config.aws.settings()).await;
    let aws = aws.map_err(|error| cloud::failed("aws region", &error));
    let subject = Arc::new(Subject { config, effective, has_metadata: imds.is_some(), aws });
    let mut checks: Vec<JoinHandle<Vec<Finding>>> = Vec::new();
    for (name, one) in [
        ("configuration", identity::configuration as fn(&Subject) -> Finding),
        ("identity", identity::node),
        ("instance metadata", identity::metadata),
    ] {
        checks.push(blocking(name, &subject, one));
    }
    checks.push(limited("aws credentials", CHECK_TIME, cloud::credentials(Arc::clone(&subject))));
    checks.push(limited("command topics", CHECK_TIME, cloud::command_topics(Arc::clone(&subject))));
    checks.push(limited("event topic", CHECK_TIME, cloud::event_topic(Arc::clone(&subject))));
    checks.push(limited("queue", ROUND_TRIP_TIME, round_trip::queue(Arc::clone(&subject))));
    checks.push(limited("receipts", CHECK_TIME, cloud::receipts(Arc::clone(&subject))));
    checks.push(limited("traces", CHECK_TIME, cloud::traces(Arc::clone(&subject))));
    checks.push(limited("drain", CHECK_TIME, drain::ping(Arc::clone(&subject))));
    for (name, one) in [
        ("java", tools::java as fn(&Subject) -> Finding),
        ("jmeter", tools::jmeter),
        ("gatling", tools::gatling),
        ("selenium", tools::selenium),
        ("sump port", ports::sump),
        ("receive buffer", ports::receive_buffer),
        ("state directory", state_dir::usable),
        ("cage", cage::slots),
        ("disk", machine::disk),
        ("memory", machine::memory),
        ("open files", machine::open_files),
        ("clock", machine::clock),
    ] {
        checks.push(blocking(name, &subject, one));
    }
    let mut findings = Vec::new();
    for check in checks {
        // A check that panicked is a fault of ours, and no reason to be silent about the others.
        findings.extend(check.await.unwrap_or_else(|error| {
            vec![Finding::fail("a check", format!("broke ({error})"), "report this fault")]
        }));
    }
    finding::fold(&mut findings);
    findings
}

/// Nothing can be checked but what is said here.
fn unusable(errors: &ConfigErrors) -> Vec<Finding> {
    let finding = |error: &crate::config::ConfigError| {
        let place = error.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        let detail = format!("{place}{} {}", error.key, error.problem);
        Finding::fail("configuration", detail.trim().to_owned(), error.remedy.clone())
    };
    let mut findings: Vec<Finding> = errors.errors.iter().map(finding).collect();
    findings.push(Finding::skipped("everything else", "it needs a usable configuration"));
    findings
}

/// Runs an asynchronous check for so long at most.
fn limited(
    name: &'static str,
    time: Duration,
    check: impl Future<Output = Vec<Finding>> + Send + 'static,
) -> JoinHandle<Vec<Finding>> {
    tokio::spawn(async move {
        let result = tokio::time::timeout(time, check).await;
        result.unwrap_or_else(|_| vec![out_of_time(name, time)])
    })
}

/// Runs a check that blocks; when its time is over it is left behind.
fn blocking(
    name: &'static str,
    subject: &Arc<Subject>,
    check: impl Fn(&Subject) -> Finding + Send + 'static,
) -> JoinHandle<Vec<Finding>> {
    let subject = Arc::clone(subject);
    let work = tokio::task::spawn_blocking(move || check(&subject));
    limited(name, CHECK_TIME, async move {
        let broke = |error| Finding::fail(name, format!("the check broke ({error})"), "report this fault");
        vec![work.await.unwrap_or_else(broke)]
    })
}

fn out_of_time(name: &'static str, time: Duration) -> Finding {
    let detail = format!("no result within {} s", time.as_secs());
    Finding::fail(name, detail, "look at the network, the disks and the load of this machine")
}
