//! How a run goes so far, as a node publishes it for whoever follows all nodes of a grid.
//!
//! Each says all from the start on: whoever misses one knows as much again with the next. Windows that are closed are in it, what
//! is late comes with a later one.

use crate::measure::ingest::AccountSnapshot;
use crate::measure::ledger::SampleAccount;
use crate::measure::run_totals::RunTotals;
use crate::measure::stated_totals::StatedTotals;
use serde::{Deserialize, Serialize};

/// Labels with numbers of their own: the busiest. A receipt has more.
pub const LABELS_NAMED_MAX: usize = 50;
/// Its largest JSON: what SNS counts as one request.
pub const PROGRESS_BYTES_MAX: usize = 60 * 1_024;

/// See the module's head.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Most users that were active in the latest window.
    pub users: u64,
    /// Why the node was too busy to measure at the latest look, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub saturated: Option<String>,
    /// Its samples, up to the close of the latest window.
    pub ledger: SampleAccount,
    /// What its closed windows came to.
    #[serde(flatten)]
    pub totals: StatedTotals,
}

impl Progress {
    /// Of a run's closed windows, its account and its users at the close of the latest.
    #[must_use]
    pub fn of(totals: &RunTotals, account: &AccountSnapshot, users: u64) -> Self {
        let mut progress = Self {
            users,
            saturated: None,
            ledger: account.total,
            totals: StatedTotals::of_busiest(totals, LABELS_NAMED_MAX),
        };
        while serde_json::to_vec(&progress).is_ok_and(|json| json.len() > PROGRESS_BYTES_MAX)
            && progress.totals.shorten().unwrap_or(false)
        {}
        progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::LabelId;
    use crate::measure::accumulator::Accumulator;
    use crate::measure::series::{SeriesIndex, SeriesInfo};
    use crate::wire::sump::Kind;
    use std::sync::Arc;

    /// `labels` labels whose response times are all different.
    fn totals(labels: u32, times: u64) -> RunTotals {
        let mut totals = RunTotals::default();
        for n in 0..labels {
            let label = format!("label {n}");
            let info = SeriesInfo {
                label_id: LabelId::of(&label),
                label: label.into(),
                kind: Kind::Request,
                alternate: false,
            };
            let mut numbers = Accumulator::default();
            for us in (0..times).map(|time| 1_000 + time * time * u64::from(n + 7)) {
                numbers.count += 1;
                numbers.passed += 1;
                numbers.rt.add(us);
                numbers.sketch.record(us);
            }
            totals.add_series(SeriesIndex(n), &Arc::new(info), &numbers);
        }
        totals.add_window(0, 15, u64::from(labels) * times);
        totals
    }

    fn account() -> AccountSnapshot {
        AccountSnapshot {
            total: SampleAccount::default(),
            before: SampleAccount::default(),
            labels: 0,
            series: 0,
        }
    }

    #[test]
    fn the_busiest_are_named_and_all_are_counted() {
        let progress = Progress::of(&totals(60, 3), &account(), 7);
        assert_eq!((progress.users, progress.totals.labels.len()), (7, LABELS_NAMED_MAX));
        assert_eq!((progress.totals.labels_others.labels, progress.totals.total.count), (10, 180));
        assert_eq!(progress.totals.check_sums(), Ok(()));
        let json = serde_json::to_string(&progress).unwrap();
        assert_eq!(serde_json::from_str::<Progress>(&json).unwrap(), progress);
    }

    #[test]
    fn it_stays_one_message_however_much_the_times_spread() {
        let whole =
            serde_json::to_vec(&StatedTotals::of_busiest(&totals(50, 900), LABELS_NAMED_MAX)).unwrap();
        assert!(whole.len() > PROGRESS_BYTES_MAX, "the test needs more than fits: {}", whole.len());
        let progress = Progress::of(&totals(50, 900), &account(), 1);
        let bytes = serde_json::to_vec(&progress).unwrap().len();
        assert!(bytes <= PROGRESS_BYTES_MAX && bytes > PROGRESS_BYTES_MAX / 4, "{bytes}");
        assert_eq!(progress.totals.total.count, 45_000);
        assert_eq!(progress.totals.check_sums(), Ok(()));
    }
}
