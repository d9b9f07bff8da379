//! The load that a command or a person asks of a tool, in the words that all tools have in common.

mod crowd;
mod length;
mod planned;

pub use crowd::crowd;
pub use length::{Late, Length, Limit, too_late};
pub use planned::Planned;

/// What to run a plan with. `None` leaves it to the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    /// Users on this node: threads, virtual users, browsers.
    pub users: Option<u32>,
    /// Time until all of them have started, s.
    pub ramp_up_s: Option<u32>,
    /// How long they run, s.
    pub duration_s: Option<u32>,
    /// Iterations of every user.
    pub iterations: Option<u32>,
    /// The plan's own parameters, name and value; for equal names the last one counts.
    pub params: Vec<(String, String)>,
}

impl Load {
    /// Whether more than parameters is asked for.
    #[must_use]
    pub fn changes_load(&self) -> bool {
        [self.users, self.ramp_up_s, self.duration_s, self.iterations].iter().any(Option::is_some)
    }
}
