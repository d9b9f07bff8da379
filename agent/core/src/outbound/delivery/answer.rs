//! Every answer of a Drain has its rule. An operator's mistake must not destroy data: whatever is not known to be the
//! batch's own fault keeps the batch. A refusal is the store's own only if it says so ([`HttpAnswer::is_the_stores`]): what a
//! proxy, a login page or a TLS port says with the same number says nothing about the batch.
//!
//! | answer | rule |
//! |---|---|
//! | 204 | delete |
//! | 400, 500 whose body breaks off | as 503: what it was to say is not known; 413 of a single line: keep, slowly |
//! | 413 | split; a single line: quarantine |
//! | 400 `max-values-per-tag`, `max-series` | keep, slowly, say so (looked for first: InfluxDB also calls it a partial write) |
//! | the store's 400, 500 `partial write` | quarantine, uncertain |
//! | the store's 500 about a database or a retention policy that is missing | keep, slowly, say so |
//! | any other 400 of the store's | quarantine |
//! | 408, 429, 5xx, no answer | keep, full jitter, `Retry-After` |
//! | 401, 403, 404, 405, 415, a 400 that is not the store's, anything else, other 2xx included | keep, slowly, say so |

use super::types::{Answer, HttpAnswer, QuarantineReason, TransportKind};

/// What becomes of the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Delete it.
    Stored,
    /// Halve it.
    Split,
    /// Set it aside.
    Quarantine(QuarantineReason),
    /// Keep it; the Drain will come round by itself.
    DrainSoon { retry_after_s: Option<u64>, advice: Advice },
    /// Keep it; nothing will be taken before an operator has acted.
    DrainSlow(Advice),
    /// Keep it; this one will not be taken before an operator has acted, others may.
    BatchSlow(Advice),
}

/// What to tell an operator; also the key by which warnings are limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Advice {
    Credentials,
    Forbidden,
    NotFound,
    Method,
    Encoding,
    RetentionPolicy,
    WantsTls,
    NotTheStore,
    SeriesLimit,
    NotInflux,
    Unlisted,
    Busy,
    Quarantined,
    QuarantineFull,
    Away(TransportKind),
}

/// The rule for `answer` to a batch of `points` lines.
pub(super) fn judge(answer: &Answer, points: u32) -> Verdict {
    let http = match answer {
        Answer::Transport(kind) => {
            return Verdict::DrainSoon { retry_after_s: None, advice: Advice::Away(*kind) };
        }
        Answer::Http(http) => http,
    };
    match http.status {
        204 => Verdict::Stored,
        400 if wants_tls(http) => Verdict::DrainSlow(Advice::WantsTls),
        // The number alone does not say whose fault it is.
        400 | 500 if http.is_cut => {
            Verdict::DrainSoon { retry_after_s: http.retry_after_s, advice: Advice::Busy }
        }
        413 if points > 1 => Verdict::Split,
        413 if http.is_cut => Verdict::BatchSlow(Advice::Busy),
        413 => Verdict::Quarantine(QuarantineReason::LineTooLarge(excerpt(&http.body))),
        400 => judge_400(http),
        500 if http.is_the_stores() => judge_500(http),
        401 => Verdict::DrainSlow(Advice::Credentials),
        403 => Verdict::DrainSlow(Advice::Forbidden),
        404 => Verdict::DrainSlow(Advice::NotFound),
        405 => Verdict::DrainSlow(Advice::Method),
        415 => Verdict::DrainSlow(Advice::Encoding),
        408 | 429 | 500..=599 => {
            Verdict::DrainSoon { retry_after_s: http.retry_after_s, advice: Advice::Busy }
        }
        200..=399 => Verdict::DrainSlow(Advice::NotInflux),
        _ => Verdict::DrainSlow(Advice::Unlisted),
    }
}

/// What a port that speaks TLS says to whoever does not; often it breaks off as soon as it has said it.
fn wants_tls(http: &HttpAnswer) -> bool {
    // As Go's server, nginx and Apache say it; a page that only links to one is no such word.
    let words = ["to https port", "to an https server", "to an ssl-enabled server port"];
    let body = http.body.to_ascii_lowercase();
    !http.is_the_stores() && words.iter().any(|words| body.contains(words))
}

fn judge_400(http: &HttpAnswer) -> Verdict {
    let body = http.body.to_ascii_lowercase();
    if body.contains("max-values-per-tag") || body.contains("max-series") {
        Verdict::BatchSlow(Advice::SeriesLimit)
    } else if !http.is_the_stores() {
        Verdict::DrainSlow(Advice::NotTheStore)
    } else if body.contains("partial write") {
        Verdict::Quarantine(QuarantineReason::PartialWrite(excerpt(&http.body)))
    } else {
        Verdict::Quarantine(QuarantineReason::BadRequest(excerpt(&http.body)))
    }
}

/// InfluxDB says some of what is wrong with a write as if it were an accident of its own.
fn judge_500(http: &HttpAnswer) -> Verdict {
    let body = http.body.to_ascii_lowercase();
    if body.contains("partial write") {
        Verdict::Quarantine(QuarantineReason::PartialWrite(excerpt(&http.body)))
    } else if body.contains("not found") && body.contains("retention policy") {
        Verdict::DrainSlow(Advice::RetentionPolicy)
    } else if body.contains("not found") && (body.contains("database") || body.contains("bucket")) {
        Verdict::DrainSlow(Advice::NotFound)
    } else {
        Verdict::DrainSoon { retry_after_s: http.retry_after_s, advice: Advice::Busy }
    }
}

impl Answer {
    /// Whether a batch of `points` lines is to be set aside or halved for it.
    #[must_use]
    pub fn moves_the_batch(&self, points: u32) -> bool {
        matches!(judge(self, points), Verdict::Split | Verdict::Quarantine(_))
    }
}

