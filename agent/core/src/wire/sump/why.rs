//! What was wrong with a line that was rejected, and where, for the person who sends it. Read once more for that: of few lines
//! anybody is told.

use super::convert::{count, time_us};
use super::{COUNT_MAX, LINE_BYTES_MAX, Reject, TOTAL_MAX};
use crate::wire::line::{EmptyTags, Value, scan};

/// What a rejected line lacks or has too much of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// In words.
    pub what: String,
    /// The byte of the line that it is about, from 0.
    pub at: Option<usize>,
}

/// What a field has to be.
#[derive(Clone, Copy)]
enum Sort {
    Time,
    Count(u64),
    Boolean,
    Text,
}

/// A field that a measurement knows, and whether it must be there.
type Known = (&'static str, Sort, bool);

const SAMPLE: &[Known] = &[
    ("rt", Sort::Time, true),
    ("ok", Sort::Boolean, true),
    ("lat", Sort::Time, false),
    ("conn", Sort::Time, false),
    ("rx", Sort::Count(TOTAL_MAX), false),
    ("tx", Sort::Count(TOTAL_MAX), false),
    ("users", Sort::Count(COUNT_MAX), false),
    ("kind", Sort::Text, false),
];
const TIME: &[Known] = &[("value", Sort::Time, true)];
const COUNT: &[Known] = &[("value", Sort::Count(COUNT_MAX), true)];
const TOTAL: &[Known] = &[("value", Sort::Count(TOTAL_MAX), true)];
const TRACE: &[Known] = &[("value", Sort::Text, true), ("error_count", Sort::Count(COUNT_MAX), false)];
const USERS: &[Known] = &[
    ("active", Sort::Count(COUNT_MAX), true),
    ("started", Sort::Count(TOTAL_MAX), false),
    ("finished", Sort::Count(TOTAL_MAX), false),
];
const LEDGER: &[Known] = &[
    ("seq", Sort::Count(TOTAL_MAX), true),
    ("samples", Sort::Count(TOTAL_MAX), true),
    ("truncated", Sort::Count(TOTAL_MAX), false),
    ("final", Sort::Boolean, false),
];

/// Of a line that was rejected for this reason.
#[must_use]
pub fn why(reason: Reject, line: &[u8]) -> Complaint {
    let of_line = |what: &str| Complaint { what: what.to_owned(), at: None };
    match reason {
        Reject::TooLong => of_line(&format!("it has {} bytes, more than {LINE_BYTES_MAX}", line.len())),
        Reject::UnknownFlood => {
            of_line("no run may be opened for what its tags account, project and flood name")
        }
        Reject::UnknownMeasurement => {
            Complaint { what: "no dialect has a measurement of this name".to_owned(), at: Some(0) }
        }
        Reject::Syntax | Reject::NotFinite => match scan(line, EmptyTags::Taken, |_, _| ()) {
            Err(error) => Complaint { what: error.what.to_owned(), at: Some(error.at) },
            Ok(_) => of_line("it is not line protocol"),
        },
        Reject::MissingField | Reject::OutOfRange => of_fields(line),
    }
}

fn of_fields(line: &[u8]) -> Complaint {
    let measurement = line.split(|b| matches!(b, b',' | b' ')).next().unwrap_or_default();
    let known = known(measurement);
    let mut bad = None;
    let mut there: Vec<&[u8]> = Vec::new();
    let scanned = scan(line, EmptyTags::Taken, |key, value| {
        there.push(key);
        if let Some((name, sort, _)) = known.iter().find(|(name, ..)| name.as_bytes() == key) {
            bad = bad.take().or_else(|| Some((key, wrong(name, *sort, value)?)));
        }
    });
    if let Some((key, what)) = bad {
        // A part of the line.
        let at = key.as_ptr().addr().checked_sub(line.as_ptr().addr());
        return Complaint { what, at };
    }
    let lacks = |what: &str| Complaint { what: format!("it has no {what}"), at: None };
    let absent = known.iter().find(|(name, _, is_needed)| *is_needed && !there.contains(&name.as_bytes()));
    if let Some((name, ..)) = absent {
        return lacks(&format!("field {name}"));
    }
    let Ok(scanned) = scanned else { return lacks("whole field") };
    if measurement == b"sample" && scanned.timestamp.is_none() {
        return lacks("timestamp");
    }
    let has_tag = |name: &[u8]| scanned.tags().any(|(key, _)| key == name);
    let needed: &[&str] = match measurement {
        b"sample" => &["label", "flood"],
        // Of a run, and of a source.
        b"users" | b"ledger" => &[],
        _ => &["label"],
    };
    match needed.iter().find(|name| !has_tag(name.as_bytes())) {
        Some(name) => lacks(&format!("tag {name}")),
        None => Complaint { what: "a field of it has a value that makes no sense".to_owned(), at: None },
    }
}

/// What is wrong with the value of a field.
fn wrong(name: &str, sort: Sort, value: Value<'_>) -> Option<String> {
    let (verdict, meant) = match sort {
        Sort::Time => (time_us(value).err(), "a number of milliseconds, up to 24 hours"),
        Sort::Count(max) => (count(value, max).err(), "a count"),
        Sort::Boolean => {
            ((!matches!(value, Value::Bool(_))).then_some(Reject::MissingField), "a boolean (t or f)")
        }
        Sort::Text => {
            ((!matches!(value, Value::Text(_))).then_some(Reject::MissingField), "a text in quotes")
        }
    };
    let how = match verdict? {
        Reject::OutOfRange => "is negative or too large for",
        _ => "is not",
    };
    Some(format!("the field {name} {how} {meant}"))
}

fn known(measurement: &[u8]) -> &'static [Known] {
    match measurement {
        b"sample" => SAMPLE,
        b"response_time" | b"latency" => TIME,
        b"passed" | b"failed" | b"transaction_rate" | b"concurrency" => COUNT,
        b"throughput" => TOTAL,
        b"trace" | b"object" => TRACE,
        b"users" => USERS,
        b"ledger" => LEDGER,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::sump::Record;
    use proptest::prelude::*;

    fn said(line: &str) -> (String, Option<usize>) {
        // The tags are looked into by others.
        let reason = Record::parse(line.as_bytes()).err().unwrap_or(Reject::MissingField);
        let Complaint { what, at } = why(reason, line.as_bytes());
        (what, at)
    }

    #[test]
    fn each_complaint_says_what_and_where() {
        for (line, what, at) in [
            ("no line protocol at all", "expected = after a field's key", Some(7)),
            (
                "sample,flood=7,label=a rt=1,ok=maybe 17",
                "expected a number, a boolean or a quoted text",
                Some(31),
            ),
            ("sample,flood=7,label=a rt=1,ok=t 17 18", "expected nothing behind the timestamp", Some(35)),
            ("sample,flood=7,label=a rt=NaN,ok=t 17", "number is not finite", Some(26)),
            ("sample,flood=7,label=a rt=1 17", "it has no field ok", None),
            ("sample,flood=7,label=a rt=1,ok=t", "it has no timestamp", None),
            ("sample,flood=7 rt=1,ok=t 17", "it has no tag label", None),
            ("sample,label=a rt=1,ok=t 17", "it has no tag flood", None),
            ("response_time,flood=7 value=1", "it has no tag label", None),
            (
                "sample,flood=7,label=a ok=t,rt=\"1\" 17",
                "the field rt is not a number of milliseconds, up to 24 hours",
                Some(28),
            ),
            (
                "sample,flood=7,label=a rt=-1,ok=t 17",
                "the field rt is negative or too large for a number of milliseconds, up to 24 hours",
                Some(23),
            ),
            ("passed,label=a value=-1i", "the field value is negative or too large for a count", Some(15)),
            ("sample,flood=7,label=a rt=1,ok=1 17", "the field ok is not a boolean (t or f)", Some(28)),
            ("trace,label=a value=1", "the field value is not a text in quotes", Some(14)),
            ("ledger,source=a seq=0,samples=1", "a field of it has a value that makes no sense", None),
            ("cpu,host=a value=1", "no dialect has a measurement of this name", Some(0)),
        ] {
            assert_eq!(said(line), (what.to_owned(), at), "{line}");
        }
        let long = format!("sample,label={} rt=1,ok=t 17", "x".repeat(LINE_BYTES_MAX));
        assert!(said(&long).0.starts_with("it has 32"), "{:?}", said(&long).0);
        assert!(why(Reject::UnknownFlood, b"x").what.contains("flood"));
    }

    proptest! {
        #[test]
        fn a_complaint_is_about_a_byte_of_the_line(line in "(sample|users|passed|x),flood=[a-z=, ]{0,20}[ -~]{0,40}") {
            for reason in Reject::ALL {
                let at = why(reason, line.as_bytes()).at;
                prop_assert!(at.is_none_or(|at| at <= line.len()), "{:?} {}", at, line);
            }
        }
    }
}
