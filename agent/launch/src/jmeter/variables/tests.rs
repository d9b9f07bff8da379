use super::*;

const WORD: &str = "<stringProp name=\"Argument.value\">${wrod}</stringProp>";

/// A plan with one request, `more` beside it, and `own` as the Test Plan's variables.
fn plan(request: &str, more: &str, own: &str) -> String {
    format!(
        "<jmeterTestPlan><hashTree><TestPlan testname=\"wrod\"><elementProp name=\"TestPlan.user_defined_variables\">\
         <collectionProp name=\"Arguments.arguments\">{own}</collectionProp></elementProp></TestPlan><hashTree>\
         <ThreadGroup testname=\"g\"/><hashTree><HTTPSamplerProxy testname=\"Search\">\n{request}</HTTPSamplerProxy><hashTree/>\
         {more}</hashTree></hashTree></hashTree></jmeterTestPlan>"
    )
}

fn read(plan: &str) -> Vec<Undefined> {
    undefined(plan.as_bytes(), &|_| None).unwrap()
}

fn names(request: &str, more: &str) -> Vec<String> {
    read(&plan(request, more, "")).into_iter().map(|one| one.name).collect()
}

#[test]
fn a_variable_that_nothing_defines_is_named_with_its_place() {
    let headers = "<HeaderManager testname=\"H\"><stringProp name=\"Header.value\">x ${wrod}</stringProp></HeaderManager><hashTree/>";
    let found = read(&plan(WORD, headers, ""));
    assert_eq!(found.len(), 1);
    let [said] = &sentences(&found)[..] else { panic!("{found:?}") };
    assert!(said.starts_with("`Search` (line 1, column "), "{said}");
    assert!(
        said.contains(") and one more element use `${wrod}`, a variable that nothing in the plan defines"),
        "{said}"
    );
    let many: String = (0..9).map(|n| format!("<stringProp name=\"p{n}\">${{v{n}}}</stringProp>")).collect();
    let said = sentences(&read(&plan(&many, "", "")));
    assert_eq!(said.len(), NAMED_MAX + 1);
    assert!(
        said[NAMED_MAX].starts_with("nothing in the plan defines 4 others either, such as `${v5}`, "),
        "{said:?}"
    );
}

#[test]
fn a_timer_without_its_number_does_not_pause() {
    let timer = |class: &str| {
        let timer = format!(
            "<{class} testname=\"t\"><stringProp name=\"ConstantTimer.delay\">${{wrod}}</stringProp></{class}><hashTree/>"
        );
        sentences(&read(&plan("", &timer, ""))).join(" ")
    };
    let said = timer("ConstantTimer");
    assert!(said.starts_with("`t` (line ") && said.contains("so there is no pause"), "{said}");
    assert!(timer("GaussianRandomTimer").contains("`${wrod}`"));
    assert_eq!(timer("IfController"), "");
    assert!(sentences(&read(&plan(WORD, "", "")))[0].contains("sends it as it stands"));
}

