//! The table of keys: everything about each of them in one place.

use super::kind::{Kind, Unit};
use super::value::Value;
use gridnode_core::base::limits::{GRACE_MS_DEFAULT, LABELS_DEFAULT, LABELS_MAX, WINDOW_S_ALLOWED};

const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;
const HOUR_MS: u64 = 3_600_000;

/// A key of the configuration.
#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    /// Its dotted name; what stands before the last dot is the section of the file.
    pub name: &'static str,
    /// Its variable where that is not `GRIDNODE_` and the name in capitals, because other commands read it, too.
    env: Option<&'static str>,
    /// What it takes.
    pub kind: Kind,
    /// What is in effect when nothing is given.
    pub fallback: Fallback,
    /// What it does, in a sentence or two.
    pub help: &'static str,
    /// A value for the example file, as the file has it.
    pub example: &'static str,
}

/// What is in effect when nothing is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// It has to be given.
    Required,
    /// Nothing.
    None,
    /// This number.
    Number(u64),
    /// This.
    Bool(bool),
    /// This text.
    Text(&'static str),
    /// Something that is worked out; says how.
    Derived(&'static str),
}

impl Key {
    const fn new(name: &'static str, kind: Kind, fallback: Fallback, help: &'static str) -> Self {
        Self { name, env: None, kind, fallback, help, example: "" }
    }

    const fn env(self, env: &'static str) -> Self {
        Self { env: Some(env), ..self }
    }

    const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }

    /// Its variable in the environment.
    #[must_use]
    pub fn env_name(&self) -> String {
        self.env.map_or_else(|| self.regular_env_name(), str::to_owned)
    }

    /// The variable that it would have by the rule.
    pub(super) fn regular_env_name(&self) -> String {
        format!("GRIDNODE_{}", self.name.to_ascii_uppercase().replace('.', "_"))
    }

    /// The section of the file, empty at the top.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.name.rsplit_once('.').map_or("", |(section, _)| section)
    }

    /// Its name within the section.
    #[must_use]
    pub fn last(&self) -> &'static str {
        self.name.rsplit_once('.').map_or(self.name, |(_, last)| last)
    }

    pub(super) fn default_value(&self) -> Option<Value> {
        match self.fallback {
            Fallback::Required | Fallback::None | Fallback::Derived(_) => None,
            Fallback::Number(number) => Some(Value::Number(number)),
            Fallback::Bool(on) => Some(Value::Bool(on)),
            Fallback::Text(text) => self.kind.read(text).ok(),
        }
    }
}

const fn count(min: u64, max: u64) -> Kind {
    Kind::Number { unit: Unit::Count, min, max }
}

const fn ms(min: u64, max: u64) -> Kind {
    Kind::Number { unit: Unit::Ms, min, max }
}

const fn bytes(min: u64, max: u64) -> Kind {
    Kind::Number { unit: Unit::Bytes, min, max }
}

use Fallback::{Bool, Derived, None as Nothing, Number, Required, Text};

