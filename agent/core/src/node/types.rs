//! What can happen to a node, what it can do, and its settings.

use crate::node::command::{NodeAddress, StartFlood, VerifyKey};

use crate::base::ids::Ident;
use crate::base::run::{RunIdentity, RunKey};
use crate::base::time::Mono;
use crate::measure::ingest::ClosedRun;
use crate::node::event::Event;
use crate::run::flood::{FloodSettings, Stage};
use crate::run::receipt::{DeliveryAccount, HealthSummary, ToolEnd};
use crate::run::trace_index::TraceIndex;
use crate::run::verdict::Verdict;
use crate::trace::redact::RunRedactors;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Settings of a node, checked at the edge.
#[derive(Debug, Clone)]
pub struct NodeSettings {
    /// Who it is.
    pub address: NodeAddress,
    /// Version of the agent, for `node.ready`.
    pub agent_version: String,
    /// What tells this node's state directory from every other one, those of its earlier lives included: event ids
    /// have it.
    pub nonce: String,
    /// Number of this start of the agent on this node; made durable before anything else happens.
    pub incarnation: u64,
    /// Floods at once.
    pub runs_max: usize,
    /// Tools that are installed.
    pub tools: Vec<Ident>,
    /// Whether `file://` is fetched from: whoever may send commands could read any file of the machine with it.
    pub file_uris: bool,
    /// Whether receipts that are too large go to a store; without one they lose their list of sources.
    pub receipt_store: bool,
    /// With keys, only commands that one of them has signed are taken.
    pub verify_keys: Vec<VerifyKey>,
    /// Deadlines of a run; `runtime_max_ms` comes from the command.
    pub flood: FloodSettings,
    /// For all of the node's end when nobody says how long there is, ms; below the service manager's stop timeout.
    pub shutdown_ms: u64,
    /// What hides what is secret in the texts of a run's events and receipt.
    pub redactors: Arc<RunRedactors>,
    /// For jitter; any number, another one on every node.
    pub seed: u64,
}

/// What can happen. Every act that takes time is answered by one of these, at the latest by its failure.
#[derive(Debug, Clone)]
pub enum Input {
    /// The queue is there and subscribed.
    QueueReady,
    /// A message came.
    Message {
        /// What is in it.
        body: Vec<u8>,
        /// What deletes it.
        receipt_handle: String,
    },
    /// The journal is durable up to and including `seq`.
    Stored {
        /// Of [`Output::Persist`] or [`Output::Rewrite`].
        seq: u64,
    },
    /// `seq` could not be made durable; nothing after it counts as written until a rewrite has succeeded.
    StoreFailed {
        /// Of [`Output::Persist`] or [`Output::Rewrite`].
        seq: u64,
        /// For a person.
        why: String,
    },
    /// All files of a run are in its directory and match their digests.
    Fetched {
        /// Which run.
        run: RunKey,
    },
    /// The tool can be started, and there is a socket for its samples.
    Prepared {
        /// Which run.
        run: RunKey,
        /// What was changed in the plan, a sentence each; at most [`CHANGES_MAX`] are kept.
        changes: Vec<String>,
    },
    /// Files could not be fetched, or the tool not made ready.
    NotReady {
        /// Which run.
        run: RunKey,
        /// For a person.
        why: String,
    },
    /// The tool's process is there.
    ToolStarted {
        /// Which run.
        run: RunKey,
        /// When it was started, wall clock, ns.
        at_ns: i64,
    },
    /// The tool's process could not be started.
    ToolNotStarted {
        /// Which run.
        run: RunKey,
        /// For a person.
        why: String,
    },
    /// The tool's supervisor has ended it when its longest time was over. [`Self::TreeEmpty`] follows.
    ToolExpired {
        /// Which run.
        run: RunKey,
    },
    /// No process of the tool is left or was ever there, and none will come: a start that was under way is called off.
    TreeEmpty {
        /// Which run.
        run: RunKey,
        /// How it ended, where that is known.
        end: Option<ToolEnd>,
    },
    /// The run's windows are closed and written.
    RunClosed {
        /// Which run.
        run: RunKey,
        /// Its account; `None` where there is none (nothing was ever opened, or it was lost).
        closed: Option<Box<ClosedRun>>,
        /// What the tool's own signs say.
        verdict: Verdict,
        /// What else is known of it.
        notes: RunNotes,
    },
    /// Delivery is done or has given up for now. Asked for by [`Output::Flush`].
    DeliverySettled {
        /// Which run.
        run: RunKey,
        /// What became of its samples.
        account: DeliveryAccount,
        /// Its error traces, where somebody took them.
        traces: Option<Box<TraceIndex>>,
    },
    /// Something that a person should know about a run (half the label cap, for example).
    Warning {
        /// Which run.
        run: RunKey,
        /// One fixed word.
        warning: &'static str,
        /// A sentence.
        detail: String,
    },
    /// An event was published.
    EventPublished {
        /// Its id.
        id: String,
    },
    /// An event could not be published, or a receipt not be stored.
    EventFailed {
        /// Its id.
        id: String,
    },
    /// A receipt was stored.
    ReceiptStored {
        /// Of its event.
        id: String,
        /// Where; the same every time for the same run.
        location: String,
    },
    /// The node has to end.
    Stop(StopRequest),
    /// The queue is unsubscribed and deleted, or that failed.
    QueueLeft,
    /// Time has passed.
    Tick,
}

