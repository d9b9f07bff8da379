//! The EC2 instance metadata service (version 2): who this node is, and whether it is about to go away.
//!
//! ```text
//! PUT /latest/api/token                                        a token for six hours
//! GET /latest/meta-data/instance-id                            the node's name
//!     /latest/meta-data/placement/region                       its region
//!     /latest/meta-data/tags/instance/gridnode:grid (or grid)  its grid
//!     /latest/meta-data/tags/instance/gridnode:node            its name, where it is not the instance's id
//!     /latest/meta-data/spot/instance-action                   404, or {"action":"terminate","time":"…Z"}
//!     /latest/meta-data/autoscaling/target-lifecycle-state     "InService", …, "Terminated"
//! ```
//!
//! Tags are there only where the instance has "allow tags in instance metadata" turned on. A rebalance recommendation
//! is ignored: it asks for nothing. Every request ends within a second, no proxy is used (the address is link-local),
//! and at most 4 KiB of an answer are read.

#[cfg(test)]
mod tests;
mod token;
mod watch;

pub use watch::{GoingAway, watch};

use crate::data::drain::install_tls_provider;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::rfc3339;
use serde::Deserialize;
use std::time::Duration;
use thiserror::Error;
use token::{TOKEN_HEADER, TokenStore};

/// What is read of an answer.
const BODY_BYTES_MAX: usize = 4 * 1024;
/// For one request, connection included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(1);

/// A client of the service; has a token of its own.
#[derive(Debug)]
pub struct Imds {
    http: reqwest::Client,
    endpoint: String,
    token: TokenStore,
}

/// What the service says about this node; what it does not say is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// The instance's id.
    pub instance_id: Option<Ident>,
    /// The tag `gridnode:node`.
    pub node: Option<Ident>,
    /// The instance's region.
    pub region: Option<Ident>,
    /// The tag `gridnode:grid`, or else `grid`.
    pub grid: Option<Ident>,
}

/// Why the service said nothing of use.
#[derive(Debug, Error)]
pub enum ImdsError {
    /// TLS or the system.
    #[error("failed to set up the HTTP client: {0}")]
    Client(#[source] reqwest::Error),
    /// No answer.
    #[error("failed to reach {path}: {why}")]
    NoAnswer {
        /// What was asked for.
        path: String,
        /// The system's words.
        why: String,
    },
    /// The service takes connections and its answer does not come.
    #[error(
        "{path} was asked for and the answer did not come within a second, though the service takes connections: in a \
         container that is the hop limit of 1, so set HttpPutResponseHopLimit of the instance's metadata options to 2"
    )]
    HopLimit {
        /// What was asked for.
        path: String,
    },
    /// An answer that says no.
    #[error("{path} was answered with status {status}")]
    Refused {
        /// What was asked for.
        path: String,
        /// The status.
        status: u16,
    },
    /// An answer that makes no sense.
    #[error("{path} was answered with `{text}`, which is not {wanted}")]
    Nonsense {
        /// What was asked for.
        path: String,
        /// The answer's beginning.
        text: String,
        /// What it should have been.
        wanted: &'static str,
    },
}

impl ImdsError {
    /// Whether the service is there and gave an answer that will not get better.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Nonsense { .. })
    }
}

impl Imds {
    /// A client of the service at `endpoint`, such as `http://169.254.169.254`.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(endpoint: &str) -> Result<Self, ImdsError> {
        install_tls_provider();
        let http = reqwest::Client::builder()
            .timeout(REQUEST_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            // It speaks no TLS: a system without CA certificates has one, too.
            .tls_certs_only([])
            .http1_only()
            .build()
            .map_err(ImdsError::Client)?;
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        Ok(Self { http, endpoint, token: TokenStore::default() })
    }

    /// Who this node is.
    ///
    /// # Errors
    /// When the service does not answer, or something in it is no identifier.
    pub async fn identity(&self) -> Result<Identity, ImdsError> {
        let grid = match self.ident("tags/instance/gridnode:grid").await? {
            Some(grid) => Some(grid),
            None => self.ident("tags/instance/grid").await?,
        };
        Ok(Identity {
            instance_id: self.ident("instance-id").await?,
            node: self.ident("tags/instance/gridnode:node").await?,
            region: self.ident("placement/region").await?,
            grid,
        })
    }

