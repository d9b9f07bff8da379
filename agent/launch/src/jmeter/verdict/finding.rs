//! What in JMeter's output fails a run.

use super::plugins::missing;
use std::fmt;

/// Something in JMeter's output that fails a run. Each is displayed as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Finding {
    /// The JVM ran out of memory.
    OutOfMemory {
        /// What kind of memory.
        what: String,
    },
    /// The JVM did not start.
    JvmRefused {
        /// Its complaint.
        complaint: String,
    },
    /// A class of the plan is not installed.
    MissingClass {
        /// Its name.
        class: String,
    },
    /// A file of the plan is not there.
    MissingFile {
        /// Its name as the plan has it.
        file: String,
    },
    /// The names of a CSV Data Set's variables are in its file, and JMeter could not read them there.
    HeaderNotRead {
        /// The file's name as the plan has it.
        file: String,
    },
    /// JMeter could not read a part of the plan.
    FragmentNotLoaded {
        /// Its name as the plan has it.
        file: String,
        /// Why not.
        cause: String,
    },
    /// A part of the plan is named by a variable or a function.
    FragmentNameNotComputed {
        /// Its name as the plan has it.
        name: String,
    },
    /// JMeter could not read the plan.
    PlanNotLoaded {
        /// Why not.
        cause: String,
    },
    /// JMeter could not begin with the plan.
    NotBegun {
        /// What it says about it.
        why: String,
    },
    /// A thread died of an exception.
    ThreadDied {
        /// The exception.
        cause: String,
    },
    /// A port of JMeter's own is taken.
    PortTaken {
        /// What JMeter says about it.
        detail: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfMemory { what } => write!(
                f,
                "JMeter ran out of memory ({what}), so its numbers cannot be trusted: give it a larger heap with \
                 --heap-mib, or fewer users, and remove listeners that keep results"
            ),
            Self::JvmRefused { complaint } => {
                write!(
                    f,
                    "the JVM did not start ({complaint}): correct the heap size, the JVM options or the JMeter home"
                )
            }
            Self::MissingClass { class } => f.write_str(&missing(&[class])),
            Self::MissingFile { file } => write!(
                f,
                "the plan reads the file `{file}`, which cannot be read: put it beside the plan, or correct its name in \
                 the plan"
            ),
            Self::HeaderNotRead { file } => write!(
                f,
                "a CSV Data Set of the plan takes the names of its variables from the first line of the file `{file}`, which \
                 cannot be read or is empty: put it beside the plan, or correct its name in the plan"
            ),
            Self::FragmentNotLoaded { file, cause } => write!(
                f,
                "an Include Controller of the plan cannot load `{file}` ({cause}), so nothing of it has run: open that file in \
                 JMeter, correct it and save it again"
            ),
            Self::FragmentNameNotComputed { name } => write!(
                f,
                "an Include Controller of the plan includes `{name}`, and JMeter computes neither variables nor functions in \
                 that name, so nothing of it has run: write the file's own name there"
            ),
            Self::PlanNotLoaded { cause } => {
                write!(
                    f,
                    "JMeter cannot load the plan ({cause}): open it in JMeter, correct it and save it again"
                )
            }
            Self::NotBegun { why } => {
                write!(f, "JMeter cannot begin with the plan: {why}; correct it in JMeter")
            }
            Self::ThreadDied { cause } => {
                write!(
                    f,
                    "a thread of the plan died ({cause}), so part of the load is missing: see JMeter's log"
                )
            }
            Self::PortTaken { detail } => {
                write!(
                    f,
                    "JMeter could not open a port of its own ({detail}): stop whatever uses it or choose another"
                )
            }
        }
    }
}
