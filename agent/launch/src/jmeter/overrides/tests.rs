use super::*;
use crate::jmeter::{Value, inspect};
use proptest::prelude::*;

const MIXED: &str = include_str!("../../../tests/data/plans/mixed.jmx");
const PROPERTIES: &str = include_str!("../../../tests/data/plans/properties.jmx");
const VARIABLES: &str = include_str!("../../../tests/data/plans/variables.jmx");
const PLUGIN: &str = include_str!("../../../tests/data/plans/plugin-group.jmx");

fn overrides(users: u32, ramp_up_s: u32, duration_s: u32, iterations: u32) -> Load {
    let given = |value: u32| (value > 0).then_some(value);
    Load {
        users: given(users),
        ramp_up_s: given(ramp_up_s),
        duration_s: given(duration_s),
        iterations: given(iterations),
        params: Vec::new(),
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// `plan` after `overrides` differs from it by exactly `edits`, each a text that occurs once and its replacement.
fn check(plan: &str, overrides: &Load, edits: &[(&str, &str)], properties: &[(&str, &str)]) -> Vec<String> {
    let done = apply(plan.as_bytes(), overrides).unwrap();
    let mut want = plan.to_owned();
    for (from, to) in edits {
        assert_eq!(want.matches(from).count(), 1, "`{from}` must occur once");
        want = want.replacen(from, to, 1);
    }
    pretty_eq(&String::from_utf8(done.plan).unwrap(), &want);
    assert_eq!(done.properties, pairs(properties));
    done.changes
}

fn pretty_eq(got: &str, want: &str) {
    for (i, (got, want)) in got.lines().zip(want.lines()).enumerate() {
        assert_eq!(got, want, "line {}", i + 1);
    }
    assert_eq!(got, want);
}

fn refusal(plan: &str, overrides: &Load) -> String {
    apply(plan.as_bytes(), overrides).unwrap_err().to_string()
}

#[test]
fn without_options_nothing_changes() {
    for plan in [MIXED, PROPERTIES, VARIABLES, PLUGIN] {
        let done = apply(plan.as_bytes(), &Load::default()).unwrap();
        assert_eq!(
            done,
            Overridden { plan: plan.into(), properties: vec![], changes: vec![], doubts: vec![] }
        );
    }
}

#[test]
fn fixed_users_are_spread_over_enabled_ordinary_groups() {
    let changes = check(
        MIXED,
        &overrides(100, 0, 0, 0),
        &[("num_threads\">30<", "num_threads\">75<"), ("num_threads\">10<", "num_threads\">25<")],
        // It includes a fragment, and nobody knows what that reads.
        &[("threads", "100"), ("users", "100")],
    );
    assert_eq!(
        changes,
        [
            "Thread Group `buyers`: number of threads 30 → 75",
            "Thread Group `lookers & others`: number of threads 10 → 25",
            "property `threads` is `100`, by convention",
            "property `users` is `100`, by convention"
        ]
    );
}

#[test]
fn a_duration_switches_the_scheduler_on_and_loops_without_end() {
    check(
        MIXED,
        &overrides(0, 7, 60, 0),
        &[
            (
                "buyers\" enabled=\"true\">\n        <intProp name=\"ThreadGroup.num_threads\">30</intProp>\n        <intProp name=\"ThreadGroup.ramp_time\">10<",
                "buyers\" enabled=\"true\">\n        <intProp name=\"ThreadGroup.num_threads\">30</intProp>\n        <intProp name=\"ThreadGroup.ramp_time\">7<",
            ),
            ("ThreadGroup.ramp_time\">10<", "ThreadGroup.ramp_time\">7<"),
            ("loops\">5<", "loops\">-1<"),
            ("longProp name=\"ThreadGroup.duration\">300<", "longProp name=\"ThreadGroup.duration\">60<"),
            // The setUp group has the same lines; this one follows the first ramp-up of 7.
            (
                "ramp_time\">7</intProp>\n        <boolProp name=\"ThreadGroup.same_user_on_next_iteration\">true</boolProp>\n        <stringProp name=\"ThreadGroup.on_sample_error\">continue</stringProp>\n        <boolProp name=\"ThreadGroup.scheduler\">false</boolProp>\n        <stringProp name=\"ThreadGroup.duration\"><",
                "ramp_time\">7</intProp>\n        <boolProp name=\"ThreadGroup.same_user_on_next_iteration\">true</boolProp>\n        <stringProp name=\"ThreadGroup.on_sample_error\">continue</stringProp>\n        <boolProp name=\"ThreadGroup.scheduler\">true</boolProp>\n        <stringProp name=\"ThreadGroup.duration\">60<",
            ),
        ],
        &[("rampup", "7"), ("rampUp", "7"), ("duration", "60")],
    );
}

#[test]
fn iterations_switch_the_scheduler_off_unless_a_duration_is_given() {
    let forever = MIXED.replace("continue_forever\">false", "continue_forever\">true");
    let facts = |overrides| inspect(&apply(forever.as_bytes(), &overrides).unwrap().plan).unwrap().groups;
    let groups = facts(overrides(0, 0, 0, 3));
    assert!(groups[1..3].iter().all(|g| g.loops == Some(Value::Fixed(3)) && !g.scheduler));
    let groups = facts(overrides(0, 0, 60, 3));
    assert!(groups[1..3].iter().all(|g| g.loops == Some(Value::Fixed(3)) && g.scheduler));
    let done = String::from_utf8(apply(forever.as_bytes(), &overrides(0, 0, 0, 3)).unwrap().plan).unwrap();
    // setUp, the disabled group and tearDown keep theirs.
    assert_eq!(done.matches("continue_forever\">true").count(), 3);
}

/// Iterations that take longer than the plan's duration would not be done within it.
#[test]
fn what_ends_users_that_have_iterations_is_said() {
    let timed = MIXED.replace(
        "<boolProp name=\"ThreadGroup.scheduler\">false</boolProp>",
        "<boolProp name=\"ThreadGroup.scheduler\">true</boolProp>",
    );
    let said = |plan: &str, overrides| -> Vec<String> {
        let changes = apply(plan.as_bytes(), &overrides).unwrap().changes;
        changes.into_iter().filter(|change| change.contains("each user")).collect()
    };
    let own = said(&timed, overrides(0, 0, 0, 1_000));
    assert!(own.iter().any(|one| one.ends_with(
        ": its own duration of 300 s ends nobody any more: each user does its 1000 iterations, however long that takes; give \
         --duration, too, to end it by time"
    )), "{own:?}");
    let off = MIXED.replace("ThreadGroup.scheduler\">true", "ThreadGroup.scheduler\">false");
    assert_eq!(said(&off, overrides(0, 0, 0, 1_000)), [""; 0], "there is none");
    let both = said(MIXED, overrides(0, 0, 60, 3));
    assert_eq!(both.len(), 2);
    assert!(
        both[0]
            .ends_with("each user ends when its 3 iterations are done or after 60 s, whichever comes first")
    );
    assert_eq!(said(&timed, overrides(0, 0, 60, 0)), [""; 0]);
}

#[test]
fn a_loop_controller_that_does_not_say_when_to_end_is_told() {
    let silent = MIXED.replace("<boolProp name=\"LoopController.continue_forever\">false</boolProp>", "");
    assert!(silent.len() < MIXED.len());
    let done = String::from_utf8(apply(silent.as_bytes(), &overrides(0, 0, 0, 3)).unwrap().plan).unwrap();
    assert_eq!(done.matches("continue_forever\">false").count(), 2, "{done}");
}

#[test]
fn missing_and_empty_properties_are_added() {
    let group = |head: &str, controller: &str| {
        format!(
            "<jmeterTestPlan><hashTree><TestPlan/><hashTree><ThreadGroup testname=\"g\">{head}\
             <elementProp name=\"ThreadGroup.main_controller\">{controller}</elementProp></ThreadGroup>\
             <hashTree/></hashTree></hashTree></jmeterTestPlan>"
        )
    };
    check(
        &group("<stringProp name=\"ThreadGroup.num_threads\"/>", " "),
        &overrides(5, 2, 9, 0),
        &[
            (
                "<stringProp name=\"ThreadGroup.num_threads\"/>",
                "<stringProp name=\"ThreadGroup.ramp_time\">2</stringProp>\
              <stringProp name=\"ThreadGroup.duration\">9</stringProp><boolProp name=\"ThreadGroup.scheduler\">true</boolProp>\
              <stringProp name=\"ThreadGroup.num_threads\">5</stringProp>",
            ),
            ("> <", "><stringProp name=\"LoopController.loops\">-1</stringProp> <"),
        ],
        &[],
    );
    assert_eq!(
        refusal(
            "<jmeterTestPlan><hashTree><TestPlan/><hashTree><ThreadGroup testname='g'/><hashTree/></hashTree></hashTree></jmeterTestPlan>",
            &overrides(1, 0, 0, 0)
        ),
        "the Thread Group `g` (line 1, column 48) has no loop controller: open the plan in JMeter and save it again"
    );
}

#[test]
fn properties_are_given_and_the_plan_stays() {
    let changes = check(
        PROPERTIES,
        &overrides(40, 9, 60, 0),
        &[],
        &[("threads", "40"), ("ramp", "9"), ("duration", "60"), ("scheduler", "true"), ("loops", "-1")],
    );
    assert_eq!(changes[0], "property `threads` is `40` (number of threads)");
    let params = Load { params: pairs(&[("a", "1"), ("a", "2"), ("b", "x y")]), ..Load::default() };
    assert_eq!(
        check(PROPERTIES, &params, &[], &[("a", "2"), ("b", "x y")]),
        ["property `a` is set", "property `b` is set"]
    );
    let same = Load { params: pairs(&[("threads", "5")]), ..overrides(5, 0, 0, 0) };
    check(PROPERTIES, &same, &[], &[("threads", "5")]);
    let other = Load { params: pairs(&[("threads", "5")]), ..overrides(6, 0, 0, 0) };
    assert_eq!(
        refusal(PROPERTIES, &other),
        "the plan takes its number of threads from the property `threads`, which is already given as `5`: leave one of \
         the two out, or use another property in the plan"
    );
}

#[test]
fn a_property_that_cannot_be_given_is_refused() {
    let plan = PROPERTIES.replace("${__P(threads,10)}", "${__P(jmeterengine.nongui.port,10)}");
    assert_eq!(
        refusal(&plan, &overrides(5, 0, 0, 0)),
        "the parameter `jmeterengine.nongui.port` cannot be passed: this JMeter property is set by the agent itself"
    );
}

#[test]
fn the_last_of_equal_properties_counts() {
    let threads = "<intProp name=\"ThreadGroup.num_threads\">30</intProp>";
    let plan =
        MIXED.replace(threads, &format!("<intProp name=\"ThreadGroup.num_threads\">90</intProp>{threads}"));
    check(
        &plan,
        &overrides(8, 0, 0, 0),
        &[
            (threads, &threads.replace("30", "6")),
            (
                ">10</intProp>\n        <intProp name=\"ThreadGroup.ramp_time\">10",
                ">2</intProp>\n        <intProp name=\"ThreadGroup.ramp_time\">10",
            ),
        ],
        &[("threads", "8"), ("users", "8")],
    );
}

#[test]
fn variables_are_followed_one_step() {
    check(VARIABLES, &overrides(16, 0, 0, 0), &[("${fixed}", "12")], &[("users", "4")]);
    for (variable, text) in [("${deep}", "${prop}"), ("${twice}", "${twice}"), ("${nope}", "${nope}")] {
        let plan = VARIABLES.replace("num_threads\">${fixed}", &format!("num_threads\">{variable}"));
        assert_eq!(
            refusal(&plan, &overrides(4, 0, 0, 0)),
            format!(
                "the number of threads of the Thread Group `fixed` (line 10, column 7) is computed (`{text}`) and cannot \
                 be overridden: write `${{__P(users,10)}}` there"
            )
        );
    }
}

#[test]
fn a_shared_property_with_unequal_shares_becomes_numbers() {
    let plan = VARIABLES.replace("num_threads\">${fixed}", "num_threads\">${__P(users,2)}");
    check(&plan, &overrides(8, 0, 0, 0), &[], &[("users", "4")]);
    check(
        &plan,
        &overrides(9, 0, 0, 0),
        &[
            (
                "${__P(users,2)}</stringProp>\n        <stringProp name=\"ThreadGroup.ramp",
                "5</stringProp>\n        <stringProp name=\"ThreadGroup.ramp",
            ),
            ("${prop}</stringProp>\n", "4</stringProp>\n"),
        ],
        // Each group has its number; who else reads it gets the sum.
        &[("users", "9")],
    );
}

#[test]
fn what_cannot_be_done_is_refused_with_advice() {
    let only_setup =
        MIXED.replace("<ThreadGroup ", "<SetupThreadGroup ").replace("</ThreadGroup>", "</SetupThreadGroup>");
    let open = PLUGIN.replace("kg.apc.jmeter.threads.UltimateThreadGroup", "OpenModelThreadGroup");
    let in_int = PROPERTIES.replace(
        "stringProp name=\"ThreadGroup.num_threads\">${__P(threads,10)}</stringProp",
        "intProp name=\"ThreadGroup.num_threads\">${__P(threads,10)}</intProp",
    );
    let param = |name: &str, value: &str| {
        refusal(MIXED, &Load { params: pairs(&[(name, value)]), ..Load::default() })
    };
    insta::assert_snapshot!(
        [
            refusal("nonsense", &overrides(1, 0, 0, 0)),
            refusal(MIXED, &overrides(1, 0, 0, 0)),
            refusal(MIXED, &Load { users: Some(0), ..Load::default() }),
            refusal(PLUGIN, &overrides(0, 0, 60, 0)),
            refusal(&open, &overrides(0, 5, 0, 0)),
            refusal(&only_setup, &overrides(5, 0, 0, 0)),
            refusal(&in_int, &overrides(5, 0, 0, 0)),
            param("", "x"),
            param("-n", "x"),
            param("a=b", "x"),
            param("a\nb", "x"),
            param("jmeterengine.nongui.port", "1"),
            param("beanshell.server.port", "/x.jar"),
            param("a", ""),
            param("a", " x"),
            param("a", "x\0"),
        ]
        .join("\n"),
        @r#"
    the plan is not well-formed XML at line 1, column 1: it does not start with `<`, so it cannot be a .jmx file; open it in JMeter, correct it and save it again
    2 enabled thread groups need at least one user each, and 1 cannot be spread over them: give at least 2, or disable groups in the plan
    users must be at least 1; leave it out to keep what the plan says
    --duration cannot change the load of `steps`, because kg.apc.jmeter.threads.UltimateThreadGroup is not the ordinary Thread Group and does not read it by itself: write `${__P(duration,600)}` as the time that it holds its load, use a Thread Group, disable it, or leave out --duration
    --ramp-up cannot change the load of `steps`, because OpenModelThreadGroup is not the ordinary Thread Group and does not read it by itself: write `${__P(rampup,30)}` as its ramp-up, use a Thread Group, disable it, or leave out --ramp-up
    the load cannot be overridden: the plan has no enabled Thread Group of JMeter's own; run it without --users, --ramp-up, --duration and --iterations, or add one
    the number of threads of the Thread Group `users` (line 10, column 7) is computed (`${__P(threads,10)}`) and cannot be overridden: write `${__P(users,10)}` there
    the parameter `` cannot be passed: a name is 1 to 128 letters, digits and _ . : - and starts with a letter, a digit or _
    the parameter `-n` cannot be passed: a name is 1 to 128 letters, digits and _ . : - and starts with a letter, a digit or _
    the parameter `a=b` cannot be passed: a name is 1 to 128 letters, digits and _ . : - and starts with a letter, a digit or _
    the parameter `a\nb` cannot be passed: a name is 1 to 128 letters, digits and _ . : - and starts with a letter, a digit or _
    the parameter `jmeterengine.nongui.port` cannot be passed: this JMeter property is set by the agent itself
    the parameter `beanshell.server.port` cannot be passed: this JMeter property is set by the agent itself
    the parameter `a` cannot be passed: JMeter takes an empty value for none and drops blanks at the ends of one
    the parameter `a` cannot be passed: JMeter takes an empty value for none and drops blanks at the ends of one
    the parameter `a` cannot be passed: its value has a NUL character
    "#
    );
    // Only the load is refused: parameters reach any plan.
    let params = Load { params: pairs(&[("a", "1")]), ..Load::default() };
    assert!(apply(PLUGIN.as_bytes(), &params).is_ok());
}

proptest! {
    #[test]
    fn mutated_plans_do_not_panic(
        changes in prop::collection::vec((0..MIXED.len(), any::<u8>()), 0..8),
        users in 0..200_u32, duration_s in 0..3_u32, iterations in 0..3_u32,
    ) {
        let mut plan = MIXED.as_bytes().to_vec();
        for (at, byte) in changes {
            plan[at] = byte;
        }
        let _ = apply(&plan, &overrides(users, 1, duration_s, iterations));
        if inspect(&plan).is_ok() {
            prop_assert_eq!(apply(&plan, &Load::default()).unwrap().plan, plan);
        }
    }
}