    /// Whether the instance's tags can be read here.
    ///
    /// # Errors
    /// When the service does not answer.
    pub async fn has_tags(&self) -> Result<bool, ImdsError> {
        Ok(self.get("tags/instance").await?.is_some())
    }

    /// Whether the instance is about to be taken away; `None` when it is not.
    ///
    /// # Errors
    /// When the service does not answer or its answer makes no sense.
    pub async fn going_away(&self) -> Result<Option<GoingAway>, ImdsError> {
        const SPOT: &str = "spot/instance-action";
        if let Some(text) = self.get(SPOT).await? {
            return match spot_notice(&text) {
                Some(notice) => Ok(notice),
                None => Err(nonsense(SPOT, &text, "a notice with action and time")),
            };
        }
        let state = self.get("autoscaling/target-lifecycle-state").await?;
        let terminated = state.is_some_and(|state| state.trim() == "Terminated");
        Ok(terminated.then(|| GoingAway {
            reason: "the Auto Scaling group terminates the instance".to_owned(),
            at: None,
            for_good: true,
        }))
    }

    async fn ident(&self, path: &str) -> Result<Option<Ident>, ImdsError> {
        let Some(text) = self.get(path).await? else { return Ok(None) };
        match text.trim() {
            // An empty tag says as much as none.
            "" => Ok(None),
            trimmed => match Ident::new(trimmed) {
                Ok(ident) => Ok(Some(ident)),
                Err(_) => {
                    Err(nonsense(path, &text, "an identifier (1 to 64 characters from A-Z a-z 0-9 _ . : -)"))
                }
            },
        }
    }

    /// The text at `path` below `meta-data`; `None` when there is nothing.
    async fn get(&self, path: &str) -> Result<Option<String>, ImdsError> {
        for attempt in 0..2 {
            let token = self.token.get(&self.http, &self.endpoint).await?;
            let url = format!("{}/latest/meta-data/{path}", self.endpoint);
            let sent = self.http.get(url).header(TOKEN_HEADER, token).send().await;
            let mut response = sent.map_err(|error| no_answer(path, &error))?;
            match response.status().as_u16() {
                200 => return read_body(path, &mut response).await.map(Some),
                404 => return Ok(None),
                // The token has expired early, or the service was started anew: get another, once.
                401 if attempt == 0 => self.token.forget().await,
                status => return Err(ImdsError::Refused { path: path.to_owned(), status }),
            }
        }
        Err(ImdsError::Refused { path: path.to_owned(), status: 401 })
    }
}

async fn read_body(path: &str, response: &mut reqwest::Response) -> Result<String, ImdsError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| no_answer(path, &error))? {
        if body.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(nonsense(path, &String::from_utf8_lossy(&body), "a short text"));
        }
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(body)
        .map_err(|error| nonsense(path, &String::from_utf8_lossy(error.as_bytes()), "UTF-8"))
}

fn no_answer(path: &str, error: &reqwest::Error) -> ImdsError {
    // The innermost cause is what a person can act upon; those around it repeat the URL.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let why = if error.is_timeout() { "no answer within a second".to_owned() } else { cause.to_string() };
    ImdsError::NoAnswer { path: path.to_owned(), why }
}

fn nonsense(path: &str, text: &str, wanted: &'static str) -> ImdsError {
    let text = text.chars().take(80).collect();
    ImdsError::Nonsense { path: path.to_owned(), text, wanted }
}

/// What a notice says; the outer `None` when it makes no sense, the inner one when it asks for nothing.
fn spot_notice(text: &str) -> Option<Option<GoingAway>> {
    #[derive(Deserialize)]
    struct Notice {
        action: String,
        time: Option<String>,
    }
    let notice: Notice = serde_json::from_str(text).ok()?;
    if notice.action == "none" {
        return Some(None);
    }
    let at = match notice.time {
        Some(time) => Some(rfc3339::parse(&time).ok()?),
        None => None,
    };
    // A stopped or hibernated instance may come back, and its queue should be there then.
    let for_good = notice.action == "terminate";
    Some(Some(GoingAway { reason: format!("spot interruption ({})", notice.action), at, for_good }))
}
