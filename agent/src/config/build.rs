//! From merged values to the sections.

use super::contradictions;
use super::effective::{Effective, Origin};
use super::error::Wrong;
use super::merge::Merged;
use super::sections::{
    AwsSection, Config, ControlSection, FilesSection, MetadataMode, MetadataSection, NodeSection,
    SpoolSection, ToolsSection, WindowsSection,
};
use super::value::Value;
use crate::data::drain::{Auth, DrainUrl};
use gridnode_core::run::flood::FloodSettings;

/// The configuration; `None` when something is missing or contradicts, which the errors say then.
pub(super) fn build(merged: &mut Merged) -> Option<Config> {
    contradictions::find(merged);
    let drain = drain(merged);
    let values = &merged.effective;
    Some(Config {
        state_dir: values.path("state_dir")?,
        shutdown_ms: values.number("shutdown_ms")?,
        node: node(values)?,
        control: control(values)?,
        drain: drain?,
        aws: aws(values)?,
        receipts: values.location("receipts.uri"),
        files: files(values)?,
        windows: WindowsSection {
            grace_ms: values.number("windows.grace_ms")?,
            labels_max: values.small("windows.labels_max")?,
        },
        spool: SpoolSection {
            bytes_max: values.number("spool.bytes_max")?,
            age_max_s: values.number("spool.age_max_s")?,
        },
        timestamps_key: values.secret("timestamps.key"),
        sump_listen: values.address("sump.listen")?,
        tools: ToolsSection {
            dir: values.path("tools.dir"),
            jmeter_home: values.path("tools.jmeter_home"),
            heap_mib: values.small("tools.heap_mib")?,
            jvm_args: values.words("tools.jvm_args")?,
            chromium: values.path("tools.chromium"),
            chromedriver: values.path("tools.chromedriver"),
        },
        run: run(values)?,
        health_period_s: values.small("health.period_s")?,
        metadata: metadata(values)?,
    })
}

fn node(values: &Effective) -> Option<NodeSection> {
    Some(NodeSection {
        id: values.ident("node.id")?,
        grid: values.ident("node.grid"),
        region: values.ident("node.region"),
        node_index: values.small("node.index")?,
        grid_index: values.small("node.grid_index")?,
    })
}

fn control(values: &Effective) -> Option<ControlSection> {
    Some(ControlSection {
        command_topics: values.topics("control.command_topics")?,
        event_topic: values.topic("control.event_topic")?,
        queue_prefix: values.text("control.queue_prefix")?,
        verify_keys: values.verify_keys("control.verify_key").unwrap_or_default(),
        runs_max: values.small("control.runs_max")?,
        boot_jitter_ms: values.number("control.boot_jitter_ms")?,
    })
}

fn aws(values: &Effective) -> Option<AwsSection> {
    Some(AwsSection {
        region: values.text("aws.region")?,
        sqs_endpoint_url: values.text("aws.sqs_endpoint_url"),
        sns_endpoint_url: values.text("aws.sns_endpoint_url"),
        s3_endpoint_url: values.text("aws.s3_endpoint_url"),
    })
}

fn files(values: &Effective) -> Option<FilesSection> {
    Some(FilesSection {
        file_uris: values.flag("files.file_uris")?,
        file_bytes_max: values.number("files.file_bytes_max")?,
        run_bytes_max: values.number("files.run_bytes_max")?,
        cache_bytes_max: values.number("files.cache_bytes_max")?,
        parallel: values.small("files.parallel")?,
    })
}

fn run(values: &Effective) -> Option<FloodSettings> {
    Some(FloodSettings {
        fetch_ms: values.number("run.fetch_ms")?,
        prepare_ms: values.number("run.prepare_ms")?,
        start_ms: Some(values.number("run.start_ms")?),
        finish_ms: values.number("run.finish_ms")?,
        stop_now_ms: values.number("run.stop_now_ms")?,
        terminate_ms: values.number("run.terminate_ms")?,
        kill_ms: values.number("run.kill_ms")?,
        close_ms: Some(values.number("run.close_ms")?),
        flush_ms: values.number("run.flush_ms")?,
        runtime_max_ms: None,
    })
}

pub(super) fn metadata(values: &Effective) -> Option<MetadataSection> {
    let enabled = match values.text("metadata.enabled")?.as_str() {
        "true" => MetadataMode::On,
        "false" => MetadataMode::Off,
        _ => MetadataMode::Auto,
    };
    Some(MetadataSection {
        enabled,
        endpoint: values.text("metadata.endpoint")?,
        spot: values.flag("metadata.spot")?,
    })
}

/// The Drain's URL with the database and the credentials from their own keys put into it.
fn drain(merged: &mut Merged) -> Option<DrainUrl> {
    let values = &merged.effective;
    let mut url = reqwest::Url::parse(values.drain_url("drain.url")?.expose().trim()).ok()?;
    let in_url = url.query_pairs().find(|(key, _)| key == "db").map(|(_, value)| value.into_owned());
    match values.text("drain.database") {
        Some(database) => drop(url.query_pairs_mut().append_pair("db", &database)),
        None => {
            let origin = Origin::Derived(if in_url.is_some() { "drain.url" } else { "default" });
            let database = in_url.unwrap_or_else(|| "gridnode".to_owned());
            merged.effective.set("drain.database", Value::Text(database), origin);
        }
    }
    let values = &merged.effective;
    let token = values.secret("drain.token").map(|token| token.expose().to_owned());
    let bearer = values.text("drain.token_type").as_deref() == Some("Bearer");
    let basic = values.text("drain.username").map(|user| Auth::Basic {
        user,
        password: values.secret("drain.password").map(|p| p.expose().to_owned()).unwrap_or_default(),
    });
    let auth = match token {
        Some(token) if bearer => Some(Auth::Bearer(token)),
        Some(token) => Some(Auth::Token(token)),
        None => basic,
    };
    let parsed = DrainUrl::parse(url.as_str(), auth);
    if let Err(error) = &parsed {
        let wrong = Wrong::new(format!("is wrong, {error}"), "mend it or its credentials");
        merged.wrong("drain.url", wrong);
    }
    parsed.ok()
}
