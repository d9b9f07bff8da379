//! Which store a Drain is, and what of our points that cannot keep.

use std::fmt;

/// A store, with its version in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// InfluxDB 1.x, or what says that it is one.
    Influx1(String),
    /// InfluxDB 2.x.
    Influx2(String),
    /// InfluxDB 3.
    Influx3(String),
    /// VictoriaMetrics, or one of its agents or proxies in front.
    VictoriaMetrics,
    /// A Drain that does not say what it is.
    Unknown,
}

impl Store {
    /// By what `/ping` says of its version, and `/-/healthy` of its health where `/ping` says nothing.
    #[must_use]
    pub(super) fn of(version: Option<&str>, health: &str) -> Self {
        // A word of a stranger: it is printed.
        let version: String =
            version.unwrap_or_default().chars().filter(char::is_ascii_graphic).take(32).collect();
        let number = version.trim_start_matches('v');
        match number.split('.').next() {
            Some("1") => Self::Influx1(number.to_owned()),
            Some("2") => Self::Influx2(number.to_owned()),
            Some("3") => Self::Influx3(number.to_owned()),
            _ if health.trim_start().starts_with("VictoriaMetrics") => Self::VictoriaMetrics,
            _ => Self::Unknown,
        }
    }

    /// What does not work there as with InfluxDB 1.x, and what to do instead; `None` where everything does, as far as is known.
    #[must_use]
    pub fn limits(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::VictoriaMetrics => Some((
                "it keeps numbers only: label texts, sketches and where traces are become 0, times are cut to ms",
                "take percentiles over windows and nodes, and texts of labels, from receipts (gridnode send --wait) or from an InfluxDB \
                 1.x: gridnode merge --from cannot read them here",
            )),
            Self::Influx3(_) => Some((
                "it takes the writes; reading it (gridnode merge --from, gridnode dashboard) has not been tried with it",
                "try both before you rely on them; receipts (gridnode send --wait) do not need the store",
            )),
            Self::Influx1(_) | Self::Influx2(_) | Self::Unknown => None,
        }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Influx1(version) | Self::Influx2(version) | Self::Influx3(version) => {
                write!(f, "InfluxDB {version}")
            }
            Self::VictoriaMetrics => f.write_str("VictoriaMetrics"),
            Self::Unknown => f.write_str("it does not say what it is"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_are_told_apart() {
        let of = |version, health| Store::of(version, health).to_string();
        assert_eq!(of(Some("1.8.10"), ""), "InfluxDB 1.8.10");
        assert_eq!(of(Some("v2.7.11"), ""), "InfluxDB 2.7.11");
        assert_eq!(of(Some("3.4.0"), ""), "InfluxDB 3.4.0");
        assert_eq!(Store::of(Some("v2.7.11"), ""), Store::Influx2("2.7.11".to_owned()));
        assert_eq!(Store::of(None, "VictoriaMetrics is Healthy.\n"), Store::VictoriaMetrics);
        for (version, health) in
            [(None, ""), (Some(""), "<html>"), (Some("\u{1b}[2J1.8"), ""), (Some("12.1"), "")]
        {
            assert_eq!(Store::of(version, health), Store::Unknown, "{version:?} {health}");
        }
        assert!(of(Some(&format!("1.{}", "9\n\u{1b}".repeat(1_000))), "").len() < 50);
    }
}
