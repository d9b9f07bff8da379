//! What happens on the way, for whoever shows it.

use crate::control::aws::{AwsError, TopicArn};
use gridnode_core::base::ids::Ident;
use gridnode_core::node::command::{Command, FileName, FileUri};
use gridnode_core::node::event::Event;
use gridnode_core::node::follow::NodeState;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// Hears what happens, in order.
pub trait Listener {
    /// Takes one piece of news.
    ///
    /// # Errors
    /// When it cannot be shown any more: what is under way ends then.
    fn hear(&mut self, news: News<'_>) -> io::Result<()>;

    /// Why the run that was started is to be stopped, if it is; asked after every piece of news, and to be said once.
    fn wants_stop(&mut self) -> Option<String> {
        None
    }
}

/// One piece of it.
#[derive(Debug)]
pub enum News<'a> {
    /// A compiler on a node would not find this source.
    Misplaced(&'a Misplaced),
    /// What the plan will do with this load, or how long it may take.
    OfPlan(&'a str),
    /// A directory is packed without these, because they are hidden, links, or made by a build.
    LeftOut {
        /// The directory, as it was named.
        dir: &'a Path,
        /// Relative to it, sorted.
        names: &'a [String],
    },
    /// A directory was packed.
    Packed {
        /// The directory, as it was named.
        dir: &'a Path,
        /// Files in it.
        files: u64,
        /// What the archive is called.
        name: &'a FileName,
    },
    /// A file goes along that nobody has named, because the plan reads it.
    GoesAlong {
        /// What it is called on a node.
        name: &'a FileName,
    },
    /// A file goes along that nobody has named, because a run takes it from beside the plan.
    LiesBeside {
        /// What it is called on a node.
        name: &'a FileName,
    },
    /// A file need not be uploaded.
    IsThere {
        /// As it was named.
        file: &'a Path,
        /// Where it is.
        uri: &'a FileUri,
    },
    /// A file was uploaded.
    Uploaded {
        /// As it was named.
        file: &'a Path,
        /// Its length.
        bytes: u64,
        /// Where it is.
        uri: &'a FileUri,
    },
    /// A command was published.
    Sent {
        /// Which one.
        command: &'a Command,
        /// Where.
        topic: &'a TopicArn,
    },
    /// A node says something about it.
    Event(&'a Event),
    /// All nodes that answered are done, and there may be others.
    Lingers {
        /// How long they are waited for, ms.
        left_ms: u64,
        /// Nodes that answered.
        nodes: usize,
    },
    /// How the nodes stand meanwhile, now and then.
    Progress {
        /// Since the command was sent, s.
        elapsed_s: u64,
        /// Those that answered.
        nodes: &'a BTreeMap<Ident, NodeState>,
    },
    /// The run is being stopped, for this.
    Stops(&'a str),
    /// The stop could not be sent, and is tried for again.
    NotStopped(&'a anyhow::Error),
    /// Events could not be fetched, and are tried for again. Told once in a row of failures.
    Retries(&'a AwsError),
    /// Following is over, and this is how the nodes stand.
    Ended(&'a BTreeMap<Ident, NodeState>),
    /// The queue for events could not be removed.
    QueueStays {
        /// Which one.
        url: &'a str,
        /// Why.
        error: &'a AwsError,
    },
}

/// A Java source that lies elsewhere than its package says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misplaced {
    /// What it is called in the run's directory.
    pub name: String,
    /// Its package, with dots.
    pub package: String,
    /// The end of the path where a compiler looks for it.
    pub wanted: String,
}
