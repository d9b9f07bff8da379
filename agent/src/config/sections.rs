//! The configuration, checked: plain data, one small struct for each consumer.

use super::value::{S3Location, Secret};
use crate::control::aws::{AwsSettings, Endpoints, TopicArn};
use crate::data::drain::DrainUrl;
use gridnode_core::base::ids::Ident;
use gridnode_core::node::command::VerifyKey;
use gridnode_core::run::flood::FloodSettings;
use std::net::SocketAddr;
use std::path::PathBuf;

/// All of it. `Debug` has no secrets.
#[derive(Debug, Clone)]
pub struct Config {
    /// Everything that must survive a restart.
    pub state_dir: PathBuf,
    /// For all of the node's end, ms.
    pub shutdown_ms: u64,
    /// Who this node is.
    pub node: NodeSection,
    /// Commands and events.
    pub control: ControlSection,
    /// Where rollups go, with database and credentials.
    pub drain: DrainUrl,
    /// How AWS is reached.
    pub aws: AwsSection,
    /// Where large receipts go.
    pub receipts: Option<S3Location>,
    /// Files of runs.
    pub files: FilesSection,
    /// Windows of runs.
    pub windows: WindowsSection,
    /// What waits for the Drain.
    pub spool: SpoolSection,
    /// Key of the timestamps' offsets; [`Config::timestamp_key`] has its bytes.
    pub timestamps_key: Option<Secret>,
    /// First address to try for a run's samples, on the loopback.
    pub sump_listen: SocketAddr,
    /// Load-generation tools.
    pub tools: ToolsSection,
    /// Deadlines of a run; `runtime_max_ms` is `None`, it comes with the command.
    pub run: FloodSettings,
    /// How often health is reported, s: one of the lengths of a window.
    pub health_period_s: u32,
    /// The instance metadata service.
    pub metadata: MetadataSection,
}

impl Config {
    /// The bytes of the timestamps' key: the configured one's, or the public constant.
    #[must_use]
    pub fn timestamp_key(&self) -> Vec<u8> {
        let configured = self.timestamps_key.as_ref().map(|key| key.expose().as_bytes().to_vec());
        configured.unwrap_or_else(|| gridnode_core::rollup::timestamp::DEFAULT_KEY.to_vec())
    }
}

/// Who this node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSection {
    /// Its name.
    pub id: Ident,
    /// Its grid.
    pub grid: Option<Ident>,
    /// Its region.
    pub region: Option<Ident>,
    /// Its number in the grid, from 0.
    pub node_index: u32,
    /// The grid's number in a flood, from 0.
    pub grid_index: u32,
}

/// Commands and events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlSection {
    /// At least one, no two the same.
    pub command_topics: Vec<TopicArn>,
    /// Not a command topic.
    pub event_topic: TopicArn,
    /// What the queue's name begins with: 1 to 40 letters, digits, `-` and `_`.
    pub queue_prefix: String,
    /// With a key, only signed commands are taken.
    pub verify_keys: Vec<VerifyKey>,
    /// Floods at once, at least 1.
    pub runs_max: usize,
    /// A new queue is subscribed after a random part of this, ms.
    pub boot_jitter_ms: u64,
}

/// How AWS is reached. Endpoints are `None` for the real ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsSection {
    /// Region of the queue and of the clients.
    pub region: String,
    /// Of SQS.
    pub sqs_endpoint_url: Option<String>,
    /// Of SNS.
    pub sns_endpoint_url: Option<String>,
    /// Of S3.
    pub s3_endpoint_url: Option<String>,
}

impl AwsSection {
    /// What the clients are made from.
    #[must_use]
    pub fn settings(&self) -> AwsSettings {
        AwsSettings {
            region: Some(self.region.clone()),
            endpoints: Endpoints {
                sqs: self.sqs_endpoint_url.clone(),
                sns: self.sns_endpoint_url.clone(),
                s3: self.s3_endpoint_url.clone(),
            },
        }
    }
}

/// Files of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilesSection {
    /// Whether `file://` is fetched from.
    pub file_uris: bool,
    /// Of one file.
    pub file_bytes_max: u64,
    /// Of all files of a run, unpacked; not below that of one file.
    pub run_bytes_max: u64,
    /// Of files that are kept; 0 keeps none.
    pub cache_bytes_max: u64,
    /// Downloads at once, at least 1.
    pub parallel: usize,
}

/// Windows of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowsSection {
    /// Wait after a window's end, ms.
    pub grace_ms: u64,
    /// Distinct labels of a run.
    pub labels_max: usize,
}

/// What waits for the Drain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpoolSection {
    /// Compressed bytes.
    pub bytes_max: u64,
    /// Age at which it is given up, s.
    pub age_max_s: u64,
}

/// Load-generation tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolsSection {
    /// Where tools are installed; `None` for [`crate::tool::install::default_dir`].
    pub dir: Option<PathBuf>,
    /// A JMeter to use as it is.
    pub jmeter_home: Option<PathBuf>,
    /// Largest heap of a tool's JVM, MiB.
    pub heap_mib: u32,
    /// Further options for it; none of them sets the heap.
    pub jvm_args: Vec<String>,
    /// The browser; `None` for the one on the path.
    pub chromium: Option<PathBuf>,
    /// Its driver; `None` for the one on the path.
    pub chromedriver: Option<PathBuf>,
}

/// The instance metadata service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataSection {
    /// Whether it is asked.
    pub enabled: MetadataMode,
    /// Its URL.
    pub endpoint: String,
    /// Whether to watch for the instance's end.
    pub spot: bool,
}

/// Whether the instance metadata service is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataMode {
    /// Where there is one.
    Auto,
    /// It has to be there.
    On,
    /// Never.
    Off,
}