/// What a receipt says beside the account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunNotes {
    /// How the node was while it ran.
    pub health: Option<HealthSummary>,
    /// What does not fail it and has to be said of it, a sentence each.
    pub warnings: Vec<String>,
    /// The last lines of the tool's logs; they go into the receipt of a run that failed. At most
    /// [`LOG_TAIL_LINES_MAX`] are kept, each cut like any text of an event.
    pub log_tail: Vec<String>,
}

/// Changes of a plan in an event and a receipt, each cut like any text of an event: a plan has a handful of groups with a handful of numbers each.
pub const CHANGES_MAX: usize = 64;
/// Lines of the tool's logs in a receipt.
pub const LOG_TAIL_LINES_MAX: usize = 20;

/// Why, how and how soon a node ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopRequest {
    /// For a person: "SIGTERM", "spot interruption", …
    pub reason: String,
    /// Whether it will not come back: the queue is left then.
    pub for_good: bool,
    /// The end of the time that there is; `None` for the configured one.
    pub by: Option<Mono>,
}

/// What is to be done, in this order.
#[derive(Debug, Clone)]
pub enum Output {
    /// Append `line` to the journal and make it durable. Lines are stored in order.
    Persist {
        /// Number to answer with.
        seq: u64,
        /// With its line feed.
        line: String,
    },
    /// Replace the whole journal, atomically and durably; comes in order with lines.
    Rewrite {
        /// Number to answer with.
        seq: u64,
        /// The whole file.
        text: String,
    },
    /// Delete a message. Needs no answer: one that comes again is a repeat.
    DeleteMessage {
        /// Of the message.
        receipt_handle: String,
    },
    /// Fetch the files of a run.
    Fetch {
        /// What to run.
        start: Arc<StartFlood>,
    },
    /// Stop fetching; no answer.
    CancelFetch {
        /// Which run.
        run: RunKey,
    },
    /// Make the tool ready to start, open a socket for its samples.
    Prepare {
        /// What to run.
        start: Arc<StartFlood>,
        /// What its rollups carry.
        identity: RunIdentity,
    },
    /// Start the tool now.
    StartTool {
        /// Which run.
        run: RunKey,
    },
    /// Stop the tool, this hard. At [`Stage::Kill`] also where no tool is known: an earlier agent may have left one.
    StopTool {
        /// Which run.
        run: RunKey,
        /// How hard.
        stage: Stage,
    },
    /// Receive what is left, close the windows, write them; also where nothing was opened.
    CloseRun {
        /// Which run.
        run: RunKey,
    },
    /// Deliver with little patience; answer then at the latest.
    Flush {
        /// Which run.
        run: RunKey,
        /// The end of patience.
        until: Mono,
    },
    /// The run is over and its receipt durable: its directory may go.
    Discard {
        /// Which run.
        run: RunKey,
    },
    /// Publish an event.
    Publish {
        /// The event.
        event: Box<Event>,
    },
    /// Put a receipt into the store, always at the same place for the same run.
    StoreReceipt {
        /// Of the event that will point to it.
        id: String,
        /// Whose receipt it is.
        run: RunKey,
        /// The receipt.
        receipt: Value,
    },
    /// Take no more messages.
    StopListening,
    /// Unsubscribe, then delete the queue.
    LeaveQueue,
    /// End the process.
    Exit {
        /// Whether everything was said: no event and no run is left over.
        clean: bool,
        /// Whether it will not come back.
        for_good: bool,
    },
}

/// Where a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodePhase {
    /// It takes commands.
    Accepting,
    /// It ends: tools stop, windows close, delivery flushes.
    Stopping,
    /// It ends: last events, the queue.
    Leaving,
    /// It has ended.
    Stopped,
}

/// What a node has counted since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeCounters {
    /// Messages that came.
    pub messages: u64,
    /// Of them: for other nodes.
    pub not_for_us: u64,
    /// Of them: repeats of a command that was seen before.
    pub duplicates: u64,
    /// Of them: commands without effect, and what is no command.
    pub refused: u64,
    /// Of them: no command at all.
    pub poison: u64,
    /// Of them: left in the queue because nothing can be made durable at the moment.
    pub put_off: u64,
    /// Starts that were accepted.
    pub accepted: u64,
    /// Runs that are over.
    pub finished: u64,
    /// Events that were made.
    pub events: u64,
    /// Events (never receipts) for which there was no room.
    pub events_dropped: u64,
    /// Attempts to publish that failed.
    pub publish_failures: u64,
    /// Attempts to write the journal that failed.
    pub store_failures: u64,
    /// Entries of the memory of ids, tombstones and last runs that had to go early.
    pub evicted: u64,
}
