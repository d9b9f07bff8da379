//! What a run in a unit of its own met of that unit's limits.

use serde::{Deserialize, Serialize};

/// How often a run was at a limit of its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LimitsMet {
    /// Processes that the kernel ended because the run needed more memory than it may have.
    pub oom_kills: u64,
    /// Processes and threads that it was refused.
    pub forks_refused: u64,
}

impl LimitsMet {
    /// What a person should know, where that spoils a run.
    #[must_use]
    pub fn broken(&self) -> Option<String> {
        let Self { oom_kills, forks_refused } = self;
        if *oom_kills > 0 {
            return Some(format!(
                "the run needed more memory than it may have, and {oom_kills} of its processes were ended for it: use a larger \
                 machine, fewer users or a smaller heap (MemoryMax= of gridnode-run@.service)"
            ));
        }
        (*forks_refused > 0).then(|| {
            format!(
                "the run wanted more processes and threads than it may have, and {forks_refused} were refused (TasksMax= of \
                 gridnode-run@.service)"
            )
        })
    }
}
