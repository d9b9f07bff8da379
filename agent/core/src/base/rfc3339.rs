//! RFC 3339 times to and from the wall clock's nanoseconds, without a clock and without time zones.
//!
//! ```text
//! 2026-03-01T09:30:00Z    2026-03-01T09:30:00.250Z    2026-03-01T10:30:00.123456789+01:00
//! ```
//!
//! Limits: years 1970 to 2199, at most nine digits of a second, an offset or `Z` is required (a local time without one
//! means a different instant on every machine). `-00:00` is `Z`. A leap second (`:60`) is refused: the wall clock of a
//! node does not have it.
//!
//! The calendar is the `time` crate's. The form is looked at here: that crate's own reading takes more of them, and says
//! less about what it does not take.

use crate::base::time::{NS_PER_S, Wall};
use thiserror::Error;
use time::{Date, Duration, Month, OffsetDateTime, Time};

/// Why a text is not a time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not a time: {why}; write it as in 2026-03-01T09:30:00Z")]
pub struct TimeError {
    text: String,
    why: &'static str,
}

/// Reads a time.
///
/// # Errors
/// When `text` is not an RFC 3339 time with an offset, or lies outside the years 1970 to 2199.
pub fn parse(text: &str) -> Result<Wall, TimeError> {
    read(text.as_bytes()).map_err(|why| TimeError { text: text.chars().take(40).collect(), why })
}

/// Writes a time in UTC with milliseconds: `2026-03-01T09:30:00.000Z`.
#[must_use]
pub fn format(time: Wall) -> String {
    let time = OffsetDateTime::UNIX_EPOCH + Duration::nanoseconds(time.0);
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, s, ms) = time.to_hms_milli();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{s:02}.{ms:03}Z")
}

fn read(text: &[u8]) -> Result<Wall, &'static str> {
    let date_time = text.get(..19).ok_or("it is too short")?;
    // Two digits are below 100.
    let two = |at| number(date_time, at, 2).map(|n| n as u8);
    let (year, month, day) = (number(date_time, 0, 4)? as i32, two(5)?, two(8)?);
    let (hour, minute, s) = (two(11)?, two(14)?, two(17)?);
    let separators = [date_time[4], date_time[7], date_time[10] & !0x20, date_time[13], date_time[16]];
    if separators != *b"--T::" {
        return Err("date and time are not separated as they should be");
    }
    if !(1970..=2199).contains(&year) {
        return Err("the year is not between 1970 and 2199");
    }
    let date = Month::try_from(month).ok().and_then(|month| Date::from_calendar_date(year, month, day).ok());
    let date = date.ok_or("there is no such day")?;
    let time = Time::from_hms(hour, minute, s).map_err(|_| "there is no such time of day")?;
    let (fraction_ns, rest) = fraction(&text[19..])?;
    let utc_s = date.with_time(time).assume_utc().unix_timestamp() - offset_s(rest)?;
    if utc_s < 0 {
        return Err("it is before 1970");
    }
    Ok(Wall(utc_s * NS_PER_S as i64 + fraction_ns))
}

fn number(text: &[u8], at: usize, digits: usize) -> Result<u32, &'static str> {
    let part = text.get(at..at + digits).ok_or("it is too short")?;
    part.iter().try_fold(0, |n, b| match b {
        b'0'..=b'9' => Ok(n * 10 + u32::from(b - b'0')),
        _ => Err("there is something else where a digit should be"),
    })
}

/// Nanoseconds of `.123…`, and what follows it.
fn fraction(text: &[u8]) -> Result<(i64, &[u8]), &'static str> {
    let Some(digits) = text.strip_prefix(b".") else { return Ok((0, text)) };
    let n = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    if !(1..=9).contains(&n) {
        return Err("a fraction of a second has one to nine digits");
    }
    let scale = 10_u32.pow(9 - n as u32);
    Ok((i64::from(number(digits, 0, n)? * scale), &digits[n..]))
}

fn offset_s(text: &[u8]) -> Result<i64, &'static str> {
    match text {
        b"Z" | b"z" => Ok(0),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hour, minute) = (number(text, 1, 2)?, number(text, 4, 2)?);
            if hour > 23 || minute > 59 {
                return Err("there is no such offset");
            }
            let s = i64::from(hour * 3_600 + minute * 60);
            Ok(if *sign == b'-' { -s } else { s })
        }
        b"" => Err("it has no offset"),
        _ => Err("it does not end in an offset"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Seconds from `date -u -d … +%s`, so that this file does not vouch for itself.
    #[test]
    fn known_times() {
        for (text, s, ns) in [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("2000-02-29T23:59:59Z", 951_868_799, 0),
            ("2023-11-14T22:13:20.123456789Z", 1_700_000_000, 123_456_789),
            ("2023-11-15T00:13:20.5+02:00", 1_700_000_000, 500_000_000),
            ("2023-11-14t17:43:20-04:30", 1_700_000_000, 0),
            ("2100-03-01T00:00:00z", 4_107_542_400, 0),
            ("2199-12-31T23:59:59-00:00", 7_258_118_399, 0),
        ] {
            assert_eq!(parse(text), Ok(Wall(s * 1_000_000_000 + ns)), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_time_is_said_to_be_so() {
        for text in [
            "",
            "2023-11-14",
            "2023-11-14T22:13:20",
            "2023-11-14 22:13:20Z",
            "2023-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-00-01T00:00:00Z",
            "2023-01-00T00:00:00Z",
            "2023-01-01T24:00:00Z",
            "2023-06-30T23:59:60Z",
            "2023-01-01T00:00:00.Z",
            "2023-01-01T00:00:00.1234567890Z",
            "2023-01-01T00:00:00+1:00",
            "2023-01-01T00:00:00+24:00",
            "2023-01-01T00:00:00Z ",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+00:01",
            "2200-01-01T00:00:00Z",
            "20x3-01-01T00:00:00Z",
            "2023-01-01T00:00:0\u{e9}Z",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        insta::assert_snapshot!(parse("2023-11-14T22:13:20").unwrap_err(), @"`2023-11-14T22:13:20` is not a time: it has no offset; write it as in 2026-03-01T09:30:00Z");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(ms in 0_i64..7_258_118_400_000) {
            let time = Wall(ms * 1_000_000);
            prop_assert_eq!(parse(&format(time)), Ok(time));
        }

        #[test]
        fn an_instant_is_the_same_in_every_offset(s in 86_400_i64..7_258_032_000, ns in 0_i64..NS_PER_S as i64, minutes in -1_439_i64..=1_439) {
            let local = format(Wall((s + minutes * 60) * NS_PER_S as i64));
            let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
            let offset = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
            let text = local.replace(".000Z", &format!(".{ns:09}{offset}"));
            prop_assert_eq!(parse(&text), Ok(Wall(s * NS_PER_S as i64 + ns)), "{}", text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9TZtz:+. -]{0,40}|.{0,40}") {
            let _ = parse(&text);
        }
    }
}