#[test]
fn conditions_by_what_nobody_defines_are_named() {
    let said = |class: &str, property: &str, text: &str, more: &str| {
        let controller = format!(
            "<{class} testname=\"c\"><stringProp name=\"{class}.{property}\">{text}</stringProp></{class}><hashTree/>{more}"
        );
        sentences(&read(&plan("", &controller, ""))).join(" ")
    };
    for text in [
        "\"${wrod}\" == \"qa\"",
        "${wrod}",
        "${__jexl3(\"${wrod}\" == \"qa\",)}",
        "${__groovy('${wrod}' != 'qa')}",
    ] {
        let said = said("IfController", "condition", text, "");
        assert!(
            said.contains(
                ") decides by `${wrod}`, a variable that nothing in the plan defines: JMeter takes the text"
            ),
            "{said}"
        );
    }
    assert!(said("WhileController", "condition", "${__jexl3(${wrod} &lt; 3)}", "").contains("decides by"));
    assert!(said("SwitchController", "value", "${wrod}", "").contains("decides by `${wrod}`"));
    let each = said("ForeachController", "inputVal", "wrod", "");
    assert!(
        each.contains("goes through `wrod`, a variable that nothing in the plan defines: there is no value"),
        "{each}"
    );
    // Code that may reach a user's variables, by whatever name.
    for text in [
        "${__groovy(vars.get(\"a\") == \"${wrod}\")}",
        "${__jexl3(new(\"a.B\").c(\"${wrod}\"))}",
        "${__jexl3(\"${wrod}\" == \"qa\",done)}",
        "${__groovy(\"${wrod}\" == \"\\${wrod}\")}",
        "${__groovy(\"a\" == 'b\" + vars + \"${wrod}')}",
        "${__BeanShell(${wrod} == 1)}",
        "${__jexl3(${__eval(x)} == \"${wrod}\")}",
        "${JMeterThread.last_sample_ok}",
    ] {
        assert_eq!(said("IfController", "condition", text, ""), "", "{text}");
    }
    let one = |class: &str, property: &str, text: &str| {
        format!("<{class}><stringProp name=\"{property}\">{text}</stringProp></{class}><hashTree/>")
    };
    for more in [
        one("RegexExtractor", "RegexExtractor.refname", "wrod"),
        one("CSVDataSet", "variableNames", "wrod_1"),
        one("JSR223Sampler", "script", "x()"),
    ] {
        assert_eq!(said("ForeachController", "inputVal", "wrod", &more), "", "{more}");
    }
    assert!(!said("IfController", "comments", "${wrod}", "").contains("wrod"));
}

#[test]
fn whatever_may_define_it_is_believed() {
    let named = |class: &str, property: &str, text: &str| {
        format!("<{class}><stringProp name=\"{property}\">{text}</stringProp></{class}><hashTree/>")
    };
    for more in [
        named("CSVDataSet", "variableNames", "id, wrod"),
        named("RegexExtractor", "RegexExtractor.refname", "wrod"),
        named("JSONPostProcessor", "JSONPostProcessor.referenceNames", "a;wrod"),
        named("CounterConfig", "CounterConfig.name", "wrod"),
        named("ForeachController", "ForeachController.returnVal", "wrod"),
        named("HTTPSamplerProxy", "HTTPSampler.path", "/${__counter(TRUE,wrod)}"),
        "<UserParameters><collectionProp name=\"UserParameters.names\"><stringProp name=\"3\">wrod</stringProp>\
         </collectionProp></UserParameters><hashTree/>"
            .to_owned(),
        // Where anything may be defined.
        named("CSVDataSet", "variableNames", ""),
        named("CounterConfig", "CounterConfig.name", "${__P(counter)}"),
        named("JSR223PreProcessor", "script", "x()"),
        named("BeanShellSampler", "filename", "a.bsh"),
        named("IncludeController", "IncludeController.includepath", "a.jmx"),
        named("com.shop.Extractor", "a", "b"),
        named("JavaSampler", "classname", "com.shop.Sampler"),
        named("ConstantTimer", "ConstantTimer.delay", "${__groovy(vars.put('w' + 1))}"),
    ] {
        assert_eq!(names(WORD, &more), Vec::<String>::new(), "{more}");
    }
    let own = "<elementProp><stringProp name=\"Argument.name\">wrod</stringProp></elementProp>";
    assert_eq!(read(&plan(WORD, "", own)), []);
    for suffix in ["_1", "_matchNr", "_g2"] {
        let extractor = named("RegexExtractor", "RegexExtractor.refname", "wrod");
        assert_eq!(names(&WORD.replace("wrod", &format!("wrod{suffix}")), &extractor), Vec::<String>::new());
    }
}

#[test]
fn what_only_looks_like_a_definition_is_none() {
    for more in [
        // A parameter of the request that has the variable's name, and a title.
        "<HTTPSamplerProxy testname=\"wrod\"><stringProp name=\"Argument.name\">wrod</stringProp></HTTPSamplerProxy><hashTree/>",
        "<ResponseAssertion><stringProp name=\"a\">wrod</stringProp></ResponseAssertion><hashTree/>",
        "<Arguments><stringProp name=\"Argument.name\">word</stringProp><stringProp name=\"Argument.value\">${wrod}</stringProp>\
         </Arguments><hashTree/>",
    ] {
        assert_eq!(names(WORD, more), ["wrod"], "{more}");
    }
}

