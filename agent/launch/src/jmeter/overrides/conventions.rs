//! Properties that plans read their load from by convention: ours, and those of Flood's published plans. Most stand in a
//! thread group, where [`super::edit`] finds them whatever they are called; here is the rest: timers, controllers, schedules,
//! groups of plug-ins, scripts.

use super::super::doc::Id;
use super::super::element::Plan;
use super::super::params;
use super::super::value::param;
use super::{Load, OverrideError};

/// Something that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    /// The properties that it goes by.
    names: &'static [&'static str],
    /// The option.
    pub option: &'static str,
    /// How a group of a plug-in can read it.
    pub cure: &'static str,
}

const USERS: Asked = Asked {
    names: &["threads", "users"],
    option: "--users",
    cure: "`${__P(users,10)}` as its number of users",
};
const RAMP_UP: Asked =
    Asked { names: &["rampup", "rampUp"], option: "--ramp-up", cure: "`${__P(rampup,30)}` as its ramp-up" };
const DURATION: Asked = Asked {
    names: &["duration"],
    option: "--duration",
    cure: "`${__P(duration,600)}` as the time that it holds its load",
};
const ITERATIONS: Asked = Asked {
    names: &["iterations"],
    option: "--iterations",
    cure: "`${__P(iterations,1)}` as its limit of iterations",
};

/// What is asked for.
fn asked(load: &Load) -> impl Iterator<Item = (Asked, u32)> {
    let all = [
        (USERS, load.users),
        (RAMP_UP, load.ramp_up_s),
        (DURATION, load.duration_s),
        (ITERATIONS, load.iterations),
    ];
    all.into_iter().filter_map(|(asked, value)| Some((asked, value?)))
}

/// How a function begins that reads a property.
fn is_read_by_function(name: &str, mentions: impl Fn(&str) -> bool) -> bool {
    ["__P", "__property"].iter().any(|function| {
        mentions(&format!("${{{function}({name},")) || mentions(&format!("${{{function}({name})"))
    })
}

/// Scripts say `props.get("threads")`, `props['threads']`, `props.threads`. No attribute of an element looks like one of these.
fn is_read_by_script(name: &str, mentions: impl Fn(&str) -> bool) -> bool {
    let quotes = [("\"", "\""), ("'", "'"), ("&quot;", "&quot;"), ("&apos;", "&apos;")];
    mentions(&format!("props.{name}"))
        || quotes.iter().any(|(open, close)| {
            ["(", "["].iter().any(|before| mentions(&format!("{before}{open}{name}{close}")))
        })
}

/// What is asked for and a group does not read by itself.
pub(super) fn unread(plan: &Plan<'_>, group: Id, load: &Load) -> Vec<Asked> {
    let reads = |name: &&str| is_read_by_function(name, |text| plan.doc.mentions_in(group, text));
    asked(load).map(|(asked, _)| asked).filter(|asked| !asked.names.iter().any(reads)).collect()
}

/// Whether a field of a group is the number of users and nothing else.
pub(super) fn has_all_users(plan: &Plan<'_>, group: Id) -> bool {
    plan.has_property_alone(group, USERS.names)
}

