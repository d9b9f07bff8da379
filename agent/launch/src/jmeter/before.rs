//! What a plan will not do as it is written, as far as its text tells.

use super::conditions::never;
use super::counts::{without_number, without_number_by_property};
use super::element::Plan;
use super::groups::{Foreseen, numberless};
use super::removed::removed;
use super::{PlanError, PropertyFiles};

/// Of a plan that is to run with `properties`; `files` may have more of them.
///
/// # Errors
/// When `plan` is not a JMeter plan.
pub fn before(
    plan: &[u8],
    properties: &[(String, String)],
    files: PropertyFiles<'_>,
) -> Result<Foreseen, PlanError> {
    let plan = Plan::parse(plan)?;
    let mut foreseen = numberless(&plan, properties, files);
    foreseen.mistakes.extend(without_number(&plan));
    foreseen.doubts.extend(without_number_by_property(&plan, properties, files));
    foreseen.doubts.extend(removed(&plan));
    foreseen.doubts.extend(never(&plan));
    Ok(foreseen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_them_has_its_place() {
        let plan = "<jmeterTestPlan><hashTree><TestPlan/><hashTree><ThreadGroup testname='g'>\
                    <elementProp name='ThreadGroup.main_controller'><stringProp name='LoopController.loops'>two</stringProp></elementProp>\
                    </ThreadGroup><hashTree><SoapSampler testname='s'/><hashTree/>\
                    <LoopController testname='l'><stringProp name='LoopController.loops'>ten</stringProp></LoopController><hashTree/>\
                    <SwitchController testname='w'><stringProp name='SwitchController.value'>b</stringProp></SwitchController>\
                    <hashTree><DebugSampler testname='a'/><hashTree/></hashTree></hashTree></hashTree></hashTree></jmeterTestPlan>";
        let Foreseen { mistakes, doubts, warnings } =
            before(plan.as_bytes(), &[], PropertyFiles::Text("")).unwrap();
        assert!(
            mistakes[0].starts_with("the Thread Group `g`")
                && mistakes[1].starts_with("the Loop Controller `l`")
        );
        assert!(
            doubts[0].starts_with("`s` (line") && doubts[1].starts_with("the Switch Controller `w`"),
            "{doubts:?}"
        );
        assert_eq!((mistakes.len(), doubts.len(), warnings.len()), (2, 2, 0));
    }
}
