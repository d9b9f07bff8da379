//! What `run` takes from beside a plan and no plan names: properties, jars, Python's packages. Nodes have only what is sent.

use super::data_files::holds;
use super::files::{Local, Place, Source};
use super::named::Named;
use super::plan::ThePlan;
use super::settings::{FileSettings, FloodSettings};
use anyhow::Context;
use gridnode_core::node::command::FileName;
use std::path::Path;

/// Their sources, but for those that are named already. `uploads`: the place of what is uploaded.
///
/// # Errors
/// When one is called as no file of a run can be.
pub(super) fn of_plan(
    (named, plan): (&Named<'_>, &ThePlan),
    (files, flood): (&FileSettings, &FloodSettings),
    sources: &[Source],
    (bucket, prefix): (&str, &str),
) -> anyhow::Result<Vec<Source>> {
    let Ok(kind) = plan.tool.as_str().parse() else { return Ok(Vec::new()) };
    if !named.is_local() || named.holds_others() {
        return Ok(Vec::new());
    }
    let dir = named.name.as_str().rsplit_once('/').map_or("", |(dir, _)| dir);
    let mut found: Vec<Source> = Vec::new();
    for along in (files.detect.beside)(kind, Path::new(named.place), &flood.parameters) {
        let is_at_top = along.is_at_top || dir.is_empty();
        let name = if is_at_top { along.name } else { format!("{dir}/{}", along.name) };
        if sources.iter().chain(&found).any(|source| holds(source, &name)) {
            continue;
        }
        let name = FileName::new(&name)
            .with_context(|| format!("{} lies beside the plan and cannot go along", along.path.display()))?;
        let (bucket, prefix) = (bucket.to_owned(), prefix.to_owned());
        found.push(Source { name, place: Place::Local { file: Local::of(along.path), bucket, prefix } });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::settings::Along;
    use super::super::tests::{Deaf, asked, plan_with};
    use super::super::{gather, settings::StartSettings};
    use std::path::Path;

    fn names(settings: &StartSettings) -> Vec<String> {
        gather(settings, &mut Deaf).unwrap().names().map(str::to_owned).collect()
    }

    #[test]
    fn what_a_run_takes_from_beside_the_plan_goes_along_where_the_node_looks_for_it() {
        let dir = tempfile::tempdir().unwrap();
        let plan = dir.path().join("a.jmx");
        std::fs::write(&plan, plan_with("")).unwrap();
        let mut settings = asked(plan.to_str().unwrap());
        settings.files.detect.beside = |_, plan, _| {
            let along = |name: &str, is_at_top| Along {
                name: name.to_owned(),
                path: plan.with_file_name(name),
                is_at_top,
            };
            vec![along("lib/own.jar", false), along("user.properties", true)]
        };
        assert_eq!(names(&settings), ["a.jmx", "lib/own.jar", "user.properties"]);
        settings.files.plan = format!("plans/b.jmx={}", plan.display());
        assert_eq!(names(&settings), ["plans/b.jmx", "plans/lib/own.jar", "user.properties"]);
        let own = dir.path().join("other.jar");
        std::fs::write(&own, "").unwrap();
        settings.files.further = vec![format!("plans/lib/own.jar={}", own.display())];
        assert_eq!(
            names(&settings),
            ["plans/b.jmx", "plans/lib/own.jar", "user.properties"],
            "named already"
        );
        assert!(Path::new(&own).is_file());
    }
}
