//! What a run takes of a plan's directory beside the plan, so that whoever sends the plan elsewhere can send that, too.

use crate::tool::beside::{Around, Used};
use crate::tool::{gatling, jmeter, selenium};
use gridnode_launch::{Load, ToolKind};
use std::fs;
use std::path::Path;

/// The files besides those that a JMeter plan names: properties, jars, Python's packages. Found by what a run is prepared with.
/// Of a plan that cannot be run, none: whoever runs it says why. `start`: where relative paths start.
#[must_use]
pub fn used_beside(kind: ToolKind, plan: &Path, params: &[(String, String)], start: &Path) -> Vec<Used> {
    let Ok(resolved) = fs::canonicalize(plan) else { return Vec::new() };
    let Some(directory) = resolved.parent() else { return Vec::new() };
    let load = Load::default();
    let of = |path: &Path| Used::of(path, directory, false);
    match kind {
        ToolKind::Jmeter => jmeter::used_beside(plan, params, start),
        ToolKind::Gatling => gatling::check(plan, &load, None, Around::Sent).map_or_else(
            |_| Vec::new(),
            |plan| plan.beside.iter().filter(|path| path.is_file()).filter_map(|path| of(path)).collect(),
        ),
        ToolKind::Selenium => selenium::check(plan, &load, None).map_or_else(
            |_| Vec::new(),
            |plan| plan.files_beside().iter().filter_map(|path| of(path)).collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(kind: ToolKind, plan: &Path) -> Vec<String> {
        used_beside(kind, plan, &[], plan.parent().unwrap()).into_iter().map(|used| used.name).collect()
    }

    #[test]
    fn what_each_tool_takes_from_beside_a_plan() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        fs::create_dir(root.join("lib")).unwrap();
        for (name, text) in [
            ("own.jar", ""),
            ("lib/more.jar", ""),
            ("user.properties", ""),
            ("shop.properties", ""),
            ("requirements.txt", "-r more.txt\n"),
            ("more.txt", "requests\n"),
            ("plan.jmx", "<jmeterTestPlan><hashTree><TestPlan/><hashTree/></hashTree></jmeterTestPlan>"),
            ("plan.py", ""),
            ("Shop.java", "class Shop {}"),
        ] {
            fs::write(root.join(name), text).unwrap();
        }
        let of = |kind, plan: &str| names(kind, &root.join(plan));
        assert_eq!(of(ToolKind::Jmeter, "plan.jmx"), ["lib/more.jar", "own.jar", "user.properties"]);
        assert_eq!(of(ToolKind::Selenium, "plan.py"), ["requirements.txt", "more.txt"]);
        assert_eq!(of(ToolKind::Selenium, "Shop.java"), ["own.jar"]);
        assert!(of(ToolKind::Gatling, "Shop.java").contains(&"own.jar".to_owned()));
        assert!(of(ToolKind::Jmeter, "gone.jmx").is_empty());
    }
}
