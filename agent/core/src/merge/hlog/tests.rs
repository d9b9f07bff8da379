//! Read back by another one's reader.

use super::*;
use crate::measure::sketch::Sketch;
use crate::merge::Merge;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

const START_S: i64 = 1_700_000_010;

fn label(text: &str) -> LabelSummary {
    let mut merge = Merge::new();
    let line = b"transaction_rate_mean,flood=7,label_id=00 value=1.0,count=3i,window_s=1.0,label=\"a\",kind=\"request\" 1";
    merge.add_line(line).unwrap();
    LabelSummary { label: text.to_owned(), ..merge.summary().floods.remove(0).labels.remove(0) }
}

fn window(times_us: impl IntoIterator<Item = u64>) -> WindowNumbers {
    let mut window = WindowNumbers::default();
    times_us.into_iter().for_each(|us| window.sketch.record(us));
    window
}

/// Of each line: tag, start, length, largest, histogram.
fn read(text: &str) -> Vec<(String, f64, f64, f64, Histogram<u64>)> {
    let mut found = Vec::new();
    let mut start = None;
    for entry in IntervalLogIterator::new(text.as_bytes()) {
        match entry.unwrap() {
            LogEntry::StartTime(at) => start = Some(at.as_secs()),
            LogEntry::BaseTime(_) => panic!("a base"),
            LogEntry::Interval(line) => {
                let bytes = STANDARD.decode(line.encoded_histogram()).unwrap();
                let histogram = Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap();
                let tag = line.tag().unwrap().as_str().to_owned();
                let (from, length) = (line.start_timestamp().as_secs_f64(), line.duration().as_secs_f64());
                found.push((tag, from, length, line.max(), histogram));
            }
        }
    }
    assert_eq!(start, Some(START_S.unsigned_abs()));
    found
}

#[test]
fn a_log_says_what_the_windows_have() {
    let times: Vec<u64> = (0..5_000).map(|n| 900 + n * n % 700_001).collect();
    let windows = [window(times.iter().copied()), window([]), window([0, 7_200_000_000])];
    let found = read(&hlog(&label("GET /cart"), &windows, START_S, 15));
    assert_eq!(found.len(), 2, "an empty window has no line");
    let (tag, from, length, largest, histogram) = &found[0];
    assert_eq!((tag.as_str(), *from, *length, histogram.len()), ("GET%20/cart", 0.0, 15.0, 5_000));
    let mut sorted = times.clone();
    sorted.sort_unstable();
    for (quantile, rank) in [(0.5, 2_500), (0.95, 4_750), (0.99, 4_950), (1.0, 5_000)] {
        let (exact, read) = (sorted[rank - 1] as f64, histogram.value_at_quantile(quantile) as f64);
        assert!((read / exact - 1.0).abs() < 0.008, "{quantile}: {read} of {exact}");
    }
    assert!((largest * 1_000.0 / sorted[4_999] as f64 - 1.0).abs() < 0.008);
    assert_eq!(histogram, &same(&windows[0].sketch), "bucket by bucket");
    let (_, from, _, _, histogram) = &found[1];
    assert_eq!((*from, histogram.len(), histogram.min()), (30.0, 2, 0));
    assert!(histogram.max() >= 3_600_000_000, "more than an hour counts as one");
}

fn same(sketch: &Sketch) -> Histogram<u64> {
    let mut histogram = Histogram::new_with_bounds(1, 3_600_000_000, 2).unwrap();
    sketch.buckets().for_each(|(index, n)| histogram.record_n(highest_equivalent_us(index), n).unwrap());
    histogram
}

#[test]
fn no_label_breaks_a_line() {
    for text in [
        "",
        "a,b",
        "a\nTag=evil,0.0,1.0,1.0,x",
        "\u{2028}\t\r",
        "100 %",
        "購物車",
        "#[StartTime: 1.0 x",
        "\"",
    ] {
        let log = hlog(&LabelSummary { kind: text.to_owned(), ..label(text) }, &[window([5])], START_S, 1);
        let found = read(&log);
        assert_eq!(found.len(), 1, "{text:?}: {log}");
        assert!(!found[0].0.is_empty() && !found[0].0.contains(char::is_whitespace), "{log}");
        assert_eq!(log.lines().count(), 7, "{log}");
    }
    assert_eq!(tag_of("a b,c%"), "a%20b%2Cc%25");
}

#[test]
fn names_of_files_are_safe_and_apart() {
    fn request(text: &str) -> (&str, &str) {
        (text, "request")
    }
    let names = |texts: &[(&str, &str)]| file_names(texts);
    assert_eq!(
        names(&[
            request("GET /cart?id=1"),
            ("Log in", "transaction"),
            request(""),
            request("../../etc/passwd")
        ]),
        ["GET-cart-id-1", "Log-in.transaction", "label", "etc-passwd"]
    );
    for text in [".", "..", "/", "\0", "-rf", ".hidden", "a/../b", "con\u{202e}", "購物車", "a..b"] {
        let name = names(&[request(text)]).remove(0);
        assert!(
            !name.starts_with(['.', '-']) && !name.is_empty() && !name.contains(['/', '\\', '\0']),
            "{name}"
        );
        assert!(!name.contains(".."), "{name}");
    }
    let long = "x".repeat(600);
    assert_eq!(names(&[request(&long)])[0].len(), NAME_BYTES_MAX);
    let alike = names(&[request("a b"), request("A-b"), request("a/b"), ("a b", "transaction")]);
    assert_eq!(alike[3], "a-b.transaction");
    let apart: BTreeSet<String> = alike.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(apart.len(), 4, "{alike:?}");
    assert!(alike[0].starts_with("a-b-") && alike[0].len() == 12, "{alike:?}");
    // A label that is called as another one's file.
    let first = alike[0].clone();
    let apart: BTreeSet<String> =
        names(&[request("a b"), request("A-b"), request(&first)]).into_iter().collect();
    assert_eq!(apart.len(), 3, "{apart:?}");
}
