//! What the queue tells the driver.

/// See the module's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueEvent {
    /// The queue is there and subscribed to every topic; once a start.
    Ready {
        /// Its name.
        name: String,
        /// Its URL.
        url: String,
        /// Its ARN.
        arn: String,
    },
    /// The queue is another agent's, which lives; it was never ours. Nothing else follows.
    Refused {
        /// A sentence that names both.
        why: String,
    },
    /// Another agent has taken the queue. It is not listened to until that one is gone.
    Lost {
        /// A sentence that names both.
        why: String,
    },
    /// A message came. It comes again after 30 s unless it is deleted.
    Message {
        /// What is in it.
        body: Vec<u8>,
        /// What deletes it.
        receipt_handle: String,
    },
}