#[test]
fn what_is_no_variable_is_not_taken_for_one() {
    for text in [
        "\\${wrod}",
        "${}",
        "${wrod",
        "${__time()}",
        "${a b}",
        "$wrod",
        "${START.MS}",
        "${COOKIE_id}",
        "${x ? 1 : 2}",
    ] {
        let request = WORD.replace("${wrod}", text);
        assert_eq!(names(&request, ""), Vec::<String>::new(), "{text}");
    }
    assert_eq!(names(&WORD.replace("${wrod}", "{\"a\":\"${__urlencode(${b})}\"}"), ""), ["b"]);
    let disabled = plan(WORD, "", "").replace("testname=\"Search\"", "testname=\"Search\" enabled=\"false\"");
    assert_eq!(read(&disabled), []);
}

#[test]
fn well_known_plug_ins_define_nothing_or_what_their_fields_name() {
    let named = |class: &str, property: &str, text: &str| {
        format!("<{class}><stringProp name=\"{property}\">{text}</stringProp></{class}><hashTree/>")
    };
    for more in [
        named("kg.apc.jmeter.threads.UltimateThreadGroup", "ThreadGroup.on_sample_error", "continue"),
        named(
            "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup",
            "LogFilename",
            "${__P(log)}",
        ),
        named("kg.apc.jmeter.samplers.DummySampler", "RESPONSE_DATA", "wrod"),
        named("kg.apc.jmeter.vizualizers.CorrectedResultCollector", "filename", "wrod.jtl"),
        named("com.blazemeter.jmeter.controller.ParallelSampler", "a", "b"),
        named("kg.apc.jmeter.reporters.AutoStop", "a", "wrod"),
        named("kg.apc.jmeter.control.ParameterizedController", "Argument.name", "word"),
    ] {
        assert_eq!(names(WORD, &more), ["wrod"], "{more}");
    }
    for more in [
        named("kg.apc.jmeter.control.ParameterizedController", "Argument.name", "wrod"),
        named("kg.apc.jmeter.samplers.DummySampler", "REQUEST_DATA", "${__counter(TRUE,wrod)}"),
        named("kg.apc.jmeter.config.VariablesFromCSV", "variablesPrefix", ""),
        named("kg.apc.jmeter.Unheard", "a", "b"),
    ] {
        assert_eq!(names(WORD, &more), Vec::<String>::new(), "{more}");
    }
}

#[test]
fn names_in_the_first_line_of_a_csv_file_are_read_there() {
    let set = |delimiter: &str| {
        format!(
            "<CSVDataSet><stringProp name=\"filename\">a.csv</stringProp><stringProp name=\"variableNames\"/>\
             <stringProp name=\"delimiter\">{delimiter}</stringProp></CSVDataSet><hashTree/>"
        )
    };
    let names = |set: &str, line: Option<&str>| -> usize {
        let of_file = |path: &Value<String>| {
            assert_eq!(path, &Value::Fixed("a.csv".to_owned()));
            line.map(str::to_owned)
        };
        undefined(plan(WORD, set, "").as_bytes(), &of_file).unwrap().len()
    };
    assert_eq!(names(&set(","), Some("id,\"word\"")), 1);
    assert_eq!(names(&set(","), Some("\u{feff}\"wrod\", id")), 0);
    assert_eq!(names(&set("-"), Some("id-wrod-x")), 0);
    assert_eq!(names(&set(","), None), 0);
    assert_eq!(names(&set("${d}"), Some("id")), 0);
    // One that cannot be read may define anything, whatever the others do.
    assert_eq!(names(&set(",").replace("a.csv<", "<").replace("filename", "no"), Some("id")), 0);
}

#[test]
fn what_a_comment_says_is_not_sent() {
    let comment = "<stringProp name=\"TestPlan.comments\">see ${nowhere}/file</stringProp>";
    assert_eq!(names(comment, ""), Vec::<String>::new());
}
