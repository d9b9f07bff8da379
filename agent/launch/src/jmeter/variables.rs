//! Variables that a request, a timer or a condition names and that nothing can define: JMeter sends `${wrod}` as it stands, or does not pause, and
//! says nothing.
//!
//! Nobody runs a plan to find its variables. A name counts as defined where it is a word of whatever may define one: user
//! defined variables, CSV columns, extractors, counters, the second half of a function's arguments. Where somebody unknown may
//! define any, nothing is said at all: scripts, plug-ins, fragments, names that are computed.

use super::doc::Id;
use super::element::{Item, Plan};
use super::inspect::is_jmeters_own;
use super::known;
use super::{PlanError, Position, Value};
use std::collections::BTreeMap;
use std::collections::HashSet;

/// A variable that nothing in the plan defines, where an enabled element sends something of it or decides by it.
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
    /// What the first one does with it.
    pub takes: Takes,
}

/// What an element does with a variable that nobody has defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// It sends it as it stands.
    Sends,
    /// It does not pause.
    Pauses,
    /// It decides by the text as it stands.
    Decides,
    /// It goes through the values that begin with its name.
    EachOf,
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
/// What decides by a text, and the property with it.
const CONDITIONS: [(&str, &str); 4] = [
    ("IfController", "IfController.condition"),
    ("WhileController", "WhileController.condition"),
    ("SwitchController", "SwitchController.value"),
    (FOR_EACH, FOR_EACH_OF),
];
const FOR_EACH: &str = "ForeachController";
/// It has the beginning of a name and no `${name}`.
const FOR_EACH_OF: &str = "ForeachController.inputVal";
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

/// Of an enabled sender, timer or condition, in document order. `first_line`: that of a file, by the path that a plan has for it.
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
    // Whatever begins so may be a value to go through.
    let has_values = |name: &str, elements: &[Id]| {
        elements.iter().any(|id| plan.class(*id) == FOR_EACH)
            && defined.iter().any(|word| word.starts_with(name))
    };
    let is_open =
        |(name, elements): &(String, Vec<Id>)| !is_defined(name, &defined) && !has_values(name, elements);
    let mut found: Vec<_> = used.into_iter().filter(is_open).collect();
    found.sort_by_key(|(_, elements)| elements[0]);
    let undefined = |(name, elements): (String, Vec<Id>)| Undefined {
        name,
        element: plan.label(elements[0]),
        at: plan.doc.position(elements[0]),
        others: elements.len() - 1,
        takes: takes(plan.class(elements[0])),
    };
    found.into_iter().map(undefined).collect()
}

fn takes(class: &str) -> Takes {
    match class {
        FOR_EACH => Takes::EachOf,
        _ if PAUSES.contains(&class) => Takes::Pauses,
        _ if CONDITIONS.iter().any(|(one, _)| *one == class) => Takes::Decides,
        _ => Takes::Sends,
    }
}

