use super::*;

fn parse(line: &str) -> Result<Line<'_>, LineError> {
    Line::parse(line.as_bytes())
}

/// All fields of a line that must be fine.
fn fields(line: &str) -> Vec<(&[u8], Value<'_>)> {
    let mut seen = Vec::new();
    let parsed = Line::parse_with(line.as_bytes(), |key, value| seen.push((key, value)));
    let parsed = parsed.unwrap_or_else(|error| panic!("{line}: {error}"));
    assert_eq!(parsed.fields().collect::<Vec<_>>(), seen, "read twice, the same");
    seen
}

#[test]
fn the_parts_of_a_line() {
    let line = parse(r"m\,1,a=b,c\ d=e\=f x=1,y=2i 17").unwrap();
    assert_eq!(line.measurement, br"m\,1");
    assert_eq!(line.tags, br"a=b,c\ d=e\=f");
    assert_eq!(line.fields, b"x=1,y=2i");
    assert_eq!(line.timestamp, Some(17));
    let tags: Vec<_> = line.tags().collect();
    assert_eq!(tags, [(&b"a"[..], &b"b"[..]), (br"c\ d", br"e\=f")]);
    assert_eq!(
        parse("m f=1").unwrap(),
        Line { measurement: b"m", tags: b"", fields: b"f=1", timestamp: None }
    );
    assert_eq!(parse("m  f=1   -5  ").unwrap().timestamp, Some(-5));
    assert_eq!(parse("m f=1 ").unwrap().timestamp, None);
}

