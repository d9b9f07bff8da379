//! A plan's test elements and their properties, on top of the outline.

use super::PlanError;
use super::doc::{Doc, Id};
use super::known;
use super::patch::Patch;
use super::splice::{plan_tree, test_plan};
use super::value::{Value, variable};
use std::collections::HashMap;

/// One test element below the Test Plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    /// The element.
    pub id: Id,
    /// Whether it takes part: it and everything above it is enabled, and it is not part of a test fragment, which does
    /// nothing by itself.
    pub enabled: bool,
    /// Whether no controller around it may leave it out.
    pub is_sure: bool,
    /// What belongs to it.
    pub tree: Option<Id>,
}

/// A plan that can be run: its outline, its test elements in order, and its variables.
pub(super) struct Plan<'a> {
    pub doc: Doc<'a>,
    pub items: Vec<Item>,
    /// User defined variables with one definition; `None` marks several.
    variables: HashMap<String, Option<String>>,
}

impl<'a> Plan<'a> {
    /// Reads a plan.
    ///
    /// # Errors
    /// When it is not a JMeter plan.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, PlanError> {
        let doc = Doc::parse(bytes)?;
        let (test_plan, _) = test_plan(&doc)?;
        let items = items(&doc, plan_tree(&doc)?, enabled(&doc, test_plan));
        let mut plan = Self { doc, items, variables: HashMap::new() };
        plan.variables = plan.variables_of(test_plan);
        Ok(plan)
    }

    /// The element's class as JMeter names it, without the packages of JMeter itself.
    pub fn class(&self, id: Id) -> &str {
        let name = self.doc.name(id);
        if name.starts_with("org.apache.jmeter.") { name.rsplit('.').next().unwrap_or(name) } else { name }
    }

    /// The element's name as people see it.
    pub fn label(&self, id: Id) -> String {
        self.doc.attribute(id, "testname").unwrap_or_default()
    }

    /// The child element that sets property `name`; the last one counts, as in JMeter.
    pub fn property(&self, id: Id, name: &str) -> Option<Id> {
        self.doc.children(id).filter(|p| self.doc.attribute(*p, "name").as_deref() == Some(name)).last()
    }

    /// The number of property `name`, `None` when it is not set.
    pub fn number(&self, id: Id, name: &str) -> Option<Value<i64>> {
        Some(self.number_of(self.property(id, name)?))
    }

    /// Whether a field of an element is one of these JMeter properties and nothing else.
    pub fn has_property_alone(&self, id: Id, names: &[&str]) -> bool {
        let mut fields = vec![id];
        while let Some(field) = fields.pop() {
            if matches!(self.number_of(field), Value::Property { name, .. } if names.contains(&name.as_str()))
            {
                return true;
            }
            fields.extend(self.doc.children(field));
        }
        false
    }

    /// The number of a property element.
    pub fn number_of(&self, property: Id) -> Value<i64> {
        let text = self.resolved(self.doc.text(property));
        let value = Value::number(&text);
        // JMeter evaluates functions in `stringProp` only; a plan with one elsewhere does not load.
        let evaluated = self.doc.name(property) == "stringProp" || matches!(value, Value::Fixed(_));
        if evaluated { value } else { Value::Computed(text) }
    }

    /// The text of property `name`, `None` when it is not set.
    pub fn text(&self, id: Id, name: &str) -> Option<Value<String>> {
        Some(Value::text(&self.resolved(self.doc.text(self.property(id, name)?))))
    }

    /// Sets the text of a property element, touching nothing but what stands between its tags.
    pub fn set(&self, property: Id, text: &str) -> Patch {
        if self.doc.is_empty_tag(property) {
            let end = self.doc.range(property).end;
            Patch::replace(end - 2..end, format!(">{text}</{}>", self.doc.name(property)))
        } else {
            Patch::replace(self.doc.inner_range(property), text)
        }
    }

    /// Adds `<kind name="name">text</kind>` as the first property of an element; all three are ours and need no
    /// escaping. `None` when the element has no end tag: then it has no properties at all and is beyond repair.
    pub fn add(&self, id: Id, kind: &str, name: &str, text: &str) -> Option<Patch> {
        let at = self.doc.inner_range(id).start;
        let property = format!("<{kind} name=\"{name}\">{text}</{kind}>");
        (!self.doc.is_empty_tag(id)).then(|| Patch::insert(at, property))
    }

    /// The variable that is all of `text` and that nothing in the plan defines before its threads start: scripts and samplers
    /// come too late for that.
    pub fn undefined<'t>(&self, text: &'t str) -> Option<&'t str> {
        // A fragment may have definitions of its own, and nobody knows what most plug-ins do.
        let is_unknown =
            |id: Id| self.class(id) == "IncludeController" || known::may_define_anything(self.class(id));
        let may_be_elsewhere = || self.items.iter().any(|item| item.enabled && is_unknown(item.id));
        variable(text).filter(|name| !self.variables.contains_key(*name) && !may_be_elsewhere())
    }

    /// The Test Plan's own user defined variables.
    pub fn test_plan_variables(&self) -> Option<Id> {
        let (test_plan, _) = test_plan(&self.doc).ok()?;
        self.property(test_plan, "TestPlan.user_defined_variables")
    }

    /// A bare `${variable}` is followed one step, if it is defined once in the plan.
    fn resolved(&self, text: String) -> String {
        let definition = variable(&text).and_then(|name| self.variables.get(name)?.clone());
        definition.unwrap_or(text)
    }

    fn variables_of(&self, test_plan: Id) -> HashMap<String, Option<String>> {
        let own = self.property(test_plan, "TestPlan.user_defined_variables");
        let elements = self.items.iter().filter(|item| item.enabled && self.class(item.id) == "Arguments");
        let mut variables = HashMap::new();
        for arguments in own.into_iter().chain(elements.map(|item| item.id)) {
            let Some(list) = self.property(arguments, "Arguments.arguments") else { continue };
            for argument in self.doc.children(list) {
                let part = |name| self.property(argument, name).map(|p| self.doc.text(p));
                let Some(name) = part("Argument.name").filter(|name| !name.is_empty()) else { continue };
                let value = part("Argument.value").unwrap_or_default();
                variables.entry(name).and_modify(|v| *v = None).or_insert(Some(value));
            }
        }
        variables
    }
}

