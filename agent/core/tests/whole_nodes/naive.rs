//! The merged table once more, from all samples that were sent.

use super::owed::Sample;
use super::store::Store;
use gridnode_core::measure::sketch::layout::{bucket_index, highest_equivalent_us};
use gridnode_core::merge::{LabelSummary, Runs};
use std::collections::BTreeMap;

/// Samples by response time, ms, for each flood and label.
#[derive(Default)]
pub struct Naive(BTreeMap<(u8, u8), Vec<u64>>);

impl Naive {
    pub fn add(&mut self, sample: &Sample) {
        let times = self.0.entry((sample.moment.flood, sample.moment.label)).or_default();
        let at = sample.rt_ms as usize;
        times.resize(times.len().max(at + 1), 0);
        times[at] += 1;
    }

    /// A kill has taken it.
    pub fn take(&mut self, sample: &Sample) {
        let times = self.0.entry((sample.moment.flood, sample.moment.label)).or_default();
        times[sample.rt_ms as usize] -= 1;
    }

    /// `missing`: what stops of machines have taken, nobody knows which of those that were sent.
    pub fn compare(&self, store: &mut Store, missing: &BTreeMap<(u8, u8), u64>) -> Result<(), String> {
        let summary = store.merged()?.summary_of(Runs::AddedUp);
        if summary.duplicate_points > 0 {
            return Err(format!("{} points came twice", summary.duplicate_points));
        }
        for ((flood, label), times) in &self.0 {
            let name = format!("l{label}");
            let of_flood = summary.floods.iter().find(|of| of.flood == flood.to_string());
            let found = of_flood.and_then(|of| of.labels.iter().find(|label| label.label == name));
            let missing = missing.get(&(*flood, *label)).copied().unwrap_or_default();
            let sent: u64 = times.iter().sum();
            let count = found.map_or(0, |label| label.count);
            if count + missing != sent {
                return Err(format!(
                    "{flood} {name}: {count} in the table, {sent} were sent, {missing} missing"
                ));
            }
            if let Some(label) = found.filter(|_| count > 0) {
                percentiles(label, times, missing).map_err(|why| format!("{flood} {name}: {why}"))?;
            }
        }
        for of in &summary.floods {
            let Ok(flood) = of.flood.parse() else { return Err(format!("nobody sent flood {}", of.flood)) };
            let users = store.users_max(flood);
            if users != Some(of.concurrency_max) {
                return Err(format!("{flood}: {} users, naively {users:?}", of.concurrency_max));
            }
        }
        Ok(())
    }
}

/// What is missing moves each rank by no more than that.
fn percentiles(label: &LabelSummary, times: &[u64], missing: u64) -> Result<(), String> {
    let at_rank = |rank: u64| {
        let mut seen = 0;
        let at = times.iter().position(|n| {
            seen += n;
            seen >= rank
        });
        at.or_else(|| times.iter().rposition(|n| *n > 0)).unwrap_or(0) as u64
    };
    let most_ms = at_rank(u64::MAX);
    for (found_ms, permille) in [(label.p50_ms, 500), (label.p95_ms, 950), (label.p99_ms, 990)] {
        let rank = (label.count * permille).div_ceil(1_000);
        let highest = |ms: u64| (highest_equivalent_us(bucket_index(ms * 1_000))).min(most_ms * 1_000);
        let lowest_us = match missing {
            0 => highest(at_rank(rank)),
            _ => at_rank(rank) * 1_000,
        };
        let (least, most) = (lowest_us as f64 / 1_000.0, highest(at_rank(rank + missing)) as f64 / 1_000.0);
        if found_ms.is_none_or(|found_ms| found_ms < least || found_ms > most) {
            return Err(format!("p{permille} is {found_ms:?}, of all samples {least} to {most}"));
        }
    }
    Ok(())
}
