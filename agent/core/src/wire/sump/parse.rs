//! One line of either dialect, in one pass.

use super::convert::{code, count, time_us};
use super::{
    COUNT_MAX, Code, Kind, LINE_BYTES_MAX, LedgerMark, Metric, MetricValue, Record, Reject, Sample,
    TOTAL_MAX, TraceLine, Users,
};
use crate::wire::line::{EmptyTags, Line, Value, scan};

/// Whether a line claims to be a `sample`, well formed or not: its source has counted it as sent.
#[must_use]
pub fn is_sample_line(line: &[u8]) -> bool {
    matches!(line.strip_prefix(b"sample"), Some([] | [b',' | b' ', ..]))
}

/// Whether either dialect has lines of this name.
#[must_use]
pub fn is_known_measurement(name: &[u8]) -> bool {
    let metric = matches!(
        name,
        b"response_time" | b"latency" | b"passed" | b"failed" | b"transaction_rate" | b"throughput"
    );
    metric || matches!(name, b"sample" | b"concurrency" | b"trace" | b"object" | b"users" | b"ledger")
}

/// The ledger line at the end of a datagram, if it ends with a valid one: datagrams are deduplicated before anything in
/// them is counted.
#[must_use]
pub fn peek_ledger(datagram: &[u8]) -> Option<LedgerMark<'_>> {
    let end = datagram.iter().rposition(|b| !matches!(b, b'\n' | b'\r'))? + 1;
    let last = datagram[..end].rsplit(|&b| b == b'\n').next()?.trim_ascii_start();
    if !last.starts_with(b"ledger") {
        return None; // the common case with one-line datagrams: they must not be parsed twice
    }
    match Record::parse(last) {
        Ok(Record::Ledger(mark)) => Some(mark),
        _ => None,
    }
}

impl<'a> Record<'a> {
    /// What `line` (without its line end, as [`crate::wire::line::lines`] gives it) says.
    ///
    /// # Errors
    /// The reason under which the line is to be counted as rejected. That a required tag is missing is found by
    /// [`Record::require`] only.
    pub fn parse(line: &'a [u8]) -> Result<Self, Reject> {
        if line.starts_with(b"sample,") && line.len() <= LINE_BYTES_MAX {
            return sample(line); // nearly all lines are
        }
        let end = line.iter().position(|b| matches!(b, b',' | b' ')).unwrap_or(line.len());
        let measurement = &line[..end];
        if line.len() > LINE_BYTES_MAX && !matches!(measurement, b"trace" | b"object") {
            return Err(Reject::TooLong);
        }
        match measurement {
            b"sample" => sample(line),
            b"response_time" => metric(line, |v| time_us(v).map(MetricValue::ResponseTimeUs)),
            b"latency" => metric(line, |v| time_us(v).map(MetricValue::LatencyUs)),
            b"passed" => metric(line, |v| count(v, COUNT_MAX).map(MetricValue::Passed)),
            b"failed" => metric(line, |v| count(v, COUNT_MAX).map(MetricValue::Failed)),
            b"transaction_rate" => metric(line, |v| count(v, COUNT_MAX).map(MetricValue::Transactions)),
            b"concurrency" => metric(line, |v| count(v, COUNT_MAX).map(MetricValue::Concurrency)),
            b"throughput" => metric(line, |v| count(v, TOTAL_MAX).map(MetricValue::RxBytes)),
            b"trace" | b"object" => trace(line),
            b"users" => users(line),
            b"ledger" => ledger(line),
            _ => checked(line, |_, _| Ok(())).and(Err(Reject::UnknownMeasurement)),
        }
    }

    /// The raw tag bytes: the key under which the caller remembers what [`Tags::decode`](super::Tags::decode) said.
    #[must_use]
    pub fn tags(&self) -> &'a [u8] {
        match self {
            Self::Sample(Sample { tags, .. })
            | Self::Metric(Metric { tags, .. })
            | Self::Users(Users { tags, .. })
            | Self::Ledger(LedgerMark { tags, .. })
            | Self::Trace(TraceLine { tags, .. }) => tags,
        }
    }
}

/// Scans `line`. The first complaint of `field` is the verdict, unless the line is not even well formed.
#[inline]
fn checked<'a>(
    line: &'a [u8],
    mut field: impl FnMut(&'a [u8], Value<'a>) -> Result<(), Reject>,
) -> Result<Line<'a>, Reject> {
    let mut verdict = Ok(());
    let scanned = scan(line, EmptyTags::Taken, |key, value| {
        if let (Ok(()), Err(reject)) = (verdict, field(key, value)) {
            verdict = Err(reject);
        }
    });
    match scanned {
        Ok(line) => verdict.map(|()| line),
        Err(error) if error.is_not_finite() => Err(Reject::NotFinite),
        Err(_) => Err(Reject::Syntax),
    }
}

