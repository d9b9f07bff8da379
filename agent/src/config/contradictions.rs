//! Values that are fine by themselves and make no sense together.

use super::error::Wrong;
use super::key::Values;
use super::merge::Merged;
use super::typed::MetadataMode;
use crate::control::aws::TopicArn;

/// Adds what contradicts to the errors.
pub(super) fn find(merged: &mut Merged) {
    for (key, wrong) in
        [drain(merged), traces(merged), topics(merged), sizes(merged), times(merged), others(merged)].concat()
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
    let Some(url) = values.drain_url() else { return found };
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

fn traces(merged: &Merged) -> Found {
    let values = &merged.effective;
    let encryption: Option<String> = values.typed("traces.encryption");
    let mut found = Found::new();
    let names: Vec<String> = values.typed("traces.secrets").unwrap_or_default();
    if let Some(name) = names.iter().find(|name| !gridnode_core::trace::redact::is_name(name)) {
        let problem = format!("has `{name}` in it, which is no name");
        found.push(("traces.secrets", Wrong::new(problem, "give names that have a letter or a digit")));
    }
    if values.value("traces.kms_key_id").is_some() && encryption.as_deref() != Some("aws:kms") {
        let wrong =
            Wrong::new("names a key that nothing uses", "set traces.encryption to \"aws:kms\", or remove it");
        found.push(("traces.kms_key_id", wrong));
    }
    if encryption.is_some() && values.value("traces.uri").is_none() {
        let wrong = Wrong::new("is for traces, and none are kept", "give traces.uri, or remove it");
        found.push(("traces.encryption", wrong));
    }
    found
}

fn topics(merged: &Merged) -> Found {
    let topics: Option<Vec<TopicArn>> = merged.effective.typed("control.command_topics");
    let Some(topics) = topics else { return Found::new() };
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
    if merged.effective.typed("control.event_topic").is_some_and(|topic| topics.contains(&topic)) {
        let problem = "is among control.command_topics: the node would take its own events for commands";
        found.push(("control.event_topic", Wrong::new(problem, "use two topics")));
    }
    found
}

fn sizes(merged: &Merged) -> Found {
    let number = |key| merged.effective.typed::<u64>(key).unwrap_or(0);
    let (file, run) = (number("files.file_bytes_max"), number("files.run_bytes_max"));
    if file <= run {
        return Found::new();
    }
    let problem = format!("({file}) is more than files.run_bytes_max ({run}), which it is a part of");
    vec![("files.file_bytes_max", Wrong::new(problem, "lower it, or raise files.run_bytes_max"))]
}

fn times(merged: &Merged) -> Found {
    let number = |key| merged.effective.typed::<u64>(key).unwrap_or(0);
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
    let args: Vec<String> = values.typed("tools.jvm_args").unwrap_or_default();
    let heap = args.into_iter().find(|arg| arg.starts_with("-Xmx"));
    if let Some(arg) = heap {
        let wrong =
            Wrong::new(format!("holds {arg}, which tools.heap_mib decides"), "set tools.heap_mib instead");
        found.push(("tools.jvm_args", wrong));
    }
    let (slots, runs): (Option<u32>, Option<usize>) =
        (values.typed("cage.slots"), values.typed("control.runs_max"));
    if let (Some(slots @ 1..), Some(runs)) = (slots, runs)
        && runs > slots as usize
    {
        let problem = format!("is {slots}, and control.runs_max = {runs} runs would need as many");
        found.push(("cage.slots", Wrong::new(problem, "raise it, or lower control.runs_max")));
    }
    if values.typed("metadata.enabled") == Some(MetadataMode::Off)
        && values.typed("metadata.spot") == Some(true)
        && values.is_given("metadata.spot")
    {
        let problem = "needs the instance metadata service, which metadata.enabled = false turns off";
        found.push(("metadata.spot", Wrong::new(problem, "remove one of them")));
    }
    found
}
