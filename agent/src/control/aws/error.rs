//! Why a call failed: one sentence for a person, one kind for the code that decides what comes next.

use std::fmt;

/// How much of a service's own words is repeated, characters.
const DETAIL_CHARS_MAX: usize = 300;

/// A call to AWS that failed. It has no secret in it: of a service's answer the code and the first line are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    /// Completes "failed to …"; names the resource.
    pub doing: String,
    /// What kind of failure.
    pub kind: AwsErrorKind,
    /// The service's word for it (`AccessDenied`); empty where no service answered.
    pub code: String,
    /// What the service, or the network, said; one line.
    pub detail: String,
}

/// Kinds of failures, by what to do about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AwsErrorKind {
    /// The credentials are good, but do not allow this.
    Denied,
    /// The queue, topic, bucket or object is not there.
    NotFound,
    /// Too many calls: wait longer.
    Throttled,
    /// There are no credentials, or they are expired or unknown; they are looked for again at the next call.
    Credentials,
    /// No answer: connection, timeout, or a fault of the service (5xx). Worth another try.
    Away,
    /// The service does not want this request; the same one will fail again.
    Rejected,
}

impl AwsErrorKind {
    /// Whether the same call may succeed later, with nobody doing anything.
    #[must_use]
    pub fn is_worth_retrying(self) -> bool {
        matches!(self, Self::Throttled | Self::Away | Self::Credentials)
    }

    /// The kind of an answer with this error code and HTTP status.
    pub(super) fn of_answer(code: &str, status: u16) -> Self {
        // `AWS.SimpleQueueService.NonExistentQueue` and `com.amazonaws.sqs#QueueDoesNotExist` are in use, too.
        let code = code.rsplit(['.', '#']).next().unwrap_or(code);
        match code {
            "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidAccessKeyId"
            | "InvalidClientTokenId"
            | "InvalidSecurity"
            | "InvalidToken"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "SignatureDoesNotMatch"
            | "TokenRefreshRequired"
            | "UnrecognizedClientException" => Self::Credentials,
            "AccessDenied"
            | "AccessDeniedException"
            | "AuthorizationError"
            | "AuthorizationErrorException"
            | "KMSAccessDenied"
            | "KMSAccessDeniedException"
            | "OptInRequired" => Self::Denied,
            "NotFound"
            | "NoSuchBucket"
            | "NoSuchKey"
            | "NonExistentQueue"
            | "QueueDoesNotExist"
            | "ResourceNotFoundException" => Self::NotFound,
            "BandwidthLimitExceeded"
            | "OverLimit"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "SlowDown"
            | "ThrottledException"
            | "Throttled"
            | "Throttling"
            | "ThrottlingException"
            | "TooManyRequestsException" => Self::Throttled,
            "InternalError" | "InternalFailure" | "RequestTimeout" | "ServiceUnavailable" => Self::Away,
            _ => Self::of_status(status),
        }
    }

    fn of_status(status: u16) -> Self {
        match status {
            403 => Self::Denied,
            404 => Self::NotFound,
            429 => Self::Throttled,
            408 | 500.. => Self::Away,
            // 401 is what proxies ask for; SDKs have no use for it.
            _ => Self::Rejected,
        }
    }
}

impl AwsError {
    /// An error without a service behind it.
    pub(crate) fn new(doing: impl Into<String>, kind: AwsErrorKind, detail: &str) -> Self {
        Self { doing: doing.into(), kind, code: String::new(), detail: one_line(detail) }
    }

    /// An answer of a service.
    pub(super) fn of_answer(doing: String, status: u16, code: &str, message: &str) -> Self {
        let kind = AwsErrorKind::of_answer(code, status);
        let code = if code.is_empty() { format!("HTTP {status}") } else { one_line(code) };
        Self { doing, kind, code, detail: one_line(message) }
    }

