use super::*;
use crate::jmeter::inspect;

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

fn names(request: &str, more: &str) -> Vec<String> {
    let found = inspect(plan(request, more, "").as_bytes()).unwrap().undefined;
    found.into_iter().map(|one| one.name).collect()
}

#[test]
fn a_variable_that_nothing_defines_is_named_with_its_place() {
    let headers = "<HeaderManager testname=\"H\"><stringProp name=\"Header.value\">x ${wrod}</stringProp></HeaderManager><hashTree/>";
    let found = inspect(plan(WORD, headers, "").as_bytes()).unwrap().undefined;
    assert_eq!(found.len(), 1);
    let [said] = &sentences(&found)[..] else { panic!("{found:?}") };
    assert!(said.starts_with("`Search` (line 1, column "), "{said}");
    assert!(
        said.contains(") and one more element uses `${wrod}`, a variable that nothing in the plan defines"),
        "{said}"
    );
    let many: String = (0..9).map(|n| format!("<stringProp name=\"p{n}\">${{v{n}}}</stringProp>")).collect();
    let said = sentences(&inspect(plan(&many, "", "").as_bytes()).unwrap().undefined);
    assert_eq!(said.len(), NAMED_MAX + 1);
    assert!(
        said[NAMED_MAX].starts_with("nothing in the plan defines 4 others either, such as `${v5}`, "),
        "{said:?}"
    );
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
    assert_eq!(inspect(plan(WORD, "", own).as_bytes()).unwrap().undefined, []);
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
    assert_eq!(inspect(disabled.as_bytes()).unwrap().undefined, []);
}
