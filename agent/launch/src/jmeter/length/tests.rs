use super::*;
use crate::Load;
use crate::jmeter::apply;
use proptest::prelude::*;

/// A thread group of class `kind` with `properties`, its loops and `continue_forever`.
fn group(kind: &str, name: &str, loops: &str, properties: &[(&str, &str)]) -> String {
    let own: String = properties
        .iter()
        .map(|(name, text)| format!("<stringProp name=\"ThreadGroup.{name}\">{text}</stringProp>"))
        .collect();
    format!(
        "<{kind} testname=\"{name}\" enabled=\"true\">{own}<elementProp name=\"ThreadGroup.main_controller\" \
         elementType=\"LoopController\"><boolProp name=\"LoopController.continue_forever\">false</boolProp>\
         <stringProp name=\"LoopController.loops\">{loops}</stringProp></elementProp></{kind}><hashTree/>"
    )
}

fn timed(name: &str, delay: &str, ramp_up: &str, duration: &str) -> String {
    let properties = [
        ("num_threads", "10"),
        ("scheduler", "true"),
        ("delay", delay),
        ("ramp_time", ramp_up),
        ("duration", duration),
    ];
    group("ThreadGroup", name, "-1", &properties)
}

fn plan(series: &str, groups: &[String]) -> String {
    format!(
        "<jmeterTestPlan><hashTree><TestPlan enabled=\"true\"><boolProp name=\"TestPlan.serialize_threadgroups\">{series}\
         </boolProp></TestPlan><hashTree>{}</hashTree></hashTree></jmeterTestPlan>",
        groups.concat()
    )
}

fn read(plan: &str) -> Length {
    length(plan.as_bytes(), &[], PropertyFiles::Text("")).unwrap()
}

fn known(plan: &str) -> u64 {
    let length = read(plan);
    assert_eq!((length.open, length.warnings), (vec![], vec![]));
    length.known_s
}

#[test]
fn groups_run_at_once_or_in_series() {
    let groups = [timed("a", "0", "0", "50"), timed("b", "60", "5", "30"), timed("c", "", "40", "40")];
    assert_eq!(known(&plan("false", &groups)), 90);
    assert_eq!(known(&plan("true", &groups)), 180);
    // Where that is a property, the longer answer is the safe one only while it is not given.
    let asked = plan("${__P(series)}", &groups);
    assert_eq!(known(&asked), 90);
    let given = [("series".to_owned(), "true".to_owned())];
    assert_eq!(length(asked.as_bytes(), &given, PropertyFiles::Text("")).unwrap().known_s, 180);
    assert_eq!(length(asked.as_bytes(), &[], PropertyFiles::Unknown).unwrap().known_s, 180);
}

#[test]
fn what_runs_before_and_after_adds_to_it() {
    let of = |kind| {
        let own = [("num_threads", "1"), ("scheduler", "true"), ("duration", "7")];
        group(kind, kind, "1", &own)
    };
    let groups =
        [of("PostThreadGroup"), timed("a", "0", "0", "50"), of("SetupThreadGroup"), of("SetupThreadGroup")];
    assert_eq!(known(&plan("false", &groups)), 64);
    assert_eq!(known(&plan("true", &groups)), 71);
    let off = timed("a", "0", "0", "50").replace("enabled=\"true\"", "enabled=\"false\"");
    assert_eq!(known(&plan("true", &[off, of("SetupThreadGroup")])), 7);
}

#[test]
fn the_asked_for_load_counts_and_not_the_plans() {
    let plan = plan("true", &[timed("a", "5", "1", "900"), timed("b", "0", "1", "900")]);
    let load = Load { ramp_up_s: Some(60), duration_s: Some(30), ..Load::default() };
    let done = apply(plan.as_bytes(), &load).unwrap();
    let length = length(&done.plan, &done.properties, PropertyFiles::Text("")).unwrap();
    assert_eq!(length.known_s, 125);
    assert_eq!(
        length.warnings[0],
        "Thread Group `a`: the ramp-up of 60 s is longer than the duration of 30 s, which includes it: only 5 of 10 users \
         start"
    );
    // So that the run ends with its duration.
    assert_eq!(String::from_utf8_lossy(&done.plan).matches("delayedStart\">true").count(), 2);
    let load = Load { ramp_up_s: Some(30), ..load };
    let done = apply(plan.as_bytes(), &load).unwrap();
    assert!(!String::from_utf8_lossy(&done.plan).contains("delayedStart"));
}

