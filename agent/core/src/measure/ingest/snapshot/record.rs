//! One series of a snapshot.

use super::super::closed::SeriesWindow;
use super::END;
use super::bytes::{Reader, number, wide};
use crate::base::ids::LabelId;
use crate::base::limits::LABEL_BYTES_MAX;
use crate::measure::accumulator::Accumulator;
use crate::measure::codes::Codes;
use crate::measure::series::{SeriesIndex, SeriesInfo};
use crate::measure::sketch::Sketch;
use crate::measure::sketch::layout::{BUCKET_INDEX_MAX, highest_equivalent_us};
use crate::measure::stat::Stat;
use crate::wire::sump::{Code, Kind};
use std::sync::Arc;

const TRANSACTION: u64 = 1;
const ALTERNATE: u64 = 2;
/// What stands for a code that is no HTTP status.
const OTHER_CODE: u64 = 0;

pub(super) fn write(out: &mut Vec<u8>, info: &SeriesInfo, index: SeriesIndex, numbers: &Accumulator) {
    number(out, info.label.len() as u64);
    out.extend_from_slice(info.label.as_bytes());
    let kind = if info.kind == Kind::Transaction { TRANSACTION } else { 0 };
    number(out, kind | if info.alternate { ALTERNATE } else { 0 });
    number(out, u64::from(index.0));
    [numbers.count, numbers.passed, numbers.failed].into_iter().for_each(|n| number(out, n));
    [&numbers.rt, &numbers.latency, &numbers.connect].into_iter().for_each(|stat| write_stat(out, stat));
    wide(out, numbers.rt_squares_us2);
    [numbers.rx_bytes, numbers.tx_bytes]
        .into_iter()
        .for_each(|n| wide(out, n.map_or(0, |n| u128::from(n) + 1)));
    number(out, numbers.codes.len() as u64);
    for (code, n) in numbers.codes.iter() {
        number(out, if let Code::Http(code) = code { u64::from(code) } else { OTHER_CODE });
        number(out, n);
    }
    number(out, numbers.sketch.buckets().filter(|(_, n)| *n > 0).count() as u64);
    let mut before = 0;
    for (index, n) in numbers.sketch.buckets().filter(|(_, n)| *n > 0) {
        number(out, u64::from(index - before));
        number(out, n);
        before = index;
    }
}

/// `None` at the end.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<SeriesWindow>, String> {
    let length = reader.number()?;
    if length == END {
        return Ok(None);
    }
    let length = usize::try_from(length).ok().filter(|length| *length <= LABEL_BYTES_MAX);
    let label = reader.take(length.ok_or("a label is too long")?)?;
    let label = std::str::from_utf8(label).map_err(|_| "a label is no text".to_owned())?;
    let flags = reader.number()?;
    let index = u32::try_from(reader.number()?).map_err(|_| "a series has no number".to_owned())?;
    let (count, passed, failed) = (reader.number()?, reader.number()?, reader.number()?);
    let (rt, latency, connect) = (read_stat(reader)?, read_stat(reader)?, read_stat(reader)?);
    let rt_squares_us2 = reader.wide()?;
    let (rx_bytes, tx_bytes) = (read_bytes(reader)?, read_bytes(reader)?);
    let mut codes = Codes::default();
    for _ in 0..reader.number()? {
        let code = match reader.number()? {
            OTHER_CODE => Code::Other,
            code => Code::Http(u16::try_from(code).map_err(|_| "a code is none".to_owned())?),
        };
        codes.add(code, reader.number()?);
    }
    let info = SeriesInfo {
        label: label.into(),
        label_id: LabelId::of(label),
        kind: if flags & TRANSACTION == 0 { Kind::Request } else { Kind::Transaction },
        alternate: flags & ALTERNATE != 0,
    };
    let sketch = read_sketch(reader)?;
    let numbers = Accumulator {
        count,
        passed,
        failed,
        rt,
        rt_squares_us2,
        latency,
        connect,
        rx_bytes,
        tx_bytes,
        codes,
        sketch,
    };
    Ok(Some(SeriesWindow { index: SeriesIndex(index), info: Arc::new(info), numbers }))
}

/// One that is empty is a single byte.
fn write_stat(out: &mut Vec<u8>, stat: &Stat) {
    number(out, stat.count);
    if stat.count > 0 {
        [stat.sum_us, stat.min_us, stat.max_us].into_iter().for_each(|n| number(out, n));
    }
}

fn read_stat(reader: &mut Reader<'_>) -> Result<Stat, String> {
    let count = reader.number()?;
    if count == 0 {
        return Ok(Stat::default());
    }
    Ok(Stat { count, sum_us: reader.number()?, min_us: reader.number()?, max_us: reader.number()? })
}

/// 0 stands for "not measured".
fn read_bytes(reader: &mut Reader<'_>) -> Result<Option<u64>, String> {
    let n = reader.wide()?;
    let bytes = u64::try_from(n.saturating_sub(1)).map_err(|_| "a number is too large".to_owned())?;
    Ok((n > 0).then_some(bytes))
}

fn read_sketch(reader: &mut Reader<'_>) -> Result<Sketch, String> {
    let mut sketch = Sketch::new();
    let mut index = 0_u16;
    for _ in 0..reader.number()? {
        let step = u16::try_from(reader.number()?).ok();
        let next = step.and_then(|step| index.checked_add(step)).filter(|index| *index <= BUCKET_INDEX_MAX);
        index = next.ok_or("a bucket is none")?;
        sketch.record_n(highest_equivalent_us(index), reader.number()?);
    }
    Ok(sketch)
}
