//! A bucket as the store of error traces, by [`Aws::put`].

use super::aws::{Aws, AwsError, AwsErrorKind, ObjectKind, Upload};
use crate::data::objects::{ObjectStore, Putting};
use gridnode_core::outbound::delivery::{Answer, HttpAnswer};

/// A bucket and what all keys begin with.
#[derive(Debug)]
pub struct TraceStore {
    aws: Aws,
    bucket: String,
    /// Empty, or with a slash at its end.
    prefix: String,
    kind: ObjectKind,
    shown: String,
}

impl TraceStore {
    /// Objects go to `s3://{bucket}/{prefix}…`.
    #[must_use]
    pub fn new(aws: Aws, bucket: &str, prefix: &str, kind: ObjectKind) -> Self {
        let shown = format!("s3://{bucket}/{prefix}");
        Self { aws, bucket: bucket.to_owned(), prefix: prefix.to_owned(), kind, shown }
    }
}

impl ObjectStore for TraceStore {
    fn put<'a>(&'a self, key: &'a str, body: Vec<u8>) -> Putting<'a> {
        Box::pin(async move {
            let path = format!("{}{key}", self.prefix);
            let put = self.aws.put(&self.bucket, &path, &Upload::Bytes(body), &self.kind).await;
            put.map(|()| format!("{}{key}", self.shown)).map_err(|error| answer(&error))
        })
    }

    fn shown(&self) -> &str {
        &self.shown
    }
}

/// As the Drain would have said it: what delivery decides by.
fn answer(error: &AwsError) -> Answer {
    let status = match error.kind {
        AwsErrorKind::Credentials => 401,
        AwsErrorKind::Denied => 403,
        AwsErrorKind::NotFound => 404,
        AwsErrorKind::Throttled => 429,
        AwsErrorKind::Away => 503,
        // No number means this: it is kept, and an operator is told.
        AwsErrorKind::Rejected => 422,
    };
    Answer::Http(HttpAnswer { status, body: error.to_string(), ..HttpAnswer::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_keeps_the_trace_and_says_why() {
        for (kind, status) in [
            (AwsErrorKind::Credentials, 401),
            (AwsErrorKind::Denied, 403),
            (AwsErrorKind::NotFound, 404),
            (AwsErrorKind::Throttled, 429),
            (AwsErrorKind::Away, 503),
            (AwsErrorKind::Rejected, 422),
        ] {
            let code = "SlowDown".to_owned();
            let error = AwsError { doing: "write s3://b/k".to_owned(), kind, code, detail: String::new() };
            let Answer::Http(http) = answer(&error) else { panic!("{kind:?}") };
            assert_eq!(http.status, status);
            assert!(http.body.contains("s3://b/k") && http.body.contains("SlowDown"), "{}", http.body);
            assert!(!answer(&error).moves_the_batch(1), "{kind:?}");
        }
    }
}