impl HttpAnswer {
    /// Whether the store itself has spoken: by a header that only InfluxDB and what sounds like it sends, or by its errors'
    /// form, JSON with `error`.
    #[must_use]
    pub fn is_the_stores(&self) -> bool {
        let said = || serde_json::from_str::<serde_json::Value>(self.body.trim()).ok();
        self.has_store_header
            || said().is_some_and(|value| value.get("error").is_some_and(serde_json::Value::is_string))
    }
}

impl Verdict {
    /// Whether the answer speaks about the Drain as a whole, so that other batches would fare no better.
    pub(super) fn is_about_the_drain(&self) -> bool {
        matches!(self, Self::DrainSoon { .. } | Self::DrainSlow(_))
    }

    pub(super) fn advice(&self, quarantine_full: bool) -> Option<Advice> {
        match self {
            Self::Stored | Self::Split => None,
            Self::Quarantine(_) if quarantine_full => Some(Advice::QuarantineFull),
            Self::Quarantine(_) => Some(Advice::Quarantined),
            Self::DrainSoon { advice, .. } | Self::DrainSlow(advice) | Self::BatchSlow(advice) => {
                Some(*advice)
            }
        }
    }
}

impl Advice {
    /// What is wrong and what to do; `answer` is the one that brought it up.
    pub(super) fn sentence(self, answer: &Answer) -> String {
        let kept = "batches are kept in the spool and retried";
        let what = match self {
            Self::Credentials => format!(
                "the Drain refuses our credentials; check user, password or token of the Drain; {kept} slowly"
            ),
            Self::Forbidden => format!(
                "the Drain forbids us to write; grant this user or token write access to the database; {kept} slowly"
            ),
            Self::NotFound => format!(
                "the Drain does not know the database or the path; create the database or correct the Drain's URL; \
                 {kept} slowly"
            ),
            Self::Method => format!(
                "the Drain does not allow POST on its write path; correct the Drain's URL or the proxy in front; \
                 {kept} slowly"
            ),
            Self::Encoding => format!(
                "the Drain does not take gzipped bodies, or something in front of it does not let them through; correct the \
                 Drain's URL or the proxy in front; {kept} slowly"
            ),
            Self::RetentionPolicy => format!(
                "the Drain does not know the retention policy; make the retention policy, or correct the default one of the \
                 database; {kept} slowly"
            ),
            Self::WantsTls => {
                format!("this port speaks TLS: the Drain's URL must begin with https://; {kept} slowly")
            }
            Self::NotTheStore => format!(
                "this is not what InfluxDB says when it refuses lines, so something in front of it has answered; look at the \
                 Drain's URL and the proxy in front; {kept} slowly"
            ),
            Self::SeriesLimit => format!(
                "the Drain has reached its limit of series; raise max-values-per-tag or max-series-per-database \
                 (or use the tsi1 index), or lower the number of labels; {kept} slowly"
            ),
            Self::NotInflux => format!(
                "only 204 means stored, so this is not InfluxDB's write endpoint, perhaps a login page or a proxy; \
                 correct the Drain's URL; {kept} slowly"
            ),
            Self::Unlisted => {
                format!(
                    "this answer has no known meaning; look at the Drain and what is in front of it; {kept} slowly"
                )
            }
            Self::Busy => format!("the Drain cannot take writes now; {kept}"),
            Self::Quarantined => {
                "a batch is set aside in the quarantine directory; a .reason file lies beside it".to_owned()
            }
            Self::QuarantineFull => format!(
                "the quarantine is full, and nothing is dropped from it: look at what is in it, then remove it or send it \
                 again; {kept} slowly"
            ),
            Self::Away(kind) => format!("{}; {kept}", kind.sentence()),
        };
        match answer {
            Answer::Http(http) if http.body.trim().is_empty() => format!("answer {}: {what}", http.status),
            Answer::Http(http) => format!("answer {}: {what}; it said: {}", http.status, excerpt(&http.body)),
            Answer::Transport(_) => what,
        }
    }
}

impl TransportKind {
    fn sentence(self) -> &'static str {
        match self {
            Self::Dns => "the Drain's host name does not resolve; check the Drain's URL and the name servers",
            Self::Connect => {
                "the Drain cannot be reached; check that it runs and that no firewall is in the way"
            }
            Self::Tls => {
                "the TLS handshake with the Drain failed; check its certificate and whether it speaks https"
            }
            Self::TlsIssuer => {
                "nobody whom this machine trusts has issued the Drain's certificate; install the issuer's certificate among the \
                 system's, or name its file in SSL_CERT_FILE"
            }
            Self::TlsAuthority => {
                "the Drain's certificate is that of an authority, which cannot be a server's own, too; make one with \
                 basicConstraints=CA:FALSE, and name it or its issuer's in SSL_CERT_FILE"
            }
            Self::TlsName => {
                "the Drain's certificate is not of the host in its URL; use a name that the certificate has, as a subject alternative \
                 name"
            }
            Self::TlsTime => {
                "the Drain's certificate has expired or is not valid yet; renew it, or set this machine's clock"
            }
            Self::TlsNone => "this port does not speak TLS: the Drain's URL must begin with http://",
            Self::Timeout => "the Drain did not answer in time",
            Self::Broken => {
                "the Drain broke the connection or does not speak HTTP; if it speaks TLS, its URL must begin with https://"
            }
            Self::Descriptors => {
                "too many files are open to connect to the Drain; raise the limit of open files (ulimit -n, LimitNOFILE=)"
            }
        }
    }
}

/// One line of at most 300 characters: bodies come from outside and go to logs.
#[must_use]
pub fn excerpt(body: &str) -> String {
    body.trim().chars().take(300).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
