//! What is written as line protocol is read back as it was meant.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use gridnode_core::wire::label::normalise;
use gridnode_core::wire::line::{Line, Value, lines, unescape_measurement, unescape_tag, unescape_text};
use gridnode_core::wire::sump::{Code, Kind, Record, Tags};
use proptest::prelude::*;

/// A field's value, owned.
#[derive(Debug, Clone, PartialEq)]
enum Field {
    Float(f64),
    Int(i64),
    UInt(u64),
    Bool(bool),
    Text(String),
}

/// Any name that line protocol can carry.
fn name() -> impl Strategy<Value = String> {
    "[^\x00-\x1f\x7f#\\\\][^\x00-\x1f\x7f]{0,12}"
        .prop_filter("no backslash at the end", |name| !name.ends_with('\\'))
}

fn field() -> impl Strategy<Value = Field> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |v| v.is_finite()).prop_map(Field::Float),
        (0_u64..100_000_000).prop_map(|thousandths| Field::Float(thousandths as f64 / 1_000.0)),
        any::<i64>().prop_map(Field::Int),
        any::<u64>().prop_map(Field::UInt),
        any::<bool>().prop_map(Field::Bool),
        "[^\n]{0,20}".prop_map(Field::Text),
    ]
}

fn escaped(text: &str, special: &[char]) -> String {
    text.chars().flat_map(|c| special.contains(&c).then_some('\\').into_iter().chain([c])).collect()
}

fn written(field: &Field, scientific: bool) -> String {
    match field {
        Field::Float(v) if scientific => format!("{v:e}"),
        Field::Float(v) => format!("{v}"),
        Field::Int(v) => format!("{v}i"),
        Field::UInt(v) => format!("{v}u"),
        Field::Bool(v) => format!("{v}"),
        Field::Text(v) => format!("\"{}\"", escaped(v, &['"', '\\'])),
    }
}

fn read(value: Value<'_>) -> Field {
    match value {
        Value::Float(v) => Field::Float(v),
        Value::Int(v) => Field::Int(v),
        Value::UInt(v) => Field::UInt(v),
        Value::Bool(v) => Field::Bool(v),
        Value::Text(v) => Field::Text(String::from_utf8(unescape_text(v).into_owned()).unwrap()),
    }
}

fn plain(raw: &[u8]) -> String {
    String::from_utf8(unescape_tag(raw).into_owned()).unwrap()
}

/// As `java.net.URLEncoder` does it.
fn url_encoded(text: &str) -> String {
    let encode = |b: u8| match b {
        b' ' => "+".to_owned(),
        b if b.is_ascii_alphanumeric() || b"-_.*".contains(&b) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(encode).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_line(
        measurement in name(),
        tags in prop::collection::vec((name(), name()), 0..5),
        fields in prop::collection::vec((name(), field()), 1..6),
        timestamp in any::<Option<i64>>(),
        scientific in any::<bool>(),
    ) {
        const NAMES: [char; 3] = [',', '=', ' '];
        let mut line = escaped(&measurement, &[',', ' ']);
        for (key, value) in &tags {
            line += &format!(",{}={}", escaped(key, &NAMES), escaped(value, &NAMES));
        }
        for (i, (key, value)) in fields.iter().enumerate() {
            line += if i == 0 { " " } else { "," };
            line += &format!("{}={}", escaped(key, &NAMES), written(value, scientific));
        }
        line += &timestamp.map(|t| format!(" {t}")).unwrap_or_default();

        let parsed = Line::parse(line.as_bytes()).map_err(|e| TestCaseError::fail(format!("{e}: {line}")))?;
        prop_assert_eq!(parsed.timestamp, timestamp);
        prop_assert_eq!(&*unescape_measurement(parsed.measurement), measurement.as_bytes());
        let read_tags: Vec<_> = parsed.tags().map(|(key, value)| (plain(key), plain(value))).collect();
        prop_assert_eq!(read_tags, tags);
        let read_fields: Vec<_> = parsed.fields().map(|(key, value)| (plain(key), read(value))).collect();
        prop_assert_eq!(read_fields, fields);
    }

    #[test]
    fn any_sample(label in "\\PC{0,40}|[^\n]{0,700}", us in 0_u64..=86_400_000_000, ok: bool, code in 100_u16..600, at: i64) {
        let encoded = url_encoded(&label);
        let ms = format!("{}.{:03}", us / 1_000, us % 1_000);
        let line = format!("sample,flood=7,label={encoded} rt={ms},ok={ok},code=\"{code}\" {at}");
        prop_assume!(line.len() <= gridnode_core::wire::sump::LINE_BYTES_MAX);
        let Ok(Record::Sample(sample)) = Record::parse(line.as_bytes()) else {
            return Err(TestCaseError::fail(line));
        };
        prop_assert_eq!((sample.rt_us, sample.ok, sample.time_ns), (us, ok, at));
        prop_assert_eq!((sample.code, sample.kind), (Some(Code::Http(code)), Kind::Request));
        prop_assert_eq!(Tags::decode(sample.tags).label, Some(normalise(label)));
    }

    #[test]
    fn a_label_is_normal_after_the_first_time(label in "\\PC{0,40}|.{480,600}|[^\n]{0,700}") {
        let once = normalise(label);
        prop_assert_eq!(normalise(once.clone()), once);
    }

    #[test]
    fn lines_put_together_come_apart(parts in prop::collection::vec("[!-~][ -~]{0,80}", 0..6)) {
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.starts_with('#')).collect();
        let datagram = parts.join("\n");
        let found: Vec<_> = lines(datagram.as_bytes()).collect();
        prop_assert_eq!(found, parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>());
    }
}
