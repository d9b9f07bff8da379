//! Variables that a request or a timer names and that nothing can define: JMeter sends `${wrod}` as it stands, or does not pause, and
//! says nothing.
//!
//! Nobody runs a plan to find its variables. A name counts as defined where it is a word of whatever may define one: user
//! defined variables, CSV columns, extractors, counters, the second half of a function's arguments. Where somebody unknown may
//! define any, nothing is said at all: scripts, plug-ins, fragments, names that are computed.

use super::doc::Id;
use super::element::{Item, Plan};
use super::known;
use super::{PlanError, Position, Value};
use std::collections::BTreeMap;
use std::collections::HashSet;

/// A variable that nothing in the plan defines, where an enabled element sends something of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undefined {
    /// Its name.
    pub name: String,
    /// The name of the first element that has it.
    pub element: String,
    /// Where that starts in the plan.
    pub at: Position,
    /// Further elements that have it.
    pub others: usize,
    /// The first is a timer.
    pub is_pause: bool,
}

/// The first line of a file, `None` where it cannot be had.
pub type FirstLine<'f> = &'f dyn Fn(&Value<String>) -> Option<String>;

/// Variables that are named.
const NAMED_MAX: usize = 5;
/// What sends its texts, and defines a variable by functions at most.
const SENDERS: [&str; 4] = ["HTTPSamplerProxy", "HeaderManager", "ConfigTestElement", "TCPSampler"];
/// What pauses for a number, which is 0 where the text is none.
const PAUSES: [&str; 5] = [
    "ConstantTimer",
    "UniformRandomTimer",
    "GaussianRandomTimer",
    "PoissonRandomTimer",
    "ConstantThroughputTimer",
];
/// What defines none either, and whose words are of all sorts.
const SILENT: [&str; 15] = [
    "ThreadGroup",
    "SetupThreadGroup",
    "PostThreadGroup",
    "ResponseAssertion",
    "DurationAssertion",
    "JSONPathAssertion",
    "ResultCollector",
    "TransactionController",
    "GenericController",
    "IfController",
    "WhileController",
    "CookieManager",
    "CacheManager",
    "ConstantTimer",
    "UniformRandomTimer",
];
/// Elements that may define whatever they like.
const ANYTHING: [&str; 6] =
    ["IncludeController", "RegExUserParameters", "JUnitSampler", "JSR223", "BeanShell", "BSF"];
/// Functions that may.
const CODE: [&str; 6] = ["__groovy", "__BeanShell", "__javaScript", "__jexl2", "__jexl3", "__eval"];
/// JMeter's own, and those of cookies that are kept as variables.
const OWN: [&str; 6] = ["START.", "TESTSTART.", "JMeterThread.", "COOKIE_", "TESTPLAN", "__"];

/// Of an enabled sender or timer, in document order. `first_line`: that of a file, by the path that a plan has for it.
///
/// # Errors
/// When `plan` is not a JMeter plan that can run.
pub fn undefined(plan: &[u8], first_line: FirstLine<'_>) -> Result<Vec<Undefined>, PlanError> {
    Ok(of(&Plan::parse(plan)?, first_line))
}

fn of(plan: &Plan<'_>, first_line: FirstLine<'_>) -> Vec<Undefined> {
    let used = used(plan);
    if used.is_empty() || may_define_anything(plan) {
        return Vec::new();
    }
    let Some(headers) = headers(plan, first_line) else { return Vec::new() };
    let mut defined = defined(plan);
    defined.extend(headers);
    let mut found: Vec<_> = used.into_iter().filter(|(name, _)| !is_defined(name, &defined)).collect();
    found.sort_by_key(|(_, elements)| elements[0]);
    let undefined = |(name, elements): (String, Vec<Id>)| Undefined {
        name,
        element: plan.label(elements[0]),
        at: plan.doc.position(elements[0]),
        others: elements.len() - 1,
        is_pause: PAUSES.contains(&plan.class(elements[0])),
    };
    found.into_iter().map(undefined).collect()
}

/// A sentence each, of the first ones.
#[must_use]
pub fn sentences(undefined: &[Undefined]) -> Vec<String> {
    let sentence = |one: &Undefined| {
        let Undefined { name, element, at, others, is_pause } = one;
        let more = match others {
            0 => String::new(),
            1 => " and one more element".to_owned(),
            n => format!(" and {n} more elements"),
        };
        let then = if *is_pause { "takes 0 for it, so there is no pause" } else { "sends it as it stands" };
        format!(
            "`{element}` ({at}){more} uses `${{{name}}}`, a variable that nothing in the plan defines: JMeter {then}; correct its \
             name, or define it"
        )
    };
    let mut said: Vec<String> = undefined.iter().take(NAMED_MAX).map(sentence).collect();
    if undefined.len() > NAMED_MAX {
        let rest = undefined[NAMED_MAX..].iter().take(NAMED_MAX).map(|one| format!("`${{{}}}`", one.name));
        let rest: Vec<String> = rest.collect();
        said.push(format!(
            "nothing in the plan defines {} others either, such as {}",
            undefined.len() - NAMED_MAX,
            rest.join(", ")
        ));
    }
    said
}

