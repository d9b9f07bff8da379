//! Error traces: the request and the response of a sample that failed, from the plug-in's file to an object that may outlive the
//! run. Nothing here reads or sends; the shell does.

mod account;
mod body;
mod browser;
mod caps;
mod export;
mod foreign;
pub(crate) mod marks;
mod model;
mod object;
mod pointer;
pub mod redact;
mod unanswered;
mod unshown;

pub use account::TraceAccount;
pub use browser::ConsoleEntry;
pub use caps::{CapSettings, Caps};
pub use export::{NoCommand, curl, har_text};
pub use foreign::of_line;
pub use model::{Assertion, FILE_BYTES_MAX, Message, SUPPRESSED_MAX, Step, Trace, Why};
pub use object::TraceObject;
pub use pointer::Pointer;
