//! From a field's value to the integer it is counted as.

use super::{Code, Reject};
use crate::base::limits::RT_US_MAX;
use crate::wire::line::Value;

/// Milliseconds to µs, rounded half up in the decimal that was written: a double close to a half of a µs is taken for
/// the half. Between 0 and 24 h.
#[inline]
pub(super) fn time_us(value: Value<'_>) -> Result<u64, Reject> {
    let ms = value.as_f64().ok_or(Reject::MissingField)?;
    half_up(ms * 1_000.0, RT_US_MAX)
}

/// A count from 0 to `max`, rounded half up.
#[inline]
pub(super) fn count(value: Value<'_>, max: u64) -> Result<u64, Reject> {
    match value {
        Value::UInt(count) if count <= max => Ok(count),
        Value::Int(count) => {
            u64::try_from(count).ok().filter(|&count| count <= max).ok_or(Reject::OutOfRange)
        }
        Value::Float(count) => half_up(count, max),
        Value::UInt(_) => Err(Reject::OutOfRange),
        Value::Bool(_) | Value::Text(_) => Err(Reject::MissingField),
    }
}

#[inline]
fn half_up(value: f64, max: u64) -> Result<u64, Reject> {
    if !(0.0..=max as f64).contains(&value) {
        return Err(Reject::OutOfRange);
    }
    let whole = value as i64; // truncates, and fits; converting signed integers is cheaper
    let near_half = 0.5 - value * (2.0 * f64::EPSILON);
    Ok(whole as u64 + u64::from(value - whole as f64 >= near_half))
}

/// A code as text or number; `None` when it is empty.
#[inline]
pub(super) fn code(value: Value<'_>) -> Option<Code> {
    match value {
        Value::Text(&[]) => None,
        Value::Text(&[a @ b'1'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9']) => {
            Some(Code::Http([a, b, c].iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'))))
        }
        Value::Text(_) | Value::Bool(_) => Some(Code::Other),
        Value::Float(_) | Value::Int(_) | Value::UInt(_) => {
            let code = count(value, 599).ok().filter(|&code| code >= 100);
            let whole = value.as_f64().is_some_and(|v| v.fract() == 0.0);
            let code = code.filter(|_| whole).and_then(|code| u16::try_from(code).ok());
            Some(code.map_or(Code::Other, Code::Http))
        }
    }
}
