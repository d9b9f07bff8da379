//! Functions: those that JMeter 5.6 has, and those of the plug-in that most plans take others from.

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
