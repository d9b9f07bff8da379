//! Millions of generated and damaged datagrams: nothing panics, and what is accepted keeps its promises. The seed is
//! fixed, so a failure is found again; `GRIDNODE_FUZZ_LINES` sets how many (default 5,000,000).

mod common;

use common::{Random, line, lines_wanted, mutate};
use gridnode_core::base::limits::{LABEL_BYTES_MAX, RT_US_MAX};
use gridnode_core::wire::line::{Line, lines, unescape_text};
use gridnode_core::wire::sump::{
    COUNT_MAX, LINE_BYTES_MAX, Record, Reject, Sample, TOTAL_MAX, Tags, is_sample_line, peek_ledger,
};
use std::collections::BTreeMap;

#[test]
fn millions_of_lines_never_panic() {
    let wanted = lines_wanted(5_000_000);
    let mut random = Random::new(7);
    let mut verdicts = BTreeMap::new();
    let mut datagram = Vec::new();
    let mut seen = 0;
    while seen < wanted {
        datagram.clear();
        for _ in 0..=random.below(3) {
            line(&mut random, &mut datagram);
            datagram.push(b'\n');
        }
        if random.below(4) != 0 {
            mutate(&mut random, &mut datagram);
        }
        if random.below(1_000) == 0 {
            datagram.extend(vec![b'x'; LINE_BYTES_MAX]);
        }
        let _ = peek_ledger(&datagram);
        for line in lines(&datagram) {
            assert!(!line.contains(&b'\n') && !line.is_empty());
            *verdicts.entry(check(line)).or_insert(0) += 1;
            seen += 1;
        }
    }
    // Not vacuous: every reason that a parser can give came up, and so did acceptance.
    let met: Vec<_> = verdicts.keys().copied().collect();
    let all = Reject::ALL.into_iter().filter(|reject| *reject != Reject::UnknownFlood).map(Err);
    let mut expected: Vec<_> = all.chain([Ok(())]).collect();
    expected.sort();
    assert_eq!(met, expected, "{verdicts:?}");
    assert!(verdicts[&Ok(())] > wanted / 20, "{verdicts:?}");
}

fn check(bytes: &[u8]) -> Result<(), Reject> {
    let mut fields = Vec::new();
    let line = Line::parse_with(bytes, |key, value| fields.push((key, value)));
    if let Ok(line) = &line {
        assert!(line.fields().eq(fields), "{}", bytes.escape_ascii());
        assert!(line.tags().all(|(key, value)| !key.is_empty() && !value.is_empty()));
        assert_eq!(line.tags().count() > 0, !line.tags.is_empty());
    }
    let _ = (is_sample_line(bytes), unescape_text(bytes), Tags::decode(bytes));
    let record = match Record::parse(bytes) {
        Ok(record) => record,
        Err(reject) => {
            let syntax = matches!(reject, Reject::Syntax | Reject::NotFinite);
            assert!(line.is_err() || !syntax, "{reject:?}: {}", bytes.escape_ascii());
            return Err(reject);
        }
    };
    if let Record::Sample(sample) = record {
        in_bounds(&sample);
        assert!(is_sample_line(bytes));
    }
    if let Some(label) = Tags::decode(record.tags()).label {
        assert!((1..=LABEL_BYTES_MAX).contains(&label.len()) && !label.contains(char::is_control));
    }
    Ok(())
}

fn in_bounds(sample: &Sample<'_>) {
    let times = [Some(sample.rt_us), sample.lat_us, sample.conn_us];
    assert!(times.into_iter().flatten().all(|us| us <= RT_US_MAX));
    assert!([sample.rx_bytes, sample.tx_bytes].into_iter().flatten().all(|bytes| bytes <= TOTAL_MAX));
    assert!(sample.users.is_none_or(|users| users <= COUNT_MAX));
}
