//! What a start command may change about a plan: users, ramp-up, duration, iterations and parameters.
//!
//! Rules:
//! - Only enabled Thread Groups of JMeter itself are changed; setUp and tearDown groups are left alone. An enabled
//!   plug-in or Open Model group is refused, because it would keep a load that nobody asked for, unless it reads what is
//!   asked for from the properties that `conventions` has names for.
//! - `${__P(name,default)}` gets the property `name`; where two groups share a property but need different numbers, and
//!   for every number written in the plan, the plan's bytes between the two tags are replaced, and no others.
//! - Users are spread in proportion to the plan's own numbers, by largest remainder, at least one to each group that
//!   has any; a group with 0 threads keeps 0. Fewer users than such groups is refused: a silently missing group would
//!   be a different test.
//! - A duration needs the scheduler on and endless loops; iterations need `continue_forever` off, because with it
//!   JMeter starts its loops again without end, and the scheduler off unless a duration is given too.

mod conventions;
mod edit;
mod spread;

use super::element::Plan;
use super::params::{self, ParamError};
use super::{PlanError, Position, patch};
use crate::Load;
use edit::Edit;
use thiserror::Error;

/// A plan with its overrides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overridden {
    /// The plan; equal to the original unless a number in it was replaced.
    pub plan: Vec<u8>,
    /// Properties to pass: the parameters, then those the plan takes its load from.
    pub properties: Vec<(String, String)>,
    /// What was changed, one sentence each.
    pub changes: Vec<String>,
    /// What keeps it from being what was asked for, one sentence each.
    pub doubts: Vec<String>,
}

/// Why overrides cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OverrideError {
    /// Not a plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A value that makes no test.
    #[error("{what} must be at least 1; leave it out to keep what the plan says")]
    Zero {
        /// Which override.
        what: &'static str,
    },
    /// A parameter, or a property that the plan asks for, that cannot be given to JMeter.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// There is nothing to apply the load to.
    #[error(
        "the load cannot be overridden: the plan has no enabled Thread Group of JMeter's own; run it without \
         --users, --ramp-up, --duration and --iterations, or add one"
    )]
    NoGroup,
    /// Groups whose load this does not know how to set.
    #[error(
        "{options} cannot change the load of {groups}, because {class} is not the ordinary Thread Group and does not read it \
         by itself: write {cures}, use a Thread Group, disable it, or leave out {options}"
    )]
    ForeignGroup {
        /// The names of the groups.
        groups: String,
        /// The class of the first.
        class: String,
        /// The options that they do not read.
        options: String,
        /// How they could.
        cures: String,
    },
    /// A number that only the running tool knows.
    #[error(
        "the {what} of the Thread Group `{group}` ({at}) is computed (`{text}`) and cannot be overridden: write \
         `${{__P({example})}}` there"
    )]
    Computed {
        /// The property in words.
        what: &'static str,
        /// The group's name.
        group: String,
        /// Where the group starts.
        at: Position,
        /// What is written there.
        text: String,
        /// A function that would work.
        example: &'static str,
    },
    /// Fewer users than groups.
    #[error(
        "{groups} enabled thread groups need at least one user each, and {users} cannot be spread over them: give at \
         least {groups}, or disable groups in the plan"
    )]
    TooFewUsers {
        /// What was asked for.
        users: u32,
        /// How many groups need one.
        groups: usize,
    },
    /// One property would get two values.
    #[error(
        "the plan takes its {what} from the property `{name}`, which is already given as `{given}`: leave one of the \
         two out, or use another property in the plan"
    )]
    Twice {
        /// The override in words.
        what: &'static str,
        /// The property.
        name: String,
        /// Its other value.
        given: String,
    },
    /// A thread group whose XML lacks what every thread group has.
    #[error("the Thread Group `{group}` ({at}) has no {what}: open the plan in JMeter and save it again")]
    Incomplete {
        /// The group's name.
        group: String,
        /// Where it starts.
        at: Position,
        /// What is missing.
        what: &'static str,
    },
}

/// Applies `overrides` to `plan`. Without any, the plan is returned as it is.
///
/// # Errors
/// When `plan` is not a JMeter plan, or an override cannot be applied to all that it concerns.
pub fn apply(plan: &[u8], overrides: &Load) -> Result<Overridden, OverrideError> {
    let outline = Plan::parse(plan)?;
    check(overrides)?;
    let mut edit = Edit::new(&outline, overrides);
    if overrides.changes_load() {
        edit.find_groups()?;
        edit.set_users()?;
        edit.set_ramp_up()?;
        edit.set_end()?;
        conventions::give(&outline, overrides, &mut edit.properties, &mut edit.changes)?;
    }
    let Edit { patches, properties, changes, doubts, .. } = edit;
    Ok(Overridden { plan: patch::apply(plan, patches), properties, changes, doubts })
}

fn check(overrides: &Load) -> Result<(), OverrideError> {
    let counted = [
        ("users", overrides.users),
        ("duration", overrides.duration_s),
        ("iterations", overrides.iterations),
    ];
    if let Some((what, _)) = counted.into_iter().find(|(_, value)| *value == Some(0)) {
        return Err(OverrideError::Zero { what });
    }
    Ok(params::check_all(&overrides.params)?)
}

#[cfg(test)]
mod tests;
