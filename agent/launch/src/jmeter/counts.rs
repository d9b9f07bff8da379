//! Loop and Runtime Controllers whose number is none: JMeter takes 0 for it, sends nothing of what is in them, and says nothing.
//!
//! A variable may be defined while the plan runs, so one is named only where nothing in the plan can do that: its name is in no
//! other place, and whatever might define any variable it likes is absent.

use super::PropertyFiles;
use super::doc::Id;
use super::element::Plan;
use super::groups::{Text, no_number};
use super::inspect::is_jmeters_own;
use super::value::Value;

/// The controllers, by their class, and the property with their number.
const CONTROLLERS: [(&str, &str, &str); 2] = [
    ("LoopController", "LoopController.loops", "its number of loops"),
    ("RunTime", "RunTime.seconds", "its seconds"),
];
/// Elements that may define any variable.
const ANYTHING: [&str; 3] = ["IncludeController", "RegExUserParameters", "JUnitSampler"];
/// What scripts reach a user's variables by.
const REACHES: [&str; 5] = ["vars", "ctx", "JMeterContext", "JMeterVariables", "__eval"];

/// How the names of JMeter's own variables begin.
const OWN: [&str; 5] = ["COOKIE_", "START.", "TESTSTART.", "JMeterThread.", "__"];
/// What is in the names of properties that name a variable.
const NAMING: [&str; 5] = ["refname", "reference", "variable", "returnval", "counterconfig.name"];

/// A sentence each, in document order.
pub(super) fn without_number(plan: &Plan<'_>) -> Vec<String> {
    let enabled = plan.items.iter().filter(|item| item.enabled);
    enabled.filter_map(|item| sentence(plan, item.id)).collect()
}

/// The same where a property gives it that no file is known to have: one of JMeter's own may have it all the same.
pub(super) fn without_number_by_property(
    plan: &Plan<'_>,
    properties: &[(String, String)],
    files: PropertyFiles<'_>,
) -> Vec<String> {
    let sentence = |id: Id| {
        let (class, property, what) = CONTROLLERS.iter().find(|(class, ..)| plan.class(id) == *class)?;
        let text = no_number(&plan.text(id, property)?, properties, files).filter(Text::is_property)?;
        Some(said(plan, id, class, &text.said(what)))
    };
    let enabled = plan.items.iter().filter(|item| item.enabled);
    enabled.filter_map(|item| sentence(item.id)).collect()
}

fn sentence(plan: &Plan<'_>, id: Id) -> Option<String> {
    let (class, property, what) = CONTROLLERS.iter().find(|(class, ..)| plan.class(id) == *class)?;
    let (text, why) = match plan.text(id, property)? {
        Value::Fixed(text) => {
            // `Integer.parseInt` takes no blanks.
            let is_number = text.parse::<i64>().is_ok();
            (!is_number).then_some((text, "which is no number"))?
        }
        Value::Computed(text) => {
            let name = plan.undefined(&text).filter(|name| !may_be_defined(plan, name))?;
            (!name.is_empty()).then_some((text, "a variable that nothing in the plan defines"))?
        }
        Value::Property { .. } => return None,
    };
    Some(said(plan, id, class, &format!("`{text}` as {what}, {why}")))
}

fn said(plan: &Plan<'_>, id: Id, class: &str, has: &str) -> String {
    let kind = if class == "RunTime" { "Runtime Controller" } else { "Loop Controller" };
    let (label, at) = (plan.label(id), plan.doc.position(id));
    format!("the {kind} `{label}` ({at}) has {has}, so nothing in it is sent: correct it in JMeter")
}

/// Whether something may define a variable while the plan runs.
fn may_be_defined(plan: &Plan<'_>, name: &str) -> bool {
    let any = |id: Id| {
        let class = plan.class(id);
        class.contains('.')
            || ANYTHING.contains(&class)
            || class == "JavaSampler" && !is_jmeters_own(plan, id)
            // The file's first line has the names.
            || class == "CSVDataSet" && is_blank(plan, id, "variableNames")
            || ["filename", "BeanShellSampler.filename", "BSFSampler.filename"]
                .iter()
                .any(|file| class != "CSVDataSet" && !is_blank(plan, id, file))
            || names_one_at_run_time(plan, id)
    };
    // Extractors define `id_1` beside `id`, and others compute the names they define.
    let bases = name.match_indices('_').map(|(at, _)| &name[..at]);
    let mut names = bases.chain([name]).filter(|base| !base.is_empty());
    OWN.iter().any(|own| name.starts_with(own))
        || REACHES.iter().any(|word| plan.doc.mentions(word))
        || names.any(|name| is_elsewhere(plan, name))
        || plan.items.iter().any(|item| any(item.id))
}

/// Whether the name stands somewhere as a word, and not only where its value is used.
fn is_elsewhere(plan: &Plan<'_>, name: &str) -> bool {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '#');
    plan.doc.surroundings(name).any(|(before, after)| {
        let is_word = !before.ends_with(is_of_name) && !after.starts_with(is_of_name);
        is_word && !(before.ends_with("${") && after.starts_with('}'))
    })
}

fn names_one_at_run_time(plan: &Plan<'_>, id: Id) -> bool {
    plan.doc.children(id).any(|property| {
        let name = plan.doc.attribute(property, "name").unwrap_or_default().to_ascii_lowercase();
        NAMING.iter().any(|part| name.contains(part)) && plan.doc.text(property).contains("${")
    })
}

fn is_blank(plan: &Plan<'_>, id: Id, property: &str) -> bool {
    plan.property(id, property).is_none_or(|property| plan.doc.text(property).trim().is_empty())
}

#[cfg(test)]
mod tests;
