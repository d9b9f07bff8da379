//! Tools: they start late or not at all, end by themselves, and obey some stage of a stop. They outlive the agent.

use crate::random::Random;
use gridnode_core::base::run::RunKey;
use gridnode_core::run::flood::Stage;
use std::collections::BTreeMap;

pub struct Tool {
    pub started_ns: u64,
    /// The mildest stage that it obeys.
    pub obeys: Stage,
    /// It outlives even SIGKILL for a while: an uninterruptible process.
    pub stuck: bool,
    /// It appeared after somebody had tried to kill it: a launcher that hung.
    pub late: bool,
}

#[derive(Default)]
pub struct Tools {
    pub alive: BTreeMap<RunKey, Tool>,
    /// How often a tool of a run was started, ever.
    pub starts: BTreeMap<RunKey, u32>,
    /// Starts that are under way; true when a kill came meanwhile and was not heard.
    pub pending: BTreeMap<RunKey, bool>,
}

impl Tools {
    /// The process appears, unless its start was called off.
    pub fn start(&mut self, run: &RunKey, now_ns: u64, random: &mut Random) -> bool {
        let Some(late) = self.pending.remove(run) else { return false };
        let stages = [Stage::Finish, Stage::Finish, Stage::StopNow, Stage::Terminate, Stage::Kill];
        let tool = Tool { started_ns: now_ns, obeys: random.pick(&stages), stuck: random.chance(10), late };
        self.alive.insert(run.clone(), tool);
        *self.starts.entry(run.clone()).or_default() += 1;
        true
    }
}
