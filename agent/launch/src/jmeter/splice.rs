//! Puts one element of ours into a customer's plan and leaves every other byte alone.
//!
//! The place is directly before `</hashTree>` of the Test Plan: a listener there hears every sampler of the plan, and hears it
//! as the last one. Listeners of the plan may change a sample (fail it, un-fail it, give it another label), and JMeter's own
//! result file stands behind them all. No line break is added, so line numbers in JMeter's messages are those of the
//! customer's file.

use super::PlanError;
use super::doc::{Doc, Id};
use super::patch::{Patch, apply};

/// Returns `plan` with `element` and an empty `<hashTree/>` as the last child of the Test Plan's tree.
///
/// `element` is one well-formed ASCII element, so it fits any plan whose markup has ASCII's bytes.
///
/// # Errors
/// When `plan` is not a JMeter plan that can run, or `element` is not one ASCII element.
pub fn splice(plan: &[u8], element: &str) -> Result<Vec<u8>, PlanError> {
    check_element(element)?;
    let doc = Doc::parse(plan)?;
    Ok(apply(plan, vec![patch(&doc, plan_tree(&doc)?, element)]))
}

/// The `<hashTree>` of the Test Plan, or why there is none.
pub(super) fn plan_tree(doc: &Doc<'_>) -> Result<Id, PlanError> {
    let (test_plan, tree) = test_plan(doc)?;
    tree.ok_or_else(|| PlanError::NoHashTree { element: "TestPlan".to_owned(), at: doc.position(test_plan) })
}

/// The Test Plan element and the tree behind it.
pub(super) fn test_plan(doc: &Doc<'_>) -> Result<(Id, Option<Id>), PlanError> {
    let root = doc.root();
    if doc.name(root) != "jmeterTestPlan" {
        return Err(PlanError::NotAPlan { at: doc.position(root), root: doc.name(root).to_owned() });
    }
    let tree = doc.children(root).find(|id| doc.name(*id) == "hashTree");
    let tree = tree.ok_or_else(|| PlanError::NoHashTree {
        element: "jmeterTestPlan".to_owned(),
        at: doc.position(root),
    })?;
    let mut items = doc.children(tree).skip_while(|id| doc.name(*id) != "TestPlan");
    let test_plan = items.next().ok_or_else(|| PlanError::NoTestPlan { at: doc.position(tree) })?;
    Ok((test_plan, items.next().filter(|id| doc.name(*id) == "hashTree")))
}

fn patch(doc: &Doc<'_>, tree: Id, element: &str) -> Patch {
    if doc.is_empty_tag(tree) {
        let end = doc.range(tree).end;
        Patch::replace(end - 2..end, format!(">{element}<hashTree/></hashTree>"))
    } else {
        Patch::insert(doc.inner_range(tree).end, format!("{element}<hashTree/>"))
    }
}

fn check_element(element: &str) -> Result<(), PlanError> {
    let refuse = |what: String| Err(PlanError::Element { what });
    if !element.is_ascii() {
        return refuse("it is not ASCII".to_owned());
    }
    match Doc::parse(element.as_bytes()) {
        Err(e) => refuse(e.to_string()),
        Ok(doc) if doc.range(doc.root()) != (0..element.len()) => {
            refuse("there is something before or after it".to_owned())
        }
        Ok(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
