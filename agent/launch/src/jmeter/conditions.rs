//! Controllers that can never let anything through: JMeter skips them without a word.
//!
//! Only what is sure by the text alone is said: what a variable, a property or a function gives is left to the run. `false` and `0`
//! are no mistakes, for that is how people switch a part off.

use super::doc::Id;
use super::element::{Item, Plan};
use super::value::variable;

/// A sentence for each, in document order.
pub(super) fn never(plan: &Plan<'_>) -> Vec<String> {
    let enabled = plan.items.iter().filter(|item| item.enabled && has_children(plan, item));
    let sentence = |item: &Item| match plan.class(item.id) {
        "IfController" => of_if(plan, item.id),
        "SwitchController" => of_switch(plan, item),
        _ => None,
    };
    enabled.filter_map(sentence).collect()
}

fn of_if(plan: &Plan<'_>, id: Id) -> Option<String> {
    let is_expression = plan.property(id, "IfController.useExpression");
    if !is_expression.is_some_and(|property| plan.doc.text(property).trim().eq_ignore_ascii_case("true")) {
        return None;
    }
    let condition = plan.property(id, "IfController.condition").map(|property| plan.doc.text(property));
    let condition = condition.unwrap_or_default();
    let condition = condition.trim();
    let is_off = condition.eq_ignore_ascii_case("false") || condition == "0";
    (!is_off && can_never_be_true(condition)).then(|| {
        format!(
            "the If Controller `{}` ({}) takes its condition as an expression, and `{condition}` can never give the word `true`, so \
             nothing in it is sent: write `${{__jexl3(…)}}` or `${{__groovy(…)}}` around it, or have it taken as JavaScript",
            plan.label(id),
            plan.doc.position(id)
        )
    })
}

/// Whether what stands around variables and functions is no part of the word.
fn can_never_be_true(condition: &str) -> bool {
    let is_of_word = |c: char| c.is_whitespace() || "true".contains(c.to_ascii_lowercase());
    let Some(start) = condition.find("${") else {
        return !condition.eq_ignore_ascii_case("true");
    };
    if condition[..start].ends_with('\\') {
        return false;
    }
    if !condition.contains("${__") {
        return around_variables(condition).is_some_and(|text| !text.chars().all(is_of_word));
    }
    // How a function ends is for JMeter to find; what is before the first and after the last one is none of it.
    let end = condition.rfind('}').map_or(condition.len(), |end| end + 1).max(start);
    [&condition[..start], &condition[end..]].iter().any(|text| !text.chars().all(is_of_word))
}

/// A text without its variables; `None` where one is in another.
fn around_variables(text: &str) -> Option<String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let end = after.find('}')?;
        variable(&format!("${{{}}}", &after[..end]))?;
        out.push_str(before);
        rest = &after[end + 1..];
    }
    Some(out + rest)
}

fn of_switch(plan: &Plan<'_>, item: &Item) -> Option<String> {
    let value = plan.doc.text(plan.property(item.id, "SwitchController.value")?);
    let value = value.trim();
    // Nothing is the first one, and so is a number beyond the last.
    if value.is_empty() || value.contains("${") || value.chars().all(char::is_numeric) {
        return None;
    }
    let names: Vec<String> = children(plan, item).map(|id| plan.label(id)).collect();
    let may_be = |name: &String| {
        name == value || name.eq_ignore_ascii_case("default") || name.trim() == value || name.contains("${")
    };
    // Whoever stands for another one may have its name.
    let stands_for = |id: Id| {
        let class = plan.class(id);
        class.contains('.') || matches!(class, "ModuleController" | "IncludeController")
    };
    if names.iter().any(may_be) || children(plan, item).any(stands_for) {
        return None;
    }
    let names = super::inspect::listed(names.iter().map(String::as_str));
    Some(format!(
        "the Switch Controller `{}` ({}) chooses `{value}`, and nothing in it has that name, nor `default` (there is {names}), so nothing \
         in it is sent: correct the name (upper and lower case count)",
        plan.label(item.id),
        plan.doc.position(item.id)
    ))
}

/// The enabled elements right below one.
fn children<'p>(plan: &'p Plan<'_>, item: &Item) -> impl Iterator<Item = Id> + 'p {
    let is_on = |id: &Id| {
        let enabled = plan.doc.attribute(*id, "enabled");
        enabled.is_none_or(|value| value.eq_ignore_ascii_case("true"))
    };
    let all = item.tree.into_iter().flat_map(|tree| plan.doc.children(tree));
    all.filter(|id| plan.doc.name(*id) != "hashTree").filter(is_on)
}

