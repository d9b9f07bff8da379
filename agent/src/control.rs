//! The node's side of the cloud: its queue, its topics, its identity, and what dead nodes left there.

pub mod aws;
pub mod imds;
pub mod queue;
pub mod reap;