/// All keys, section by section.
pub static KEYS: &[Key] = &[
    Key::new(
        "state_dir",
        Kind::Path,
        Text("/var/lib/gridnode"),
        "Directory for everything that must survive a restart: journal, spool, runs, cache.",
    ),
    Key::new(
        "shutdown_ms",
        ms(10_000, HOUR_MS),
        Number(90_000),
        "Time for all of the node's end: tools, windows, delivery, last events. Keep it below the service manager's stop timeout.",
    ),
    // node
    Key::new(
        "node.id",
        Kind::Ident,
        Derived("the instance's id, or else the host's name"),
        "Name of this node, unique in the platform; it names the queue.",
    )
    .env("GRIDNODE_NODE")
    .example("\"i-0123456789abcdef0\""),
    Key::new(
        "node.grid",
        Kind::Ident,
        Derived("the instance's tag gridnode:grid or grid"),
        "Grid that this node belongs to; a node without one takes no command that names grids.",
    )
    .env("GRIDNODE_GRID")
    .example("\"9\""),
    Key::new(
        "node.region",
        Kind::Ident,
        Derived("the instance's region, or else aws.region"),
        "Region of this node, as commands name it and rollups carry it.",
    )
    .env("GRIDNODE_REGION")
    .example("\"us-east-1\""),
    Key::new(
        "node.index",
        count(0, 1_000_000),
        Number(0),
        "Number of this node in its grid, counted from 0; tools get it as FLOOD_NODE_INDEX.",
    ),
    Key::new(
        "node.grid_index",
        count(0, 1_000_000),
        Number(0),
        "Number of the grid in a flood, counted from 0; tools get it as FLOOD_GRID_INDEX.",
    ),
    // control
    Key::new(
        "control.command_topics",
        Kind::Topics,
        Required,
        "SNS topics that this node takes commands from.",
    )
    .example("[\"arn:aws:sns:us-east-1:123456789012:gridnode-commands\"]"),
    Key::new("control.event_topic", Kind::Topic, Required, "SNS topic that this node reports to.")
        .example("\"arn:aws:sns:us-east-1:123456789012:gridnode-events\""),
    Key::new(
        "control.queue_prefix",
        Kind::QueuePrefix,
        Text(crate::control::queue::PREFIX),
        "What the name of this node's queue begins with; the node's id follows.",
    ),
    Key::new(
        "control.verify_key",
        Kind::VerifyKeys,
        Nothing,
        "Ed25519 public key; when it is given, a command without a valid signature is refused. Two are a list: either counts.",
    )
    .example("\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\""),
    Key::new("control.runs_max", count(1, 32), Number(1), "Floods at once; one more is refused as busy."),
    Key::new(
        "control.boot_jitter_ms",
        ms(0, 600_000),
        Number(10_000),
        "A new queue is subscribed after a random part of this time: SNS takes some 100 subscriptions a second.",
    ),
    // drain
    Key::new(
        "drain.url",
        Kind::DrainUrl,
        Required,
        "Drain that rollups are written to; credentials and ?db= may stand in it.",
    )
    .env("GRIDNODE_DRAIN")
    .example("\"https://drain.example.com\""),
    Key::new(
        "drain.database",
        Kind::Text,
        Derived("?db= of drain.url, or else gridnode"),
        "Database of the Drain.",
    )
    .example("\"gridnode\""),
    Key::new("drain.token", Kind::Secret, Nothing, "Token for the Drain; better in a file.").example("\"…\""),
    Key::new("drain.token_file", Kind::Path, Nothing, "File with the token for the Drain.")
        .example("\"/etc/gridnode/drain.token\""),
    Key::new(
        "drain.token_type",
        Kind::WordOf(&["Token", "Bearer"]),
        Text("Token"),
        "Word before the token in the Authorization header.",
    ),
    Key::new("drain.username", Kind::Text, Nothing, "User for basic authentication.").example("\"node\""),
    Key::new("drain.password", Kind::Secret, Nothing, "Password for basic authentication; better in a file.")
        .example("\"…\""),
    Key::new("drain.password_file", Kind::Path, Nothing, "File with the password.")
        .example("\"/etc/gridnode/drain.password\""),
    // aws
    Key::new(
        "aws.region",
        Kind::Text,
        Derived("AWS_REGION, or else the instance's region, or else that of the first command topic"),
        "Region of the queue and of the clients.",
    )
    .example("\"us-east-1\""),
    Key::new("aws.endpoint_url", Kind::Url, Nothing, "Endpoint of all AWS services, for tests.")
        .example("\"http://127.0.0.1:4566\""),
    Key::new("aws.sqs_endpoint_url", Kind::Url, Derived("aws.endpoint_url"), "Endpoint of SQS.")
        .example("\"http://127.0.0.1:4566\""),
    Key::new("aws.sns_endpoint_url", Kind::Url, Derived("aws.endpoint_url"), "Endpoint of SNS.")
        .example("\"http://127.0.0.1:4566\""),
    Key::new("aws.s3_endpoint_url", Kind::Url, Derived("aws.endpoint_url"), "Endpoint of S3.")
        .example("\"http://127.0.0.1:8014\""),
    // receipts
    Key::new(
        "receipts.uri",
        Kind::S3,
        Nothing,
        "Where receipts go that are too large for a message; without it they lose their list of sources.",
    )
    .example("\"s3://my-bucket/receipts\""),
    // files
    Key::new(
        "files.file_uris",
        Kind::Bool,
        Bool(false),
        "Whether files of a run may come from file:// as well. For tests: whoever may send commands can read any file with it.",
    ),
    Key::new("files.file_bytes_max", bytes(1, TIB), Number(GIB), "Largest file of a run."),
    Key::new(
        "files.run_bytes_max",
        bytes(1, TIB),
        Number(4 * GIB),
        "All files of a run together, archives unpacked.",
    ),
    Key::new(
        "files.cache_bytes_max",
        bytes(0, TIB),
        Number(8 * GIB),
        "Files that are kept for further runs; the least recently used go first.",
    ),
    Key::new("files.parallel", count(1, 32), Number(4), "Downloads at once."),
    // windows
    Key::new(
        "windows.grace_ms",
        ms(0, 60_000),
        Number(GRACE_MS_DEFAULT),
        "Wait after a window's end for samples on their way.",
    ),
    Key::new(
        "windows.labels_max",
        count(1, LABELS_MAX as u64),
        Number(LABELS_DEFAULT as u64),
        "Distinct labels of a run before further ones are counted together as __other__.",
    ),
    // spool
    Key::new(
        "spool.bytes_max",
        bytes(1 << 20, TIB),
        Number(GIB),
        "What may wait on disk for the Drain, compressed; the oldest goes first.",
    ),
    Key::new(
        "spool.age_max_s",
        Kind::Number { unit: Unit::S, min: 60, max: 30 * 86_400 },
        Number(86_400),
        "What has waited for longer is given up.",
    ),
    // timestamps
    Key::new(
        "timestamps.key",
        Kind::Secret,
        Derived("a public constant"),
        "Key of the timestamps' offsets, the same on all nodes of a platform.",
    )
    .env("GRIDNODE_TIMESTAMP_KEY")
    .example("\"…\""),
    Key::new("timestamps.key_file", Kind::Path, Nothing, "File with the key of the timestamps' offsets.")
        .example("\"/etc/gridnode/timestamps.key\""),
    // sump
    Key::new(
        "sump.listen",
        Kind::Loopback,
        Text("127.0.0.1:35663"),
        "First UDP address to try for a run's samples; further runs take the next free ports.",
    ),
    // tools
    Key::new(
        "tools.dir",
        Kind::Path,
        Derived("~/.local/share/gridnode/tools"),
        "Directory in which tools are installed.",
    )
    .example("\"/opt/gridnode/tools\""),
    Key::new(
        "tools.jmeter_home",
        Kind::Path,
        Nothing,
        "A JMeter to use, which stays as it is, instead of the installed one.",
    )
    .env("JMETER_HOME")
    .example("\"/opt/apache-jmeter-5.6.3\""),
    Key::new(
        "tools.heap_mib",
        Kind::Number { unit: Unit::Mib, min: 64, max: 1 << 20 },
        Number(1_024),
        "Largest heap of a tool's JVM.",
    ),
    Key::new("tools.jvm_args", Kind::Words, Text(""), "Further options for a tool's JVM.")
        .example("[\"-XX:+UseParallelGC\"]"),
    Key::new(
        "tools.chromium",
        Kind::Path,
        Nothing,
        "The browser for browser tests, unless chromium, google-chrome or chromium-browser is on the path.",
    )
    .example("\"/opt/chrome/chrome\""),
    Key::new(
        "tools.chromedriver",
        Kind::Path,
        Nothing,
        "Its driver, of the same version, unless it is on the path.",
    )
    .example("\"/opt/chrome/chromedriver\""),
    // run
    Key::new("run.fetch_ms", ms(1_000, HOUR_MS), Number(600_000), "Time for all files of a run to be here."),
    Key::new("run.prepare_ms", ms(1_000, HOUR_MS), Number(120_000), "Time for the tool to be made ready."),
    Key::new(
        "run.start_ms",
        ms(1_000, HOUR_MS),
        Number(30_000),
        "Time from the order to start to a process.",
    ),
    Key::new(
        "run.finish_ms",
        ms(0, HOUR_MS),
        Number(5_000),
        "Time for samples under way to finish when a run reaches its longest time; a stop brings its own.",
    ),
    Key::new(
        "run.stop_now_ms",
        ms(0, HOUR_MS),
        Number(5_000),
        "Time for the tool to stop after it was told to do so now.",
    ),
    Key::new("run.terminate_ms", ms(0, HOUR_MS), Number(3_000), "Time for the tool to end after SIGTERM."),
    Key::new(
        "run.kill_ms",
        ms(100, HOUR_MS),
        Number(5_000),
        "Time for the tree to be empty after SIGKILL, before the run is closed all the same.",
    ),
    Key::new("run.close_ms", ms(1_000, HOUR_MS), Number(30_000), "Time for a run's windows to be closed."),
    Key::new(
        "run.flush_ms",
        ms(0, HOUR_MS),
        Number(20_000),
        "Time for delivery after the last window of a run; what is left waits in the spool.",
    ),
    // health
    Key::new(
        "health.period_s",
        Kind::NumberOf(Unit::S, &WINDOW_S_ALLOWED),
        Number(15),
        "How often the node's health is reported, idle or not.",
    ),
    // metadata
    Key::new(
        "metadata.enabled",
        Kind::WordOf(&["auto", "true", "false"]),
        Text("auto"),
        "Whether the instance metadata service is asked who this node is; auto does without it where there is none.",
    ),
    Key::new(
        "metadata.endpoint",
        Kind::Url,
        Text("http://169.254.169.254"),
        "The instance metadata service.",
    ),
    Key::new(
        "metadata.spot",
        Kind::Bool,
        Bool(true),
        "Whether to end in good time when the instance is about to be taken away.",
    ),
];
