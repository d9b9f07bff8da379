//! What is judged about a run's tool, in the words that all tools have in common; who judges is a tool's own business.

use crate::measure::ingest::ClosedRun;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// With this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// Its supervisor was killed, and took it along.
    Unsupervised,
    /// Nobody could tell.
    Unknown,
}

/// What is known about a run when its process tree is gone and its socket is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunFacts {
    /// How the tool ended.
    pub exit: Exit,
    /// Whether a stop was asked for: by a command, a person or the run's own time limit.
    pub stop_asked: bool,
    /// Whether any datagram of our plug-in arrived.
    pub heard: bool,
    /// Whether the closing account of every plug-in that was heard arrived, by datagram or by file.
    pub closed: bool,
    /// Samples received.
    pub samples: u64,
}

impl RunFacts {
    /// From a run's account and what was seen of its tool; `heard`: a datagram of the plug-in had come before the close.
    #[must_use]
    pub fn new(run: &ClosedRun, exit: Exit, stop_asked: bool, heard: bool) -> Self {
        let known = !run.sources.is_empty();
        Self {
            exit,
            stop_asked,
            heard: heard || known,
            closed: known && run.sources.iter().all(|source| source.closed),
            samples: run.account.aggregated,
        }
    }
}

/// The judgement of a tool: what its own words, its samples and its exit come to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The plan ran to its end.
    Completed,
    /// It was stopped as asked.
    Stopped,
    /// The plan ran to its end, and its own assertions about the results do not hold.
    AssertionsFailed {
        /// Which ones.
        reason: String,
    },
    /// It did not do what the plan says.
    Failed {
        /// One sentence: what went wrong and what to do.
        reason: String,
    },
}
