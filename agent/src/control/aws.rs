//! AWS as this agent sees it: topics (SNS), the node's queue (SQS) and objects (S3), as small methods with one error.
//!
//! - One attempt a call: the SDK's own retries are off, whoever calls decides about the next one ([`AwsError::kind`]).
//! - Every call ends: connecting within 5 s, an answer within 15 s (a long poll: its wait and 15 s more), a body that
//!   stalls is given up by the SDK's stalled-stream protection.
//! - Credentials come from the default chain (environment, profile, container, instance metadata). When a service says
//!   that they are expired or unknown, the chain is built anew for the next call, so rotated files are read again.
//! - A client a region, kept: a topic's ARN and a bucket's answer name theirs. At most [`REGIONS_MAX`] regions.

mod call;
mod clients;
mod error;
mod s3;
mod sns;
mod sqs;
mod topic_arn;

pub use clients::{Aws, AwsSettings, Endpoints, REGIONS_MAX};
pub use error::{AwsError, AwsErrorKind};
pub use s3::{Encryption, Object, ObjectKind, PUT_BYTES_MAX, Upload};
pub use sns::{Subscription, SubscriptionPage};
pub use sqs::{DELETE_BATCH_MAX, Message, QueuePage, RECEIVE_BATCH_MAX, Undeleted};
pub use topic_arn::{TopicArn, TopicArnError};
