//! Thread groups of plug-ins that take longer than the duration that is asked for. They read it by themselves, most often as
//! the time for which they hold their users, and their own ramp-up comes on top: nothing that is given to them changes that.

use super::{ORDINARY, PropertyFiles, Reader, Time, plugins};
use crate::jmeter::PlanError;
use crate::jmeter::element::Plan;
use crate::jmeter::inspect::{GroupKind, groups};

/// What is to be said of such groups, a sentence each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overlong {
    /// Of those that are known to take longer.
    pub known: Vec<String>,
    /// Of those that may, as far as anybody knows before they run.
    pub possible: Vec<String>,
}

/// Looks for them in a plan that is to run with `properties` for `duration_s`.
///
/// # Errors
/// When `plan` is not a JMeter plan.
pub fn overlong(
    plan: &[u8],
    properties: &[(String, String)],
    property_files: PropertyFiles<'_>,
    duration_s: u32,
) -> Result<Overlong, PlanError> {
    let plan = Plan::parse(plan)?;
    let mut reader = Reader::new(&plan, properties, property_files);
    let mut found = Overlong::default();
    let is_foreign = |kind| ORDINARY.contains(&kind) && kind != GroupKind::Ordinary;
    for (group, id) in groups(&plan).filter(|(group, _)| group.enabled && is_foreign(group.kind)) {
        let (name, class) = (&group.name, plugins::short(&group.class));
        match reader.time(&group, id) {
            Time::Known(s) if s > u64::from(duration_s) => found.known.push(format!(
                "the {class} `{name}` takes up to {s} s and not the {duration_s} s that are asked for: it reads `duration` \
                 itself, and what it has besides, such as a ramp-up, comes on top; to have that in the duration, let it hold its \
                 users for so much less, as by `${{__intSum(${{__P(duration,60)}},-{})}}`",
                s - u64::from(duration_s)
            )),
            // Who takes something off it has thought of the rest.
            Time::Open(_) if plan.has_property_alone(id, &["duration"]) => found.possible.push(format!(
                "the {class} `{name}` may take longer than the {duration_s} s that are asked for: it reads `duration` itself, \
                 and a ramp-up of its own comes on top; to have that in the duration, let the ramp-up be `${{__P(rampup,10)}}`, and \
                 let it hold its users for that much less, as by `${{__intSum(${{__P(duration,60)}},-${{__P(rampup,10)}})}}`"
            )),
            Time::Known(_) | Time::Open(_) => {}
        }
    }
    Ok(found)
}
