//! The table of keys: everything about each of them in one place.

use super::form::{COORDINATE, IDENT, LOOPBACK, PATH, QUEUE_PREFIX, S3, TOPIC, URL, VERIFY_KEY};
use super::key::Fallback::{Bool, Derived, None as Nothing, Number, Required, Text};
use super::key::{Key, Section, Values, configuration};
use super::kind::{Kind, Unit};
use super::typed::{MetadataMode, Typed};
use super::value::{S3Location, Secret};
use crate::cage::slot::{SLOTS_MAX, SOCKETS_DIR};
use crate::control::aws::TopicArn;
use crate::control::queue::{BOOT_JITTER_MS, PREFIX};
use crate::data::drain::DrainUrl;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::limits::{
    FILE_BYTES_DEFAULT, GRACE_MS_DEFAULT, LABELS_DEFAULT, LABELS_MAX, RUN_FILES_BYTES_DEFAULT,
    TRACES_PER_LABEL, TRACES_PER_WINDOW, TRACES_WINDOW_S, WINDOW_S_ALLOWED,
};
use gridnode_core::node::command::VerifyKey;
use gridnode_core::run::flood::FloodSettings;
use gridnode_launch::jmeter::Coordinate;
use std::net::SocketAddr;
use std::path::PathBuf;

const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;
const HOUR_MS: u64 = 3_600_000;

const fn number(unit: Unit, min: u64, max: u64) -> Kind {
    Kind::Number { unit, min, max }
}

const fn count(min: u64, max: u64) -> Kind {
    number(Unit::Count, min, max)
}

const fn ms(min: u64, max: u64) -> Kind {
    number(Unit::Ms, min, max)
}

const fn bytes(min: u64, max: u64) -> Kind {
    number(Unit::Bytes, min, max)
}

const fn formed(form: &'static super::form::Form) -> Kind {
    Kind::Formed(form)
}

