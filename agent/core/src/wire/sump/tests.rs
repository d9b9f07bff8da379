use super::*;

fn sample(fields: &str) -> Result<Sample<'_>, Reject> {
    match Record::parse(fields.as_bytes())? {
        Record::Sample(sample) => Ok(sample),
        other => panic!("not a sample: {other:?}"),
    }
}

/// What becomes of a sample whose fields are these.
fn with(fields: &str) -> Result<(u64, bool), Reject> {
    sample(&format!("sample,flood=7,label=a {fields} 17")).map(|sample| (sample.rt_us, sample.ok))
}

#[test]
fn a_full_sample() {
    let line = r#"sample,flood=7,label=GET+%2Fcart rt=123.4,ok=t,code="200",lat=30.1,conn=2.0,rx=1234i,tx=321i,users=5i,error="no, \"this\" = x",kind="transaction" 1700000000123000000"#;
    let expected = Sample {
        tags: b"flood=7,label=GET+%2Fcart",
        rt_us: 123_400,
        ok: true,
        code: Some(Code::Http(200)),
        lat_us: Some(30_100),
        conn_us: Some(2_000),
        rx_bytes: Some(1_234),
        tx_bytes: Some(321),
        users: Some(5),
        kind: Kind::Transaction,
        error: br#"no, \"this\" = x"#,
        time_ns: 1_700_000_000_123_000_000,
    };
    assert_eq!(sample(line), Ok(expected));
}

#[test]
fn times_are_rounded_half_up_in_decimal() {
    for (written, us) in [
        ("0", 0),
        ("-0.0", 0),
        ("0.0004", 0),
        ("0.0005", 1),
        ("0.00049999", 0),
        ("1.0005", 1_001),
        ("1.0004999", 1_000),
        ("2.0015", 2_002),
        ("2.0025", 2_003), // half to even would say 2002
        ("0.5005", 501),   // as doubles, this and the next are below the half
        ("16.3815", 16_382),
        ("123.4", 123_400),
        ("8i", 8_000),
        ("8u", 8_000),
        ("1e3", 1_000_000),
        ("86399999.9995", 86_400_000_000),
        ("86400000", 86_400_000_000),
    ] {
        assert_eq!(with(&format!("rt={written},ok=t")), Ok((us, true)), "{written}");
    }
}

#[test]
fn each_fault_has_its_reason() {
    use Reject::{MissingField, NotFinite, OutOfRange, Syntax};
    for (fields, reject) in [
        ("ok=t", MissingField),
        ("rt=1", MissingField),
        ("rt=\"1\",ok=t", MissingField),
        ("rt=1,ok=1i", MissingField),
        ("rt=1,ok=t,lat=t", MissingField),
        ("rt=1,ok=t,rx=\"5\"", MissingField),
        ("rt=NaN,ok=t", NotFinite),
        ("rt=-Infinity,ok=t", NotFinite),
        ("rt=1e999,ok=t", NotFinite),
        ("rt=1,ok=t,whatever=inf", NotFinite),
        ("rt=-0.1,ok=t", OutOfRange),
        ("rt=-1700000000000,ok=t", OutOfRange),
        ("rt=86400000.001,ok=t", OutOfRange),
        ("rt=1,ok=t,lat=-1", OutOfRange),
        ("rt=1,ok=t,rx=-1i", OutOfRange),
        ("rt=1,ok=t,tx=1000000000000001i", OutOfRange),
        ("rt=1,ok=t,users=18446744073709551615u", OutOfRange),
        ("rt=-1,ok=t,lat=\"x\"", OutOfRange), // the first complaint
        ("rt=1,ok=maybe", Syntax),
        ("rt=1,ok=t,", Syntax),
        ("rt=,ok=t", Syntax),
        ("rt=-1,ok=t,code=\"20", Syntax),
        ("rt=99999999999999999999i,ok=t", Syntax),
    ] {
        assert_eq!(with(fields), Err(reject), "{fields}");
    }
    assert_eq!(sample("sample,flood=7,label=a rt=1,ok=t"), Err(MissingField), "timestamp");
    assert_eq!(sample("sample,flood=7,label=a rt=1,ok=t 1 2"), Err(Syntax));
    assert_eq!(sample("sampler,flood=7,label=a rt=1,ok=t 1"), Err(Reject::UnknownMeasurement));
    assert_eq!(sample("hello world"), Err(Syntax), "not even a line");
    assert_eq!(sample(""), Err(Syntax));
}

