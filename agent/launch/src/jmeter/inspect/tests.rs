use super::*;

const MIXED: &[u8] = include_bytes!("../../../tests/data/plans/mixed.jmx");
const PROPERTIES: &[u8] = include_bytes!("../../../tests/data/plans/properties.jmx");
const PLUGIN: &[u8] = include_bytes!("../../../tests/data/plans/plugin-group.jmx");

fn summary(plan: &[u8]) -> String {
    let facts = inspect(plan).unwrap();
    let show = |v: &Option<Value<i64>>| v.as_ref().map_or("-".to_owned(), Value::to_string);
    let groups = facts.groups.iter().map(|g| {
        let ThreadGroup { name, class, kind, enabled, scheduler, at, .. } = g;
        let load = [&g.users, &g.ramp_up_s, &g.loops, &g.duration_s].map(show).join(" | ");
        format!("{kind:?} {class} `{name}` enabled={enabled} {load} scheduler={scheduler} {at}\n")
    });
    let files = facts.files.iter().map(|f| format!("{:?} `{}` {} {}\n", f.kind, f.element, f.path, f.at));
    groups.chain(files).collect()
}

#[test]
fn groups_and_files_are_found() {
    insta::assert_snapshot!([summary(MIXED), summary(PROPERTIES), summary(PLUGIN)].concat(), @r#"
    SetUp SetupThreadGroup `prepare` enabled=true 1 | 0 | 1 | 0 scheduler=false line 10, column 7
    Ordinary ThreadGroup `buyers` enabled=true 30 | 10 | 5 | 0 scheduler=false line 38, column 7
    Ordinary ThreadGroup `lookers & others` enabled=true 10 | 10 | -1 | 300 scheduler=true line 94, column 7
    Ordinary ThreadGroup `old` enabled=false 99 | 9 | 9 | - scheduler=false line 130, column 7
    TearDown PostThreadGroup `clean up` enabled=true 1 | 0 | 1 | - scheduler=false line 163, column 7
    Csv `buyers` data/buyers.csv line 52, column 9
    Upload `upload` picture.png line 73, column 9
    Script `script` scripts/a.groovy line 84, column 9
    Include `login` ${__P(login,login.jmx)} line 89, column 9
    Ordinary ThreadGroup `users` enabled=true ${__P(threads,10)} | ${__P(ramp,5)} | ${__P(loops,2)} | ${__P(duration,60)} scheduler=false line 10, column 7
    Ordinary ThreadGroup `plain` enabled=true 1 | 0 | 1 | - scheduler=false line 10, column 7
    Plugin kg.apc.jmeter.threads.UltimateThreadGroup `steps` enabled=true - | - | - | - scheduler=false line 35, column 7
    "#);
}

#[test]
fn files_are_known_once_parameters_are() {
    let facts = inspect(MIXED).unwrap();
    let params = [("login".to_owned(), "other.jmx".to_owned())];
    let paths: Vec<_> = facts.known_files(&params).map(|(_, path)| path).collect();
    assert_eq!(paths, ["data/buyers.csv", "picture.png", "scripts/a.groovy", "other.jmx"]);
    assert_eq!(
        facts.files[0].missing("data/buyers.csv", "/plans/shop"),
        "the CSV Data Set `buyers` (line 52, column 9) reads `data/buyers.csv`, which cannot be read in /plans/shop: put \
         it there, or correct the name in the plan (upper and lower case count)"
    );
    assert!(facts.files[0].missing(r"C:\users.csv", "/plans").ends_with("name it without a directory"));
}

#[test]
fn files_of_fragments_and_disabled_elements_are_not_needed() {
    let csv =
        "<CSVDataSet testname='c'><stringProp name='filename'>a.csv</stringProp></CSVDataSet><hashTree/>";
    let files = |around: &str| {
        let plan = format!(
            "<jmeterTestPlan><hashTree><TestPlan/><hashTree><{around}/><hashTree>{csv}</hashTree></hashTree></hashTree>\
             </jmeterTestPlan>"
        );
        inspect(plan.as_bytes()).unwrap().files.len()
    };
    assert_eq!(files("GenericController"), 1);
    assert_eq!(files("TestFragmentController"), 0);
    assert_eq!(files("GenericController enabled='false'"), 0);
}

#[test]
fn a_plan_that_would_send_nothing_is_refused() {
    let plan = |groups: &str, attribute: &str| {
        let plan = format!(
            "<jmeterTestPlan><hashTree><TestPlan{attribute}/><hashTree>{groups}</hashTree></hashTree></jmeterTestPlan>"
        );
        inspect(plan.as_bytes()).unwrap().check_runnable()
    };
    let group = "<ThreadGroup testname='g'><a/></ThreadGroup><hashTree/>";
    assert_eq!(plan(group, ""), Ok(()));
    assert_eq!(
        plan(
            &group
                .replace("ThreadGroup ", "com.x.MyThreadGroup enabled='TRUE' ")
                .replace("</ThreadGroup", "</com.x.MyThreadGroup"),
            ""
        ),
        Ok(())
    );
    let refused = "no thread group of the plan is enabled, so it would send nothing: enable `g` in JMeter (or the Test \
                   Plan itself, if that is disabled)";
    assert_eq!(plan(&group.replace("name='g'", "name='g' enabled='false'"), ""), Err(refused.to_owned()));
    assert_eq!(plan(group, " enabled='false'"), Err(refused.to_owned()));
    assert_eq!(
        plan("<Arguments/><hashTree/>", ""),
        Err("the plan has no thread group, so it would send nothing: add one in JMeter".to_owned())
    );
    let nested = format!("<GenericController enabled='false'/><hashTree>{group}</hashTree>");
    assert_eq!(plan(&nested, ""), Err(refused.to_owned()));
}

/// Disabled elements are made, too; a Backend Listener's client is not.
#[test]
fn classes_of_plug_ins_are_found_wherever_a_plan_names_them() {
    assert_eq!(inspect(PLUGIN).unwrap().plugin_classes[0], "kg.apc.jmeter.threads.UltimateThreadGroup");
    let plan = "<jmeterTestPlan><hashTree><TestPlan testname='t'/><hashTree>\
                <a.b.Off enabled='false'><elementProp name='x' elementType='c.Inner'/></a.b.Off><hashTree/>\
                <org.apache.jmeter.Own/><hashTree/><JavaSampler><stringProp name='classname'>d.Sampler</stringProp></JavaSampler>\
                <hashTree/><BackendListener><stringProp name='classname'>e.Client</stringProp></BackendListener><hashTree/>\
                <BackendListener enabled='false'><stringProp name='classname'>f.Client</stringProp></BackendListener><hashTree/>\
                <a.b.Off/><hashTree/></hashTree></hashTree></jmeterTestPlan>";
    let facts = inspect(plan.as_bytes()).unwrap();
    assert_eq!(facts.plugin_classes, ["a.b.Off", "c.Inner"]);
    assert_eq!(facts.called_classes, ["d.Sampler", "e.Client"]);
    let paths = "<TestPlan testname='t'><stringProp name='TestPlan.user_define_classpath'>own.jar</stringProp></TestPlan>";
    let facts = inspect(plan.replace("<TestPlan testname='t'/>", paths).as_bytes()).unwrap();
    assert_eq!((facts.plugin_classes.len(), facts.called_classes.len()), (2, 0));
}

#[test]
fn threads_that_are_no_number_are_named_with_their_place() {
    let said = |threads: &[&str], more: &str| {
        let groups: String = threads
            .iter()
            .map(|n| {
                format!(
                    "\n<ThreadGroup testname='g'><stringProp name='ThreadGroup.num_threads'>{n}</stringProp></ThreadGroup><hashTree/>"
                )
            })
            .collect();
        let plan = format!(
            "<jmeterTestPlan><hashTree><TestPlan/><hashTree>{more}{groups}</hashTree></hashTree></jmeterTestPlan>"
        );
        inspect(plan.as_bytes()).unwrap().groups_without_users()
    };
    let both = said(&["abc", "${users}"], "").unwrap_err();
    assert!(
        both.contains("`g` (line 2, column 1) has `abc` as its number of threads, which is no number"),
        "{both}"
    );
    assert!(
        both.contains("`${users}` as its number of threads, a variable that the plan does not define"),
        "{both}"
    );
    assert_eq!(said(&["abc", "3"], "").unwrap().len(), 1);
    assert_eq!(said(&["3", "${__P(n,2)}", "${__intSum(1,2)}"], "").unwrap(), [""; 0]);
    // A plug-in may define it.
    assert_eq!(said(&["${users}"], "<a.b.Variables/><hashTree/>").unwrap(), [""; 0]);
    assert!(said(&["${users}"], "<kg.apc.jmeter.reporters.AutoStop/><hashTree/>").is_err());
}

#[test]
fn data_that_a_controller_may_leave_unread_is_not_needed() {
    let needed = |class: &str, fields: &[(&str, &str)], file: &str| {
        let fields: String = fields
            .iter()
            .map(|(name, text)| format!("<stringProp name='{name}'>{text}</stringProp>"))
            .collect();
        let plan = format!(
            "<jmeterTestPlan><hashTree><TestPlan/><hashTree><ThreadGroup/><hashTree><{class}>{fields}</{class}><hashTree>\
             <GenericController/><hashTree>{file}</hashTree></hashTree></hashTree></hashTree></hashTree></jmeterTestPlan>"
        );
        let facts = inspect(plan.as_bytes()).unwrap();
        assert_eq!(facts.known_files(&[]).count(), 1, "{class}");
        facts.needed_files(&[]).count() == 1
    };
    let csv = "<CSVDataSet><stringProp name='filename'>a.csv</stringProp></CSVDataSet><hashTree/>";
    let condition = |text: &'static str| [("IfController.condition", text)];
    assert!(!needed("IfController", &condition("false"), csv));
    assert!(!needed("IfController", &condition("${cond}"), csv));
    assert!(needed("IfController", &condition(" true "), csv));
    assert!(!needed("LoopController", &[("LoopController.loops", "0")], csv));
    assert!(needed("LoopController", &[("LoopController.loops", "3")], csv));
    assert!(needed("TransactionController", &[], csv));
    assert!(!needed("WhileController", &[("WhileController.condition", "false")], csv));
    assert!(!needed("kg.apc.jmeter.control.ParameterizedController", &[], csv));
    // Fragments are read before anything runs.
    let include = "<IncludeController><stringProp name='IncludeController.includepath'>a.jmx</stringProp></IncludeController>\
                   <hashTree/>";
    assert!(needed("IfController", &condition("false"), include));
}

/// A plug-in that everybody knows makes no data files; who does or may is believed to.
#[test]
fn only_what_may_write_a_file_excuses_one_that_is_missing() {
    let writes = |class: &str, fields: &[(&str, &str)]| {
        let fields: String = fields
            .iter()
            .map(|(name, text)| format!("<stringProp name='{name}'>{text}</stringProp>"))
            .collect();
        let plan = format!(
            "<jmeterTestPlan><hashTree><TestPlan/><hashTree><{class} testname='a'>{fields}</{class}><hashTree/></hashTree>\
             </hashTree></jmeterTestPlan>"
        );
        inspect(plan.as_bytes()).unwrap().writes_files
    };
    const CONCURRENCY: &str = "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup";
    for (class, fields, want) in [
        ("kg.apc.jmeter.threads.UltimateThreadGroup", &[][..], false),
        (CONCURRENCY, &[("LogFilename", "")], false),
        (CONCURRENCY, &[("LogFilename", "a.log")], true),
        ("kg.apc.jmeter.vizualizers.CorrectedResultCollector", &[("filename", "")], false),
        ("kg.apc.jmeter.vizualizers.CorrectedResultCollector", &[("filename", "a.jtl")], true),
        ("kg.apc.jmeter.control.ParameterizedController", &[], false),
        ("ResultCollector", &[("filename", "")], false),
        ("ResultCollector", &[("filename", "${out}")], true),
        ("kg.apc.jmeter.reporters.FlexibleFileWriter", &[], true),
        ("kg.apc.jmeter.config.LockFile", &[], true),
        ("com.shop.Own", &[], true),
    ] {
        assert_eq!(writes(class, fields), want, "{class} {fields:?}");
    }
}
