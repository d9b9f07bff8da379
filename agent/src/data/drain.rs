//! The HTTP client for the Drain: one POST of one spool file, and what was heard.
//!
//! It decides nothing: no retries, no redirects, no cookies; [`gridnode_core::outbound::delivery`] judges the answer. At most
//! 4 KiB of an answer's body are read. Secrets are in no log, `Debug` or error.

mod failure;
mod query;
mod slowly;
mod store;
#[cfg(test)]
mod tests;
mod url;

pub use query::{QueryError, Selection};
pub use store::Store;
pub use url::{Auth, DrainUrl, DrainUrlError};

use crate::base::clock;
use crate::data::posting::{Posted, read};
use failure::kind_of;
use gridnode_core::outbound::Posting;
use gridnode_core::outbound::delivery::{Answer, HttpAnswer, TransportKind, excerpt, retry_after_s};
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use std::path::Path;
use std::sync::Once;
use std::time::Duration;

/// What is read of an answer's body.
const BODY_BYTES_MAX: usize = 4 * 1024;
/// Fields of an answer's head.
const HEADERS_MAX: usize = 1_000;

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Time to connect, TLS included. Default 5 s.
    pub connect: Duration,
    /// Time from the call to the end of the answer. Default 30 s: a batch of 1 MiB at 0.5 Mbit/s with some to spare.
    pub answer: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), answer: Duration::from_secs(30) }
    }
}

/// A client for one Drain; cheap to clone.
#[derive(Debug, Clone)]
pub struct DrainClient {
    http: reqwest::Client,
    url: DrainUrl,
    node: HeaderValue,
    /// What the ids of batches begin with.
    batch_prefix: String,
}

/// Why the client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The node's name cannot stand in a header.
    #[error("the node's name cannot stand in an HTTP header")]
    Node,
    /// TLS or the system.
    #[error(
        "failed to set up the HTTP client (if it is for want of CA certificates, install the package ca-certificates): {0}"
    )]
    Http(#[from] reqwest::Error),
}

/// Why a ping did not come back.
#[derive(Debug, thiserror::Error)]
pub enum PingError {
    /// No answer.
    #[error("{url} does not answer: {why}")]
    NoAnswer {
        /// The Drain, without secrets.
        url: String,
        /// The system's words.
        why: String,
        /// The class.
        kind: TransportKind,
    },
    /// It wants to know who asks.
    #[error("{url} answers /ping with {status}: check user, password or token of the Drain")]
    NotAllowed {
        /// The Drain, without secrets.
        url: String,
        /// What it said.
        status: u16,
    },
    /// An answer, but not a Drain's.
    #[error("{url} answers /ping with {status}; InfluxDB says 204: is this the right URL?")]
    NotADrain {
        /// The Drain, without secrets.
        url: String,
        /// What it said.
        status: u16,
    },
}

/// Why nothing can be written.
#[derive(Debug, thiserror::Error)]
#[error("{url} takes no writes (answer {status}{})", if body.is_empty() { String::new() } else { format!(": {body}") })]
pub struct WriteRefused {
    /// The Drain, without secrets.
    pub url: String,
    /// Its answer to a write without lines.
    pub status: u16,
    /// What it said, one line.
    pub body: String,
    /// What to do.
    pub remedy: String,
}

impl DrainClient {
    /// A client that speaks for `node`, with the default timeouts.
    ///
    /// # Errors
    /// As [`Self::with_timeouts`].
    pub fn new(url: DrainUrl, node: &str) -> Result<Self, ClientError> {
        Self::with_timeouts(url, node, Timeouts::default())
    }

    /// A client that speaks for `node`.
    ///
    /// # Errors
    /// When TLS cannot be set up or `node` is no header value.
    pub fn with_timeouts(url: DrainUrl, node: &str, timeouts: Timeouts) -> Result<Self, ClientError> {
        install_tls_provider();
        let builder = || self::builder(&url, timeouts);
        let http = match builder().build() {
            // A system without CA certificates is fine where none is ever looked at.
            Err(_) if !url.is_https() => builder().tls_certs_only([]).build(),
            built => built,
        }?;
        let node = HeaderValue::from_str(node).map_err(|_| ClientError::Node)?;
        let batch_prefix = format!("{}-", node.to_str().unwrap_or_default());
        Ok(Self { http, url, node, batch_prefix })
    }

    /// Names batches for all time: numbers begin anew in a new state directory, which has another nonce.
    #[must_use]
    pub fn with_nonce(mut self, nonce: &str) -> Self {
        self.batch_prefix.push_str(nonce);
        self.batch_prefix.push('-');
        self
    }

    /// The Drain's URL without secrets.
    #[must_use]
    pub fn shown_url(&self) -> &str {
        self.url.shown()
    }

    /// Posts a batch of the state directory `root`. Always ends, within [`Timeouts::answer`] and what reading takes.
    pub async fn post(&self, root: &Path, posting: &Posting) -> Posted {
        let body = match read(root, posting).await {
            Ok(body) => body,
            Err(posted) => return posted,
        };
        let request = self.http.post(self.url.write()).headers(self.headers(posting));
        let sent =
            if posting.wary { slowly::send(request, body).await } else { request.body(body).send().await };
        Posted::Answer(match sent {
            Ok(response) => Answer::Http(read_answer(response).await),
            Err(error) => Answer::Transport(kind_of(&error)),
        })
    }