/// A sentence each, of the first ones.
#[must_use]
pub fn sentences(undefined: &[Undefined]) -> Vec<String> {
    let sentence = |one: &Undefined| {
        let Undefined { name, element, at, others, takes } = one;
        let more = match others {
            0 => String::new(),
            1 => " and one more element".to_owned(),
            n => format!(" and {n} more elements"),
        };
        let s = if *others == 0 { "s" } else { "" };
        let (uses, then) = match takes {
            Takes::Sends => (format!("use{s} `${{{name}}}`"), "JMeter sends it as it stands"),
            Takes::Pauses => (format!("use{s} `${{{name}}}`"), "JMeter takes 0 for it, so there is no pause"),
            Takes::Decides => (
                format!("decide{s} by `${{{name}}}`"),
                "JMeter takes the text as it stands in place of a value",
            ),
            Takes::EachOf => (
                format!("{} through `{name}`", if *others == 0 { "goes" } else { "go" }),
                "there is no value to go through, so nothing in it is sent",
            ),
        };
        format!(
            "`{element}` ({at}){more} {uses}, a variable that nothing in the plan defines: {then}; correct its name, or define it"
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
    for item in plan.items.iter().filter(|item| item.enabled) {
        let class = plan.class(item.id);
        let decides_by = CONDITIONS.iter().find(|(one, _)| *one == class).map(|(_, property)| *property);
        if decides_by.is_none() && !SENDERS.contains(&class) && !PAUSES.contains(&class) {
            continue;
        }
        let mut add = |name: &str| {
            let elements = used.entry(name.to_owned()).or_default();
            if elements.last() != Some(&item.id) {
                elements.push(item.id);
            }
        };
        each_text(plan, item.id, &mut |property, text| match decides_by {
            _ if property == "TestPlan.comments" => {}
            None => references(text).for_each(&mut add),
            Some(FOR_EACH_OF) if property == FOR_EACH_OF => {
                let name = text.trim();
                let is_name = !name.is_empty() && name.chars().all(is_of_name);
                is_name.then(|| add(name));
            }
            Some(decides_by) if property == decides_by => references(text).for_each(&mut add),
            Some(_) => {}
        });
    }
    used
}

fn may_define_anything(plan: &Plan<'_>) -> bool {
    let is_foreign =
        |class: &str| known::may_define_anything(class) || ANYTHING.iter().any(|one| class.starts_with(one));
    let any = |id: Id| {
        let class = plan.class(id);
        is_foreign(class)
            || class == "JavaSampler" && !is_jmeters_own(plan, id)
            || has_computed_name(plan, id)
    };
    plan.items.iter().any(|item| any(item.id)) || calls(plan) > compared(plan)
}

/// How often code is called, wherever that is.
fn calls(plan: &Plan<'_>) -> usize {
    CODE.iter().map(|name| plan.doc.surroundings(&format!("${{{name}")).count()).sum()
}

/// How often of that it only compares something.
fn compared(plan: &Plan<'_>) -> usize {
    let mut count = 0;
    for item in &plan.items {
        each_text(plan, item.id, &mut |_, text| count += usize::from(only_compares(text)));
    }
    count
}

/// Whether a text is one call of code that has no names in it but those of operators, so that it reaches nothing.
fn only_compares(text: &str) -> bool {
    const OPERATORS: [&str; 14] =
        ["true", "false", "null", "and", "or", "not", "eq", "ne", "lt", "gt", "le", "ge", "empty", "size"];
    const COMPARE: [&str; 4] = ["__jexl3", "__jexl2", "__groovy", "__javaScript"];
    let text = text.trim();
    let Some((name, code)) = text.strip_prefix("${").and_then(|rest| rest.split_once('(')) else {
        return false;
    };
    let Some(code) = code.strip_suffix(")}").filter(|_| COMPARE.contains(&name)) else { return false };
    if code.contains('\\') || CODE.iter().any(|name| code.contains(name)) {
        return false;
    }
    let code = without_references(code);
    // Another function may give anything, and a text may be a part of code where it is not closed.
    let mut parts = code.split('"').flat_map(|part| part.split('\'')).enumerate();
    let is_closed = ['"', '\''].iter().all(|quote| code.matches(*quote).count().is_multiple_of(2));
    let is_mixed = code.contains('"') && code.contains('\'');
    is_closed
        && !is_mixed
        && !code.contains("${")
        && parts.all(|(at, part)| {
            let words = part.split(|c: char| !c.is_alphanumeric() && c != '_');
            let mut names =
                words.filter(|word| !word.is_empty() && !word.starts_with(|c: char| c.is_ascii_digit()));
            at % 2 == 1 || names.all(|name| OPERATORS.contains(&name))
        })
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
        each_text(plan, id, &mut |property, text| {
            // What it goes through, it does not define.
            if !is_silent && (property != FOR_EACH_OF || text.contains("${")) {
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
