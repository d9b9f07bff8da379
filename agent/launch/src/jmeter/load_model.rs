//! Whether the users of a plan wait for their answers: JMeter's threads do, those of arrivals come at a rate.

use super::inspect::{GroupKind, PlanFacts};
use gridnode_core::report::LoadModel;

/// Groups of plug-ins with a number of threads, which is closed load however it changes.
const CLOSED: [&str; 3] = ["ConcurrencyThreadGroup", "SteppingThreadGroup", "UltimateThreadGroup"];
/// Groups of plug-ins whose threads come at a rate.
const OPEN: [&str; 2] = ["ArrivalsThreadGroup", "FreeFormArrivalsThreadGroup"];

/// Of the groups that are enabled; what comes before and after the others is no load.
#[must_use]
pub fn load_model(facts: &PlanFacts) -> LoadModel {
    let is_load = |kind| !matches!(kind, GroupKind::SetUp | GroupKind::TearDown);
    let groups = facts.groups.iter().filter(|group| group.enabled && is_load(group.kind));
    LoadModel::of_all(groups.map(|group| of_group(group.kind, &group.class)))
}

fn of_group(kind: GroupKind, class: &str) -> LoadModel {
    let name = class.rsplit('.').next().unwrap_or_default();
    match kind {
        GroupKind::Ordinary | GroupKind::SetUp | GroupKind::TearDown => LoadModel::Closed,
        GroupKind::OpenModel => LoadModel::Open,
        GroupKind::Plugin if CLOSED.contains(&name) => LoadModel::Closed,
        GroupKind::Plugin if OPEN.contains(&name) => LoadModel::Open,
        GroupKind::Plugin => LoadModel::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jmeter::inspect;

    #[test]
    fn groups_say_whether_their_users_wait() {
        let of = |groups: &str| {
            let plan = format!(
                "<jmeterTestPlan><hashTree><TestPlan/><hashTree>{groups}</hashTree></hashTree></jmeterTestPlan>"
            );
            load_model(&inspect(plan.as_bytes()).unwrap())
        };
        let group = |class: &str| format!("<{class} testname=\"g\"/><hashTree/>");
        let arrivals = group("com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadGroup");
        let disabled = "<OpenModelThreadGroup testname=\"g\" enabled=\"false\"/><hashTree/>";
        for (groups, is) in [
            (group("ThreadGroup"), LoadModel::Closed),
            (group("ThreadGroup") + disabled, LoadModel::Closed),
            (group("OpenModelThreadGroup"), LoadModel::Open),
            (group("SetupThreadGroup") + &group("OpenModelThreadGroup"), LoadModel::Open),
            (arrivals.clone(), LoadModel::Open),
            (group("ThreadGroup") + &arrivals, LoadModel::Mixed),
            (group("kg.apc.jmeter.threads.UltimateThreadGroup"), LoadModel::Closed),
            (group("ThreadGroup") + &group("shop.OwnThreadGroup"), LoadModel::Unknown),
        ] {
            assert_eq!(of(&groups), is, "{groups}");
        }
    }
}