#[test]
fn what_cannot_be_known_says_why() {
    let open = |group: String| {
        let length = read(&plan("false", &[timed("z", "0", "0", "5"), group]));
        assert_eq!((length.known_s, length.open.len()), (5, 1), "{length:?}");
        (length.open.concat(), length.warnings.concat())
    };
    let own = |loops, more: &[(&str, &str)]| {
        open(group("ThreadGroup", "a", loops, &[&[("num_threads", "1")], more].concat()))
    };
    assert_eq!(own("3", &[]).0, "Thread Group `a`: it has loops and no duration");
    assert!(own("${n}", &[]).0.contains("number of loops is computed"));
    assert!(own("-1", &[]).1.contains("never ends unless"));
    assert!(own("-1", &[("scheduler", "true"), ("duration", "0")]).1.contains("never ends unless"));
    assert!(own("1", &[("scheduler", "${s}")]).0.contains("scheduler"));
    assert!(own("1", &[("scheduler", "true"), ("duration", "${d}")]).0.contains("its duration"));
    assert!(open(timed("a", "${x}", "0", "1")).0.contains("start delay"));
    let plugin = group("com.blazemeter.jmeter.threads.arrivals.FreeFormArrivalsThreadGroup", "a", "1", &[]);
    assert!(open(plugin).0.contains("of a plug-in"));
    let schedule = |text: &str| {
        format!(
            "<OpenModelThreadGroup testname=\"o\" enabled=\"true\"><stringProp name=\"OpenModelThreadGroup.schedule\">{text}\
             </stringProp></OpenModelThreadGroup><hashTree/>"
        )
    };
    assert!(open(schedule("${__groovy(1)}")).0.contains("schedule"));
    assert_eq!(known(&plan("false", &[schedule("rate(5/sec) random_arrivals(3 min)")])), 180);
    assert_eq!(known(&plan("false", &[group("ThreadGroup", "a", "-1", &[("num_threads", "0")])])), 0);
}

/// A thread group of a plug-in whose fields have the names that it likes.
fn plugin(class: &str, fields: &[(&str, &str)], more: &str) -> String {
    let own: String = fields
        .iter()
        .map(|(name, text)| format!("<stringProp name=\"{name}\">{text}</stringProp>"))
        .collect();
    format!("<{class} testname=\"p\" enabled=\"true\">{own}{more}</{class}><hashTree/>")
}

fn ultimate(name: &str, rows: &[[&str; 5]]) -> String {
    let cell = |text: &&str| format!("<stringProp name=\"0\">{text}</stringProp>");
    let row = |row: &[&str; 5]| {
        format!("<collectionProp name=\"1\">{}</collectionProp>", row.iter().map(cell).collect::<String>())
    };
    let rows: String = rows.iter().map(row).collect();
    let table = format!("<collectionProp name=\"{name}\">{rows}</collectionProp>");
    plugin("kg.apc.jmeter.threads.UltimateThreadGroup", &[], &table)
}

fn alone(group: String) -> u64 {
    known(&plan("false", &[group]))
}

fn computed(group: String) -> String {
    let length = read(&plan("false", &[group]));
    assert_eq!(length.known_s, 0);
    length.open.concat()
}

#[test]
fn an_ultimate_group_has_its_times_in_its_rows_or_in_a_property() {
    // Nobody of the last row, the longest, ever starts.
    let rows = [["5", "0", "5", "85", "30"], ["15", "100", "5", "80", "10"], ["0", "900", "1", "1", "1"]];
    assert_eq!(alone(ultimate("ultimatethreadgroupdata", &rows)), 195);
    assert_eq!(alone(ultimate("threads_schedule", &rows[..1])), 120);
    assert_eq!(
        computed(ultimate("ultimatethreadgroupdata", &[["5", "0", "5", "${hold}", "30"]])),
        "Thread Group `p`: the `Hold Load For` of this UltimateThreadGroup is computed"
    );
    let short =
        ultimate("ultimatethreadgroupdata", &rows[..1]).replace("<stringProp name=\"0\">30</stringProp>", "");
    assert!(computed(short).ends_with("a row of this UltimateThreadGroup is short of a cell"));
    let table = plan("false", &[ultimate("ultimatethreadgroupdata", &rows)]);
    let given = [("threads_schedule".to_owned(), "spawn(1,0s,1s,900s,1s)".to_owned())];
    assert_eq!(
        length(table.as_bytes(), &given, PropertyFiles::Text("")).unwrap().open,
        [
            "Thread Group `p`: the property `threads_schedule` may change the times of this UltimateThreadGroup"
        ]
    );
    let with = |files| length(table.as_bytes(), &[], files).unwrap();
    assert_eq!(with(PropertyFiles::Text("users=3\nhost=shop")).known_s, 195);
    for other in
        [PropertyFiles::Text("threads_schedule=x"), PropertyFiles::Text("\\u0074=x"), PropertyFiles::Unknown]
    {
        assert!(!with(other).open.is_empty(), "{other:?}");
    }
}