    /// Asks whether a Drain is there, and which store it is.
    ///
    /// # Errors
    /// When nothing answers, or something that is not a Drain.
    pub async fn ping(&self) -> Result<Store, PingError> {
        let url = || self.url.shown().to_owned();
        let response = self.get(self.url.ping()).send().await.map_err(|error| PingError::NoAnswer {
            url: url(),
            kind: kind_of(&error),
            why: failure::innermost(&error),
        })?;
        let status = response.status().as_u16();
        match status {
            200 | 204 => {}
            401 | 403 => return Err(PingError::NotAllowed { url: url(), status }),
            // Below the path that it takes lines at, VictoriaMetrics has no /ping.
            _ => {
                let store = Store::of(None, &self.health().await);
                let not_a_drain = PingError::NotADrain { url: url(), status };
                return if store == Store::VictoriaMetrics { Ok(store) } else { Err(not_a_drain) };
            }
        }
        let version = response.headers().get("X-Influxdb-Version").and_then(|v| v.to_str().ok());
        let health = if version.is_none() { self.health().await } else { String::new() };
        Ok(Store::of(version, &health))
    }

    /// What VictoriaMetrics says of itself; empty where something else answers, or nothing.
    async fn health(&self) -> String {
        for url in self.url.health() {
            if let Ok(response) = self.get(url).send().await
                && response.status().is_success()
            {
                return read_answer(response).await.body;
            }
        }
        String::new()
    }

    fn get(&self, url: reqwest::Url) -> reqwest::RequestBuilder {
        let request = self.http.get(url);
        match self.url.auth() {
            Some(auth) => request.header(AUTHORIZATION, auth.header()),
            None => request,
        }
    }

    /// Posts no lines at all: whether what will be posted has a database to go to, and may.
    ///
    /// # Errors
    /// What stands in the way of every write. No answer, or one that speaks of the missing lines, is none.
    pub async fn try_write(&self) -> Result<(), WriteRefused> {
        let mut request = self.http.post(self.url.write());
        if let Some(auth) = self.url.auth() {
            request = request.header(AUTHORIZATION, auth.header());
        }
        let Ok(response) = request.send().await else { return Ok(()) };
        let answer = read_answer(response).await;
        let said = answer.body.to_ascii_lowercase();
        let create = || match self.url.creation() {
            Some(command) => format!("create the database ({command}), or correct the Drain's URL"),
            None => "create the database, or correct the Drain's URL".to_owned(),
        };
        let remedy = match answer.status {
            401 => "check user, password or token of the Drain",
            403 => "grant this user or token write access to the database",
            404 | 500 if said.contains("retention policy") => {
                "make the retention policy, or correct rp= in the Drain's URL"
            }
            // InfluxDB 2 and later: databases are buckets.
            404 if said.contains("dbrp") || said.contains("bucket") => &self.url.bucket(),
            404 => &create(),
            405 => "correct the Drain's URL or the proxy in front",
            300..=399 => "correct the Drain's URL: redirects are not followed",
            _ => return Ok(()),
        };
        let (status, body) = (answer.status, excerpt(&answer.body));
        Err(WriteRefused { url: self.url.shown().to_owned(), status, body, remedy: remedy.to_owned() })
    }

    fn headers(&self, posting: &Posting) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert("X-Gridnode-Node", self.node.clone());
        headers.insert("X-Gridnode-Samples", HeaderValue::from(posting.samples));
        if let Ok(batch) = HeaderValue::from_str(&format!("{}{}", self.batch_prefix, posting.batch)) {
            headers.insert("X-Gridnode-Batch", batch);
        }
        if let Some(auth) = self.url.auth() {
            headers.insert(AUTHORIZATION, auth.header());
        }
        headers
    }
}

fn builder(url: &DrainUrl, timeouts: Timeouts) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("gridnode/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.answer)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        // A 204 with more of them than the usual hundred is a 204 all the same.
        .http1_max_headers(HEADERS_MAX)
        .http1_only();
    // A proxy from the environment cannot reach this machine's loopback.
    if url.is_loopback() { builder.no_proxy() } else { builder }
}

/// The process has one TLS provider; whoever comes first installs it.
pub fn install_tls_provider() {
    static ONCE: Once = Once::new();
    // An error says that one is there already, which is as good.
    ONCE.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
}

async fn read_answer(mut response: reqwest::Response) -> HttpAnswer {
    let status = response.status().as_u16();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok());
    let retry_after_s = retry_after.and_then(|text| retry_after_s(text, clock::now().wall));
    let has_store_header = response.headers().keys().any(|name| name.as_str().starts_with("x-influxdb-"));
    let (mut body, mut is_cut) = (Vec::new(), false);
    while body.len() < BODY_BYTES_MAX {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                body.extend_from_slice(&chunk[..chunk.len().min(BODY_BYTES_MAX - body.len())]);
            }
            Ok(None) => break,
            Err(_) => {
                is_cut = true;
                break;
            }
        }
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    HttpAnswer { status, body, retry_after_s, has_store_header, is_cut }
}
