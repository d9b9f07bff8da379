//! From the configuration to what each part of the agent needs.

use super::disk_watch::DiskLimits;
use super::run_dir::Places;
use super::run_tool::ToolSettings;
use crate::base::entropy::{NoEntropy, random_hex};
use crate::config::{Config, S3Location};
use crate::control::aws::{Aws, Encryption, ObjectKind, TopicArn};
use crate::control::queue::QueueSettings;
use crate::control::trace_store::TraceStore;
use crate::data::session::SessionSettings;
use crate::data::traces::TraceStoreSettings;
use crate::files::fetch::FetchSettings;
use crate::host::{HealthSettings, HostSettings};
use crate::tool::TraceOptions;
use crate::tool::selenium::install::BrowserPaths;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunIdentity;
use gridnode_core::base::time::NS_PER_S;
use gridnode_core::node::NodeSettings;
use gridnode_core::node::command::NodeAddress;
use gridnode_core::node::health::HealthSource;
use gridnode_core::outbound::delivery::{Settings as DeliverySettings, phase_ns};
use gridnode_core::trace::redact::RunRedactors;
use gridnode_launch::TraceKey;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// Version that events, health and status name.
pub(super) const AGENT_VERSION: &str = env!("CARGO_PKG_VERSION");
/// Writes of a grid's nodes are spread over this part of the health's period, which is the usual window.
const WRITE_SPREAD: u64 = 5;

/// Where the agent's secrets may be, beside its state.
const SECRET_PATHS: [&str; 1] = ["/etc/gridnode"];

/// What the driver itself needs.
#[derive(Debug, Clone)]
pub(super) struct DriverSettings {
    pub(super) address: NodeAddress,
    pub(super) places: Places,
    pub(super) disk: DiskLimits,
    pub(super) event_topic: TopicArn,
    pub(super) receipts: Option<S3Location>,
    pub(super) traces: Option<S3Location>,
    pub(super) trace_options: TraceOptions,
    pub(super) redactors: Arc<RunRedactors>,
    pub(super) sump_listen: SocketAddr,
    pub(super) grace_ms: u64,
    pub(super) labels_max: usize,
    pub(super) runs_max: usize,
    pub(super) shutdown_ms: u64,
}

