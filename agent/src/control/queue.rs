//! The life of this node's queue: made, subscribed, listened to, looked after, left.
//!
//! [`Queue::start`] runs three loops side by side, so that none waits for another: the *keeper* makes the queue and its
//! subscriptions and looks at them every 5 minutes (and after trouble), the *listener* polls for messages, the
//! *deleter* deletes what the driver is done with. Whatever vanishes or fails is put right by itself, with jitter
//! between attempts; [`Queue::state`] says how it stands.
//!
//! A queue has one owner, a state directory (`owner`): an agent does not listen to a queue whose owner is another one.
//!
//! Bounds: 32 messages wait for the driver (then polling stops, and SQS keeps the rest for its hour), 1,024 deletes
//! wait for the service (one more is not done: the message comes again, and a repeat does nothing).
//!
//! What the queue's policy names is the record of the topics that it was ever subscribed to: the policy is written
//! before a subscription is made, and a topic is struck off only after its subscription has ended.

pub(crate) mod backoff;
mod deleter;
mod event;
mod handle;
mod keeper;
mod leave;
mod listener;
mod name;
mod owner;
pub mod plan;
mod settings;
mod shared;
mod state;

pub use event::QueueEvent;
pub use handle::Queue;
pub use name::{PREFIX, queue_name};
pub use owner::{RENEW_EVERY_MS, SILENCE_S};
pub use settings::{BOOT_JITTER_MS, QueueSettings};
pub use state::{QueuePhase, QueueState};
