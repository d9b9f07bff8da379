//! Rollups that an InfluxDB has, of all nodes that wrote there, as one table with true percentiles.

use super::merge_files::Merged;
use crate::data::drain::{DrainClient, DrainUrl};
use gridnode_core::base::ids::Ident;
use gridnode_core::merge::{Merge, Runs};

/// What is read, and in this order: the first one names the run of the others' points.
const MEASUREMENTS: [&str; 9] = [
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
/// Points that are named because they could not be merged; the rest is counted.
const NAMED_MAX: usize = 10;

/// Merges what the InfluxDB at `url` has, of one flood if one is named.
///
/// # Errors
/// When it cannot be asked.
pub async fn merge_store(url: &DrainUrl, flood: Option<&Ident>, runs: Runs) -> anyhow::Result<Merged> {
    let client = DrainClient::new(url.clone(), "merge")?;
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
        client.read_lines(measurement, flood, &mut take).await?;
    }
    merged.summary = merge.summary_of(runs);
    if merged.summary.points == 0 {
        let what = flood.map_or_else(|| "no rollups".to_owned(), |flood| format!("nothing of flood {flood}"));
        merged.remarks.push(format!("{} has {what}", url.shown()));
    }
    Ok(merged)
}
