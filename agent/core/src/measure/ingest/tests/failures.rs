//! Why samples failed, from the line to the closed run. [`Bench::check`] adds the counts up after every test.

use super::*;

fn reasons(run: &ClosedRun) -> Vec<(u64, &str, Kind, &str, &str)> {
    let reasons = run.failures.reasons.iter();
    reasons.map(|f| (f.count, f.label.as_str(), f.kind, f.code.as_str(), f.error.as_str())).collect()
}

#[test]
fn failed_samples_are_counted_by_label_code_and_text() {
    let mut bench = Bench::controlled(10);
    let now_ns = bench.now.wall.0;
    for fields in [
        r#"rt=1,ok=t,code="500",error="not of a sample that passed""#,
        r#"rt=1,ok=f,code="500",error="say \"no\"""#,
        r#"rt=1,ok=f,error="say \"no\"",code="500""#,
        r#"rt=1,ok=f,code="java.net.ConnectException",error="refused""#,
        "rt=1,ok=f,error=5i",
        r#"rt=1,ok=f,kind="transaction",error="1 of 3 failed""#,
    ] {
        bench.send(&format!("sample,flood=7,label=a {fields} {now_ns}"));
    }
    let run = bench.close();
    assert_eq!(
        reasons(run),
        [
            (2, "a", Kind::Request, "500", "say \"no\""),
            (1, "a", Kind::Request, "none", ""),
            (1, "a", Kind::Request, "other", "refused"),
            (1, "a", Kind::Transaction, "none", "1 of 3 failed"),
        ]
    );
    assert_eq!(run.requests, Some(RequestCounts { requests: 5, failed: 4 }));
}

#[test]
fn the_metric_dialect_has_codes_only() {
    let mut bench = Bench::controlled(10);
    for line in [
        "transaction_rate,flood=7,label=a value=3,response_code=\"503\"",
        "failed,flood=7,label=a value=2,response_code=\"503\"",
        "failed,flood=7,label=a value=1",
        "failed,flood=7,label=a value=0,response_code=\"200\"",
    ] {
        bench.send(line);
    }
    let run = bench.close();
    assert_eq!(reasons(run), [(2, "a", Kind::Request, "503", ""), (1, "a", Kind::Request, "none", "")]);
    assert_eq!(run.requests, Some(RequestCounts { requests: 3, failed: 3 }));
}

#[test]
fn failures_of_folded_labels_are_those_of_the_label_they_fold_into() {
    let mut bench = Bench::controlled(1);
    let now_ns = bench.now.wall.0;
    for label in ["a", "b", "c"] {
        bench.send(&format!("sample,flood=7,label={label} rt=1,ok=f,error=\"x\" {now_ns}"));
    }
    assert_eq!(
        reasons(bench.close()),
        [(2, "__other__", Kind::Request, "none", "x"), (1, "a", Kind::Request, "none", "x")]
    );
}

#[test]
fn a_run_knows_what_its_failures_cost() {
    let mut bench = Bench::controlled(10);
    bench.sample("7", "a");
    let before = bench.ingest.totals(bench.now, 0).expect("open").heap_bytes;
    let now_ns = bench.now.wall.0;
    for n in 0..1_000_u32 {
        let word: String = n.to_string().bytes().map(|digit| char::from(digit + 40)).collect();
        let text = format!("{word} {}", "x".repeat(180));
        bench.send(&format!("sample,flood=7,label=a rt=1.5,ok=f,error=\"{text}\" {now_ns}"));
    }
    let added = bench.ingest.totals(bench.now, 0).expect("open").heap_bytes - before;
    assert!((60_000..160_000).contains(&added), "{added}");
}