#[inline]
fn sample(line: &[u8]) -> Result<Record<'_>, Reject> {
    let (mut rt_us, mut ok, mut kind) = (None, None, Kind::Request);
    let mut found = Sample {
        tags: &[],
        rt_us: 0,
        ok: false,
        code: None,
        lat_us: None,
        conn_us: None,
        rx_bytes: None,
        tx_bytes: None,
        users: None,
        kind,
        error: &[],
        time_ns: 0,
    };
    let line = checked(line, |key, value| {
        match key {
            b"rt" => rt_us = Some(time_us(value)?),
            b"ok" => ok = Some(boolean(value)?),
            b"code" => found.code = code(value),
            b"lat" => found.lat_us = Some(time_us(value)?),
            b"conn" => found.conn_us = Some(time_us(value)?),
            b"rx" => found.rx_bytes = Some(count(value, TOTAL_MAX)?),
            b"tx" => found.tx_bytes = Some(count(value, TOTAL_MAX)?),
            b"users" => found.users = Some(count(value, COUNT_MAX)?),
            b"kind" => kind = Kind::of(text(value)?),
            b"error" => found.error = text(value).unwrap_or_default(),
            _ => {}
        }
        Ok(())
    })?;
    let (Some(rt_us), Some(ok), Some(time_ns)) = (rt_us, ok, line.timestamp) else {
        return Err(Reject::MissingField);
    };
    Ok(Record::Sample(Sample { tags: line.tags, rt_us, ok, kind, time_ns, ..found }))
}

#[inline]
fn metric(
    line: &[u8],
    read: impl Fn(Value<'_>) -> Result<MetricValue, Reject>,
) -> Result<Record<'_>, Reject> {
    let mut what = None;
    let mut response_code: Option<Code> = None;
    let line = checked(line, |key, value| {
        match key {
            b"value" => what = Some(read(value)?),
            b"response_code" => response_code = code(value),
            _ => {}
        }
        Ok(())
    })?;
    let what = what.ok_or(Reject::MissingField)?;
    Ok(Record::Metric(Metric { tags: line.tags, what, code: response_code, time_ns: line.timestamp }))
}

fn trace(line: &[u8]) -> Result<Record<'_>, Reject> {
    let (mut found, mut error_count, mut response_code) = (None, None, None);
    let line = checked(line, |key, value| {
        match key {
            b"value" => found = Some(text(value)?),
            b"error_count" => error_count = Some(count(value, COUNT_MAX)?),
            b"response_code" => response_code = code(value),
            _ => {}
        }
        Ok(())
    })?;
    let value = found.ok_or(Reject::MissingField)?;
    let tag = || std::str::from_utf8(tag(&line, b"error_count")).ok()?.parse().ok();
    let error_count = error_count.or_else(tag);
    Ok(Record::Trace(TraceLine { tags: line.tags, value, error_count, code: response_code }))
}

fn users(line: &[u8]) -> Result<Record<'_>, Reject> {
    let (mut active, mut started, mut finished) = (None, 0, 0);
    let line = checked(line, |key, value| {
        match key {
            b"active" => active = Some(count(value, COUNT_MAX)?),
            b"started" => started = count(value, TOTAL_MAX)?,
            b"finished" => finished = count(value, TOTAL_MAX)?,
            _ => {}
        }
        Ok(())
    })?;
    let active = active.ok_or(Reject::MissingField)?;
    let source = tag(&line, b"source");
    Ok(Record::Users(Users { tags: line.tags, source, active, started, finished, time_ns: line.timestamp }))
}

fn ledger(line: &[u8]) -> Result<Record<'_>, Reject> {
    let (mut seq, mut samples, mut truncated, mut last) = (None, None, 0, false);
    let line = checked(line, |key, value| {
        match key {
            b"seq" => seq = Some(count(value, TOTAL_MAX)?),
            b"samples" => samples = Some(count(value, TOTAL_MAX)?),
            b"truncated" => truncated = count(value, TOTAL_MAX)?,
            b"final" => last = boolean(value)?,
            _ => {}
        }
        Ok(())
    })?;
    let (Some(seq), Some(samples)) = (seq, samples) else {
        return Err(Reject::MissingField);
    };
    if seq == 0 {
        return Err(Reject::OutOfRange); // they count from 1
    }
    let source = tag(&line, b"source");
    Ok(Record::Ledger(LedgerMark { tags: line.tags, source, seq, samples, truncated, last }))
}

/// The value of tag `key`, still escaped; empty when there is none.
fn tag<'a>(line: &Line<'a>, key: &[u8]) -> &'a [u8] {
    line.tags().find(|(name, _)| *name == key).map_or(&[], |(_, value)| value)
}

#[inline]
fn boolean(value: Value<'_>) -> Result<bool, Reject> {
    if let Value::Bool(value) = value { Ok(value) } else { Err(Reject::MissingField) }
}

#[inline]
fn text(value: Value<'_>) -> Result<&[u8], Reject> {
    if let Value::Text(value) = value { Ok(value) } else { Err(Reject::MissingField) }
}
