//! Which classes of a plan are simulations, and which one is meant.

use super::ClassHead;
use std::collections::HashMap;

/// What simulations extend, in Gatling's two languages.
const BASES: [&str; 2] = ["io/gatling/javaapi/core/Simulation", "io/gatling/core/scenario/Simulation"];
/// Classes between a simulation and Gatling's own: bounds a circle of parents, which only a bent jar has.
const DEPTH_MAX: usize = 64;
/// Simulations that a sentence names.
const NAMED_MAX: usize = 20;

/// What will be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The class as Gatling's `-s` takes it: `shop.Checkout`.
    pub class: String,
    /// Whether any class of the plan has the name of the property as a text: one that has not cannot follow what is asked.
    pub reads: Reads,
}

/// Which of the properties that carry a load a plan knows of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reads {
    /// `users` or `gridnode.users`.
    pub users: bool,
    /// `rampUp` or `gridnode.ramp_up_s`.
    pub ramp_up: bool,
    /// `iterations` or `gridnode.iterations`.
    pub iterations: bool,
}

/// Chooses the simulation. `classes` are the plan's own, `others` those that it may extend besides; `wanted` is a class's
/// full or, where that is enough, last name; `likely` is the last name of the one that is meant where nothing is wanted.
///
/// # Errors
/// With half a sentence, when there is none, several, or not the one that is wanted.
pub fn choose(
    classes: &[ClassHead],
    others: &[ClassHead],
    wanted: Option<&str>,
    likely: Option<&str>,
) -> Result<Choice, String> {
    let found = simulations(classes, others);
    let class = match (wanted, found.as_slice()) {
        (Some(wanted), found) => meant(wanted, found)?,
        (None, [only]) => only.clone(),
        (None, []) => {
            return Err("no class of it extends Simulation (io.gatling.javaapi.core.Simulation in Java, \
                        io.gatling.core.Predef.Simulation in Scala)"
                .to_owned());
        }
        (None, several) => match likely.map(|likely| meant(likely, several)) {
            Some(Ok(only)) => only,
            _ => {
                return Err(format!(
                    "it has several simulations ({}): name one with --class, in a command with the parameter `gridnode.class`",
                    list(several)
                ));
            }
        },
    };
    Ok(Choice { class, reads: Reads::of(classes) })
}

/// All that can be started, sorted, as Gatling names them.
fn simulations(classes: &[ClassHead], others: &[ClassHead]) -> Vec<String> {
    let parents: HashMap<&str, &str> = others
        .iter()
        .chain(classes)
        .filter_map(|class| Some((class.name.as_str(), class.parent.as_deref()?)))
        .collect();
    let is_simulation = |class: &&ClassHead| {
        let mut at = class.name.as_str();
        (0..DEPTH_MAX).any(|_| match parents.get(at) {
            Some(parent) => {
                at = parent;
                BASES.contains(parent)
            }
            None => false,
        })
    };
    let mut found: Vec<String> = classes
        .iter()
        .filter(|class| !class.is_abstract)
        .filter(is_simulation)
        .map(|class| class.name.replace('/', "."))
        .collect();
    found.sort();
    found.dedup();
    found
}

fn meant(wanted: &str, found: &[String]) -> Result<String, String> {
    if let Some(exact) = found.iter().find(|name| *name == wanted || name.replace('$', ".") == wanted) {
        return Ok(exact.clone());
    }
    let last = |name: &&String| name.rsplit(['.', '$']).next() == Some(wanted);
    match found.iter().filter(last).collect::<Vec<_>>().as_slice() {
        [only] => Ok((*only).clone()),
        _ if found.is_empty() => Err(format!("it has no simulation `{wanted}`, nor any other")),
        _ => Err(format!("it has no simulation `{wanted}`; those that it has: {}", list(found))),
    }
}