#[test]
fn values() {
    for (written, value) in [
        ("1", Value::Float(1.0)),
        ("-1.5", Value::Float(-1.5)),
        ("123.4", Value::Float(123.4)),
        ("0.1", Value::Float(0.1)),
        (".5", Value::Float(0.5)),
        ("5.", Value::Float(5.0)),
        ("-.25", Value::Float(-0.25)),
        (".5E1", Value::Float(5.0)),
        ("5.e1", Value::Float(50.0)),
        (".000000000000000000000000000001", Value::Float(1e-30)),
        ("1e3", Value::Float(1e3)),
        ("1.5E-3", Value::Float(1.5e-3)),
        ("9007199254740993", Value::Float(9_007_199_254_740_992.0)),
        ("123456789012345678901234567890", Value::Float(123456789012345678901234567890.0)),
        ("0.000000000000000000000000000001", Value::Float(1e-30)),
        ("00000000000000000000001.5", Value::Float(1.5)),
        ("1i", Value::Int(1)),
        ("-9223372036854775808i", Value::Int(i64::MIN)),
        ("9223372036854775807i", Value::Int(i64::MAX)),
        ("000000000000000000000000005i", Value::Int(5)),
        ("18446744073709551615u", Value::UInt(u64::MAX)),
        ("0000000000000000000000007u", Value::UInt(7)),
        ("t", Value::Bool(true)),
        ("TRUE", Value::Bool(true)),
        ("False", Value::Bool(false)),
        ("\"\"", Value::Text(b"")),
        (r#""a, b=\"c\" \\""#, Value::Text(br#"a, b=\"c\" \\"#)),
        (r#""a\b""#, Value::Text(br"a\b")),
    ] {
        let line = format!("m f={written},g=1i 5");
        assert_eq!(fields(&line), [(&b"f"[..], value), (b"g", Value::Int(1))], "{written}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (line, message) in [
        ("", "expected a name or a tag's value at byte 0"),
        ("m", "expected a space and the fields at byte 1"),
        ("m ", "expected a name or a tag's value at byte 2"),
        ("m,a f=1", "expected = after a tag's key at byte 3"),
        ("m,a= f=1", "expected a name or a tag's value at byte 4"),
        ("m,=b f=1", "expected a name or a tag's value at byte 2"),
        ("m,a=b", "expected a space and the fields at byte 5"),
        ("m,a=b,f=1", "expected a space and the fields at byte 9"),
        (r"m,a=b\\ f=1", "expected a space and the fields at byte 11"),
        (r"m\", "expected a space and the fields at byte 2"),
        ("m,a\x1b=b f=1", "expected = after a tag's key at byte 3"),
        ("m\x7f f=1", "expected a space and the fields at byte 1"),
        ("m f\r=1", "expected = after a field's key at byte 3"),
        ("m f", "expected = after a field's key at byte 3"),
        ("m f=", "expected a number, a boolean or a quoted text at byte 4"),
        ("m f=x", "expected a number, a boolean or a quoted text at byte 4"),
        ("m f=+1", "expected a number, a boolean or a quoted text at byte 4"),
        ("m f=.", "expected a digit before or after the point at byte 5"),
        ("m f=-.e1", "expected a digit before or after the point at byte 6"),
        ("m f=.i", "expected a digit before or after the point at byte 5"),
        ("m f=5.i", "expected a comma or a space at byte 6"),
        ("m f=1e", "expected a digit in the exponent at byte 6"),
        ("m f=1x", "expected a comma or a space at byte 5"),
        ("m f=-1u", "expected a comma or a space at byte 6"),
        ("m f=tru", "expected a boolean at byte 4"),
        ("m f=\"a", "a quoted text has no end; it began at byte 4"),
        (r#"m f="a\""#, "a quoted text has no end; it began at byte 4"),
        ("m f=9223372036854775808i", "integer out of range at byte 4"),
        ("m f=18446744073709551616u", "unsigned integer out of range at byte 4"),
        ("m f=1,", "expected a name or a tag's value at byte 6"),
        ("m f=1,,g=2", "expected a name or a tag's value at byte 6"),
        ("m f=1 x", "expected an integer at byte 6"),
        ("m f=1 5 6", "expected nothing behind the timestamp at byte 7"),
        ("m f=1 9223372036854775808", "integer out of range at byte 6"),
        ("m\tf=1", "expected a space and the fields at byte 1"),
        ("m f=NaN", "number is not finite at byte 4"),
        ("m f=1,g=-inf 5", "number is not finite at byte 8"),
        ("m f=1e400", "number is not finite at byte 4"),
    ] {
        let error = parse(line).expect_err(line);
        assert_eq!(error.to_string(), message, "{line}");
        assert_eq!(error.is_not_finite(), message.starts_with("number"), "{line}");
    }
}

#[test]
fn a_datagram_is_split_before_quotes_are_looked_at() {
    let split = |datagram: &'static str| -> Vec<&str> {
        lines(datagram.as_bytes()).map(|line| std::str::from_utf8(line).unwrap()).collect()
    };
    assert_eq!(split("a b=\"x\ny\" 1"), ["a b=\"x", "y\" 1"]);
    assert_eq!(split("\n\na\r\n  b\n# no\n \n\tc\n\r\n"), ["a", "b", "c"]);
    assert_eq!(split(""), [""; 0]);
    for length in 0..100 {
        let line = "x".repeat(length);
        let datagram = format!("{line}\n{line}y\nz");
        let found: Vec<_> = lines(datagram.as_bytes()).collect();
        let expected = [line.clone(), format!("{line}y"), "z".to_owned()];
        let expected: Vec<_> =
            expected.iter().map(String::as_bytes).filter(|line| !line.is_empty()).collect();
        assert_eq!(found, expected, "{length}");
    }
}

#[test]
fn escapes_are_taken_away_only_where_they_are_escapes() {
    assert_eq!(unescape_tag(br"a\,b\=c\ d\\e\xf\").as_ref(), br"a,b=c d\\e\xf\");
    assert_eq!(unescape_tag(br"two\\ words\\\,").as_ref(), br"two\ words\\,");
    assert_eq!(unescape_measurement(br"a\,b\=c\ d").as_ref(), br"a,b\=c d");
    assert_eq!(unescape_text(br#"a\"b\\c\,d"#).as_ref(), br#"a"b\c\,d"#);
    assert!(matches!(unescape_tag(b"plain"), std::borrow::Cow::Borrowed(b"plain")));
}

#[test]
fn a_backslash_escapes_only_what_needs_an_escape() {
    let line = parse(r"m,la\\,bel=two\\ words,re\\=gion=x,east=\\,\,\= f\\ 1=1,g\h=2").unwrap();
    let tags: Vec<_> = line.tags().map(|(key, value)| (unescape_tag(key), unescape_tag(value))).collect();
    let tag = |key: &'static [u8], value: &'static [u8]| (key.into(), value.into());
    assert_eq!(tags, [tag(br"la\,bel", br"two\ words"), tag(br"re\=gion", b"x"), tag(b"east", br"\,,=")]);
    let keys: Vec<_> = line.fields().map(|(key, _)| unescape_tag(key)).collect();
    assert_eq!(keys, [&br"f\ 1"[..], br"g\h"]);
}

#[test]
fn a_tag_value_is_text_from_elsewhere() {
    let line = Line::parse(b"m,a=b\x01\r\x7f\xff,a=c=d f=1").unwrap();
    assert_eq!(line.tags().collect::<Vec<_>>(), [(&b"a"[..], &b"b\x01\r\x7f\xff"[..]), (b"a", b"c=d")]);
    Line::parse(b"m,a=b\tc f=1").expect_err("a tab looks like a space");
}
