//! Our parser and the crate `influxdb-line-protocol` (a port of InfluxDB's own) agree on what is a line and on what it
//! says, wherever both have an opinion. The crate has none on bytes that are not UTF-8, and finds line ends after it has
//! looked at quotes, so every line here is UTF-8 without `\n`.
//!
//! They are meant to disagree on seven points, and on no other:
//! 1. An unescaped comma in a key (`m,a,b=c f=1`, `m f=1,,g=2`): the crate takes it for a part of the key, we and
//!    InfluxDB refuse it.
//! 2. Spaces at the end of a line without a timestamp: the crate refuses them, we and InfluxDB do not mind.
//! 3. A number too large for a float (`1e400`): the crate makes it infinite, we refuse it.
//! 4. A control character in a measurement or a key: the crate takes all but NUL, tab and LF, we and InfluxDB refuse them.
//! 5. A number that has no digit before or behind its point (`.5`, `5.`): the crate refuses it, we and InfluxDB do not.
//! 6. Two backslashes in a name or a tag's value (`two\\ words`): the crate takes them for one that is escaped; for us and
//!    InfluxDB only `,` `=` and space need an escape, so the first stands for itself.
//! 7. A comma behind the first field with no field behind it (`m f=1,`): the crate overlooks it, we refuse it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Random, line, lines_wanted, mutate};
use gridnode_core::wire::line::{
    Line, LineError, Value, lines, unescape_measurement, unescape_tag, unescape_text,
};
use influxdb_line_protocol::{FieldValue, ParsedLine, parse_lines};

/// One line by the crate; `None` when it is refused.
fn theirs(line: &str) -> Option<ParsedLine<'_>> {
    let mut parsed = parse_lines(line);
    let first = parsed.next()?.ok();
    assert!(parsed.next().is_none(), "more than one line in {line:?}");
    first
}

#[test]
fn generated_lines_are_judged_alike() {
    let mut random = Random::new(11);
    let mut bytes = Vec::new();
    let (mut taken, mut refused, mut excused) = (0, 0, 0);
    for _ in 0..lines_wanted(5_000_000) / 10 {
        bytes.clear();
        line(&mut random, &mut bytes);
        if random.below(4) != 0 {
            mutate(&mut random, &mut bytes);
        }
        bytes.retain(|b| *b != b'\n');
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end_matches('\r'); // ours belongs to the line end
        let Some(line) = lines(text.as_bytes()).next() else {
            assert!(parse_lines(text).next().is_none(), "{text:?}");
            continue;
        };
        match (Line::parse(line), theirs(text)) {
            (Ok(ours), Some(theirs)) => {
                if let Err(what) = same(&ours, &theirs) {
                    assert!(has_two_backslashes(line), "{what} differs: {text:?}");
                    excused += 1;
                    continue;
                }
                taken += 1;
            }
            (Err(_), None) => refused += 1,
            (ours, theirs) => {
                assert!(meant(line, ours, theirs.as_ref()), "{text:?}\nours {ours:?}\ntheirs {theirs:?}");
                excused += 1;
            }
        }
    }
    let all = taken + refused + excused;
    assert!(taken > all / 10 && refused > all / 10 && excused < all / 8, "{taken} {refused} {excused}");
}

/// Whether a disagreement is one of the seven.
fn meant(line: &[u8], ours: Result<Line<'_>, LineError>, theirs: Option<&ParsedLine<'_>>) -> bool {
    match (ours, theirs) {
        _ if has_two_backslashes(line) => true,
        (Err(error), Some(theirs)) => {
            let infinite = |value: &FieldValue<'_>| matches!(value, FieldValue::F64(v) if v.is_infinite());
            let comma_in_key = line.get(error.at) == Some(&b',');
            let nothing_behind_comma = line[..error.at].ends_with(b",")
                && matches!(line.get(error.at), None | Some(b' '))
                && theirs.field_set.len() == 1;
            let control_in_name = line.get(error.at).is_some_and(u8::is_ascii_control);
            comma_in_key
                || control_in_name
                || nothing_behind_comma
                || error.is_not_finite() && theirs.field_set.iter().any(|(_, value)| infinite(value))
        }
        (Ok(ours), None) => {
            let end_matters = ours.timestamp.is_some();
            let text = with_whole_points(if end_matters { line } else { line.trim_ascii_end() });
            text.as_bytes() != line && self::theirs(&text).is_some()
        }
        _ => false,
    }
}

