//! The alternative: aggregation as one would write it in an afternoon with crates that exist.
//!
//! `influxdb-line-protocol`, a `HashMap<String, …>` and an HdrHistogram (2 digits, growing) a label. It does less than
//! gridnode: no ledger, no duplicates, no late windows, no URL-decoding, no cap on labels, no spool.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
use influxdb_line_protocol::{FieldValue, ParsedLine, parse_lines};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;

/// One sample, owned, so that it can go through a channel.
#[derive(Debug, Clone)]
pub struct Point {
    label: String,
    code: String,
    rt_us: u64,
    ok: bool,
    rx: i64,
    tx: i64,
}

/// The samples of one datagram.
pub fn points(datagram: &str) -> impl Iterator<Item = Point> {
    parse_lines(datagram)
        .filter_map(Result::ok)
        .filter(|line| line.series.measurement == "sample")
        .filter_map(point)
}

fn point(line: ParsedLine<'_>) -> Option<Point> {
    let number = |key: &str| match line.field_value(key) {
        Some(FieldValue::F64(value)) => Some(*value),
        Some(FieldValue::I64(value)) => Some(*value as f64),
        _ => None,
    };
    let code = match line.field_value("code") {
        Some(FieldValue::String(code)) => code.to_string(),
        _ => String::new(),
    };
    Some(Point {
        label: line.tag_value("label")?.to_string(),
        code,
        rt_us: (number("rt")? * 1_000.0).round() as u64,
        ok: matches!(line.field_value("ok"), Some(FieldValue::Boolean(true))),
        rx: number("rx").unwrap_or(0.0) as i64,
        tx: number("tx").unwrap_or(0.0) as i64,
    })
}

/// One window.
#[derive(Debug, Default)]
pub struct Plain {
    labels: HashMap<String, Label>,
    /// Samples counted.
    pub samples: u64,
}

#[derive(Debug)]
struct Label {
    times: Histogram<u64>,
    codes: HashMap<String, u64>,
    failed: u64,
    sum_us: u64,
    rx: i64,
    tx: i64,
}

impl Plain {
    /// Counts one sample.
    ///
    /// # Errors
    /// When the histogram takes no such value.
    pub fn add(&mut self, point: Point) -> anyhow::Result<()> {
        let label = match self.labels.entry(point.label) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => entry.insert(Label::new()?),
        };
        label.times.record(point.rt_us)?;
        *label.codes.entry(point.code).or_default() += 1;
        label.failed += u64::from(!point.ok);
        label.sum_us += point.rt_us;
        label.rx += point.rx;
        label.tx += point.tx;
        self.samples += 1;
        Ok(())
    }

    /// The window as gzipped line protocol: the points that gridnode makes of the same samples.
    ///
    /// # Errors
    /// When a histogram cannot be encoded, which does not happen.
    pub fn render(&self, time_ns: i64) -> anyhow::Result<Vec<u8>> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        let mut serializer = V2DeflateSerializer::new();
        let mut lines = String::new();
        for (name, label) in &self.labels {
            lines.clear();
            label.render(name, time_ns, &mut serializer, &mut lines)?;
            gzip.write_all(lines.as_bytes())?;
        }
        Ok(gzip.finish()?)
    }
}

impl Label {
    fn new() -> anyhow::Result<Self> {
        let times = Histogram::new(2)?;
        Ok(Self { times, codes: HashMap::new(), failed: 0, sum_us: 0, rx: 0, tx: 0 })
    }

    fn render(
        &self,
        name: &str,
        time_ns: i64,
        serializer: &mut V2DeflateSerializer,
        out: &mut String,
    ) -> anyhow::Result<()> {
        let times = &self.times;
        let tags = format!("flood=7,label_id={}", name.replace([' ', ',', '='], "_"));
        let count = times.len();
        let ms = |us: u64| us as f64 / 1_000.0;
        let p = |permille: u64| ms(times.value_at_quantile(permille as f64 / 1_000.0));
        let sum = ms(self.sum_us);
        let mut bytes = Vec::new();
        serializer.serialize(times, &mut bytes)?;
        let tail = format!("node=\"node-3\",run=1i {time_ns}");
        writeln!(
            out,
            "response_time_mean,{tags} value={},sum={sum},min={},max={},stddev={},count={count}i,{tail}",
            sum / count.max(1) as f64,
            ms(times.min()),
            ms(times.max()),
            times.stdev() / 1_000.0
        )?;
        writeln!(
            out,
            "response_time_percentiles,{tags} p50={},p75={},p90={},p95={},p99={},p999={},count={count}i,{tail}",
            p(500),
            p(750),
            p(900),
            p(950),
            p(990),
            p(999)
        )?;
        writeln!(out, "response_time_sketch,{tags} value=\"{}\",{tail}", STANDARD.encode(bytes))?;
        writeln!(
            out,
            "transaction_rate_mean,{tags} value={},count={count}i,passed={}i,failed={}i,label=\"{name}\",{tail}",
            count as f64 / 15.0,
            count - self.failed,
            self.failed
        )?;
        writeln!(out, "passed_count,{tags} value={}i,{tail}", count - self.failed)?;
        if self.failed > 0 {
            writeln!(out, "failed_count,{tags} value={}i,{tail}", self.failed)?;
        }
        let codes: Vec<String> = self.codes.iter().map(|(code, n)| format!("c{code}={n}i")).collect();
        writeln!(out, "response_codes_count,{tags} {},{tail}", codes.join(","))?;
        writeln!(out, "throughput_sum,{tags} rx={}i,tx={}i,{tail}", self.rx, self.tx)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::sample_lines;
    use std::io::Read;

    #[test]
    fn it_counts_what_it_is_given() {
        let datagram = sample_lines().join("\n");
        let mut plain = Plain::default();
        points(&datagram).for_each(|point| plain.add(point).unwrap());
        assert_eq!((plain.samples, plain.labels.len()), (2_000, 50));
        let mut text = String::new();
        flate2::read::GzDecoder::new(&plain.render(1).unwrap()[..]).read_to_string(&mut text).unwrap();
        assert!(text.lines().all(|line| parse_lines(line).all(|parsed| parsed.is_ok())));
        assert!(text.contains("c200=40i"), "{text}");
    }
}
