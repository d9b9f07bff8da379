//! gridnode: the agent every load-generator node runs.

mod cli;
mod disk;
mod drain_client;
mod drain_server;
mod spool;

fn main() {}
