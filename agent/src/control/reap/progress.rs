//! How far a survey or a removal is.

use crate::control::aws::TopicArn;

/// One state of it.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// Queues are listed page by page.
    Listed {
        /// Of all pages until now.
        queues: u64,
    },
    /// A queue is looked at.
    LookingAt {
        /// Which one, from 1.
        at: u64,
        /// Queues in all.
        all: u64,
        /// Of those before it, gone.
        gone: u64,
    },
    /// The subscriptions of a topic are listed page by page.
    Subscriptions {
        /// Of all pages until now.
        seen: u64,
        /// Whose.
        topic: &'a TopicArn,
    },
    /// Something was removed, or could not be.
    Removed {
        /// Queues without a node, and subscriptions left over, until now.
        done: u64,
        /// All of them.
        all: u64,
    },
}
