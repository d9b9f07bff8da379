//! Rollups that an InfluxDB has, of all nodes that wrote there, as one table with true percentiles.

use super::merge_files::{Merged, no_such_flood};
use crate::base::advice::Advice;
use crate::data::drain::{DrainClient, DrainUrl, QueryError, Selection, Store};
use gridnode_core::base::ids::Ident;
use gridnode_core::merge::{Merge, Runs};

/// What is read, and in this order: the first one names the run of the others' points.
pub(super) const MEASUREMENTS: [&str; 9] = [
    "transaction_rate_mean",
    "response_time_mean",
    "response_time_sketch",
    "latency_mean",
    "connect_time_mean",
    "response_codes_count",
    "throughput_sum",
    "concurrency_max",
    "ledger_sum",
];
/// How the words of a store begin that does not let us in.
const NOT_LET_IN: [&str; 2] = ["answer 401", "answer 403"];
/// Points that are named because they could not be merged; the rest is counted.
const NAMED_MAX: usize = 10;

/// Merges what the InfluxDB at `url` has, of one flood if one is named.
///
/// # Errors
/// When it cannot be asked, or has nothing of that flood.
pub async fn merge_store(url: &DrainUrl, flood: Option<&Ident>, runs: Runs) -> anyhow::Result<Merged> {
    let client = DrainClient::new(url.clone(), "merge")?;
    refuse_numbers_only(&client).await?;
    let mut merge = Merge::new();
    let mut merged = Merged { summary: merge.summary(), refused_lines: 0, remarks: Vec::new() };
    for measurement in MEASUREMENTS {
        let is_first = measurement == MEASUREMENTS[0];
        let mut take = |line: &[u8]| {
            if is_first {
                merge.learn_line(line);
            }
            let Err(why) = merge.add_line(line) else { return };
            merged.refused_lines += 1;
            if merged.remarks.len() < NAMED_MAX {
                merged.remarks.push(format!("a point of {measurement}: {why}"));
            }
        };
        client
            .read_lines(measurement, Selection { flood, span_ns: None }, &mut take)
            .await
            .map_err(advised)?;
    }
    merged.summary = merge.summary_of(runs);
    if merged.summary.points > 0 {
        return Ok(merged);
    }
    if let Some(flood) = flood {
        let there = client.floods(MEASUREMENTS[0]).await?;
        anyhow::bail!("{}", no_such_flood(url.shown(), flood, &there));
    }
    merged.remarks.push(format!("{} has no rollups", url.shown()));
    Ok(merged)
}

/// Sketches and labels are texts: a store without them cannot be read back, and would say that it is empty.
pub(super) async fn refuse_numbers_only(client: &DrainClient) -> anyhow::Result<()> {
    // What is wrong otherwise, reading says.
    match client.ping().await {
        Ok(store @ Store::VictoriaMetrics) => {
            let (url, limits) = (client.shown_url(), store.limits());
            let (what, instead) = limits.unwrap_or_default();
            Err(anyhow::anyhow!("{url} is {store}: {what}").context(Advice::new(instead)))
        }
        _ => Ok(()),
    }
}

/// Whoever is not let in hears how to say who they are.
pub(super) fn advised(error: QueryError) -> anyhow::Error {
    match &error {
        QueryError::Refused { why, .. } if NOT_LET_IN.iter().any(|answer| why.starts_with(answer)) => {
            anyhow::Error::from(error).context(Advice::new(
                "give a user who may read it, and the password, in GRIDNODE_MERGE_FROM: http://USER:PASSWORD@HOST:8086/?db=NAME \
                 (what is no letter or digit in them as %XX); every user of this machine can read --from",
            ))
        }
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn who_is_not_let_in_hears_how_to_give_a_password() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let _ = connection.read(&mut [0; 4096]).await;
                let body = r#"{"error":"unable to parse authentication credentials"}"#;
                let head = format!(
                    "HTTP/1.1 401 Unauthorized\r\ncontent-length: {}\r\nconnection: close",
                    body.len()
                );
                let _ = connection.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await;
            }
        });
        let url = DrainUrl::parse(&format!("http://{place}"), None).unwrap();
        let error = merge_store(&url, None, Runs::Apart).await.unwrap_err();
        let said = error.downcast_ref::<Advice>().map(Advice::to_string).unwrap_or_default();
        assert!(said.contains("GRIDNODE_MERGE_FROM: http://USER:PASSWORD@HOST"), "{said}");
        assert!(format!("{error:#}").contains("answer 401"), "{error:#}");
    }
}
