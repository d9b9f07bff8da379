//! Elements that JMeter has removed. It still reads a plan with them: its `upgrade.properties` makes something of each that does
//! nothing, with a line in its log that nobody looks for.

use super::element::Plan;

/// What they were, and what to use in their place. `HTTPSampler2` is another name of the HTTP Request to it, and a visualizer is
/// missed by nobody.
const REMOVED: [(&str, &str, &str); 5] = [
    (
        "SoapSampler",
        "so it is never sent",
        "make it an HTTP Request with the envelope as its body, and give it a Header Manager with `Content-Type` and `SOAPAction`",
    ),
    (
        "WebServiceSampler",
        "so it is never sent",
        "make it an HTTP Request with the envelope as its body, and give it a Header Manager with `Content-Type` and `SOAPAction`",
    ),
    (
        "UserParameterModifier",
        "so its values are nowhere",
        "use User Parameters or a CSV Data Set in its place",
    ),
    (
        "ParamModifier",
        "so it changes no request",
        "use a Counter and its variable in the request in its place",
    ),
    ("ParamMask", "so it changes no request", "use a Counter and its variable in the request in its place"),
];

/// A sentence for each enabled one, in document order.
pub(super) fn removed(plan: &Plan<'_>) -> Vec<String> {
    let enabled = plan.items.iter().filter(|item| item.enabled);
    let sentence = |id| {
        let (class, then, instead) = REMOVED.iter().find(|(class, ..)| plan.class(id) == *class)?;
        let (label, at) = (plan.label(id), plan.doc.position(id));
        Some(format!("`{label}` ({at}) is a {class}, which JMeter has removed, {then}: {instead}"))
    };
    enabled.filter_map(|item| sentence(item.id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(class: &str, more: &str) -> Vec<String> {
        let plan = format!(
            "<jmeterTestPlan><hashTree><TestPlan/><hashTree><ThreadGroup/><hashTree>\n<{class} testname=\"a\"{more}></{class}><hashTree/>\
             </hashTree></hashTree></hashTree></jmeterTestPlan>"
        );
        removed(&Plan::parse(plan.as_bytes()).unwrap())
    }

    #[test]
    fn what_jmeter_has_removed_is_named_with_what_to_use() {
        let [soap] = &said("SoapSampler", "")[..] else { panic!() };
        assert!(
            soap.starts_with(
                "`a` (line 2, column 1) is a SoapSampler, which JMeter has removed, so it is never sent: make it an HTTP Request"
            ),
            "{soap}"
        );
        assert!(
            said("org.apache.jmeter.protocol.http.sampler.WebServiceSampler", "")[0].contains("`SOAPAction`")
        );
        assert!(said("UserParameterModifier", "")[0].contains("its values are nowhere: use User Parameters"));
        assert!(said("ParamMask", "")[0].contains("it changes no request"));
    }

    #[test]
    fn what_still_runs_or_is_missed_by_nobody_is_not() {
        for class in
            ["HTTPSampler2", "HTTPSampler", "ConfigTestElement", "MonitorStats", "com.shop.SoapSampler"]
        {
            assert_eq!(said(class, ""), [""; 0], "{class}");
        }
        assert_eq!(said("SoapSampler", " enabled=\"false\""), [""; 0]);
    }
}