#[test]
fn only_traces_may_be_long() {
    let line = |measurement: &str, length: usize| {
        let head = format!("{measurement},flood=7 value=\"");
        format!("{head}{}\"", "A".repeat(length - head.len() - 1))
    };
    assert_eq!(Record::parse(line("passed", LINE_BYTES_MAX + 1).as_bytes()), Err(Reject::TooLong));
    assert_eq!(Record::parse(line("passed", LINE_BYTES_MAX).as_bytes()), Err(Reject::MissingField));
    let sample = format!("sample,flood=7,label=a rt=1,ok=t,error=\"{}\" 17", "A".repeat(LINE_BYTES_MAX));
    assert_eq!(Record::parse(sample.as_bytes()), Err(Reject::TooLong));
    // Labels are cut by the receiver, whatever the sender has made of them.
    for label in ["x".repeat(8_150), "%E2%82%AC".repeat(2_730)] {
        let line = format!("sample,flood=7,label={label} rt=1,ok=f,error=\"{}\" 17", r"\\".repeat(1_024));
        let record = Record::parse(line.as_bytes()).unwrap();
        assert_eq!(Tags::decode(record.tags()).label.unwrap().len() / 10, 50, "cut");
    }
    for measurement in ["trace", "object"] {
        let line = line(measurement, 65_507);
        assert!(matches!(Record::parse(line.as_bytes()), Ok(Record::Trace(_))));
    }
}

#[test]
fn codes_as_text_or_number() {
    for (written, code) in [
        ("\"200\"", Some(Code::Http(200))),
        ("404i", Some(Code::Http(404))),
        ("599", Some(Code::Http(599))),
        ("99i", Some(Code::Other)),
        ("100i", Some(Code::Http(100))),
        ("200.5", Some(Code::Other)),
        ("\"600\"", Some(Code::Other)),
        ("\"099\"", Some(Code::Other)),
        ("0i", Some(Code::Other)),
        ("-200i", Some(Code::Other)),
        ("\"null\"", Some(Code::Other)),
        ("\"Non HTTP response code: java.net.SocketException\"", Some(Code::Other)),
        ("t", Some(Code::Other)),
        ("\"\"", None),
    ] {
        let line = format!("sample,flood=7,label=a rt=1,ok=t,code={written} 17");
        assert_eq!(sample(&line).map(|sample| sample.code), Ok(code), "{written}");
    }
}

#[test]
fn metrics_of_the_other_dialect() {
    use MetricValue::{Concurrency, Failed, LatencyUs, Passed, ResponseTimeUs, RxBytes, Transactions};
    for (measurement, value, expected) in [
        ("response_time", "123", Ok(ResponseTimeUs(123_000))),
        ("response_time", "-1511939113467", Err(Reject::OutOfRange)),
        ("latency", "0.25", Ok(LatencyUs(250))),
        ("passed", "1i", Ok(Passed(1))),
        ("failed", "0", Ok(Failed(0))),
        ("transaction_rate", "2.5", Ok(Transactions(3))),
        ("transaction_rate", "1000000001", Err(Reject::OutOfRange)),
        ("concurrency", "25u", Ok(Concurrency(25))),
        ("throughput", "123456789012", Ok(RxBytes(123_456_789_012))),
        ("throughput", "\"1\"", Err(Reject::MissingField)),
    ] {
        let line = format!("{measurement},account=1,label=a value={value},response_code=\"200\"");
        let expected = expected.map(|what| {
            Record::Metric(Metric {
                tags: b"account=1,label=a",
                what,
                code: Some(Code::Http(200)),
                time_ns: None,
            })
        });
        assert_eq!(Record::parse(line.as_bytes()), expected, "{line}");
    }
    assert_eq!(Record::parse(b"passed,label=a response_code=\"200\""), Err(Reject::MissingField));
}

#[test]
fn rare_lines() {
    assert_eq!(
        Record::parse(b"users,flood=7,source=jvm-1 active=25i,started=40i,finished=15i 9"),
        Ok(Record::Users(Users {
            tags: b"flood=7,source=jvm-1",
            source: b"jvm-1",
            active: 25,
            started: 40,
            finished: 15,
            time_ns: Some(9)
        }))
    );
    assert_eq!(Record::parse(b"users,flood=7 started=1i"), Err(Reject::MissingField));
    assert_eq!(
        Record::parse(b"trace,label=a,error_count=2 value=\"H4sI==\",response_code=\"0\""),
        Ok(Record::Trace(TraceLine {
            tags: b"label=a,error_count=2",
            value: b"H4sI==",
            error_count: Some(2),
            code: Some(Code::Other),
        }))
    );
    for (line, reject) in [
        ("ledger,source=a seq=0i,samples=1i", Reject::OutOfRange),
        ("ledger,source=a samples=1i", Reject::MissingField),
        ("ledger,source=a seq=1i", Reject::MissingField),
        ("ledger,source=a seq=1i,samples=-1i", Reject::OutOfRange),
        ("ledger,source=a seq=1i,samples=1i,final=3", Reject::MissingField),
    ] {
        assert_eq!(Record::parse(line.as_bytes()), Err(reject), "{line}");
    }
}

