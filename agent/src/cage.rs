//! What a plan runs in, and what it may have left behind: a tree of processes that cannot outlive its run, files in
//! directories that a hostile plan has written to, and their removal.

pub(crate) mod foreign_file;
pub(crate) mod removal;
pub mod short_path;
pub mod supervise;
pub(crate) mod tail;
