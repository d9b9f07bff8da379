//! Functions: those that JMeter 5.6 has, and those of the plug-in that most plans take others from.

use super::PlanError;
use super::doc::Id;
use super::element::Plan;
use super::variables::each_text;
use std::collections::BTreeMap;

/// Functions that are named.
const NAMED_MAX: usize = 5;
/// All of JMeter's own.
const OWN: [&str; 49] = [
    "__BeanShell",
    "__CSVRead",
    "__FileToString",
    "__P",
    "__Random",
    "__RandomDate",
    "__RandomFromMultipleVars",
    "__RandomString",
    "__StringFromFile",
    "__StringToFile",
    "__TestPlanName",
    "__UUID",
    "__V",
    "__XPath",
    "__changeCase",
    "__char",
    "__counter",
    "__dateTimeConvert",
    "__digest",
    "__escapeHtml",
    "__escapeOroRegexpChars",
    "__escapeXml",
    "__eval",
    "__evalVar",
    "__groovy",
    "__intSum",
    "__isPropDefined",
    "__isVarDefined",
    "__javaScript",
    "__jexl2",
    "__jexl3",
    "__log",
    "__logn",
    "__longSum",
    "__machineIP",
    "__machineName",
    "__property",
    "__regexFunction",
    "__samplerName",
    "__setProperty",
    "__split",
    "__threadGroupName",
    "__threadNum",
    "__time",
    "__timeShift",
    "__unescape",
    "__unescapeHtml",
    "__urldecode",
    "__urlencode",
];

/// Those of [`PLUGIN`].
const OF_PLUGIN: [&str; 16] = [
    "__base64Decode",
    "__base64Encode",
    "__caseFormat",
    "__chooseRandom",
    "__doubleSum",
    "__env",
    "__if",
    "__isDefined",
    "__iterationNum",
    "__lowercase",
    "__MD5",
    "__strLen",
    "__strReplace",
    "__strReplaceRegex",
    "__substring",
    "__uppercase",
];
const PLUGIN: &str = "kg.apc:jmeter-plugins-functions";

/// What enabled elements of a plan call and is no function of JMeter's own, a sentence each. A jar of
/// the plan's own may have any: of such a plan nothing is known.
///
/// # Errors
/// When `plan` is not a JMeter plan that can run.
pub fn unknown_functions(plan: &[u8]) -> Result<Vec<String>, PlanError> {
    let plan = Plan::parse(plan)?;
    let mut calls: BTreeMap<String, Id> = BTreeMap::new();
    for item in plan.items.iter().filter(|item| item.enabled) {
        each_text(&plan, item.id, &mut |_, text| {
            for name in called(text).filter(|name| !OWN.contains(name)) {
                calls.entry(name.to_owned()).or_insert(item.id);
            }
        });
    }
    let sentence = |(name, id): (&String, &Id)| {
        let (label, at) = (plan.label(*id), plan.doc.position(*id));
        format!("`{label}` ({at}) calls what is {}: JMeter takes the text as it stands", no_such(name))
    };
    Ok(calls.iter().take(NAMED_MAX).map(sentence).collect())
}

/// The names in `${__name(` and `${__name}`.
fn called(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("${__").filter_map(|(at, _)| {
        let rest = &text[at + 2..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        let is_call = rest[end..].starts_with(['(', '}']) && !text[..at].ends_with('\\');
        is_call.then_some(&rest[..end])
    })
}

/// `no function NAME`, and where it is or what was meant.
pub(super) fn no_such(name: &str) -> String {
    let meant = || OWN.iter().chain(&OF_PLUGIN).find(|own| own.eq_ignore_ascii_case(name));
    let hint = if OF_PLUGIN.contains(&name) {
        format!(" (in {PLUGIN}: `gridnode tools install jmeter --plugin {PLUGIN}`)")
    } else if let Some(own) = meant() {
        format!(" (it is written `{own}`)")
    } else {
        String::new()
    };
    format!("no function `{name}`{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, more: &str) -> String {
        let plan = format!(
            "<jmeterTestPlan><hashTree><TestPlan/><hashTree><ThreadGroup/><hashTree><HTTPSamplerProxy testname=\"a\"{more}>\
             <stringProp name=\"x\">{text}</stringProp></HTTPSamplerProxy><hashTree/></hashTree></hashTree></hashTree></jmeterTestPlan>"
        );
        unknown_functions(plan.as_bytes()).unwrap().join(" ")
    }

    #[test]
    fn what_jmeter_does_not_have_is_named_with_what_was_meant() {
        let one = said("${__uuid()} ${__time(,)} ${__threadNum}", "");
        assert!(
            one.starts_with("`a` (line 1, ")
                && one.contains("calls what is no function `__uuid` (it is written `__UUID`)"),
            "{one}"
        );
        assert!(
            said("${__time(${__chooseRandom(a,b,v)})}", "")
                .contains("--plugin kg.apc:jmeter-plugins-functions`)")
        );
        assert!(said("${__nope}", "").contains("no function `__nope`: JMeter"));
        assert_eq!(said("\\${__nope(1)} __nope(1) ${own} ${__jexl3(1)}", ""), "");
        assert_eq!(said("${__nope(1)}", " enabled=\"false\""), "");
    }
}