/// Each variable with the elements that use it.
fn used(plan: &Plan<'_>) -> BTreeMap<String, Vec<Id>> {
    let mut used: BTreeMap<String, Vec<Id>> = BTreeMap::new();
    let uses = |class: &str| SENDERS.contains(&class) || PAUSES.contains(&class);
    for item in plan.items.iter().filter(|item| item.enabled && uses(plan.class(item.id))) {
        each_text(plan, item.id, &mut |_, text| {
            for name in references(text) {
                let elements = used.entry(name.to_owned()).or_default();
                if elements.last() != Some(&item.id) {
                    elements.push(item.id);
                }
            }
        });
    }
    used
}

fn may_define_anything(plan: &Plan<'_>) -> bool {
    let is_foreign =
        |class: &str| known::may_define_anything(class) || ANYTHING.iter().any(|one| class.starts_with(one));
    let any = |id: Id| {
        let class = plan.class(id);
        is_foreign(class) || class == "JavaSampler" || has_computed_name(plan, id)
    };
    plan.items.iter().any(|item| any(item.id))
        || CODE.iter().any(|name| plan.doc.mentions(&format!("${{{name}")))
}

/// All words of the first lines that name the columns of CSV Data Sets; `None` where one of them is not known.
fn headers(plan: &Plan<'_>, first_line: FirstLine<'_>) -> Option<HashSet<String>> {
    let mut words = HashSet::new();
    let text = |id: Id, name: &str| plan.property(id, name).map(|p| plan.doc.text(p)).unwrap_or_default();
    for Item { id, .. } in &plan.items {
        if plan.class(*id) != "CSVDataSet" || !text(*id, "variableNames").trim().is_empty() {
            continue;
        }
        let delimiter = text(*id, "delimiter");
        if delimiter.contains("${") {
            return None;
        }
        let header = first_line(&plan.text(*id, "filename")?)?;
        let is_between = |c: char| !is_of_name(c) || delimiter.starts_with(c);
        words.extend(header.split(is_between).map(str::to_owned));
    }
    Some(words)
}

/// Whether an element's own property for a variable's name is made at run time.
fn has_computed_name(plan: &Plan<'_>, id: Id) -> bool {
    if defines_by_functions_only(plan.class(id)) {
        return false;
    }
    let mut found = false;
    each_text(plan, id, &mut |name, text| {
        let name = name.to_ascii_lowercase();
        let is_name =
            name != "filename" && ["name", "val", "variable"].iter().any(|part| name.contains(part));
        found |= is_name && !name.ends_with(".value") && text.contains("${");
    });
    found
}

fn defines_by_functions_only(class: &str) -> bool {
    SENDERS.contains(&class) || SILENT.contains(&class) || known::defines_nothing(class)
}

/// All words of what may define a variable.
fn defined(plan: &Plan<'_>) -> HashSet<String> {
    let mut words = HashSet::new();
    let mut add = |text: &str| words.extend(text.split(|c: char| !is_of_name(c)).map(str::to_owned));
    let own = plan.test_plan_variables();
    let items = plan.items.iter().map(|item| (item.id, plan.class(item.id)));
    for (id, class) in items.chain(own.map(|id| (id, "Arguments"))) {
        let is_silent = defines_by_functions_only(class);
        each_text(plan, id, &mut |_, text| {
            if !is_silent {
                add(&without_references(text));
            } else if let Some(function) = text.find("${__") {
                add(&without_references(&text[function..]));
            }
        });
    }
    words
}

/// `id_1`, `id_g2` and `id_matchNr` come with `id`.
fn is_defined(name: &str, defined: &HashSet<String>) -> bool {
    let mut bases = name.match_indices('_').map(|(at, _)| &name[..at]).filter(|base| !base.is_empty());
    OWN.iter().any(|own| name.starts_with(own))
        || defined.contains(name)
        || bases.any(|base| defined.contains(base))
}

/// The names of `${name}` in a text; functions are none.
fn references(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("${").filter_map(|(at, _)| {
        let name = text[at + 2..].split_once('}')?.0;
        let is_name = !name.is_empty() && !name.starts_with("__") && name.chars().all(is_of_name);
        // `\${x}` is no variable.
        (is_name && !text[..at].ends_with('\\')).then_some(name)
    })
}

fn without_references(text: &str) -> String {
    let mut rest = text.to_owned();
    for name in references(text) {
        rest = rest.replace(&format!("${{{name}}}"), " ");
    }
    rest
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '#')
}

/// Every property with a text of its own, with its name.
pub(super) fn each_text(plan: &Plan<'_>, id: Id, see: &mut dyn FnMut(&str, &str)) {
    let mut waiting: Vec<Id> = plan.doc.children(id).collect();
    while let Some(property) = waiting.pop() {
        let before = waiting.len();
        waiting.extend(plan.doc.children(property));
        let is_leaf = waiting.len() == before;
        if is_leaf {
            see(&plan.doc.attribute(property, "name").unwrap_or_default(), &plan.doc.text(property));
        }
    }
}

#[cfg(test)]
mod tests;
