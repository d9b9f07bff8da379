//! Which class of a Java plan is started.

use crate::java::choice::{self, Kind};
use crate::java::class_file::ClassHead;

const MAIN_CLASSES: Kind = Kind {
    one: "main class",
    several: "main classes",
    none: "no class of it has `public static void main(String[] args)`, which is where a Java plan starts",
};

/// Chooses it, as the `java` program takes it: `shop.Checkout$Inner`. `wanted` is its full or, where that is enough, last name;
/// `likely` its last name where there are several and nothing is wanted.
///
/// # Errors
/// With half a sentence, when there is none, several, or not the one that is wanted.
pub fn choose(classes: &[ClassHead], wanted: Option<&str>, likely: Option<&str>) -> Result<String, String> {
    let mains = classes.iter().filter(|class| class.has_main && !is_local(&class.name));
    let mut found: Vec<String> = mains.map(|class| class.name.replace('/', ".")).collect();
    found.sort();
    found.dedup();
    choice::choose(&MAIN_CLASSES, &found, wanted, likely)
}

/// A compiler numbers the classes that are declared within a method: nobody means one of those.
fn is_local(name: &str) -> bool {
    name.split('$').skip(1).any(|part| part.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::java::class_file::Reads;

    fn classes(names: &[&str]) -> Vec<ClassHead> {
        let head = |name: &str, has_main| ClassHead {
            name: name.to_owned(),
            parent: None,
            is_abstract: false,
            has_main,
            reads: Reads::default(),
        };
        let mains = names.iter().map(|name| head(name, true));
        mains.chain([head("Page", false)]).collect()
    }

    #[test]
    fn the_class_to_start_is_found_or_must_be_named() {
        let choose = |names: &[&str], wanted, likely| choose(&classes(names), wanted, likely);
        assert_eq!(choose(&["load/Shop"], None, None).unwrap(), "load.Shop");
        assert!(choose(&[], None, Some("Page")).unwrap_err().contains("public static void main"));
        let two = ["B$C", "A", "A$1Local"];
        let refused = |wanted, likely| choose(&two, wanted, likely).unwrap_err();
        assert!(refused(None, None).contains("A, B$C") && refused(None, Some("Two")).contains("--class"));
        assert!(refused(Some("Shop"), None).contains("A, B$C"));
        for wanted in ["B.C", "B$C", "C"] {
            assert_eq!(choose(&two, Some(wanted), None).unwrap(), "B$C");
        }
        assert_eq!(choose(&two, None, Some("A")).unwrap(), "A");
        assert_eq!(choose(&two, Some("B.C"), Some("A")).unwrap(), "B$C");
    }
}