impl DriverSettings {
    /// By which a run's values are hidden, wherever they are.
    pub(super) fn trace_key(&self, identity: &RunIdentity) -> TraceKey {
        let key = self.redactors.key(identity.flood.as_str(), identity.run);
        TraceKey(key.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

pub(super) fn address(config: &Config) -> NodeAddress {
    let node = &config.node;
    NodeAddress { node: node.id.clone(), grid: node.grid.clone(), region: node.region.clone() }
}

pub(super) fn driver(config: &Config) -> Result<DriverSettings, NoEntropy> {
    let secret = random_hex()? + &random_hex()?;
    Ok(DriverSettings {
        redactors: Arc::new(RunRedactors::new(secret.as_bytes(), &config.traces.secrets)),
        address: address(config),
        places: places(config),
        disk: DiskLimits { bytes_max: config.cage.disk_bytes_max, files_max: config.cage.disk_files_max },
        event_topic: config.control.event_topic.clone(),
        receipts: config.receipts.uri.clone(),
        traces: config.traces.uri.clone(),
        trace_options: trace_options(config),
        sump_listen: config.sump.listen,
        grace_ms: config.windows.grace_ms,
        labels_max: config.windows.labels_max,
        runs_max: config.control.runs_max,
        shutdown_ms: config.shutdown_ms,
    })
}

pub(super) fn places(config: &Config) -> Places {
    let endpoint = reqwest::Url::parse(&config.metadata.endpoint).ok();
    Places {
        state_dir: config.state_dir.clone(),
        slots: config.cage.slots,
        sockets_dir: config.cage.sockets_dir.clone(),
        secret_paths: SECRET_PATHS.map(PathBuf::from).into(),
        metadata: endpoint.and_then(|url| url.socket_addrs(|| None).ok()?.first().copied()),
    }
}

pub(super) fn session(config: &Config) -> SessionSettings {
    let spread_ns = u64::from(config.health.period_s) * NS_PER_S / WRITE_SPREAD;
    SessionSettings {
        node: config.node.id.clone(),
        drain: config.drain.url.clone(),
        state_dir: config.state_dir.clone(),
        timestamp_key: config.timestamp_key(),
        // Off on a grid: the store of 900 nodes grows by it.
        label_tag: false,
        copy: None,
        delivery: DeliverySettings {
            phase_ns: phase_ns(config.node.id.as_str(), spread_ns),
            spool_bytes_max: config.spool.bytes_max,
            spool_age_ns_max: config.spool.age_max_s.saturating_mul(NS_PER_S),
            ..DeliverySettings::default()
        },
        snapshots: config.windows.snapshots,
        tap: None,
        totals: true,
    }
}

/// The nonce and the incarnation are the state directory's.
pub(super) fn node(
    config: &Config,
    (nonce, incarnation): (&str, u64),
    tools: Vec<Ident>,
    own: &DriverSettings,
    seed: u64,
) -> NodeSettings {
    NodeSettings {
        address: address(config),
        agent_version: AGENT_VERSION.to_owned(),
        nonce: nonce.to_owned(),
        incarnation,
        runs_max: config.control.runs_max,
        tools,
        file_uris: config.files.file_uris,
        receipt_store: config.receipts.uri.is_some(),
        verify_keys: config.control.verify_key.clone(),
        flood: config.run,
        shutdown_ms: config.shutdown_ms,
        redactors: Arc::clone(&own.redactors),
        seed,
    }
}

pub(super) fn queue(config: &Config, owner: &str, seed: u64) -> QueueSettings {
    QueueSettings {
        prefix: config.control.queue_prefix.clone(),
        node: config.node.id.clone(),
        owner: owner.to_owned(),
        grid: config.node.grid.clone(),
        region: config.node.region.clone(),
        topics: config.control.command_topics.iter().cloned().collect(),
        boot_jitter_ms: config.control.boot_jitter_ms,
        seed,
    }
}

pub(super) fn fetch(config: &Config) -> FetchSettings {
    let files = &config.files;
    FetchSettings {
        file_bytes_max: files.file_bytes_max,
        run_bytes_max: files.run_bytes_max,
        unpacked_bytes_max: files.run_bytes_max,
        cache_bytes_max: files.cache_bytes_max,
        parallel: files.parallel,
        file_uris: files.file_uris,
        ..FetchSettings::new(config.state_dir.join("cache"))
    }
}

pub(super) fn tools(config: &Config) -> ToolSettings {
    let tools = &config.tools;
    ToolSettings {
        dir: tools.dir.clone(),
        jmeter_home: tools.jmeter_home.clone(),
        jmeter_plugins: tools.jmeter_plugins.clone(),
        plan_packages: tools.plan_packages,
        heap_mib: tools.heap_mib,
        jvm_options: tools.jvm_args.clone(),
        browser: BrowserPaths { chromium: tools.chromium.clone(), chromedriver: tools.chromedriver.clone() },
        node_index: config.node.index,
        grid_index: config.node.grid_index,
        traces: trace_options(config),
    }
}

/// None are taken where nobody keeps them.
pub(super) fn trace_options(config: &Config) -> TraceOptions {
    let traces = &config.traces;
    TraceOptions {
        are_taken: traces.uri.is_some(),
        per_label: traces.per_label,
        per_window: traces.per_window,
        window_s: traces.window_s,
        slower_ms: traces.slower_ms,
        secrets: traces.secrets.clone(),
        key: None,
    }
}

/// How traces are encrypted, where that is said.
pub(super) fn encryption(config: &Config) -> Option<Encryption> {
    let traces = &config.traces;
    let algorithm = traces.encryption.clone()?;
    Some(Encryption { algorithm, kms_key_id: traces.kms_key_id.clone() })
}

/// Where traces go, if anywhere.
pub(super) fn trace_store(config: &Config, aws: Aws, seed: u64) -> Option<TraceStoreSettings> {
    let traces = &config.traces;
    let uri = traces.uri.as_ref()?;
    let kind =
        ObjectKind { is_gzipped: true, encryption: encryption(config), ..ObjectKind::of("application/json") };
    Some(TraceStoreSettings {
        store: Arc::new(TraceStore::new(aws, &uri.bucket, &uri.key(""), kind)),
        seed,
        spool_bytes_max: traces.spool_bytes_max,
        spool_age_ns_max: traces.age_max_s.saturating_mul(NS_PER_S),
    })
}

pub(super) fn health(config: &Config) -> (HealthSettings, HealthSource) {
    let host = HostSettings::new(config.state_dir.clone());
    let settings = HealthSettings { host, spool_bytes_max: config.spool.bytes_max };
    let source = HealthSource {
        address: address(config),
        version: AGENT_VERSION.to_owned(),
        timestamp_key: config.timestamp_key(),
    };
    (settings, source)
}