fn has_children(plan: &Plan<'_>, item: &Item) -> bool {
    children(plan, item).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHILD: &str = "<HTTPSamplerProxy testname='Payment'/><hashTree/>";

    fn said(class: &str, fields: &[(&str, &str)], children: &str) -> Vec<String> {
        let fields: String = fields
            .iter()
            .map(|(name, text)| format!("<stringProp name='{class}.{name}'>{text}</stringProp>"))
            .collect();
        let plan = format!(
            "<jmeterTestPlan><hashTree><TestPlan/><hashTree><ThreadGroup/><hashTree>\n<{class} testname='c'>{fields}</{class}>\
             <hashTree>{children}</hashTree></hashTree></hashTree></hashTree></jmeterTestPlan>"
        );
        never(&Plan::parse(plan.as_bytes()).unwrap())
    }

    #[test]
    fn an_expression_that_cannot_be_the_word_true_is_named() {
        let said =
            |text: &str| said("IfController", &[("condition", text), ("useExpression", "true")], CHILD);
        let [one] = &said("\"${env}\" == \"qa\"")[..] else { panic!() };
        assert!(
            one.starts_with(
                "the If Controller `c` (line 2, column 1) takes its condition as an expression, and `\"${env}\" == \"qa\"` can never"
            ),
            "{one}"
        );
        for never in [
            "yes",
            "",
            "1",
            "1 == 1",
            "${n} &lt; 5",
            "${a} == ${b}",
            "!${flag}",
            "\"${__P(env)}\" == \"qa\"",
            "${__jexl3(1==1)};",
        ] {
            assert_eq!(said(never).len(), 1, "{never}");
        }
        for fine in [
            "true",
            " TRUE ",
            "false",
            "0",
            "${flag}",
            " ${flag} ",
            "${a}${b}",
            "tr${a}",
            "${__jexl3(\"${a}\" == \"}\")}",
            "${__groovy(1 == 1)}",
            "${__P(a)}${b}",
            "${__jexl3(1)} && ${__jexl3(2)}",
            "\\${a} == 1",
            "${a${b}} == 1",
            "${__P(flag,no)}",
        ] {
            assert_eq!(said(&fine.replace('&', "&amp;")), [""; 0], "{fine}");
        }
    }

    #[test]
    fn javascript_and_what_has_nothing_in_it_are_not() {
        let text = ("condition", "\"${env}\" == \"qa\"");
        assert_eq!(said("IfController", &[text], CHILD), [""; 0]);
        assert_eq!(said("IfController", &[text, ("useExpression", "false")], CHILD), [""; 0]);
        assert_eq!(said("IfController", &[text, ("useExpression", "true")], ""), [""; 0]);
        let off = CHILD.replace("testname", "enabled='false' testname");
        assert_eq!(said("IfController", &[text, ("useExpression", "true")], &off), [""; 0]);
    }

    #[test]
    fn a_switch_to_nobody_is_named() {
        let said = |value: &str, children: &str| said("SwitchController", &[("value", value)], children);
        let [one] = &said("Paymnt", CHILD)[..] else { panic!() };
        assert!(
            one.starts_with(
                "the Switch Controller `c` (line 2, column 1) chooses `Paymnt`, and nothing in it has that name, nor `default` (there \
                 is `Payment`), so nothing"
            ),
            "{one}"
        );
        assert_eq!(said("payment", CHILD).len(), 1);
        for fine in ["Payment", " Payment ", "", "7", "${kind}", "${__P(kind,Paymnt)}"] {
            assert_eq!(said(fine, CHILD), [""; 0], "{fine}");
        }
        for more in [
            "<GenericController testname='DEFAULT'/><hashTree/>",
            "<GenericController testname='${name}'/><hashTree/>",
            "<ModuleController testname='m'/><hashTree/>",
            "<a.b.Controller testname='m'/><hashTree/>",
        ] {
            assert_eq!(said("Paymnt", &format!("{CHILD}{more}")), [""; 0], "{more}");
        }
        let off = "<GenericController enabled='false' testname='Paymnt'/><hashTree/>";
        assert_eq!(said("Paymnt", &format!("{CHILD}{off}")).len(), 1);
    }
}
