//! The session token that every request carries.

use super::{ImdsError, no_answer, nonsense, read_body};
use crate::base::clock;
use gridnode_core::base::time::{Mono, NS_PER_S};
use reqwest::header::HeaderValue;
use tokio::sync::Mutex;

/// The header that a token travels in.
pub(super) const TOKEN_HEADER: &str = "X-aws-ec2-metadata-token";
/// The longest there is, s.
const TTL_S: u64 = 21_600;
const PATH: &str = "api/token";

/// Keeps a token until half of its life is over.
#[derive(Debug, Default)]
pub(super) struct TokenStore {
    kept: Mutex<Option<(HeaderValue, Mono)>>,
}

impl TokenStore {
    pub(super) async fn get(&self, http: &reqwest::Client, endpoint: &str) -> Result<HeaderValue, ImdsError> {
        let mut kept = self.kept.lock().await;
        let now = clock::now().mono;
        if let Some((token, until)) = &*kept
            && now < *until
        {
            return Ok(token.clone());
        }
        let token = fetch(http, endpoint).await?;
        *kept = Some((token.clone(), now.plus_ns(TTL_S / 2 * NS_PER_S)));
        Ok(token)
    }

    pub(super) async fn forget(&self) {
        *self.kept.lock().await = None;
    }
}

async fn fetch(http: &reqwest::Client, endpoint: &str) -> Result<HeaderValue, ImdsError> {
    let request = http
        .put(format!("{endpoint}/latest/api/token"))
        .header("X-aws-ec2-metadata-token-ttl-seconds", TTL_S)
        .header(reqwest::header::CONTENT_LENGTH, 0);
    let mut response = request.send().await.map_err(|error| {
        // Only the answer to this request is sent with few hops to live.
        if error.is_timeout() && !error.is_connect() {
            ImdsError::HopLimit { path: PATH.to_owned() }
        } else {
            no_answer(PATH, &error)
        }
    })?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(ImdsError::Refused { path: PATH.to_owned(), status });
    }
    let text = read_body(PATH, &mut response).await?;
    let mut token = HeaderValue::from_str(text.trim()).map_err(|_| nonsense(PATH, "…", "a token"))?;
    token.set_sensitive(true);
    Ok(token)
}
