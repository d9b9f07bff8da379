//! The schedule of an Open Model Thread Group: `rate(5/sec) random_arrivals(10 min) pause(30 sec)`. Only its length is read.

/// How long it takes, s, rounded up; `None` where it cannot be told.
pub(super) fn schedule_s(text: &str) -> Option<u64> {
    let text = without_comments(text);
    let mut rest = text.trim();
    let mut ms = 0_f64;
    while !rest.is_empty() {
        let (name, after) = rest.split_once('(')?;
        let (argument, after) = after.split_once(')')?;
        match name.trim() {
            "rate" => {}
            "random_arrivals" | "even_arrivals" | "pause" => ms += duration_ms(argument)?,
            _ => return None,
        }
        rest = after.trim();
    }
    // A number beyond any test is as good as none.
    (ms.is_finite() && ms < 1e15).then_some((ms / 1_000.0).ceil() as u64)
}

/// `1 hour 30 min`, `2.5s`; a bare 0 needs no unit.
fn duration_ms(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut ms = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        let after = rest[digits..].trim_start();
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let unit = unit_ms(&after[..letters]).or((letters == 0 && number == 0.0).then_some(0.0))?;
        ms += number * unit;
        rest = after[letters..].trim_start();
    }
    Some(ms)
}

fn unit_ms(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" => 1.0,
        "s" | "sec" | "second" | "seconds" => 1e3,
        "m" | "min" | "minute" | "minutes" => 60e3,
        "h" | "hour" | "hours" => 3_600e3,
        "d" | "day" | "days" => 86_400e3,
        _ => return None,
    })
}

/// Both kinds: to the end of the line, and `/* … */`.
fn without_comments(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("//").into_iter().chain(rest.find("/*")).min() {
        out.push_str(&rest[..at]);
        let end = if rest[at..].starts_with("//") { "\n" } else { "*/" };
        out.push(' ');
        rest = rest[at + 2..].split_once(end).map_or("", |(_, after)| after);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_schedule_takes_its_arrivals_and_pauses() {
        for (text, want) in [
            ("rate(5/sec) random_arrivals(10 sec)", Some(10)),
            ("rate(1/min) even_arrivals(1 hour 30 min) rate(3/s) pause(2.5s)", Some(5_403)),
            (
                "rate(0 / min) random_arrivals(5 min)\n// the rest\nrate(9/day) random_arrivals(1 d) /* pause(9 h) */",
                Some(86_700),
            ),
            ("pause(0) random_arrivals(900 ms)", Some(1)),
            ("", Some(0)),
            ("random_arrivals(10)", None),
            ("random_arrivals(${time} sec)", None),
            ("random_arrivals(10 sec", None),
            ("ramp(10 sec)", None),
            ("pause()", None),
            ("pause(9999999999999 days)", None),
        ] {
            assert_eq!(schedule_s(text), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(rate|pause|[a-z_]|\\(|\\)|[0-9.]| |/|\\*|é|\n){0,60}") {
            let _ = schedule_s(&text);
        }
    }
}
