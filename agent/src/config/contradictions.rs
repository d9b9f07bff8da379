//! Values that are fine by themselves and make no sense together.

use super::error::Wrong;
use super::merge::Merged;

/// A unix socket's path has no room for more, the zero at its end included.
const SOCKET_PATH_BYTES_MAX: usize = 107;
/// SQS allows no longer name.
const QUEUE_NAME_BYTES_MAX: usize = 80;

/// Adds what contradicts to the errors.
pub(super) fn find(merged: &mut Merged) {
    for (key, wrong) in [drain(merged), topics(merged), sizes(merged), times(merged), others(merged)].concat()
    {
        merged.wrong(key, wrong);
    }
}

type Found = Vec<(&'static str, Wrong)>;

fn drain(merged: &Merged) -> Found {
    let values = &merged.effective;
    let given = |key| values.value(key).is_some();
    let mut found = Found::new();
    if given("drain.token") && given("drain.username") {
        let problem = "and drain.token are two ways to prove who the node is";
        found.push(("drain.username", Wrong::new(problem, "keep one of them")));
    }
    if given("drain.password") && !given("drain.username") {
        found.push(("drain.password", Wrong::new("has no user", "give drain.username, too")));
    }
    if values.is_given("drain.token_type") && !given("drain.token") {
        let wrong = Wrong::new("has no token", "give drain.token_file, or remove it");
        found.push(("drain.token_type", wrong));
    }
    let url = values.drain_url("drain.url").and_then(|url| reqwest::Url::parse(url.expose().trim()).ok());
    let Some(url) = url else { return found };
    let has = |name: &str| url.query_pairs().any(|(key, _)| key == name);
    let has_credentials = !url.username().is_empty() || url.password().is_some() || has("u");
    if has_credentials && (given("drain.token") || given("drain.username")) {
        let problem = "has credentials in it, and there are drain.token or drain.username besides";
        found.push(("drain.url", Wrong::new(problem, "take them out of the URL")));
    }
    if has("db") && values.is_given("drain.database") {
        let wrong = Wrong::new("and ?db= of drain.url both name a database", "keep one of them");
        found.push(("drain.database", wrong));
    }
    found
}

fn topics(merged: &Merged) -> Found {
    let Some(topics) = merged.effective.topics("control.command_topics") else { return Found::new() };
    let mut found = Found::new();
    let mut distinct = topics.clone();
    distinct.sort();
    distinct.dedup();
    if topics.is_empty() {
        let wrong = Wrong::new("names no topic", "give at least one: nothing else can start a flood here");
        found.push(("control.command_topics", wrong));
    }
    if distinct.len() < topics.len() {
        let wrong = Wrong::new("names a topic twice", "name each once");
        found.push(("control.command_topics", wrong));
    }
    if merged.effective.topic("control.event_topic").is_some_and(|topic| topics.contains(&topic)) {
        let problem = "is among control.command_topics: the node would take its own events for commands";
        found.push(("control.event_topic", Wrong::new(problem, "use two topics")));
    }
    found
}

fn sizes(merged: &Merged) -> Found {
    let number = |key| merged.effective.number(key).unwrap_or(0);
    let (file, run) = (number("files.file_bytes_max"), number("files.run_bytes_max"));
    if file <= run {
        return Found::new();
    }
    let problem = format!("({file}) is more than files.run_bytes_max ({run}), which it is a part of");
    vec![("files.file_bytes_max", Wrong::new(problem, "lower it, or raise files.run_bytes_max"))]
}

fn times(merged: &Merged) -> Found {
    let number = |key| merged.effective.number(key).unwrap_or(0);
    let stop = number("run.stop_now_ms") + number("run.terminate_ms") + number("run.kill_ms");
    let shutdown = number("shutdown_ms");
    if stop < shutdown {
        return Found::new();
    }
    let problem = format!(
        "({shutdown}) leaves no time for delivery: stopping a tool alone may take {stop}, the sum of \
         run.stop_now_ms, run.terminate_ms and run.kill_ms"
    );
    vec![("shutdown_ms", Wrong::new(problem, "raise it, or lower those"))]
}

fn others(merged: &Merged) -> Found {
    let values = &merged.effective;
    let mut found = Found::new();
    let heap =
        values.words("tools.jvm_args").unwrap_or_default().into_iter().find(|arg| arg.starts_with("-Xmx"));
    if let Some(arg) = heap {
        let wrong =
            Wrong::new(format!("holds {arg}, which tools.heap_mib decides"), "set tools.heap_mib instead");
        found.push(("tools.jvm_args", wrong));
    }
    if values.text("metadata.enabled").as_deref() == Some("false")
        && values.flag("metadata.spot") == Some(true)
        && values.is_given("metadata.spot")
    {
        let problem = "needs the instance metadata service, which metadata.enabled = false turns off";
        found.push(("metadata.spot", Wrong::new(problem, "remove one of them")));
    }
    let queue = values.text("control.queue_prefix").unwrap_or_default().len()
        + values.ident("node.id").map_or(0, |id| id.as_str().len());
    if queue > QUEUE_NAME_BYTES_MAX {
        let problem = format!(
            "and node.id make a queue's name of {queue} characters; SQS allows {QUEUE_NAME_BYTES_MAX}"
        );
        found.push(("control.queue_prefix", Wrong::new(problem, "shorten one of them")));
    }
    let socket = values.path("status.socket").map_or(0, |path| path.as_os_str().len());
    if socket > SOCKET_PATH_BYTES_MAX {
        let problem =
            format!("is {socket} bytes long; a unix socket's path has {SOCKET_PATH_BYTES_MAX} at most");
        found.push(("status.socket", Wrong::new(problem, "choose a shorter one")));
    }
    found
}
