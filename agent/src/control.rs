//! The cloud: a node's queue, its topics, its identity, what dead nodes left there; and the other side, which sends
//! commands.

pub mod aws;
pub mod imds;
pub mod queue;
pub mod reap;
mod s3_source;
pub mod send;
pub mod trace_store;