#[test]
fn groups_of_other_known_plug_ins_have_their_times_in_their_fields() {
    let stepping = |hold: &str| {
        let fields = [
            ("ThreadGroup.num_threads", "100"),
            ("Threads initial delay", "5"),
            ("Start users count", "20"),
            ("Start users count burst", "10"),
            ("Start users period", "30"),
            ("Stop users count", "30"),
            ("Stop users period", "15"),
            ("flighttime", hold),
            ("rampUp", "10"),
        ];
        plugin("kg.apc.jmeter.threads.SteppingThreadGroup", &fields, "")
    };
    // A delay, five steps up, the last ramp-up, the load, three steps down.
    assert_eq!(alone(stepping("120")), 5 + 5 * 40 + 10 + 120 + 3 * 15);
    assert!(
        computed(stepping("${hold}")).contains("the `flighttime` of this SteppingThreadGroup is computed")
    );

    const CONCURRENCY: &str = "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup";
    let concurrency = |unit: &str, hold: &str| {
        let fields = [("TargetLevel", "${level}"), ("RampUp", "1.5"), ("Hold", hold), ("Unit", unit)];
        plugin(CONCURRENCY, &fields, "")
    };
    assert_eq!((alone(concurrency("S", "60")), alone(concurrency("M", "10"))), (62, 690));
    assert_eq!(
        (alone(concurrency("S", "")), alone(concurrency("S", "0.4")), alone(concurrency("M", "0.01"))),
        (2, 2, 91)
    );
    // As the plug-in reads it: only `M` is minutes, and a hold that is not there is 1.
    assert_eq!((alone(concurrency("", "60")), alone(concurrency("m", "60"))), (62, 62));
    assert_eq!(alone(plugin(CONCURRENCY, &[("TargetLevel", "2"), ("RampUp", "5")], "")), 6);
    assert!(
        computed(concurrency("S", "${hold}"))
            .contains("the `Hold` of this ConcurrencyThreadGroup is computed")
    );
    assert!(computed(concurrency("${unit}", "9")).contains("the `Unit` of this ConcurrencyThreadGroup is"));
    // In series with another, and never an overflow.
    assert_eq!(known(&plan("true", &[stepping("120"), timed("a", "0", "0", "50")])), 430);
    assert!(alone(stepping("9223372036854775807")) > 1 << 60);
}

#[test]
fn a_group_that_adds_its_ramp_up_to_the_duration_is_said() {
    const CONCURRENCY: &str = "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup";
    const ARRIVALS: &str = "com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadGroup";
    let said = |class: &str, ramp_up: &str, hold: &str| {
        let group =
            plugin(class, &[("TargetLevel", "8"), ("RampUp", ramp_up), ("Hold", hold), ("Unit", "S")], "");
        let plan = plan("false", &[group, timed("a", "60", "0", "60")]);
        let load = Load { duration_s: Some(6), ..Load::default() };
        let done = apply(plan.as_bytes(), &load).unwrap();
        let Overlong { known, possible } =
            overlong(&done.plan, &done.properties, PropertyFiles::Text(""), 6).unwrap();
        (known.concat(), possible.concat())
    };
    let none = (String::new(), String::new());
    let (known, possible) = said(CONCURRENCY, "3", "${__P(duration,8)}");
    assert!(
        known.starts_with(
            "the ConcurrencyThreadGroup `p` takes up to 9 s and not the 6 s that are asked for: "
        ),
        "{known}"
    );
    assert!(known.contains("a ramp-up, comes on top; ") && possible.is_empty(), "{known} {possible}");
    // As it is advised.
    assert!(known.ends_with("`${__intSum(${__P(duration,60)},-3)}`"), "{known}");
    assert_eq!(said(CONCURRENCY, "3", "${__intSum(${__P(duration,60)},-3)}"), none);
    for ramp_up in ["", "0"] {
        assert_eq!(said(CONCURRENCY, ramp_up, "${__P(duration,8)}"), none);
    }
    // Nobody knows how long these take: an unknown class, a computed ramp-up.
    for (class, ramp_up) in [(ARRIVALS, "3"), (CONCURRENCY, "${__groovy(3)}")] {
        let (known, possible) = said(class, ramp_up, "${__P(duration,8)}");
        assert!(known.is_empty() && possible.contains("`p` may take longer than the 6 s"), "{possible}");
        // As it is advised: who takes something off has thought of the ramp-up.
        assert_eq!(said(class, ramp_up, "${__intSum(${__P(duration,60)},-${__P(rampup,10)})}"), none);
    }
}

#[test]
fn a_default_is_no_bound_where_a_file_may_replace_it() {
    let plan = plan("false", &[timed("a", "0", "0", "${__P(seconds,20)}")]);
    assert_eq!(known(&plan), 20);
    let with = |properties: &[(String, String)], files| length(plan.as_bytes(), properties, files).unwrap();
    let read = |properties: &[(String, String)]| with(properties, PropertyFiles::Unknown);
    assert_eq!(with(&[], PropertyFiles::Text("minutes=4")).known_s, 20);
    assert!(!with(&[], PropertyFiles::Text("seconds=4")).open.is_empty());
    assert!(read(&[]).open[0].contains("duration is computed"));
    assert_eq!(read(&[("seconds".to_owned(), "8".to_owned())]).known_s, 8);
}

