//! The classes that a plan names by their full names: those of plug-ins. JMeter itself says only the first one that it lacks.

use super::doc::{Doc, Id};
use super::element::Plan;
use super::splice::test_plan;

/// More are no plan's; none of the rest is said to be missing.
const CLASSES_MAX: usize = 256;
/// A class's name in Java is a part of a path.
const NAME_BYTES_MAX: usize = 255;
/// What JMeter and Java have themselves.
const OF_JMETER: [&str; 2] = ["org.apache.jmeter.", "java."];

/// In document order, each once: those of elements, without which JMeter reads no plan, for it makes all elements, disabled ones
/// too, before it looks at any; and those that elements call when they run, which only they cannot do without.
pub(super) fn of_plugins(plan: &Plan<'_>) -> (Vec<String>, Vec<String>) {
    let (mut elements, mut called): (Vec<String>, Vec<String>) = Default::default();
    let keep = |found: &mut Vec<String>, name: String| {
        if is_of_a_plugin(&name) && found.len() < CLASSES_MAX && !found.contains(&name) {
            found.push(name);
        }
    };
    for item in &plan.items {
        let mut waiting = vec![item.id];
        while let Some(id) = waiting.pop() {
            keep(&mut elements, of_tag(plan.doc.name(id)));
            plan.doc.attribute(id, "elementType").into_iter().for_each(|kind| keep(&mut elements, kind));
            let name = callee(&plan.doc, item.id, id, item.enabled);
            name.into_iter().for_each(|name| keep(&mut called, name));
            if may_have_elements(&plan.doc, id, item.id) {
                waiting.extend(plan.doc.children(id));
            }
        }
    }
    // Its jars are there when the test begins: then nobody knows what can be called.
    let adds_jars = test_plan(&plan.doc)
        .ok()
        .and_then(|(test_plan, _)| plan.property(test_plan, "TestPlan.user_define_classpath"))
        .is_some_and(|paths| !plan.doc.text(paths).trim().is_empty());
    (elements, if adds_jars { Vec::new() } else { called })
}

/// The class whose name a tag is: XML has no dollar sign, and so an underscore stands for two things.
fn of_tag(name: &str) -> String {
    let mut parts = name.split("__").map(|part| part.replace("_-", "$"));
    let first = parts.next().unwrap_or_default();
    parts.fold(first, |class, part| class + "_" + &part)
}

/// The class of a Backend Listener or a Java Request that takes part.
fn callee(doc: &Doc<'_>, item: Id, property: Id, is_enabled: bool) -> Option<String> {
    let is_class = is_enabled
        && matches!(doc.name(item), "BackendListener" | "JavaSampler")
        && doc.attribute(property, "name").as_deref() == Some("classname");
    is_class.then(|| doc.text(property))
}

/// Properties that are elements lie a level or two below one; lists of plain values are long.
fn may_have_elements(doc: &Doc<'_>, id: Id, item: Id) -> bool {
    id == item || matches!(doc.name(id), "elementProp" | "collectionProp")
}

fn is_of_a_plugin(name: &str) -> bool {
    let is_plain = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$')
    };
    name.contains('.')
        && name.len() <= NAME_BYTES_MAX
        && name.split('.').all(is_plain)
        && !OF_JMETER.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_the_name_of_a_class_as_jmeter_writes_it() {
        for (tag, class) in [
            ("a.B", "a.B"),
            ("a.My_Sampler", "a.My_Sampler"),
            ("a.My__Sampler_-Inner", "a.My_Sampler$Inner"),
            ("a.B___-C", "a.B_$C"),
        ] {
            assert_eq!(of_tag(tag), class);
        }
    }
}
