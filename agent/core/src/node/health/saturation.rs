//! The verdict over time: enters at once, leaves slowly.

use super::Reason;
use super::strain::{Level, Strain};

/// Calm windows in a row before a reason is let go. Entering takes one: the verdict is about that very window, whose
/// numbers are spoilt. Leaving takes three, for what was overloaded seconds ago still works off its queues, and a
/// verdict that comes and goes with every window helps nobody.
pub const LEAVE_WINDOWS: u32 = 3;

/// Windows without a renewed cause until a reason is let go even though its readings hang between the two thresholds: a
/// machine may be a little busy for days, and what spoilt its numbers once is over.
pub const HANG_WINDOWS_MAX: u32 = 12;

/// The state of each reason.
#[derive(Debug, Clone, Default)]
pub struct Saturation {
    /// By the reason's place in [`Reason::ALL`]: calm windows still to come before it is let go, 0 if it does not hold.
    holds_windows: [u32; Reason::ALL.len()],
    /// In the same places: windows since the reason held last by itself.
    since_high_windows: [u32; Reason::ALL.len()],
    /// In the same places: what was read when the reason held last by itself.
    readings: [String; Reason::ALL.len()],
    /// A time service has kept the clock at some time. One that never did is not held against the node: on machines
    /// without any (containers, test rigs) the verdict would be the same for ever and say nothing. One that has
    /// stopped is.
    clock_was_kept: bool,
}

impl Saturation {
    /// Takes a window in; gives the most telling reason why its numbers cannot be trusted, `None` when they can.
    pub fn window(&mut self, strain: &Strain) -> Option<Reason> {
        let clock_lost = self.clock_was_kept && strain.clock_synchronised == Some(false);
        self.clock_was_kept |= strain.clock_synchronised == Some(true);
        let states = self.holds_windows.iter_mut().zip(&mut self.readings).zip(&mut self.since_high_windows);
        for (((holds, readings), since), reason) in states.zip(Reason::ALL) {
            let lost = reason == Reason::Clock && clock_lost;
            let level = if lost { Level::High } else { strain.level(reason) };
            if level == Level::High {
                *readings = strain.readings(reason);
            }
            *since = if level == Level::High { 0 } else { since.saturating_add(1) };
            *holds = match (*holds, level) {
                (_, Level::High) => LEAVE_WINDOWS,
                (0, _) => 0,
                _ if *since >= HANG_WINDOWS_MAX => 0,
                (_, Level::Between) => LEAVE_WINDOWS,
                (left, Level::Calm) => left - 1,
            };
        }
        self.reasons().next()
    }

    /// What was read in the latest window that was over the threshold of `reason`: a verdict outlasts its cause by some
    /// windows, whose own readings do not explain it.
    #[must_use]
    pub fn readings(&self, reason: Reason) -> &str {
        Reason::ALL.iter().position(|one| *one == reason).map_or("", |at| &self.readings[at])
    }

    /// All that hold, most telling first.
    pub fn reasons(&self) -> impl Iterator<Item = Reason> {
        self.holds_windows
            .iter()
            .zip(Reason::ALL)
            .filter_map(|(&holds, reason)| (holds > 0).then_some(reason))
    }
}
