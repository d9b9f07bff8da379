//! The way of a sample through this process: from the socket through windows and batches to the spool and the Drain.

pub mod carry;
pub mod disk;
pub mod drain;
pub mod ingest;
pub mod objects;
pub mod outbound;
pub mod posting;
pub mod progress;
pub mod regular_file;
pub mod render;
pub mod run_name;
pub mod session;
pub mod spool;
pub mod tap;
pub mod traces;
pub mod udp;
