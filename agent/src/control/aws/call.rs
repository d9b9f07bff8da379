//! The SDK's many error types as [`AwsError`].

use super::error::{AwsError, AwsErrorKind};
use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use std::error::Error;

/// A header of S3's answers.
const BUCKET_REGION: &str = "x-amz-bucket-region";

/// How the SDK begins when no provider has any; what follows names providers, a line each.
const NO_CREDENTIALS: &str = "no credentials found in chain";
const NONE_FOUND: &str = "there are none in the environment, a profile, the container or the instance";

/// What became of a call that failed, without a secret and without a dump.
pub(super) fn error_of<E>(doing: String, error: &SdkError<E, HttpResponse>) -> AwsError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            let said = answer.err();
            let status = answer.raw().status().as_u16();
            AwsError::of_answer(doing, status, said.code().unwrap_or(""), said.message().unwrap_or(""))
        }
        SdkError::ResponseError(answer) => {
            let status = answer.raw().status().as_u16();
            match status {
                // A success that cannot be read: cut short, or not from the service at all.
                200..300 => AwsError::new(doing, AwsErrorKind::Away, &innermost(error)),
                _ => AwsError::of_answer(doing, status, "", &innermost(error)),
            }
        }
        SdkError::TimeoutError(_) => AwsError::new(doing, AwsErrorKind::Away, "timed out"),
        SdkError::DispatchFailure(failure) => {
            let kind = if is_about_credentials(error) {
                AwsErrorKind::Credentials
            } else if failure.is_user() {
                AwsErrorKind::Rejected
            } else {
                AwsErrorKind::Away
            };
            AwsError::new(doing, kind, &credentials_words(&innermost(error)))
        }
        _ => AwsError::new(doing, AwsErrorKind::Rejected, &innermost(error)),
    }
}

/// The region that S3 names when a bucket was asked for in another one.
pub(super) fn bucket_region<E>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let region = error.raw_response()?.headers().get(BUCKET_REGION)?;
    let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    ((1..=32).contains(&region.len()) && region.bytes().all(fine)).then(|| region.to_owned())
}

/// The last place where credentials are looked for is the instance: that it has none, or does not say, is not why there are none.
fn credentials_words(said: &str) -> String {
    match said {
        _ if said.starts_with(NO_CREDENTIALS) => NONE_FOUND.to_owned(),
        _ if said.contains("IMDS") => {
            format!("{NONE_FOUND}; the last one says: {}", said.trim_end_matches('.'))
        }
        _ => said.to_owned(),
    }
}

/// The provider's errors have types that differ by version; all of their sentences have the word.
fn is_about_credentials(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|error| error.to_string().contains("credential"))
}

/// The words at the end of the chain; those before them only say that something failed.
fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_credentials_were_looked_for_is_said_before_the_instance() {
        let said = credentials_words("IMDS is disabled or the caller has insufficient permissions.");
        assert!(said.starts_with("there are none in the environment, a profile"), "{said}");
        assert_eq!(credentials_words("connection refused"), "connection refused");
    }
}