    /// Whether what the call was about is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind == AwsErrorKind::NotFound
    }

    /// Whether the service's word for it ends in `code`, whatever stands before it.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        self.code.rsplit(['.', '#']).next() == Some(code)
    }

    /// What to do, in the imperative.
    ///
    /// Empty where no service answered and the detail says it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        if self.has_code("RequestTimeTooSkewed") || self.detail.contains("Signature expired") {
            return "set this machine's clock";
        }
        match self.kind {
            AwsErrorKind::Denied => "allow it in the policy of the role or user that signs the calls",
            AwsErrorKind::NotFound => "create it or correct its name, account and region",
            AwsErrorKind::Throttled => "wait, and ask for a higher quota if it goes on",
            AwsErrorKind::Credentials if self.code.is_empty() => {
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile that has some (AWS_PROFILE), or give this \
                 machine a role"
            }
            AwsErrorKind::Credentials => "give this machine a role or renew its credentials",
            AwsErrorKind::Away => "look at the network, the region and the endpoint",
            AwsErrorKind::Rejected if self.code.is_empty() => "",
            AwsErrorKind::Rejected => "correct what it names",
        }
    }

    fn what(&self) -> &'static str {
        match self.kind {
            AwsErrorKind::Denied => "not allowed",
            AwsErrorKind::NotFound => "it does not exist",
            AwsErrorKind::Throttled => "too many calls",
            AwsErrorKind::Credentials => "no valid credentials",
            AwsErrorKind::Away => "no answer",
            AwsErrorKind::Rejected if self.code.is_empty() => "it cannot be done",
            AwsErrorKind::Rejected => "refused",
        }
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == AwsErrorKind::Rejected && self.code.is_empty() && !self.detail.is_empty() {
            // Nobody was asked: the detail is all that there is to say.
            return write!(f, "failed to {}: {}", self.doing, self.detail);
        }
        write!(f, "failed to {}: {}", self.doing, self.what())?;
        match (self.code.is_empty(), self.detail.is_empty()) {
            (false, false) => write!(f, " ({}: {})", self.code, self.detail)?,
            (false, true) => write!(f, " ({})", self.code)?,
            (true, false) => write!(f, " ({})", self.detail)?,
            (true, true) => {}
        }
        match self.remedy() {
            "" => Ok(()),
            remedy => write!(f, "; {remedy}"),
        }
    }
}

impl std::error::Error for AwsError {}

/// The first line without control characters: what follows may be the canonical request, with a session token in it.
fn one_line(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or("").trim_end_matches(['.', ' ']);
    let clean = line.chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(DETAIL_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_kinds() {
        use AwsErrorKind::*;
        for (code, status, kind) in [
            ("AccessDenied", 403, Denied),
            ("AuthorizationError", 403, Denied),
            ("ExpiredToken", 403, Credentials),
            ("InvalidClientTokenId", 403, Credentials),
            ("AWS.SimpleQueueService.NonExistentQueue", 400, NotFound),
            ("com.amazonaws.sqs#QueueDoesNotExist", 400, NotFound),
            ("NotFound", 404, NotFound),
            ("Throttling", 400, Throttled),
            ("RequestThrottled", 400, Throttled),
            ("SlowDown", 503, Throttled),
            ("InternalError", 500, Away),
            ("", 503, Away),
            ("", 429, Throttled),
            ("InvalidParameter", 400, Rejected),
            ("AWS.SimpleQueueService.QueueDeletedRecently", 400, Rejected),
        ] {
            assert_eq!(AwsErrorKind::of_answer(code, status), kind, "{code} {status}");
        }
    }

    #[test]
    fn reads_as_one_sentence_with_the_remedy() {
        let error =
            AwsError::of_answer("publish to t".into(), 403, "AuthorizationError", "User x may not.\n");
        assert_eq!(
            error.to_string(),
            "failed to publish to t: not allowed (AuthorizationError: User x may not); allow it in the policy of the \
             role or user that signs the calls"
        );
        let error = AwsError::of_answer("look at bucket b".into(), 404, "", "");
        assert_eq!(
            error.to_string(),
            "failed to look at bucket b: it does not exist (HTTP 404); create it or correct its name, account and region"
        );
    }

    #[test]
    fn what_no_service_was_asked_is_said_without_brackets() {
        let error = AwsError::new("find the AWS region", AwsErrorKind::Rejected, "nothing names one");
        assert_eq!(error.to_string(), "failed to find the AWS region: nothing names one");
        let none = AwsError::new("look at topic t", AwsErrorKind::Credentials, "there are none");
        assert!(none.remedy().contains("AWS_ACCESS_KEY_ID") && none.remedy().contains("AWS_PROFILE"));
    }

    #[test]
    fn a_session_token_in_an_answer_stays_out() {
        let said =
            "The request signature does not match.\n\nThe Canonical String was 'x-amz-security-token:SECRET'";
        let error = AwsError::of_answer("publish to t".into(), 403, "SignatureDoesNotMatch", said);
        assert!(!error.to_string().contains("SECRET") && !format!("{error:?}").contains("SECRET"));
    }

    #[test]
    fn a_wrong_clock_is_named() {
        let error = AwsError::of_answer("open s3://b/k".into(), 403, "RequestTimeTooSkewed", "too far");
        assert!(error.to_string().ends_with("; set this machine's clock"));
    }
}