#[test]
fn many_unknown_groups_are_named_briefly() {
    let groups: Vec<_> =
        (0..9).map(|n| group("ThreadGroup", &n.to_string(), "2", &[("num_threads", "1")])).collect();
    let open = read(&plan("false", &groups)).open;
    assert_eq!((open.len(), open[3].as_str()), (4, "and 6 more groups"));
}

proptest! {
    #[test]
    fn in_series_takes_at_least_as_long(times in prop::collection::vec((0..1_000_u32, 0..1_000_u32, 1..1_000_u32), 1..6)) {
        let groups: Vec<_> = times
            .iter()
            .map(|(delay, ramp, s)| timed("a", &delay.to_string(), &ramp.to_string(), &s.to_string()))
            .collect();
        let each = times.iter().map(|(delay, ramp, s)| u64::from(delay + (*ramp).max(*s)));
        prop_assert_eq!(read(&plan("true", &groups)).known_s, each.clone().sum::<u64>());
        prop_assert_eq!(read(&plan("false", &groups)).known_s, each.max().unwrap_or(0));
    }
}

#[test]
fn a_number_that_nothing_defines_is_a_mistake() {
    let group_of = |users: &str, loops: &str| group("ThreadGroup", "a", loops, &[("num_threads", users)]);
    let mistakes = |groups: &[String]| read(&plan("false", groups)).mistakes;
    let said = mistakes(&[group_of("1", "${loops}")]);
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("the Thread Group `a` (line 1, column 1"), "{said:?}");
    assert!(said[0].ends_with("write `${__P(loops)}` and give it by --param loops=NUMBER"), "{said:?}");
    let defined = "<Arguments enabled=\"true\"><collectionProp name=\"Arguments.arguments\"><elementProp>\
                   <stringProp name=\"Argument.name\">loops</stringProp><stringProp name=\"Argument.value\">3</stringProp>\
                   </elementProp></collectionProp></Arguments><hashTree/>";
    let includes = "<IncludeController enabled=\"true\"/><hashTree/>";
    for other in [defined, includes] {
        assert_eq!(mistakes(&[group_of("1", "${loops}"), other.to_owned()]), Vec::<String>::new());
    }
    for known in ["0", "${__P(loops,0)}", "${__groovy(2)}", "x${loops}"] {
        assert_eq!(mistakes(&[group_of("1", known)]), Vec::<String>::new(), "{known}");
    }
    assert!(read(&plan("false", &[group_of("1", "-1")])).is_endless);
    assert!(!read(&plan("false", &[group_of("1", "2"), timed("b", "0", "0", "9")])).is_endless);
}

#[test]
fn users_that_a_synchronizing_timer_waits_for_in_vain_are_said() {
    let timer = |size: &str, timeout: &str| {
        format!(
            "<SyncTimer testname=\"meet\"><intProp name=\"groupSize\">{size}</intProp>\
             <longProp name=\"timeoutInMs\">{timeout}</longProp></SyncTimer><hashTree/>"
        )
    };
    let with = |users: &str, timer: &str| {
        let group = group("ThreadGroup", "g", "3", &[("num_threads", users)]);
        let group = group.replace("<hashTree/>", &format!("<hashTree>{timer}</hashTree>"));
        read(&plan("false", &[group])).warnings
    };
    let [said] = &with("4", &timer("3", "0"))[..] else { panic!() };
    assert!(said.starts_with("the Synchronizing Timer `meet` (line 1, column "), "{said}");
    assert!(
        said.contains("for 3 users at a time, and the 4 of the Thread Group `g` make no whole groups of 3")
    );
    assert_eq!(with("2", &timer("3", "0")).len(), 1);
    for (users, size, timeout) in [
        ("6", "3", "0"),
        ("4", "3", "100"),
        ("4", "0", "0"),
        ("4", "1", "0"),
        ("${n}", "3", "0"),
        ("4", "${n}", "0"),
    ] {
        assert_eq!(with(users, &timer(size, timeout)), Vec::<String>::new(), "{users} {size} {timeout}");
    }
    let disabled = timer("3", "0").replace("testname", "enabled=\"false\" testname");
    assert_eq!(with("4", &disabled), Vec::<String>::new());
    // Under the plan it is of all groups, and nobody knows which of them meet.
    let beside = [group("ThreadGroup", "g", "3", &[("num_threads", "4")]), timer("3", "0")];
    assert_eq!(read(&plan("false", &beside)).warnings, Vec::<String>::new());
}
