//! Pages of hostile results: nothing of them may become markup.

use super::*;
use gridnode_core::merge::{Merge, Timeline};
use gridnode_core::report::{Material, Results};
use serde_json::{Value, json};

const EVIL: &str = "</script><script>alert(1)</script><img src=x onerror=alert(2)>'\"&\u{2028}\u{202e}";

fn lines(labels: &[&str]) -> Vec<String> {
    let one = |(at, label): (usize, &&str)| {
        let label = label.replace('\\', "\\\\").replace('"', "\\\"");
        format!(
            "transaction_rate_mean,flood=shop,label_id={at:016x} value=1.0,count={}i,passed=1i,failed=0i,window_s=1.0,label=\"{label}\",\
             kind=\"request\",run=1i 100000000{at:03}",
            at + 1
        )
    };
    labels.iter().enumerate().map(one).collect()
}

fn report(lines: &[String], documents: &[Value]) -> Report {
    let mut merge = Merge::new();
    lines.iter().for_each(|line| merge.add_line(line.as_bytes()).expect(line));
    let flood = merge.summary().floods.remove(0);
    let mut timeline = Timeline::of(&flood);
    lines.iter().for_each(|line| timeline.learn_line(line.as_bytes()));
    lines.iter().for_each(|line| timeline.add_line(line.as_bytes()));
    let results = documents.iter().map(|one| Results::parse(one.to_string().as_bytes()).unwrap()).collect();
    Report::of(Material { flood, results, time: timeline.finish(), stretches: None, refused_lines: 0 })
}

fn page(report: &Report) -> String {
    render_page(report, PageSettings { made_by: "gridnode", is_beside_traces: true }).unwrap()
}

/// What the page's script reads.
fn data_of(page: &str) -> Value {
    let begin = "<script type=\"application/json\" id=\"data\">";
    let rest = &page[page.find(begin).unwrap() + begin.len()..];
    serde_json::from_str(&rest[..rest.find("</script>").unwrap()]).unwrap()
}

#[test]
fn hostile_texts_are_texts() {
    let document = json!({
        "version": 1,
        "receipt": {
            "node": EVIL, "run": 1, "outcome": EVIL, "reason": EVIL, "changes": [EVIL],
            "failures": [{ "label": EVIL, "kind": EVIL, "code": EVIL, "error": EVIL, "count": 2, "trace": "javascript:alert(1)" }],
        },
        "doubts": [EVIL],
        "thresholds": [{ "threshold": EVIL, "label": EVIL, "value": 1.0, "holds": false, "why": EVIL }],
        "summary": { "floods": [{
            "account": "", "project": "", "flood": "shop", "run": 1, "runs": [1], "start_s": 0, "end_s": 0, "labels": [],
            "points_of_no_run": 0, "concurrency_max": 0.0, "concurrency_points_ignored": 0, "traces": 0, "nodes": 0, "ledger": {}, "ledgers": [],
            "total": serde_json::to_value(&report(&lines(&["a"]), &[]).flood.total).unwrap(),
        }], "points": 0, "duplicate_points": 0, "other_points": 0 },
    });
    let mut lines = lines(&[EVIL, "b"]);
    lines.push(format!("ledger_sum,flood=shop sent=1i,node=\"{}\",run=1i 7", EVIL.replace('"', "\\\"")));
    let page = page(&report(&lines, &[document]));
    assert_eq!(page.matches("<script").count(), 3, "its own");
    assert_eq!(page.matches("</script").count(), 3);
    assert!(!page.contains("<img") && !page.contains("href=\"javascript"), "markup");
    assert!(!page.contains('\u{2028}') && page.contains("&#60;img src=x onerror"), "escaped");
    let data = data_of(&page);
    assert_eq!(data["labels"][0][0], json!(EVIL), "exactly as it was");
    assert_eq!(data["names"], json!(["b", EVIL]), "the one with more samples first");
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    let page = page(&report(&lines(&["a"]), &[]));
    for outside in ["src=", "@import", "url(", "fetch(", "XMLHttpRequest", "<iframe", "import("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let addresses: Vec<&str> =
        page.match_indices("http").map(|(at, _)| &page[at..page.len().min(at + 40)]).collect();
    let known = ["http-equiv", "https://github.com/leeoniya/uPlot", "http://www.w3.org/2000/svg"];
    assert!(addresses.iter().all(|one| known.iter().any(|name| one.starts_with(name))), "{addresses:?}");
    assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"));
    assert!(page.contains("Permission is hereby granted"), "the licence of the charts goes with them");
}

#[test]
fn scripts_are_those_whose_digests_the_policy_has() {
    let page = page(&report(&lines(&["a"]), &[]));
    let scripts: Vec<&str> =
        page.split("<script>").skip(1).map(|rest| rest.split("</script>").next().unwrap()).collect();
    let policy = page.replace("&#39;", "'").replace("&#43;", "+").replace("&#47;", "/").replace("&#61;", "=");
    assert_eq!(scripts.len(), 2);
    for script in scripts {
        assert!(policy.contains(&digest(script)), "{}", digest(script));
    }
}

#[test]
fn the_table_has_the_numbers_of_the_summary_and_a_page_of_5000_labels_is_no_giant() {
    let texts: Vec<String> = (0..5_000).map(|n| format!("GET /article/{n}")).collect();
    let labels: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut lines = lines(&labels);
    lines.iter_mut().enumerate().for_each(|(at, line)| {
        *line = format!(
            "{}{}",
            &line[..line.rfind(' ').unwrap()],
            format_args!(" {}", 100_000_000_000_i64 + at as i64)
        )
    });
    let report = report(&lines, &[]);
    let page = page(&report);
    let data = data_of(&page);
    let rows = data["labels"].as_array().unwrap();
    assert_eq!((rows.len(), data["names"].as_array().unwrap().len()), (5_000, 50));
    for (row, label) in rows.iter().zip(&report.flood.labels) {
        assert_eq!((row[0].as_str(), row[2].as_u64()), (Some(label.label.as_str()), Some(label.count)));
        assert_eq!((row[5].as_f64(), row[9].as_f64()), (label.p50_ms, Some(label.rate_per_s)));
    }
    assert_eq!(data["total"][2].as_u64(), Some(report.flood.total.count));
    assert!(page.len() < 2 << 20, "{} bytes", page.len());
}
