//! Which classes of a plan are simulations, and which one is meant.

use crate::java::choice::{Kind, choose as choose_among};
use crate::java::class_file::{ClassHead, Reads};
use std::collections::HashMap;

/// What simulations extend, in Gatling's two languages.
const BASES: [&str; 2] = ["io/gatling/javaapi/core/Simulation", "io/gatling/core/scenario/Simulation"];
/// Classes between a simulation and Gatling's own: bounds a circle of parents, which only a bent jar has.
const DEPTH_MAX: usize = 64;
const SIMULATIONS: Kind = Kind {
    one: "simulation",
    several: "simulations",
    none: "no class of it extends Simulation (io.gatling.javaapi.core.Simulation in Java, \
           io.gatling.core.Predef.Simulation in Scala)",
};

/// What will be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The class as Gatling's `-s` takes it: `shop.Checkout`.
    pub class: String,
    /// Whether any class of the plan has the name of the property as a text: one that has not cannot follow what is asked.
    pub reads: Reads,
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
    let class = choose_among(&SIMULATIONS, &simulations(classes, others), wanted, likely)?;
    Ok(Choice { class, reads: reads(classes) })
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

fn reads(classes: &[ClassHead]) -> Reads {
    let any = |reads: fn(Reads) -> bool| classes.iter().any(|class| reads(class.reads));
    Reads {
        users: any(|reads| reads.users),
        ramp_up: any(|reads| reads.ramp_up),
        iterations: any(|reads| reads.iterations),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(name: &str, parent: &str) -> ClassHead {
        let (name, parent) = (name.to_owned(), Some(parent.to_owned()));
        ClassHead { name, parent, is_abstract: false, has_main: false, reads: Reads::default() }
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
        assert_eq!(reads(["threads", "rampup"]), Reads { users: true, ramp_up: true, iterations: false });
        assert_eq!(reads(["Users", "gridnode.users."]), Reads::default());
    }
}
