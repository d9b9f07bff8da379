use super::*;

const ULTIMATE: &str = "kg.apc.jmeter.threads.UltimateThreadGroup";

/// A plan with five literal times, a CSV file whose first line names its columns, and a request for two of them.
fn plan(dir: &Path) -> PathBuf {
    let row: String =
        ["4", "0", "3", "10", "2"].iter().map(|n| format!("<stringProp name='1'>{n}</stringProp>")).collect();
    let text = format!(
        "<jmeterTestPlan><hashTree><TestPlan/><hashTree><{ULTIMATE} testname='u'><collectionProp \
         name='ultimatethreadgroupdata'><collectionProp name='1'>{row}</collectionProp></collectionProp></{ULTIMATE}>\
         <hashTree><CSVDataSet testname='c'><stringProp name='filename'>a.csv</stringProp></CSVDataSet><hashTree/>\
         <HTTPSamplerProxy testname='s'><stringProp name='HTTPSampler.path'>${{word}}${{wrod}}</stringProp>\
         </HTTPSamplerProxy><hashTree/></hashTree></hashTree></hashTree></jmeterTestPlan>"
    );
    let path = dir.join("plan.jmx");
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn what_lies_beside_a_plan_is_read_for_what_it_says_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = plan(dir.path());
    let checked = || check(&path, &Load::default(), dir.path());
    let missing = checked().unwrap_err().to_string();
    assert!(
        missing.contains("CSV Data Set `c`") && missing.contains("`a.csv`, which cannot be read"),
        "{missing}"
    );

    for (csv, variables) in [(&b"id;word\n1;2\n"[..], 1), (b"id,word,wrod", 0), (b"\xff\xfei\0d\0\n", 0)] {
        fs::write(dir.path().join("a.csv"), csv).unwrap();
        fs::write(dir.path().join("user.properties"), "host=shop\n").unwrap();
        let length = checked().unwrap().length().clone();
        assert_eq!((length.known_s, &length.open), (15, &vec![]));
        assert_eq!((length.doubts.len(), &length.doubts), (variables, &length.warnings), "{csv:?}");
    }
    fs::write(dir.path().join("user.properties"), "threads_schedule=spawn(1,0s,1s,9s,1s)\n").unwrap();
    assert!(!checked().unwrap().length().open.is_empty());
}
