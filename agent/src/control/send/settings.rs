//! What is asked for, as plain values.

use gridnode_core::base::ids::Ident;
use gridnode_core::base::tags::Tags;
use gridnode_core::base::time::Wall;
use gridnode_core::node::command::{Route, Sha256};
use gridnode_launch::ToolKind;
use std::path::{Path, PathBuf};

/// What all commands have in common.
#[derive(Debug, Clone, Default)]
pub struct SendSettings {
    /// Whom it is for.
    pub route: Route,
    /// Its id; one that was sent before is obeyed once only. `None` for a new one.
    pub id: Option<Ident>,
    /// Until when a node may still obey, s; `None` for what fits the action.
    pub valid_for_s: Option<u32>,
    /// File of the Ed25519 key to sign with.
    pub sign_key: Option<PathBuf>,
}

/// A start.
#[derive(Debug, Clone)]
pub struct StartSettings {
    /// What it is made of.
    pub files: FileSettings,
    /// What is done with it.
    pub flood: FloodSettings,
}

/// The files of a start.
#[derive(Debug, Clone)]
pub struct FileSettings {
    /// The plan: `PLACE` or `NAME=PLACE`, a file or directory of this machine, or `s3://bucket/key`.
    pub plan: String,
    /// Further files, likewise.
    pub further: Vec<String>,
    /// The plan's path in `plan`, where that is a directory or an archive.
    pub plan_in: Option<String>,
    /// Whose plan it is; `None` to be told by [`Self::detect`].
    pub tool: Option<Ident>,
    /// How it is told which tool a plan is for.
    pub detect: Detect,
    /// Where files of this machine are uploaded to: `s3://bucket/prefix`.
    pub upload: Option<String>,
    /// Digests of files that nodes can fetch already, by name; others are read to find it out.
    pub sha256: Vec<(String, Sha256)>,
}

/// How it is told which tool a plan is for: what tools there are is not known in this room.
#[derive(Debug, Clone, Copy)]
pub struct Detect {
    /// By what is at a path; a sentence when that cannot be told.
    pub by_content: fn(&Path) -> Result<ToolKind, String>,
    /// By a name, where that is enough.
    pub by_name: fn(&Path) -> Option<ToolKind>,
    /// What a run of this machine would take from beside a plan, with the parameters of the run.
    pub beside: Beside,
}

/// See [`Detect::beside`].
pub type Beside = fn(ToolKind, &Path, &[(String, String)]) -> Vec<Along>;

/// A file that a plan is run with.
#[derive(Debug, Clone)]
pub struct Along {
    /// What it is called, from the plan's directory on.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// It is called so from the run's directory on.
    pub is_at_top: bool,
}

/// The load test of a start.
#[derive(Debug, Clone)]
pub struct FloodSettings {
    /// The load test.
    pub id: Ident,
    /// Number of this execution; `None` for the time in milliseconds.
    pub run: Option<u64>,
    /// Customer account, a tag of the results.
    pub account: Option<Ident>,
    /// Project of the account, a tag of the results.
    pub project: Option<Ident>,
    /// Version of the tool; `None` for the one that a node has.
    pub tool_version: Option<Ident>,
    /// Users of every node; `None` for as the plan says.
    pub users: Option<u32>,
    /// Time until all users have started, s; `None` for as the plan says.
    pub ramp_up_s: Option<u32>,
    /// How long to run, s; `None` for as the plan says.
    pub duration_s: Option<u32>,
    /// Iterations of every user; `None` for as the plan says.
    pub iterations: Option<u64>,
    /// Parameters of the plan.
    pub parameters: Vec<(String, String)>,
    /// Free tags.
    pub tags: Tags,
    /// The class to start, where a plan has several.
    pub class: Option<String>,
    /// When the tool starts.
    pub starts: Starts,
    /// Length of a window of results, s.
    pub window_s: u32,
    /// The tool runs no longer than this, s; `None` for what fits the plan.
    pub max_runtime_s: Option<u32>,
    /// How often nodes are to say how it goes, s; `None` for not at all.
    pub progress_s: Option<u32>,
}

/// When the tools start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starts {
    /// As soon as a node is ready.
    Ready,
    /// All at this moment.
    At(Wall),
    /// All so long after the command was made, s.
    In(u32),
}

impl Starts {
    /// The longest that nodes may wait for it, s.
    pub(super) fn ahead_s(self) -> u64 {
        match self {
            Self::Ready => 0,
            Self::At(_) => 3_600,
            Self::In(s) => u64::from(s),
        }
    }
}
