//! Numbers as people read them: thousands apart, units behind, no more digits than mean something.

/// Shown for what is not a number.
const NOTHING: &str = "–";

/// `20,412`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Milliseconds without their unit: `8.4`, `843`, `12,340`. Percentiles are good to 0.8 %, so more would be noise.
pub fn ms(value: f64) -> String {
    decimals(value, if value.abs() < 9.95 { 1 } else { 0 })
}

/// A rate without its unit: `0`, `0.42`, `143.2`, `12,340`.
pub fn rate(per_s: f64) -> String {
    let places = match per_s.abs() {
        0.0 => 0,
        low if low < 0.995 => 2,
        middle if middle < 999.95 => 1,
        _ => 0,
    };
    decimals(per_s, places)
}

/// A share as a percentage without the sign: `0`, `<0.1`, `12.3`, `100`. Neither end is reached by rounding.
pub fn percent(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0".to_owned();
    }
    if part >= whole {
        return "100".to_owned();
    }
    let share = 100.0 * part as f64 / whole as f64;
    match share {
        _ if share < 0.1 => "<0.1".to_owned(),
        _ if share > 99.9 => ">99.9".to_owned(),
        _ => format!("{share:.1}"),
    }
}

/// How long something took: `0.4 s`, `4.1 s`, `1 min 05 s`.
pub fn took(ms: u64) -> String {
    if ms < 59_950 {
        return format!("{}.{} s", (ms + 50) / 1_000, (ms + 50) % 1_000 / 100);
    }
    let seconds = (ms + 500) / 1_000;
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}

/// Time since the start as a clock shows it: `00:12`, `1:00:12`.
pub fn clock(elapsed_s: u64) -> String {
    let (hours, minutes, seconds) = (elapsed_s / 3_600, elapsed_s / 60 % 60, elapsed_s % 60);
    if hours == 0 {
        format!("{minutes:02}:{seconds:02}")
    } else {
        format!("{hours}:{minutes:02}:{seconds:02}")
    }
}

/// `n samples`, with the noun in the right number.
pub fn of(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

fn decimals(value: f64, places: usize) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    if places == 0 {
        // Beyond 2^64 the cast saturates: no time or rate gets there.
        let whole = count(value.abs().round() as u64);
        return if value < 0.0 { format!("-{whole}") } else { whole };
    }
    format!("{value:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (20_412, "20,412"), (1_234_567, "1,234,567")];
        for (n, text) in cases {
            assert_eq!(count(n), text);
        }
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn digits_are_those_that_mean_something() {
        assert_eq!([0.0, 8.44, 9.96, 84.4, 12_340.4].map(ms), ["0.0", "8.4", "10", "84", "12,340"]);
        assert_eq!(
            [0.0, 0.424, 0.999, 143.2, 999.96, 12_340.0].map(rate),
            ["0", "0.42", "1.0", "143.2", "1,000", "12,340"]
        );
        assert_eq!([f64::NAN, f64::INFINITY].map(ms), ["–", "–"]);
        assert_eq!(ms(-12.0), "-12");
    }

    #[test]
    fn a_share_is_none_or_all_only_if_it_is() {
        assert_eq!(percent(0, 9), "0");
        assert_eq!(percent(1, 1_000_000), "<0.1");
        assert_eq!(percent(12, 1_732), "0.7");
        assert_eq!(percent(999_999, 1_000_000), ">99.9");
        assert_eq!(percent(9, 9), "100");
        assert_eq!(percent(0, 0), "0");
    }

    #[test]
    fn durations_read_naturally() {
        assert_eq!(
            [0, 430, 4_149, 59_949, 59_950, 65_000].map(took),
            ["0.0 s", "0.4 s", "4.1 s", "59.9 s", "1 min 00 s", "1 min 05 s"]
        );
        assert_eq!([0, 12, 3_599, 3_612].map(clock), ["00:00", "00:12", "59:59", "1:00:12"]);
    }
}