fn list(names: &[String]) -> String {
    let shown = names[..names.len().min(NAMED_MAX)].join(", ");
    match names.len().saturating_sub(NAMED_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

impl Reads {
    /// Takes note of one text of a class's code.
    pub(super) fn note(&mut self, text: &[u8]) {
        match text {
            b"users" | b"gridnode.users" => self.users = true,
            b"rampUp" | b"gridnode.ramp_up_s" => self.ramp_up = true,
            b"iterations" | b"gridnode.iterations" => self.iterations = true,
            _ => {}
        }
    }

    fn of(classes: &[ClassHead]) -> Self {
        let any = |reads: fn(Self) -> bool| classes.iter().any(|class| reads(class.reads));
        Self {
            users: any(|reads| reads.users),
            ramp_up: any(|reads| reads.ramp_up),
            iterations: any(|reads| reads.iterations),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(name: &str, parent: &str) -> ClassHead {
        let (name, parent) = (name.to_owned(), Some(parent.to_owned()));
        ClassHead { name, parent, is_abstract: false, reads: Reads::default() }
    }

    #[test]
    fn the_only_simulation_is_found_through_its_parents() {
        let base = ClassHead { is_abstract: true, ..head("shop/Base", BASES[0]) };
        let classes = [base, head("shop/Checkout", "shop/Base"), head("shop/Pages", "java/lang/Object")];
        assert_eq!(choose(&classes, &[], None, None).unwrap().class, "shop.Checkout");
        let others = [head("lib/Base", BASES[1])];
        assert_eq!(choose(&[head("A", "lib/Base")], &others, None, None).unwrap().class, "A");
        assert!(
            choose(&[head("A", "lib/Base")], &[], None, None).unwrap_err().contains("extends Simulation")
        );
    }

    #[test]
    fn one_of_several_is_named() {
        let classes = [head("a/One", BASES[0]), head("b/One", BASES[0]), head("a/Two$Inner", BASES[1])];
        let pick = |wanted| choose(&classes, &[], wanted, None).map(|choice| choice.class);
        assert!(pick(None).unwrap_err().contains("a.One, a.Two$Inner, b.One"));
        assert_eq!(pick(Some("a.One")).unwrap(), "a.One");
        assert_eq!(pick(Some("a.Two.Inner")).unwrap(), "a.Two$Inner");
        assert_eq!(pick(Some("Inner")).unwrap(), "a.Two$Inner");
        assert!(pick(Some("One")).unwrap_err().contains("`One`"), "two have that last name");
        assert!(pick(Some("Three")).unwrap_err().contains("b.One"));
        assert!(choose(&[], &[], Some("Three"), None).unwrap_err().contains("nor any other"));
    }

    #[test]
    fn of_several_the_one_with_the_name_of_the_plan_is_meant() {
        let classes = [head("shop/Checkout", BASES[0]), head("shop/Browse", BASES[1])];
        let pick = |likely| choose(&classes, &[], None, Some(likely)).map(|choice| choice.class);
        assert_eq!(pick("Browse").unwrap(), "shop.Browse");
        assert!(pick("plan").unwrap_err().contains("--class"));
        assert_eq!(choose(&classes, &[], Some("Checkout"), Some("Browse")).unwrap().class, "shop.Checkout");
        assert_eq!(choose(&classes[..1], &[], None, Some("plan")).unwrap().class, "shop.Checkout");
    }

    #[test]
    fn a_circle_of_parents_ends() {
        assert!(choose(&[head("A", "B"), head("B", "A")], &[], None, None).is_err());
    }

    #[test]
    fn a_long_list_is_cut() {
        let classes: Vec<ClassHead> = (0..50).map(|i| head(&format!("S{i:02}"), BASES[0])).collect();
        let error = choose(&classes, &[], None, None).unwrap_err();
        assert!(error.contains("S19 and 30 more") && !error.contains("S20"), "{error}");
    }

    #[test]
    fn what_a_plan_reads_is_seen_by_its_texts() {
        let noted = |text: &str| {
            let mut reads = Reads::default();
            reads.note(text.as_bytes());
            reads
        };
        let with = |text: &str| ClassHead { reads: noted(text), ..head("B", "java/lang/Object") };
        let reads = |texts: [&str; 2]| {
            let classes = [head("A", BASES[0]), with(texts[0]), with(texts[1])];
            choose(&classes, &[], None, None).unwrap().reads
        };
        assert_eq!(reads(["users", ""]), Reads { users: true, ..Reads::default() });
        assert_eq!(
            reads(["gridnode.ramp_up_s", "iterations"]),
            Reads { users: false, ramp_up: true, iterations: true }
        );
        assert_eq!(reads(["Users", "gridnode.users."]), Reads::default());
    }
}
