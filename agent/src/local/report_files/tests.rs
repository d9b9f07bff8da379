//! Which files make a report, and what is said where they make none.

use super::*;
use std::fs;

fn line(flood: &str, run: u32, time: i64) -> String {
    format!(
        "transaction_rate_mean,flood={flood},label_id=00 value=1.0,count=3i,passed=3i,failed=0i,window_s=1.0,label=\"a\",run={run}i {time}\n"
    )
}

fn said(paths: &[PathBuf], which: &Which) -> String {
    read(paths, which).unwrap_err().to_string()
}

#[test]
fn what_is_of_several_floods_or_runs_is_not_guessed_at() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("record.lp");
    fs::write(&file, line("shop", 1, 1) + &line("shop", 2, 2) + &line("blog", 1, 3)).unwrap();
    let paths = [file];
    let any = said(&paths, &Which::default());
    assert!(any.ends_with("what was read has the floods blog, shop: --flood NAME picks one"), "{any}");
    let shop = Which { flood: Some(Ident::near("shop")), ..Which::default() };
    let runs = said(&paths, &shop);
    assert!(
        runs.ends_with("flood shop has the runs 1, 2: --run N picks one, --add-runs adds them up"),
        "{runs}"
    );
    let none = said(&paths, &Which { run: Some(3), ..shop.clone() });
    assert!(none.ends_with("there is no run 3; those that are there: 1, 2"), "{none}");
    let count = |which: &Which| {
        let material = read(&paths, which).unwrap();
        (material.flood.total.count, material.time.total.iter().map(|window| window.count).sum::<u64>())
    };
    assert_eq!(count(&Which { run: Some(2), ..shop.clone() }), (3, 3));
    assert_eq!(count(&Which { add_runs: true, ..shop }), (6, 6));
    let nope = said(&paths, &Which { flood: Some(Ident::near("nope")), ..Which::default() });
    assert!(nope.ends_with("has nothing of flood nope: it has the floods blog, shop"), "{nope}");
}

#[test]
fn what_cannot_be_read_is_said_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let results = [dir.path().to_owned()];
    let none = said(&results, &Which::default());
    assert!(none.contains("is a directory without a rollups.lp"), "{none}");
    fs::write(dir.path().join(IN_RESULTS), "").unwrap();
    let empty = said(&results, &Which::default());
    assert!(empty.starts_with("failed to make a report: there are no rollups in what was read"), "{empty}");
    fs::write(dir.path().join(IN_RESULTS), line("shop", 1, 1)).unwrap();
    assert!(read(&results, &Which::default()).unwrap().results.is_empty(), "rollups are enough");
    for (text, says) in [
        ("{\"version\":1", "it is not JSON"),
        ("{\"version\":9,\"receipt\":{}}", "it has version 9"),
        ("{\"version\":1}", "it is not what a run leaves as its summary"),
    ] {
        fs::write(dir.path().join(DOCUMENT), text).unwrap();
        let error = said(&results, &Which::default());
        assert!(error.contains("summary.json: ") && error.contains(says), "{error}");
    }
    assert!(read(&[dir.path().join(IN_RESULTS)], &Which::default()).is_ok(), "the file alone");
    let absent = said(&["/nowhere/x".into()], &Which::default());
    assert!(absent.starts_with("failed to read /nowhere/x: "), "{absent}");
    let device = said(&["/dev/null".into()], &Which::default());
    assert!(device.contains("it is not a regular file"), "{device}");
    let plan = dir.path().join("shop.jmx");
    fs::write(&plan, "<?xml version=\"1.0\"?>\n<jmeterTestPlan/>\n").unwrap();
    let plan = said(&[plan], &Which::default());
    assert!(plan.contains("shop.jmx is no file of rollups"), "{plan}");
}
