//! Numbers: field values and timestamps. Common ones take one pass over their digits; the standard library's parser is
//! the slow path for those whose exact value needs more than that.

use super::{LineError, NOT_FINITE, Value};

/// Powers of ten that a double holds exactly.
const POW10: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];
/// Up to here every integer is a double, so one division by an exact power of ten rounds correctly.
const EXACT_MAX: u64 = 1 << 53;
/// As many decimal digits always fit into 64 bits.
const DIGITS_MAX: usize = 19;

/// The number at `start` and the offset behind it.
#[inline(always)]
pub(super) fn number(bytes: &[u8], start: usize) -> Result<(Value<'_>, usize), LineError> {
    let negative = bytes.get(start) == Some(&b'-');
    let first = start + usize::from(negative);
    let (mut mantissa, mut at) = digits(bytes, first, 0);
    let mut count = at - first;
    if count == 0 && bytes.get(at) != Some(&b'.') {
        return Err(not_a_number(bytes, start));
    }
    match bytes.get(at) {
        Some(b'i') => return Ok((Value::Int(signed(bytes, start, at, mantissa)?), at + 1)),
        Some(b'u') if !negative => {
            let text = ascii(&bytes[start..at]);
            let value = if count <= DIGITS_MAX { Some(mantissa) } else { text.parse().ok() };
            let value = value.ok_or(LineError { what: "unsigned integer out of range", at: start })?;
            return Ok((Value::UInt(value), at + 1));
        }
        _ => {}
    }
    let mut decimals = 0;
    if bytes.get(at) == Some(&b'.') {
        let point = at + 1;
        (mantissa, at) = digits(bytes, point, mantissa);
        decimals = at - point;
        count += decimals;
        if count == 0 {
            return Err(LineError { what: "expected a digit before or after the point", at });
        }
    }
    let exponent = matches!(bytes.get(at), Some(b'e' | b'E'));
    if exponent {
        let signed = at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at = digits(bytes, signed, 0).1;
        if at == signed {
            return Err(LineError { what: "expected a digit in the exponent", at });
        }
    }
    if !exponent && count <= DIGITS_MAX && mantissa <= EXACT_MAX {
        let value = mantissa as f64 / POW10[decimals];
        return Ok((Value::Float(if negative { -value } else { value }), at));
    }
    match ascii(&bytes[start..at]).parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((Value::Float(value), at)),
        _ => Err(LineError { what: NOT_FINITE, at: start }),
    }
}

/// The integer at `start` (optional `-`, digits) and the offset behind it.
#[inline(always)]
pub(super) fn integer(bytes: &[u8], start: usize) -> Result<(i64, usize), LineError> {
    let negative = bytes.get(start) == Some(&b'-');
    let first = start + usize::from(negative);
    let (magnitude, at) = digits(bytes, first, 0);
    if at == first {
        return Err(LineError { what: "expected an integer", at });
    }
    Ok((signed(bytes, start, at, magnitude)?, at))
}

/// The integer in `bytes[start..end]`, whose digits make `magnitude`, had it not wrapped.
#[inline(always)]
fn signed(bytes: &[u8], start: usize, end: usize, magnitude: u64) -> Result<i64, LineError> {
    const MAX: u64 = i64::MAX as u64;
    let few = end - start <= DIGITS_MAX;
    match bytes.get(start) {
        Some(b'-') if few => Ok(-(magnitude as i64)), // at most 18 digits
        Some(_) if few && magnitude <= MAX => Ok(magnitude as i64),
        _ => {
            let value = ascii(&bytes[start..end]).parse();
            value.map_err(|_| LineError { what: "integer out of range", at: start })
        }
    }
}

/// Reads on while there are digits: the number so far (wrapping: the caller counts) and the offset behind them.
#[inline(always)]
fn digits(bytes: &[u8], mut at: usize, mut number: u64) -> (u64, usize) {
    while let Some(digit) = bytes.get(at).map(|b| b.wrapping_sub(b'0'))
        && digit <= 9
    {
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    (number, at)
}

/// What stands where a number should: the words for what is not finite, in any spelling that a common language prints,
/// or simply something wrong.
#[cold]
fn not_a_number(bytes: &[u8], start: usize) -> LineError {
    let word = bytes.get(start..).unwrap_or_default();
    let word = word.strip_prefix(b"-").or_else(|| word.strip_prefix(b"+")).unwrap_or(word);
    let end = word.iter().position(|b| matches!(b, b',' | b' ')).unwrap_or(word.len());
    let not_finite: [&[u8]; 4] = [b"nan", b"inf", b"infinity", "∞".as_bytes()];
    if not_finite.iter().any(|name| word[..end].eq_ignore_ascii_case(name)) {
        LineError { what: NOT_FINITE, at: start }
    } else {
        LineError { what: "expected a number, a boolean or a quoted text", at: start }
    }
}

/// Digits, signs, points and `e` only, so never the empty text.
fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}
