//! A line of JMeter's log: who says what.

/// JMeter's engine, as the log abbreviates it.
pub(super) const ENGINE: &str = "o.a.j.e.StandardJMeterEngine";
/// Its threads.
pub(super) const THREAD: &str = "o.a.j.t.JMeterThread";

/// Characters kept of a line.
const LINE_CHARS_MAX: usize = 400;

/// A line in the layout of JMeter's `log4j2.xml`: `date time,ms LEVEL logger: message`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LogLine<'l> {
    time: &'l str,
    level: &'l str,
    /// Who says it; packages are abbreviated to their first letter.
    pub logger: &'l str,
    /// What.
    pub message: &'l str,
}

impl<'l> LogLine<'l> {
    /// Reads one; `None` for the further lines of a message.
    pub fn parse(line: &'l str) -> Option<Self> {
        let mut parts = line.splitn(4, ' ');
        let (date, time, level) = (parts.next()?, parts.next()?, parts.next()?);
        let dated = date.len() == 10 && date.starts_with(|c: char| c.is_ascii_digit());
        let known = ["ERROR", "FATAL", "WARN", "INFO", "DEBUG", "TRACE"].contains(&level);
        let rest = parts.next().unwrap_or_default();
        let (logger, message) = rest.split_once(':').unwrap_or((rest, ""));
        (dated && known).then_some(Self { time, level, logger, message: message.trim_start() })
    }

    /// Whether it tells of an error.
    pub fn is_error(&self) -> bool {
        matches!(self.level, "ERROR" | "FATAL")
    }

    /// Whether it is a warning.
    pub fn is_warning(&self) -> bool {
        self.level == "WARN"
    }

    /// Whether a class of JMeter's says it. A script's logger is named after its element, below the class, which is
    /// abbreviated to its capital then; BeanShell's scripts and those of functions get the logger of the class itself.
    pub fn is_jmeters_own(&self) -> bool {
        let Some(name) = self.logger.strip_prefix("o.a.j.") else { return false };
        let (packages, class) = name.rsplit_once('.').unwrap_or(("", name));
        let lends_it = packages == "f" || class.starts_with("BeanShell");
        !lends_it && packages.chars().all(|c| c == '.' || c.is_ascii_lowercase())
    }

    /// The time of day, ms.
    pub fn day_ms(&self) -> Option<u64> {
        let (clock, ms) = self.time.split_once(',')?;
        let mut seconds = 0;
        for part in clock.splitn(3, ':') {
            seconds = seconds * 60 + part.parse::<u64>().ok().filter(|part| *part < 60)?;
        }
        Some(seconds * 1_000 + ms.parse::<u64>().ok().filter(|ms| *ms < 1_000)?)
    }
}

/// As much of a text as is kept.
pub(super) fn short(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(LINE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_it_is_told_apart() {
        let line = |logger: &str| format!("2026-11-28 19:12:45,520 ERROR {logger}: boom: it went");
        for (logger, own) in [
            (THREAD, true),
            ("o.a.j.JMeter", true),
            ("o.a.j.p.j.s.JSR223Sampler", true),
            ("o.a.j.p.j.s.J.call", false),
            ("o.a.j.m.J.JMeterThread", false),
            ("o.a.j.f.Groovy", false),
            ("o.a.j.m.BeanShellPreProcessor", false),
            ("shop.Cart", false),
        ] {
            let line = line(logger);
            let line = LogLine::parse(&line).unwrap();
            assert_eq!((line.logger, line.message, line.is_jmeters_own()), (logger, "boom: it went", own));
            assert!(line.is_error());
            assert_eq!(line.day_ms(), Some(69_165_520));
        }
        assert_eq!(LogLine::parse("\tat a.b(C.java:7)"), None);
        assert_eq!(LogLine::parse("2026-11-28 99:00:00,0 INFO a: b").and_then(|line| line.day_ms()), None);
    }
}
