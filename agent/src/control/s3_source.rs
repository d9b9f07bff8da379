//! Objects in S3 as a source of a run's files, by [`Aws::open`]: one GetObject a call, the SDK's own retries are off.

use crate::control::aws::{Aws, AwsError, AwsErrorKind};
use crate::files::{Object, ObjectSource, Opening, SourceError};

impl ObjectSource for Aws {
    fn open<'a>(&'a self, bucket: &'a str, key: &'a str) -> Opening<'a> {
        Box::pin(async move {
            let object = Aws::open(self, bucket, key).await.map_err(|error| source_error(&error))?;
            Ok(Object { bytes: object.bytes, body: object.reader })
        })
    }
}

/// Of the error the service's words only: its sentence names the whole key, and a remedy that knows nothing of commands.
fn source_error(error: &AwsError) -> SourceError {
    let parts = [error.code.as_str(), error.detail.as_str()];
    let why = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
    match error.kind {
        AwsErrorKind::NotFound if error.has_code("NoSuchBucket") => SourceError::NoBucket,
        AwsErrorKind::NotFound => SourceError::NotFound,
        AwsErrorKind::Denied if error.has_code("InvalidObjectState") => SourceError::Archived,
        AwsErrorKind::Denied => SourceError::Forbidden { why },
        kind if kind.is_worth_retrying() => SourceError::Unavailable { why },
        _ => SourceError::Refused { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_words_and_only_what_passes_is_tried_again() {
        let of = |kind, code: &str, detail: &str| {
            let doing = "open s3://b/k?secret".to_owned();
            source_error(&AwsError { doing, kind, code: code.to_owned(), detail: detail.to_owned() })
        };
        assert_eq!(of(AwsErrorKind::NotFound, "NoSuchKey", "gone"), SourceError::NotFound);
        assert_eq!(of(AwsErrorKind::NotFound, "NoSuchBucket", "gone"), SourceError::NoBucket);
        assert_eq!(of(AwsErrorKind::Denied, "InvalidObjectState", "cold"), SourceError::Archived);
        let denied = of(AwsErrorKind::Denied, "AccessDenied", "no");
        assert_eq!(denied, SourceError::Forbidden { why: "AccessDenied: no".to_owned() });
        for kind in [AwsErrorKind::Throttled, AwsErrorKind::Credentials, AwsErrorKind::Away] {
            assert_eq!(of(kind, "", "timed out"), SourceError::Unavailable { why: "timed out".to_owned() });
        }
        assert!(!of(AwsErrorKind::Rejected, "PermanentRedirect", "").is_passing());
    }
}
