//! Objects in S3. One GetObject a call: [`crate::fetch`] decides about retries, the client's own are off.

use super::{Object, ObjectSource, Opening, SourceError};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectError;

/// A store of objects over a client that is set up elsewhere (region, credentials, endpoint, timeouts).
#[derive(Debug, Clone)]
pub struct S3Source {
    client: Client,
}

impl S3Source {
    /// Uses `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl ObjectSource for S3Source {
    fn open<'a>(&'a self, bucket: &'a str, key: &'a str) -> Opening<'a> {
        Box::pin(async move {
            let once = aws_sdk_s3::config::Builder::new().retry_config(RetryConfig::disabled());
            let asked = self.client.get_object().bucket(bucket).key(key);
            let answer =
                asked.customize().config_override(once).send().await.map_err(|e| source_error(&e))?;
            let bytes = answer.content_length().and_then(|bytes| u64::try_from(bytes).ok());
            Ok(Object { bytes, body: Box::pin(answer.body.into_async_read()) })
        })
    }
}

fn source_error(error: &SdkError<GetObjectError, HttpResponse>) -> SourceError {
    let SdkError::ServiceError(answer) = error else {
        let why = DisplayErrorContext(error).to_string();
        return match error {
            SdkError::ConstructionFailure(_) => SourceError::Refused { why },
            _ => SourceError::Unavailable { why },
        };
    };
    // An answer without a body has no code, but its status says enough.
    let status = answer.raw().status().as_u16().to_string();
    judge(answer.err().code().unwrap_or(&status), answer.err().message().unwrap_or("no message"))
}

/// By S3's error code; look-alikes use the same.
fn judge(code: &str, said: &str) -> SourceError {
    let why = format!("{code}: {said}");
    match code {
        "404" | "NoSuchKey" | "NotFound" | "NoSuchVersion" => SourceError::NotFound,
        "NoSuchBucket" => SourceError::NoBucket,
        "InvalidObjectState" => SourceError::Archived,
        "401"
        | "403"
        | "AccessDenied"
        | "Forbidden"
        | "AllAccessDisabled"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch" => SourceError::Forbidden { why },
        "301"
        | "400"
        | "PermanentRedirect"
        | "AuthorizationHeaderMalformed"
        | "InvalidBucketName"
        | "InvalidRequest"
        | "MethodNotAllowed"
        | "NotImplemented"
        | "InvalidArgument"
        | "KeyTooLongError" => SourceError::Refused { why },
        // Throttling, faults of the store, credentials that are being renewed, and whatever is not known.
        _ => SourceError::Unavailable { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_passes_is_tried_again() {
        for (code, passing) in [
            ("NoSuchKey", false),
            ("NoSuchBucket", false),
            ("AccessDenied", false),
            ("InvalidObjectState", false),
            ("PermanentRedirect", false),
            ("403", false),
            ("404", false),
            ("503", true),
            ("SlowDown", true),
            ("InternalError", true),
            ("ServiceUnavailable", true),
            ("RequestTimeout", true),
            ("ExpiredToken", true),
            ("RequestTimeTooSkewed", true),
        ] {
            assert_eq!(judge(code, "said").is_passing(), passing, "{code}");
        }
    }
}
