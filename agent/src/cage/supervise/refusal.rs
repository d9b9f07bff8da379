//! Why the supervisor would not start a tool: one sentence for each thing a person can put right.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A refusal; crosses from the supervisor to the agent as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Error)]
#[serde(tag = "refused", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The spec cannot be read or contradicts itself.
    #[error("the launch spec is broken: {why}")]
    Spec {
        /// What is wrong with it.
        why: String,
    },
    /// No such file.
    #[error("program `{program}` not found{searched}: install it or give its path")]
    ProgramMissing {
        /// As it was asked for.
        program: String,
        /// ` in PATH …`, or empty for a path.
        searched: String,
    },
    /// There, but the kernel will not run it.
    #[error("`{program}` cannot be executed: {why}")]
    NotExecutable {
        /// The path that was tried.
        program: String,
        /// Permission, format or interpreter.
        why: String,
    },
    /// Missing, or not a directory.
    #[error("working directory `{dir}` is not usable: {why}")]
    WorkingDir {
        /// The directory.
        dir: String,
        /// What the kernel said.
        why: String,
    },
    /// A log or the exit file cannot be created.
    #[error("cannot write `{path}`: {why}")]
    File {
        /// The file.
        path: String,
        /// What the kernel said.
        why: String,
    },
    /// A run of its own user reaches what is not its own.
    #[error(
        "a plan on this node could reach {what}: nothing is run here until that is mended; `gridnode check` says what is not as it should be"
    )]
    Reach {
        /// An address, a path, or the rights of somebody else.
        what: String,
    },
    /// Anything else that the operating system denied.
    #[error("failed to {step}: {why}")]
    System {
        /// What was being done.
        step: String,
        /// What the kernel said.
        why: String,
    },
}

impl Refusal {
    /// A refused step of the operating system.
    pub(super) fn system(step: &str, why: impl ToString) -> Self {
        Self::System { step: step.to_owned(), why: clip(&why.to_string()) }
    }

    /// A file that cannot be written.
    pub(super) fn file(path: &std::path::Path, why: impl ToString) -> Self {
        Self::File { path: clip(&path.to_string_lossy()), why: clip(&why.to_string()) }
    }

    /// A spec that cannot be followed.
    pub(super) fn spec(why: impl Into<String>) -> Self {
        Self::Spec { why: clip(&why.into()) }
    }
}

/// `text` cut so that two of them, JSON escapes included, fit an event's line.
pub(super) fn clip(text: &str) -> String {
    const CHARS_MAX: usize = 300;
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