configuration! {
    Config {
        /// Directory for everything that must survive a restart: journal, spool, runs, cache.
        state_dir: PathBuf = formed(&PATH), Text("/var/lib/gridnode");
        /// Time for all of the node's end: tools, windows, delivery, last events. Keep it below the service manager's
        /// stop timeout.
        shutdown_ms: u64 = ms(10_000, HOUR_MS), Number(90_000);
    }

    /// Who this node is.
    node: NodeSection {
        /// Name of this node, unique in the platform; it names the queue.
        id: Ident = formed(&IDENT), Derived("the instance's id, or else the host's name"),
            env "GRIDNODE_NODE", example "\"i-0123456789abcdef0\"";
        /// Grid that this node belongs to; a node without one takes no command that names grids.
        grid: Option<Ident> = formed(&IDENT), Derived("the instance's tag gridnode:grid or grid"),
            env "GRIDNODE_GRID", example "\"9\"";
        /// Region of this node, as commands name it and rollups carry it.
        region: Option<Ident> = formed(&IDENT), Derived("the instance's region, or else aws.region"),
            env "GRIDNODE_REGION", example "\"us-east-1\"";
        /// Number of this node in its grid, counted from 0; tools get it as FLOOD_NODE_INDEX.
        index: u32 = count(0, 1_000_000), Number(0);
        /// Number of the grid in a flood, counted from 0; tools get it as FLOOD_GRID_INDEX.
        grid_index: u32 = count(0, 1_000_000), Number(0);
    }

    /// Commands and events.
    control: ControlSection {
        /// SNS topics that this node takes commands from.
        command_topics: Vec<TopicArn> = Kind::Formeds(&TOPIC), Required,
            example "[\"arn:aws:sns:us-east-1:123456789012:gridnode-commands\"]";
        /// SNS topic that this node reports to.
        event_topic: TopicArn = formed(&TOPIC), Required,
            example "\"arn:aws:sns:us-east-1:123456789012:gridnode-events\"";
        /// What the name of this node's queue begins with; the node's id follows.
        queue_prefix: String = formed(&QUEUE_PREFIX), Text(PREFIX);
        /// Ed25519 public key; when it is given, a command without a valid signature is refused. Two are a list.
        verify_key: Vec<VerifyKey> = Kind::OneOrTwo(&VERIFY_KEY), Nothing,
            example "\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\"";
        /// Floods at once; one more is refused as busy.
        runs_max: usize = count(1, 32), Number(1);
        /// A new queue is subscribed after a random part of this time: SNS takes some 100 subscriptions a second.
        boot_jitter_ms: u64 = ms(0, 600_000), Number(BOOT_JITTER_MS);
    }

    /// Where rollups go.
    drain: DrainSection {
        /// Drain that rollups are written to; credentials and ?db= may stand in it.
        url: DrainUrl = Kind::DrainUrl, Required, env "GRIDNODE_DRAIN", example "\"https://drain.example.com\"";
        /// Database of the Drain.
        database: Option<String> = Kind::Text, Derived("?db= of drain.url, or else gridnode"),
            example "\"gridnode\"";
        /// Token for the Drain; better in a file.
        token: Option<Secret> = Kind::Secret, Nothing, example "\"…\"";
        /// File with the token for the Drain.
        token_file: Option<PathBuf> = formed(&PATH), Nothing, example "\"/etc/gridnode/drain.token\"";
        /// Word before the token in the Authorization header.
        token_type: String = Kind::WordOf(&["Token", "Bearer"]), Text("Token");
        /// User for basic authentication.
        username: Option<String> = Kind::Text, Nothing, example "\"node\"";
        /// Password for basic authentication; better in a file.
        password: Option<Secret> = Kind::Secret, Nothing, example "\"…\"";
        /// File with the password.
        password_file: Option<PathBuf> = formed(&PATH), Nothing, example "\"/etc/gridnode/drain.password\"";
    }

    /// How AWS is reached. Endpoints are `None` for the real ones.
    aws: AwsSection {
        /// Region of the queue and of the clients.
        region: String = Kind::Text,
            Derived("AWS_REGION, or else the instance's region, or else that of the first command topic"),
            example "\"us-east-1\"";
        /// Endpoint of all AWS services, for tests.
        endpoint_url: Option<String> = formed(&URL), Nothing, example "\"http://127.0.0.1:4566\"";
        /// Endpoint of SQS.
        sqs_endpoint_url: Option<String> = formed(&URL), Derived("aws.endpoint_url"),
            example "\"http://127.0.0.1:4566\"";
        /// Endpoint of SNS.
        sns_endpoint_url: Option<String> = formed(&URL), Derived("aws.endpoint_url"),
            example "\"http://127.0.0.1:4566\"";
        /// Endpoint of S3.
        s3_endpoint_url: Option<String> = formed(&URL), Derived("aws.endpoint_url"),
            example "\"http://127.0.0.1:8014\"";
    }

    /// Receipts that are too large for a message.
    receipts: ReceiptsSection {
        /// Where receipts go that are too large for a message; without it they lose their list of sources.
        uri: Option<S3Location> = formed(&S3), Nothing, example "\"s3://my-bucket/receipts\"";
    }

    /// Error traces: failed requests in full.
    traces: TracesSection {
        /// Where traces go; without it none are taken.
        uri: Option<S3Location> = formed(&S3), Nothing, example "\"s3://my-bucket/traces\"";
        /// Failures of one label, code and kind of error that are kept a window.
        per_label: u32 = count(1, 1_000), Number(TRACES_PER_LABEL as u64);
        /// Failures that are kept a window; a kind that has had none may exceed it.
        per_window: u32 = count(1, 10_000), Number(TRACES_PER_WINDOW as u64);
        /// Such a window.
        window_s: u32 = number(Unit::S, 1, 3_600), Number(TRACES_WINDOW_S as u64);
        /// Successes that take longer are kept, too.
        slower_ms: Option<u32> = ms(1, HOUR_MS), Nothing, example "2_000";
        /// Names whose values are hidden, beside passwords, tokens, cookies and the like, wherever one is a part of a name.
        secrets: Vec<String> = Kind::Words, Text(""), example "[\"iban\", \"birthday\"]";
        /// How S3 encrypts them: what the bucket does by itself, unless it is said here.
        encryption: Option<String> = Kind::WordOf(&["AES256", "aws:kms"]), Nothing, example "\"aws:kms\"";
        /// Key for aws:kms, unless it is the account's own for S3.
        kms_key_id: Option<String> = Kind::Text, Nothing,
            example "\"arn:aws:kms:us-east-1:123456789012:key/…\"";
        /// What may wait on disk for S3, compressed; the oldest goes first.
        spool_bytes_max: u64 = bytes(1 << 20, TIB), Number(GIB / 4);
        /// What has waited for longer is given up.
        age_max_s: u64 = number(Unit::S, 60, 30 * 86_400), Number(86_400);
    }

    /// Files of runs.
    files: FilesSection {
        /// Whether files of a run may come from file:// as well. For tests: whoever may send commands can read any
        /// file with it.
        file_uris: bool = Kind::Bool, Bool(false);
        /// Largest file of a run.
        file_bytes_max: u64 = bytes(1, TIB), Number(FILE_BYTES_DEFAULT);
        /// All files of a run together, archives unpacked.
        run_bytes_max: u64 = bytes(1, TIB), Number(RUN_FILES_BYTES_DEFAULT);
        /// Files that are kept for further runs; the least recently used go first.
        cache_bytes_max: u64 = bytes(0, TIB), Number(8 * GIB);
        /// Downloads at once.
        parallel: usize = count(1, 32), Number(4);
    }

    /// Windows of runs.
    windows: WindowsSection {
        /// Wait after a window's end for samples on their way.
        grace_ms: u64 = ms(0, 60_000), Number(GRACE_MS_DEFAULT);
        /// Distinct labels of a run before further ones are counted together as __other__.
        labels_max: usize = count(1, LABELS_MAX as u64), Number(LABELS_DEFAULT as u64);
        /// Whether open windows are kept in memory files (/dev/shm), so that an agent that is killed loses a second, not a
        /// window. They take some 400 bytes a label.
        snapshots: bool = Kind::Bool, Bool(true);
    }

    /// What waits for the Drain.
    spool: SpoolSection {
        /// What may wait on disk for the Drain, compressed; the oldest goes first.
        bytes_max: u64 = bytes(1 << 20, TIB), Number(GIB);
        /// What has waited for longer is given up.
        age_max_s: u64 = number(Unit::S, 60, 30 * 86_400), Number(86_400);
    }

    /// The offsets of timestamps.
    timestamps: TimestampsSection {
        /// Key of the timestamps' offsets, the same on all nodes of a platform.
        key: Option<Secret> = Kind::Secret, Derived("a public constant"),
            env "GRIDNODE_TIMESTAMP_KEY", example "\"…\"";
        /// File with the key of the timestamps' offsets.
        key_file: Option<PathBuf> = formed(&PATH), Nothing, example "\"/etc/gridnode/timestamps.key\"";
    }

    /// Where samples come in.
    sump: SumpSection {
        /// First UDP address to try for a run's samples; further runs take the next free ports.
        listen: SocketAddr = formed(&LOOPBACK), Text("127.0.0.1:35663");
    }

    /// What runs live in.
    cage: CageSection {
        /// Slots for runs: units gridnode-run@1, gridnode-run@2, … of systemd, each with a user of its own that can reach nothing of
        /// this agent; 0 for none, and runs are this agent's user.
        slots: u32 = count(0, SLOTS_MAX as u64), Number(0);
        /// Where systemd listens for the slots.
        sockets_dir: PathBuf = formed(&PATH), Text(SOCKETS_DIR);
        /// Bytes that a run's files may have in all, its tool's results among them; more end it.
        disk_bytes_max: u64 = bytes(1 << 20, TIB), Number(20 * GIB);
        /// Files and directories that a run may have; more end it.
        disk_files_max: u64 = count(1_000, 10_000_000), Number(500_000);
    }

    /// Load-generation tools.
    tools: ToolsSection {
        /// Directory in which tools are installed.
        dir: Option<PathBuf> = formed(&PATH), Derived("~/.local/share/gridnode/tools"),
            example "\"/opt/gridnode/tools\"";
        /// A JMeter to use, which stays as it is, instead of the installed one.
        jmeter_home: Option<PathBuf> = formed(&PATH), Nothing,
            env "JMETER_HOME", example "\"/opt/apache-jmeter-5.6.3\"";
        /// Plug-ins of JMeter that this node must have; each is installed with `gridnode tools install jmeter --plugin`.
        jmeter_plugins: Vec<Coordinate> = Kind::Formeds(&COORDINATE), Text(""),
            example "[\"kg.apc:jmeter-plugins-casutg:2.10\"]";
        /// Whether Python packages are installed that a browser test brings a requirements.txt for: code of strangers runs then.
        plan_packages: bool = Kind::Bool, Bool(false);
        /// Largest heap of a tool's JVM.
        heap_mib: u32 = number(Unit::Mib, 64, 1 << 20), Number(1_024);
        /// Further options for a tool's JVM.
        jvm_args: Vec<String> = Kind::Words, Text(""), example "[\"-XX:+UseParallelGC\"]";
        /// The browser for browser tests, unless chromium, google-chrome or chromium-browser is on the path.
        chromium: Option<PathBuf> = formed(&PATH), Nothing, example "\"/opt/chrome/chrome\"";
        /// Its driver, of the same version, unless it is on the path.
        chromedriver: Option<PathBuf> = formed(&PATH), Nothing, example "\"/opt/chrome/chromedriver\"";
    }

    /// Deadlines of a run; the longest run comes with the command.
    run: FloodSettings (..FloodSettings::default()) {
        /// Time for all files of a run to be here.
        fetch_ms: u64 = ms(1_000, HOUR_MS), Number(600_000);
        /// Time for the tool to be made ready.
        prepare_ms: u64 = ms(1_000, HOUR_MS), Number(120_000);
        /// Time from the order to start to a process.
        start_ms: Option<u64> = ms(1_000, HOUR_MS), Number(30_000);
        /// Time for samples under way to finish when a run reaches its longest time; a stop brings its own.
        finish_ms: u64 = ms(0, HOUR_MS), Number(5_000);
        /// Time for the tool to stop after it was told to do so now.
        stop_now_ms: u64 = ms(0, HOUR_MS), Number(5_000);
        /// Time for the tool to end after SIGTERM.
        terminate_ms: u64 = ms(0, HOUR_MS), Number(3_000);
        /// Time for the tree to be empty after SIGKILL, before the run is closed all the same.
        kill_ms: u64 = ms(100, HOUR_MS), Number(5_000);
        /// Time for a run's windows to be closed.
        close_ms: Option<u64> = ms(1_000, HOUR_MS), Number(30_000);
        /// Time for delivery after the last window of a run; what is left waits in the spool.
        flush_ms: u64 = ms(0, HOUR_MS), Number(20_000);
    }

    /// The node's health.
    health: HealthSection {
        /// How often the node's health is reported, idle or not.
        period_s: u32 = Kind::NumberOf(Unit::S, &WINDOW_S_ALLOWED), Number(15);
    }

    /// The instance metadata service.
    metadata: MetadataSection {
        /// Whether the instance metadata service is asked who this node is; auto does without it where there is none.
        enabled: MetadataMode = Kind::WordOf(&["auto", "true", "false"]), Text("auto");
        /// The instance metadata service.
        endpoint: String = formed(&URL), Text("http://169.254.169.254");
        /// Whether to end in good time when the instance is about to be taken away.
        spot: bool = Kind::Bool, Bool(true);
    }
}