fn enabled(doc: &Doc<'_>, id: Id) -> bool {
    doc.attribute(id, "enabled").is_none_or(|value| value.eq_ignore_ascii_case("true"))
}

/// Whether JMeter surely comes to what is below an element: to that of a controller that decides, perhaps never.
fn runs_surely(doc: &Doc<'_>, id: Id) -> bool {
    const DECIDE: [&str; 7] = [
        "WhileController",
        "SwitchController",
        "RandomController",
        "InterleaveControl",
        "ThroughputController",
        "ForeachController",
        "RunTime",
    ];
    let text = |name: &str| {
        let property = doc.children(id).filter(|p| doc.attribute(*p, "name").as_deref() == Some(name)).last();
        property.map(|property| doc.text(property)).unwrap_or_default()
    };
    match doc.name(id) {
        "IfController" => text("IfController.condition").trim().eq_ignore_ascii_case("true"),
        "LoopController" => text("LoopController.loops").trim() != "0",
        // A plug-in's.
        name if name.contains('.') => !name.to_ascii_lowercase().contains("controller"),
        name => !DECIDE.contains(&name),
    }
}

/// Every element of a tree and of the trees below it, in document order.
fn items(doc: &Doc<'_>, tree: Id, enabled_above: bool) -> Vec<Item> {
    let mut items = Vec::new();
    let mut trees = vec![(tree, enabled_above, true)];
    while let Some((tree, above, is_sure)) = trees.pop() {
        let (mut below, mut is_sure_below) = (above, is_sure);
        let first = items.len();
        for id in doc.children(tree) {
            if doc.name(id) == "hashTree" {
                items[first..].last_mut().into_iter().for_each(|item: &mut Item| item.tree = Some(id));
                trees.push((id, below, is_sure_below));
            } else {
                let enabled = above && enabled(doc, id);
                items.push(Item { id, enabled, is_sure, tree: None });
                below = enabled && doc.name(id) != "TestFragmentController";
                is_sure_below = is_sure && runs_surely(doc, id);
            }
        }
    }
    items.sort_by_key(|item| item.id);
    items
}
