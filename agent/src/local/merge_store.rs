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
/// Floods that are named where the one that was asked for is not there.
const FLOODS_SHOWN_MAX: usize = 10;

/// Merges what the InfluxDB at `url` has, of one flood if one is named.
///
/// # Errors
/// When it cannot be asked, or has nothing of that flood.
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
    if merged.summary.points > 0 {
        return Ok(merged);
    }
    if let Some(flood) = flood {
        let there = client.floods(MEASUREMENTS[0]).await?;
        // Others may write there, too: what is no name of a flood cannot be asked for.
        let there: Vec<String> = there.into_iter().filter(|name| Ident::new(name).is_ok()).collect();
        anyhow::bail!("{}", no_such_flood(url.shown(), flood, &there));
    }
    merged.remarks.push(format!("{} has no rollups", url.shown()));
    Ok(merged)
}

/// What is said of a flood that is not there: its name is one of those that are, written wrong.
fn no_such_flood(url: &str, flood: &Ident, there: &[String]) -> String {
    let shown: Vec<String> = there.iter().take(FLOODS_SHOWN_MAX).cloned().collect();
    let has = match (there.len(), there.len().saturating_sub(FLOODS_SHOWN_MAX)) {
        (0, _) => "has no rollups at all".to_owned(),
        (1, _) => format!("has flood {} only", shown.join("")),
        (_, 0) => format!("has the floods {}", shown.join(", ")),
        (_, more) => format!("has the floods {} and {more} more", shown.join(", ")),
    };
    format!("{url} has nothing of flood {flood}: it {has}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floods_that_are_there_are_named() {
        let flood: Ident = "nope".parse().unwrap();
        let said = |n: usize| {
            let there: Vec<String> = (0..n).map(|n| format!("f{n}")).collect();
            no_such_flood("http://x", &flood, &there)
        };
        assert_eq!(said(0), "http://x has nothing of flood nope: it has no rollups at all");
        assert!(said(1).ends_with("it has flood f0 only"));
        assert!(said(2).ends_with("it has the floods f0, f1"));
        assert!(said(12).ends_with("f8, f9 and 2 more"));
    }
}
