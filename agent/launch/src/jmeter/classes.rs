//! The classes that a plan names by their full names: those of plug-ins. JMeter itself says only the first one that it lacks.

use super::doc::{Doc, Id};
use super::element::Plan;

/// More are no plan's; none of the rest is said to be missing.
const CLASSES_MAX: usize = 256;
/// A class's name in Java is a part of a path.
const NAME_BYTES_MAX: usize = 255;
/// What JMeter and Java have themselves.
const OF_JMETER: [&str; 2] = ["org.apache.jmeter.", "java."];

/// In document order, each once: JMeter makes all elements, disabled ones too, before it looks at any.
pub(super) fn of_plugins(plan: &Plan<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for item in &plan.items {
        let mut waiting = vec![item.id];
        while let Some(id) = waiting.pop() {
            let kind = plan.doc.attribute(id, "elementType");
            let names =
                [Some(plan.doc.name(id).to_owned()), kind, backend(&plan.doc, item.id, id, item.enabled)];
            for name in names.into_iter().flatten().filter(|name| is_of_a_plugin(name)) {
                if found.len() < CLASSES_MAX && !found.contains(&name) {
                    found.push(name);
                }
            }
            if may_have_elements(&plan.doc, id, item.id) {
                waiting.extend(plan.doc.children(id));
            }
        }
    }
    found
}

/// The class of a Backend Listener that takes part.
fn backend(doc: &Doc<'_>, item: Id, property: Id, is_enabled: bool) -> Option<String> {
    let is_class = is_enabled
        && doc.name(item) == "BackendListener"
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
