//! Runs that are to be told of while they go on: asked for by the driver, answered by the render thread when a window has closed.

use gridnode_core::measure::ingest::ClosedWindow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const NS_PER_S: i64 = 1_000_000_000;

/// See the module's head. Clones ask for the same.
#[derive(Debug, Clone, Default)]
pub struct Progresses(Arc<Mutex<BTreeMap<u32, Asked>>>);

#[derive(Debug, Clone, Copy)]
struct Asked {
    every_ns: i64,
    /// End of the window that was told of last.
    told_ns: Option<i64>,
}

impl Progresses {
    /// Every so many seconds of this run's windows.
    pub fn ask(&self, run: u32, every_s: u32) {
        let every_ns = i64::from(every_s).saturating_mul(NS_PER_S);
        self.all().insert(run, Asked { every_ns, told_ns: None });
    }

    /// The run is over.
    pub fn forget(&self, run: u32) {
        self.all().remove(&run);
    }

    /// Whether something is to be said now that this window is closed, and notes that it is.
    pub fn is_due(&self, window: &ClosedWindow) -> bool {
        let mut all = self.all();
        let Some(asked) = all.get_mut(&window.run) else { return false };
        let end_ns = window.start_ns.saturating_add_unsigned(window.period_ns);
        // A late part of a window is in the next word.
        let is_due = window.account.is_some()
            && asked.told_ns.is_none_or(|told_ns| end_ns.saturating_sub(told_ns) >= asked.every_ns);
        if is_due {
            asked.told_ns = Some(end_ns);
        }
        is_due
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<u32, Asked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridnode_core::base::ids::Ident;
    use gridnode_core::base::run::RunIdentity;
    use gridnode_core::measure::ingest::AccountSnapshot;
    use gridnode_core::measure::ledger::SampleAccount;

    fn window(run: u32, start_s: i64, has_account: bool) -> ClosedWindow {
        let flood = Ident::near("7");
        let identity = RunIdentity { account: None, flood, project: None, grid: None, region: None, run: 1 };
        let account = AccountSnapshot {
            total: SampleAccount::default(),
            before: SampleAccount::default(),
            labels: 0,
            series: 0,
        };
        ClosedWindow {
            run,
            identity: Arc::new(identity),
            start_ns: start_s * NS_PER_S,
            period_ns: 2_000_000_000,
            part_n: 0,
            samples: 0,
            series: Vec::new(),
            users: None,
            account: has_account.then_some(account),
            degraded: 0,
            covers: Vec::new(),
        }
    }

    #[test]
    fn the_first_window_is_told_of_and_then_one_each_time() {
        let progresses = Progresses::default();
        assert!(!progresses.is_due(&window(1, 0, true)), "nobody asked");
        progresses.ask(1, 5);
        let due = |start_s, has_account| progresses.is_due(&window(1, start_s, has_account));
        assert_eq!(
            [due(10, true), due(12, true), due(14, true), due(16, false)],
            [true, false, false, false]
        );
        assert_eq!(
            [due(16, true), due(4, true), due(22, true)],
            [true, false, true],
            "a late one is no news"
        );
        progresses.forget(1);
        assert!(!due(40, true));
    }
}
