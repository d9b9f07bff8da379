//! What a queue is made from.

use crate::control::aws::TopicArn;
use gridnode_core::base::ids::Ident;
use std::collections::BTreeSet;

/// Default spread of the first call after a start, ms: 900 nodes that boot together make about 90 `Subscribe` calls a
/// second, below what SNS takes (100).
pub const BOOT_JITTER_MS: u64 = 10_000;

/// Settings of this node's queue.
#[derive(Debug, Clone)]
pub struct QueueSettings {
    /// What the queue's name begins with, [`super::PREFIX`] by default; letters, digits, `-` and `_`.
    pub prefix: String,
    /// Whose queue it is; the rest of the name.
    pub node: Ident,
    /// Nonce of the state directory that takes it; there is one agent for each.
    pub owner: String,
    /// The node's grid, for the queue's tags.
    pub grid: Option<Ident>,
    /// The node's region, for the queue's tags.
    pub region: Option<Ident>,
    /// Where commands come from, and nobody else.
    pub topics: BTreeSet<TopicArn>,
    /// The first call is made after 0 to this long, ms.
    pub boot_jitter_ms: u64,
    /// For jitter; any number, another one on every node.
    pub seed: u64,
}
