//! Removes queues and subscriptions of nodes that are gone: for operators, when nodes died without saying goodbye.
//!
//! A queue is *gone* when its name and its tag say that it is a node's, nobody holds a message of it, and its node has
//! not renewed the tag `seen` for a while (it does once a minute). A subscription is *left over* when it
//! leads to a node's queue of this account that does not exist. Both are looked at once more right before they are
//! removed, and subscriptions go before their queue, so that a reap that is broken off can be made again.
//!
//! Calls are made one after the other, paced and retried (`calls`); lists are read page by page.

mod calls;
mod judge;
mod progress;
mod queue_arn;
mod reaper;
mod remove;
mod survey;

pub use progress::Progress;
pub use queue_arn::QueueArn;
pub use reaper::Reaper;
pub use remove::Removed;
pub use survey::{Criteria, GoneQueue, LeftOver, Survey, SurveyError};