/// Gives the plan those that it reads and that have no value yet. Of what it includes nobody here knows: it gets all.
///
/// # Errors
/// When one cannot be given to JMeter.
pub(super) fn give(
    plan: &Plan<'_>,
    load: &Load,
    properties: &mut Vec<(String, String)>,
    changes: &mut Vec<String>,
) -> Result<(), OverrideError> {
    let includes = plan.items.iter().any(|item| item.enabled && plan.class(item.id) == "IncludeController");
    for (asked, value) in asked(load) {
        for name in asked.names {
            let mentions = |text: &str| plan.doc.mentions(text);
            let reads = includes || is_read_by_function(name, mentions) || is_read_by_script(name, mentions);
            if !reads || param(properties, name).is_some() {
                continue;
            }
            params::check(name, &value.to_string())?;
            properties.push(((*name).to_owned(), value.to_string()));
            changes.push(format!("property `{name}` is `{value}`, by convention"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Load;
    use crate::jmeter::apply;

    const PLAN: &str = include_str!("../../../tests/data/plans/plugin-group.jmx");

    fn load() -> Load {
        Load { users: Some(7), ramp_up_s: Some(3), duration_s: Some(60), ..Load::default() }
    }

    /// What a plan is given whose only sampler is called `text`, with the group of a plug-in or without.
    fn given(text: &str, load: &Load) -> Vec<(String, String)> {
        let plan =
            PLAN.replace("testname=\"steps\" enabled=\"true\"", "testname=\"steps\" enabled=\"false\"");
        let plan = plan.replace(">20</stringProp>", &format!(">{text}</stringProp>"));
        apply(plan.as_bytes(), load).unwrap().properties
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn what_a_plan_reads_by_convention_it_gets() {
        for (text, want) in [
            ("${__P(threads)}", pair("threads", "7")),
            ("${__P(users,10)}", pair("users", "7")),
            ("rate(${__property(rampup)}/sec)", pair("rampup", "3")),
            ("${__P(rampUp,1)}", pair("rampUp", "3")),
            ("props.get(&quot;duration&quot;)", pair("duration", "60")),
            ("props['duration'] as int", pair("duration", "60")),
            ("props.threads", pair("threads", "7")),
        ] {
            assert_eq!(given(text, &load()), [want], "{text}");
        }
        for text in ["20", "threads", "${threads}", "${__P(threads_max)}", "${__P(iterations)}"] {
            assert_eq!(given(text, &load()), [], "{text}");
        }
        // Nothing was asked for, and what somebody gives stays.
        assert_eq!(given("${__P(threads)}", &Load::default()), []);
        let own = Load { params: vec![pair("threads", "9")], ..load() };
        assert_eq!(given("${__P(threads)}", &own), [pair("threads", "9")]);
    }

    #[test]
    fn users_that_several_groups_have_in_full_are_said() {
        let with = |text: &str| {
            let data = format!("<stringProp name=\"ultimatethreadgroupdata\">{text}</stringProp>");
            PLAN.replace("<collectionProp name=\"ultimatethreadgroupdata\"/>", &data)
        };
        let load = Load { users: Some(4), ..Load::default() };
        let doubts = |plan: &str| apply(plan.as_bytes(), &load).unwrap().doubts;
        let plan = with("${__P(users,3)}");
        let said = doubts(&plan);
        assert!(
            said[0].starts_with("`steps` reads the number of users, so each has all 4, beside"),
            "{said:?}"
        );
        assert!(said[0].contains("up to 8 in all and not 4"), "{said:?}");
        let alone =
            plan.replace("testname=\"plain\" enabled=\"true\"", "testname=\"plain\" enabled=\"false\"");
        assert_eq!(doubts(&alone), Vec::<String>::new(), "nobody else has any");
        assert_eq!(doubts(&with("${__jexl3(${__P(users,2)} / 2)}")), Vec::<String>::new());
    }

    #[test]
    fn a_group_of_a_plug_in_that_reads_what_is_asked_for_gets_it() {
        let with = |text: &str| {
            let data = format!("<stringProp name=\"ultimatethreadgroupdata\">{text}</stringProp>");
            PLAN.replace("<collectionProp name=\"ultimatethreadgroupdata\"/>", &data)
        };
        let plan = with("${__P(threads)} ${__P(rampup)} ${__P(duration,9)}");
        let properties = apply(plan.as_bytes(), &load()).unwrap().properties;
        assert_eq!(properties, [pair("threads", "7"), pair("rampup", "3"), pair("duration", "60")]);
        let plan = with("${__P(threads)} ${__P(duration,9)}");
        let refused = apply(plan.as_bytes(), &load()).unwrap_err().to_string();
        assert!(refused.starts_with("--ramp-up cannot change the load of `steps`, "), "{refused}");
        assert!(refused.contains("write `${__P(rampup,30)}` as its ramp-up, use"), "{refused}");
        let all = apply(with("").as_bytes(), &load()).unwrap_err().to_string();
        assert!(
            all.starts_with("--users, --ramp-up and --duration cannot change the load of `steps`, "),
            "{all}"
        );
        assert!(apply(plan.as_bytes(), &Load { ramp_up_s: None, ..load() }).is_ok());
    }
}
