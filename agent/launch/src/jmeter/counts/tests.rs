use super::*;

/// A plan with a controller and `more` beside it.
fn plan(controller: &str, more: &str) -> String {
    format!(
        "<jmeterTestPlan><hashTree><TestPlan><elementProp name=\"TestPlan.user_defined_variables\">\
         <collectionProp name=\"Arguments.arguments\"><elementProp name=\"known\">\
         <stringProp name=\"Argument.name\">known</stringProp><stringProp name=\"Argument.value\">3</stringProp>\
         </elementProp></collectionProp></elementProp></TestPlan><hashTree>\
         <ThreadGroup testname=\"g\"/><hashTree>\n{controller}<hashTree/>{more}</hashTree></hashTree></hashTree></jmeterTestPlan>"
    )
}

fn looped(text: &str) -> String {
    format!(
        "<LoopController testname=\"l\"><stringProp name=\"LoopController.loops\">{text}</stringProp></LoopController>"
    )
}

fn said(controller: &str, more: &str) -> Vec<String> {
    without_number(&Plan::parse(plan(controller, more).as_bytes()).unwrap())
}

#[test]
fn a_controller_whose_number_is_none_is_named_with_its_place() {
    assert_eq!(
        said(&looped("abc"), ""),
        [
            "the Loop Controller `l` (line 2, column 1) has `abc` as its number of loops, which is no number, so nothing in it is \
          sent: correct it in JMeter"
        ]
    );
    let [undefined] = &said(&looped("${n_loops}"), "")[..] else { panic!() };
    assert!(
        undefined.contains("has `${n_loops}` as its number of loops, a variable that nothing"),
        "{undefined}"
    );
    let time = "<RunTime testname=\"r\"><stringProp name=\"RunTime.seconds\">${secs}</stringProp></RunTime>";
    assert!(
        said(time, "")[0]
            .contains("the Runtime Controller `r` (line 2, column 1) has `${secs}` as its seconds")
    );
    for fine in ["3", "-1", "${__P(n,3)}", "${known}", "${__groovy(2)}"] {
        assert_eq!(said(&looped(fine), ""), Vec::<String>::new(), "{fine}");
    }
    let disabled = looped("abc").replace("testname", "enabled=\"false\" testname");
    assert_eq!(said(&disabled, ""), Vec::<String>::new());
}

#[test]
fn what_a_property_gives_is_said_apart() {
    let by = |text: &str, given: &[(String, String)]| {
        let plan = plan(&looped(text), "");
        without_number_by_property(&Plan::parse(plan.as_bytes()).unwrap(), given, PropertyFiles::Text(""))
    };
    assert_eq!(
        by("${__P(n,ten)}", &[]),
        [
            "the Loop Controller `l` (line 2, column 1) has `${__P(n,ten)}` as its number of loops, which gives `ten` and no number, \
          so nothing in it is sent: correct it in JMeter"
        ]
    );
    assert_eq!(by("${__P(n,ten)}", &[("n".to_owned(), "3".to_owned())]), Vec::<String>::new());
    for other in ["ten", "3", "${__P(n)}", "${n}"] {
        assert_eq!(by(other, &[]), Vec::<String>::new(), "{other}");
    }
}

#[test]
fn whatever_may_define_it_while_the_plan_runs_is_believed() {
    let one = |class: &str, property: &str, text: &str| {
        format!("<{class}><stringProp name=\"{property}\">{text}</stringProp></{class}><hashTree/>")
    };
    for more in [
        one("CSVDataSet", "variableNames", "id,n_loops"),
        one("RegexExtractor", "RegexExtractor.refname", "n"),
        one("RegexExtractor", "RegexExtractor.refname", "${p}_loops"),
        one("HTTPSamplerProxy", "HTTPSampler.path", "/${__counter(TRUE,n_loops)}"),
        one("CSVDataSet", "variableNames", ""),
        one("JSR223Sampler", "script", "vars.put(a, b)"),
        one("JSR223Sampler", "filename", "a.groovy"),
        one("JavaSampler", "classname", "com.acme.Own"),
        "<com.acme.Thing/><hashTree/>".to_owned(),
        "<IncludeController/><hashTree/>".to_owned(),
    ] {
        assert_eq!(said(&looped("${n_loops}"), &more), Vec::<String>::new(), "{more}");
    }
    for more in [
        one("CSVDataSet", "variableNames", "id"),
        one("JSR223Sampler", "script", "Thread.sleep(2)"),
        one("HTTPSamplerProxy", "HTTPSampler.path", "/${n_loops}"),
        one("JavaSampler", "classname", "org.apache.jmeter.protocol.java.test.JavaTest"),
        one("RegexExtractor", "RegexExtractor.refname", "n_loops_more"),
    ] {
        assert_eq!(said(&looped("${n_loops}"), &more).len(), 1, "{more}");
    }
    assert_eq!(said(&looped("${COOKIE_n}"), ""), Vec::<String>::new());
}