#[test]
fn the_ledger_line_is_seen_before_the_others() {
    let ledger = b"ledger,flood=7,source=a seq=17i,samples=4021i,truncated=2i,final=t";
    let mark = LedgerMark {
        tags: b"flood=7,source=a",
        source: b"a",
        seq: 17,
        samples: 4_021,
        truncated: 2,
        last: true,
    };
    assert_eq!(peek_ledger(ledger), Some(mark));
    for end in ["", "\n", "\r\n", "\n\n"] {
        let datagram = [b"sample,flood=7 rt=1,ok=t 1\n", ledger.as_slice(), end.as_bytes()].concat();
        assert_eq!(peek_ledger(&datagram), Some(mark), "{end:?}");
    }
    for none in [&b""[..], b"\n\n", b"sample,flood=7 rt=1,ok=t 1", b"ledger,source=a seq=1i", b"ledger"] {
        assert_eq!(peek_ledger(none), None);
    }
    let not_last = [ledger.as_slice(), b"\nsample,flood=7 rt=1,ok=t 1"].concat();
    assert_eq!(peek_ledger(&not_last), None);
}

#[test]
fn lines_that_claim_to_be_samples() {
    for line in ["sample,flood=7 rt=NaN", "sample", "sample rt=1", "sample,"] {
        assert!(is_sample_line(line.as_bytes()), "{line}");
    }
    for line in ["", "samples,a=b c=1", "sampl", "users,a=b c=1", " sample"] {
        assert!(!is_sample_line(line.as_bytes()), "{line}");
    }
}

#[test]
fn tags_are_unescaped_then_url_decoded() {
    for (raw, label) in [
        (&br"label=GET+%2Fcart"[..], "GET /cart"),
        (br"label=a\,b\=c\ d\\e\x", r"a,b=c d\\e\x"),
        (br"label=two\\ words", r"two\ words"),
        (br"label=\\,\,\=east", r"\,,=east"),
        (br"label=east\\ ", r"east\ "),
        (br"label=100%+%zz%4", "100% %zz%4"),
        (br"label=%C3%9Cber%20%e2%82%ac", "Über €"),
        (b"label=a%FFb\xc3", "a\u{fffd}b\u{fffd}"),
        (b"label=%00%0A", "\u{fffd}\u{fffd}"),
        (b"label=,flood=7", "__empty__"),
        (b"flood=7,label=", "__empty__"),
        (b"label=__other__", "__other___"),
        (b"label=%5F_other__", "__other___"),
        (b"label=first,label=second", "first"),
        (br"la\bel=x,label=y", "y"),
        (b"junk,,=,label=a=b", "a=b"),
    ] {
        assert_eq!(Tags::decode(raw).label.as_deref(), Some(label), "{}", raw.escape_ascii());
    }
}

#[test]
fn identities_and_kind_come_out_of_the_tags() {
    let tags =
        Tags::decode(b"account=1,flood=7,region=us-east-1,grid=a%3Ab,node=3,project=5,kind=transaction");
    let text = |value: &str| Some(value.to_owned());
    let expected = Tags {
        label: None,
        account: text("1"),
        project: text("5"),
        flood: text("7"),
        grid: text("a:b"),
        region: text("us-east-1"),
        node: text("3"),
        kind: Some(Kind::Transaction),
    };
    assert_eq!(tags, expected);
    assert_eq!(Kind::Request.or_tag(tags.kind), Kind::Transaction);
    assert_eq!(Kind::Transaction.or_tag(Some(Kind::Request)), Kind::Transaction);
    assert_eq!(Tags::decode(b"flood=,node="), Tags::default());
    assert_eq!(Tags::decode(b"flood=7,flood=8").flood, text("7"));
}

#[test]
fn what_tags_a_record_needs() {
    let verdict = |line: &str| {
        let record = Record::parse(line.as_bytes())?;
        record.require(&Tags::decode(record.tags()))
    };
    for fine in [
        "sample,flood=7,label= rt=1,ok=t 1",
        "latency,label=a value=1",
        "concurrency value=1",
        "users active=1i",
        "ledger seq=1i,samples=1i",
        "object value=\"\"",
    ] {
        assert_eq!(verdict(fine), Ok(()), "{fine}");
    }
    for missing in ["sample,flood=7 rt=1,ok=t 1", "sample,label=a rt=1,ok=t 1", "latency,flood=7 value=1"] {
        assert_eq!(verdict(missing), Err(Reject::MissingField), "{missing}");
    }
}
