//! The runs that go on at one node: flood 7 from the beginning to the end, flood 8 now and then.

use super::grid::Common;
use super::node::Node;
use super::owed::Sample;
use super::rule::{GRACE_MS, Rule, Said};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunIdentity;
use gridnode_core::base::time::{NS_PER_S, Now};
use gridnode_core::measure::RunSettings;
use gridnode_core::measure::ingest::{ClosedRun, ClosedWindow, Ingest, SocketId};
use gridnode_core::measure::window::WindowSettings;

pub const FIRST: u8 = 7;
pub const OTHER: u8 = 8;
/// Runs of the other flood on one node.
const OTHERS_MAX: u32 = 8;

/// One run in this process.
pub struct Live {
    pub flood: u8,
    pub run: u32,
    pub period_s: u32,
    pub socket: SocketId,
    pub slot: u32,
    pub name: String,
    pub rule: Rule,
    /// Starts of the windows that the rule has closed and the ingest has yet to close, s.
    pub due: Vec<i64>,
    /// In no snapshot and in no closed window yet.
    pub fresh: Vec<Sample>,
}

/// As the shell names it.
pub fn run_name(flood: &str, run: u64, incarnation: u32, slot: u32) -> String {
    format!("{flood}.{run}+{incarnation}.{slot}")
}

impl Live {
    pub fn open(
        ingest: &mut Ingest,
        now: Now,
        incarnation: u32,
        (flood, run, period_s): (u8, u32, u32),
    ) -> Self {
        let ident = |text: &str| Ident::new(text).unwrap();
        let identity = RunIdentity {
            account: Some(ident("1")),
            flood: ident(&flood.to_string()),
            project: None,
            grid: Some(ident("9")),
            region: None,
            run: u64::from(run),
        };
        let window = WindowSettings { period_s, grace_ms: GRACE_MS };
        let socket = SocketId(u32::from(flood) * 1_000 + run);
        let slot = ingest.open_run(now, socket, RunSettings { identity, window, labels_max: 100 });
        let name = run_name(&flood.to_string(), u64::from(run), incarnation, slot);
        let rule = Rule::new(period_s, now.wall.0);
        Self { flood, run, period_s, socket, slot, name, rule, due: Vec::new(), fresh: Vec::new() }
    }

    /// A window has closed: now, says the rule, too.
    pub fn closed(&mut self, window: &ClosedWindow) -> Result<(), String> {
        let start_s = window.start_ns / NS_PER_S as i64;
        self.fresh.retain(|sample| sample.moment.start_s != start_s);
        match self.due.iter().position(|due_s| *due_s == start_s) {
            Some(at) => drop(self.due.swap_remove(at)),
            None if window.samples == 0 => {}
            None => return Err(format!("{}: the window of {start_s} closes too early", self.name)),
        }
        Ok(())
    }

    /// The run's last word says of this process what the rule says.
    pub fn judge(&self, closed: &ClosedRun) -> Result<(), String> {
        let account = &closed.account;
        let said = Said {
            aggregated: account.aggregated,
            late: account.late,
            restamped: account.restamped,
            ahead_ms: closed.strays.ahead_ms,
            behind_ms: closed.strays.behind_ms,
        };
        if said != self.rule.said || account.received != account.aggregated {
            return Err(format!(
                "{}: by the rule {:?}, its account is {account:?}",
                self.name, self.rule.said
            ));
        }
        Ok(())
    }
}

impl Node {
    /// The other flood begins or ends.
    pub fn other_flood(&mut self, common: &mut Common) -> Result<(), String> {
        if let Some(at) = self.live.iter().position(|live| live.flood == OTHER) {
            common.seen.saw("flood ended in the middle");
            let slot = self.live[at].slot;
            self.live[at].due = self.live[at].rule.close();
            self.ingest.close_run(self.now, slot);
            self.hand_on(common)?;
            self.live.remove(at);
        } else if self.others < OTHERS_MAX {
            common.seen.saw("flood began in the middle");
            self.others += 1;
            let period_s = [15, 5, 1][self.random.below(3) as usize];
            let of = (OTHER, self.others, period_s);
            self.live.push(Live::open(&mut self.ingest, self.now, self.incarnation, of));
        }
        Ok(())
    }

    /// The wall clock steps: somewhere, or back to the true time. What senders have stamped before comes after it.
    pub fn clock_step(&mut self, common: &mut Common) {
        let true_ns = self.start_ns + self.now.mono.0 as i64;
        let before_ns = self.now.wall.0;
        let is_off = before_ns.abs_diff(true_ns) > NS_PER_S;
        let by_s = match self.random.below(10) {
            0..5 => 1 + self.random.below(10),
            5..9 => 10 + self.random.below(120),
            _ => 120 + self.random.below(1_800),
        } as i64;
        self.now.wall.0 = match self.random.below(2) {
            _ if is_off && self.random.chance(60) => true_ns,
            0 => before_ns + by_s * NS_PER_S as i64,
            _ => before_ns - by_s * NS_PER_S as i64,
        };
        let is_back = self.now.wall.0 < before_ns;
        self.has_stepped_back |= is_back;
        common.seen.saw(if is_back { "clock backward" } else { "clock forward" });
        self.old_clock = (before_ns - self.now.wall.0, 2 + self.random.below(8));
    }
}
