//! Receipts that were too large for their events, from the bucket that those name.

use crate::control::aws::{Aws, AwsError};
use gridnode_core::node::command::FileUri;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::task::JoinSet;

/// Bytes of one: more than ten thousand sources and two hundred labels take.
const RECEIPT_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// That are fetched at once: a grid has many nodes, and this machine may be small.
const AT_ONCE: usize = 8;
/// Tries of each.
const TRIES: u32 = 3;
/// Between them, ms.
const PAUSE_MS: u64 = 1_000;

/// Fetches receipts, by node; each goes to `take` as it comes, or else why it cannot be had, a clause.
pub async fn fetch_receipts(
    aws: &Aws,
    locations: BTreeMap<String, String>,
    mut take: impl FnMut(String, Result<Value, String>),
) {
    let mut waiting = locations.into_iter();
    let mut fetching = JoinSet::new();
    loop {
        while fetching.len() < AT_ONCE
            && let Some((node, location)) = waiting.next()
        {
            let aws = aws.clone();
            fetching.spawn(async move {
                let fetched = fetch(&aws, &location).await;
                (node, fetched.map_err(|why| format!("its receipt in {location} cannot be had: {why}")))
            });
        }
        match fetching.join_next().await {
            Some(Ok((node, fetched))) => take(node, fetched),
            // Then there is no receipt of this node, which is said by whoever looks for it.
            Some(Err(error)) => tracing::error!(%error, "a receipt was not fetched"),
            None => break,
        }
    }
}

async fn fetch(aws: &Aws, location: &str) -> Result<Value, String> {
    let FileUri::S3 { bucket, key } = FileUri::parse(location).map_err(|error| error.why().to_owned())?
    else {
        return Err("it should be in S3".to_owned());
    };
    let mut tried = 1;
    loop {
        match read(aws, &bucket, &key).await {
            Ok(bytes) => return parse(&bytes),
            Err(Failed { is_passing: true, .. }) if tried < TRIES => {
                tried += 1;
                tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
            }
            Err(Failed { why, .. }) => return Err(why),
        }
    }
}

struct Failed {
    why: String,
    is_passing: bool,
}

impl From<AwsError> for Failed {
    fn from(error: AwsError) -> Self {
        Self { why: error.to_string(), is_passing: error.kind.is_worth_retrying() }
    }
}

async fn read(aws: &Aws, bucket: &str, key: &str) -> Result<Vec<u8>, Failed> {
    let mut bytes = Vec::new();
    let body = aws.open(bucket, key).await?.reader;
    let read = body.take(RECEIPT_BYTES_MAX + 1).read_to_end(&mut bytes).await;
    // A connection that broke off.
    read.map_err(|error| Failed { why: error.to_string(), is_passing: true })?;
    Ok(bytes)
}

fn parse(bytes: &[u8]) -> Result<Value, String> {
    if bytes.len() as u64 > RECEIPT_BYTES_MAX {
        return Err(format!("it is larger than {RECEIPT_BYTES_MAX} bytes: that is no receipt"));
    }
    serde_json::from_slice(bytes).map_err(|error| format!("it is not JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_receipt_is_said() {
        assert!(parse(b"{\"ledger\":{}}").is_ok());
        assert!(parse(b"<html>").unwrap_err().starts_with("it is not JSON: "));
        let long = vec![b' '; RECEIPT_BYTES_MAX as usize + 1];
        assert!(parse(&long).unwrap_err().ends_with("that is no receipt"));
    }
}
