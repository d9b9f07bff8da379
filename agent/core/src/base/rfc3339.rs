//! RFC 3339 times to and from the wall clock's nanoseconds, without a clock and without time zones.
//!
//! ```text
//! 2026-03-01T09:30:00Z    2026-03-01T09:30:00.250Z    2026-03-01T10:30:00.123456789+01:00
//! ```
//!
//! Limits: years 1970 to 2199, at most nine digits of a second, an offset or `Z` is required (a local time without one
//! means a different instant on every machine). `-00:00` is `Z`. A leap second (`:60`) is refused: the wall clock of a
//! node does not have it.

use crate::base::time::{NS_PER_S, Wall};
use thiserror::Error;

const DAY_S: i64 = 86_400;

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
    let second = time.0.div_euclid(NS_PER_S as i64);
    let ms = time.0.rem_euclid(NS_PER_S as i64) / 1_000_000;
    let (year, month, day) = civil_of_days(second.div_euclid(DAY_S));
    let s = second.rem_euclid(DAY_S);
    let (hour, minute, s) = (s / 3_600, s / 60 % 60, s % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{s:02}.{ms:03}Z")
}

fn read(text: &[u8]) -> Result<Wall, &'static str> {
    let date_time = text.get(..19).ok_or("it is too short")?;
    let (year, month, day) = (number(date_time, 0, 4)?, number(date_time, 5, 2)?, number(date_time, 8, 2)?);
    let (hour, minute, s) = (number(date_time, 11, 2)?, number(date_time, 14, 2)?, number(date_time, 17, 2)?);
    let separators = [date_time[4], date_time[7], date_time[10] & !0x20, date_time[13], date_time[16]];
    if separators != *b"--T::" {
        return Err("date and time are not separated as they should be");
    }
    if !(1970..=2199).contains(&year) {
        return Err("the year is not between 1970 and 2199");
    }
    if !(1..=12).contains(&month) || day < 1 || day > days_of_month(year, month) {
        return Err("there is no such day");
    }
    if hour > 23 || minute > 59 || s > 59 {
        return Err("there is no such time of day");
    }
    let (fraction_ns, rest) = fraction(&text[19..])?;
    let local_s = days_of_civil(year, month, day) * DAY_S + hour * 3_600 + minute * 60 + s;
    let utc_s = local_s - offset_s(rest)?;
    if utc_s < 0 {
        return Err("it is before 1970");
    }
    Ok(Wall(utc_s * NS_PER_S as i64 + fraction_ns))
}

fn number(text: &[u8], at: usize, digits: usize) -> Result<i64, &'static str> {
    let part = text.get(at..at + digits).ok_or("it is too short")?;
    part.iter().try_fold(0, |n, b| match b {
        b'0'..=b'9' => Ok(n * 10 + i64::from(b - b'0')),
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
    let scale = 10_i64.pow(9 - n as u32);
    Ok((number(digits, 0, n)? * scale, &digits[n..]))
}

fn offset_s(text: &[u8]) -> Result<i64, &'static str> {
    match text {
        b"Z" | b"z" => Ok(0),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hour, minute) = (number(text, 1, 2)?, number(text, 4, 2)?);
            if hour > 23 || minute > 59 {
                return Err("there is no such offset");
            }
            let s = hour * 3_600 + minute * 60;
            Ok(if *sign == b'-' { -s } else { s })
        }
        b"" => Err("it has no offset"),
        _ => Err("it does not end in an offset"),
    }
}

fn days_of_month(year: i64, month: i64) -> i64 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01. Years are counted from March, so that the leap day is a year's last.
fn days_of_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

fn civil_of_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
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
        fn no_text_makes_it_panic(text in "[0-9TZtz:+. -]{0,40}|.{0,40}") {
            let _ = parse(&text);
        }
    }
}
