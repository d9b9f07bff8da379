//! gridnode: the agent every load-generator node runs.

mod disk;
mod drain_client;
mod spool;

fn main() {}
