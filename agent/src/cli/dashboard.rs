//! `gridnode dashboard`: what to look at an InfluxDB with, where the Drain is one.

use crate::base::exit::Exit;
use crate::console::write_result;
use std::process::ExitCode;

/// Every panel adds up counts and sums; none averages a percentile.
const DASHBOARD: &str = include_str!("../../assets/dashboard.json");

pub(super) const EXAMPLE: &str = "\
Example:
  gridnode dashboard > gridnode.json      # then, in Grafana: Dashboards, New, Import

It asks in InfluxQL, so the data source is an InfluxDB 1.x, or a later one's interface for it. Choose the window that the run had: rates
are counts by its length, and users are added up over nodes within it.";

/// Prints it.
///
/// # Errors
/// When nobody takes it.
pub fn dashboard() -> anyhow::Result<ExitCode> {
    write_result(DASHBOARD)?;
    Ok(Exit::Fine.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_query_averages_a_percentile() {
        let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
        let panels = dashboard["panels"].as_array().unwrap();
        let queries: Vec<&str> = panels
            .iter()
            .flat_map(|panel| panel["targets"].as_array().unwrap())
            .map(|target| target["query"].as_str().unwrap())
            .collect();
        assert!(queries.len() > 20);
        for query in queries {
            assert!(!query.contains("mean("), "{query}");
            assert!(query.contains("$timeFilter"), "{query}");
            let percentile = query.contains("response_time_percentiles");
            assert!(!percentile || query.contains("max(\"p9"), "{query}");
        }
    }
}
