//! Whether the users of a simulation wait for their answers: as its sources inject them.

use super::max_duration::{calls, code_of};
use gridnode_core::report::LoadModel;

/// Steps that keep so many users at once.
const CLOSED: [&str; 4] =
    ["injectClosed", "constantConcurrentUsers", "rampConcurrentUsers", "incrementConcurrentUsers"];
/// Steps with which users come at a rate or all at once, whoever else is still there.
const OPEN: [&str; 7] = [
    "injectOpen",
    "constantUsersPerSec",
    "rampUsersPerSec",
    "incrementUsersPerSec",
    "stressPeakUsers",
    "rampUsers",
    "atOnceUsers",
];

/// What is injected is written in a source or nowhere that can be read. One of several simulations is run, so that what some have
/// and others have not is both.
#[must_use]
pub fn of_sources<'s>(sources: impl IntoIterator<Item = &'s str>) -> LoadModel {
    let (mut is_closed, mut is_open) = (false, false);
    for source in sources {
        let code = code_of(source);
        let has = |name: &&str| calls(&code, name).next().is_some();
        is_closed |= CLOSED.iter().any(&has);
        is_open |= OPEN.iter().any(has);
    }
    match (is_closed, is_open) {
        (true, false) => LoadModel::Closed,
        (false, true) => LoadModel::Open,
        (true, true) => LoadModel::Mixed,
        (false, false) => LoadModel::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_of_an_injection_say_it() {
        let of = |source: &str| of_sources([source]);
        assert_eq!(of("setUp(s.injectOpen(constantUsersPerSec(3).during(10)))"), LoadModel::Open);
        assert_eq!(of("setUp(s.inject(rampUsers (10) during 5))"), LoadModel::Open);
        assert_eq!(of("setUp(s.injectClosed(constantConcurrentUsers(3).during(10)))"), LoadModel::Closed);
        assert_eq!(of("setUp(a.injectOpen(x), b.injectClosed(y))"), LoadModel::Mixed);
        assert_eq!(of("// atOnceUsers(1)\nsetUp(Loads.of(s))"), LoadModel::Unknown);
    }
}