fn has_two_backslashes(line: &[u8]) -> bool {
    line.windows(2).any(|pair| pair == br"\\")
}

/// The line with a zero wherever a point lacks a digit.
fn with_whole_points(line: &[u8]) -> String {
    let mut whole = Vec::new();
    for (at, &b) in line.iter().enumerate() {
        if b == b'.' && !line[..at].last().is_some_and(u8::is_ascii_digit) {
            whole.push(b'0');
        }
        whole.push(b);
        if b == b'.' && !line.get(at + 1).is_some_and(u8::is_ascii_digit) {
            whole.push(b'0');
        }
    }
    String::from_utf8(whole).unwrap()
}

/// Whether both read the same; names what does not.
fn same(ours: &Line<'_>, theirs: &ParsedLine<'_>) -> Result<(), &'static str> {
    let check = |fine: bool, what| if fine { Ok(()) } else { Err(what) };
    let measurement = theirs.series.measurement.as_bytes();
    check(*unescape_measurement(ours.measurement) == *measurement, "measurement")?;
    check(ours.timestamp == theirs.timestamp, "timestamp")?;
    let their_tags = theirs.series.tag_set.iter().flatten();
    let tags = ours.tags().map(|(key, value)| (unescape_tag(key), unescape_tag(value)));
    let their_tags = their_tags.map(|(key, value)| (key.as_bytes().into(), value.as_bytes().into()));
    check(tags.eq(their_tags), "a tag")?;
    let fields: Vec<_> = ours.fields().collect();
    check(fields.len() == theirs.field_set.len(), "the number of fields")?;
    for ((key, value), (their_key, their_value)) in fields.into_iter().zip(&theirs.field_set) {
        check(*unescape_tag(key) == *their_key.as_bytes(), "a field's key")?;
        let same = match (value, their_value) {
            (Value::Float(ours), FieldValue::F64(theirs)) => ours.to_bits() == theirs.to_bits(),
            (Value::Int(ours), FieldValue::I64(theirs)) => ours == *theirs,
            (Value::UInt(ours), FieldValue::U64(theirs)) => ours == *theirs,
            (Value::Bool(ours), FieldValue::Boolean(theirs)) => ours == *theirs,
            (Value::Text(ours), FieldValue::String(theirs)) => *unescape_text(ours) == *theirs.as_bytes(),
            _ => false,
        };
        check(same, "a field's value")?;
    }
    Ok(())
}

#[test]
fn the_seven_disagreements() {
    for (line, ours_takes_it) in [
        ("m,a,b=c f=1", false),
        ("m f=1,,g=2", false),
        ("m f=1 ", true),
        ("m f=\"a\"   ", true),
        ("m f=1e400", false),
        ("m f=-1e400 5", false),
        ("m\x1b,a=b f=1", false),
        ("m,a\x7f=b f=1", false),
        ("m f=.5", true),
        ("m f=5. 17", true),
        ("m f=-.5e1,g=5. ", true),
        (r"m,a=two\\ words f=1", true),
        ("m f=1,", false),
        ("m f=1, 5", false),
    ] {
        let ours = Line::parse(line.as_bytes());
        let theirs = theirs(line);
        assert_eq!(ours.is_ok(), ours_takes_it, "{line}");
        assert_ne!(theirs.is_some(), ours_takes_it, "{line}: they agree by now, so this exception can go");
        assert!(meant(line.as_bytes(), ours, theirs.as_ref()), "{line}");
    }
}
