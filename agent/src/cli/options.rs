//! Options that several commands share, and how their texts are read.

use crate::data::drain::DrainUrl;
use anyhow::Context as _;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Args, Command};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::limits::{GRACE_MS_DEFAULT, LABELS_DEFAULT, LABELS_MAX, WINDOW_S_ALLOWED};
use gridnode_core::base::tags::{self, Tags};
use gridnode_core::measure::window::WindowSettings;
use gridnode_core::rollup::timestamp::DEFAULT_KEY;
use std::ffi::OsStr;
use std::net::SocketAddr;

/// Who this node is.
#[derive(Debug, Args)]
pub struct IdentityOptions {
    /// Name of this node [default: the host's name]
    #[arg(long, env = "GRIDNODE_NODE", value_name = "NAME", help_heading = "Identity")]
    pub node: Option<Ident>,
    /// Grid this node belongs to (a tag of every point)
    #[arg(long, env = "GRIDNODE_GRID", value_name = "NAME", help_heading = "Identity")]
    pub grid: Option<Ident>,
    /// Region this node is in (a tag of every point)
    #[arg(long, env = "GRIDNODE_REGION", value_name = "NAME", help_heading = "Identity")]
    pub region: Option<Ident>,
}

impl IdentityOptions {
    /// The node's name: as given, or the host's.
    #[must_use]
    pub fn node(&self) -> Ident {
        let host =
            || nix::sys::utsname::uname().ok().map(|name| name.nodename().to_string_lossy().into_owned());
        self.node.clone().unwrap_or_else(|| Ident::near(&host().unwrap_or_else(|| "node".to_owned())))
    }
}

/// By what a run is found later.
#[derive(Debug, Args)]
pub struct TagOptions {
    /// A free tag of the run, as build=1234; may be given up to 16 times. It is in the receipt, the summary, the report and the JUnit
    /// file, and never in series
    #[arg(long = "tag", value_name = "KEY=VALUE", help_heading = "Identity", value_parser = tag)]
    pub tags: Vec<(String, String)>,
}

impl TagOptions {
    /// All of them.
    ///
    /// # Errors
    /// When they are too many, or one stands there twice.
    pub fn tags(&self) -> anyhow::Result<Tags> {
        Tags::new(self.tags.iter().cloned()).context("--tag")
    }
}

fn tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = key_value(text)?;
    tags::check(&key, &value).map_err(|error| error.to_string())?;
    Ok((key, value))
}

/// How samples are aggregated.
#[derive(Debug, Args)]
pub struct WindowOptions {
    /// Wait after a window's end for samples on their way, milliseconds
    #[arg(long, value_name = "MS", default_value_t = GRACE_MS_DEFAULT, help_heading = "Aggregation",
          value_parser = clap::value_parser!(u64).range(0..=60_000))]
    pub grace_ms: u64,
    /// Distinct labels before further ones are counted together as `__other__`
    #[arg(long, value_name = "N", default_value_t = LABELS_DEFAULT as u64, help_heading = "Aggregation",
          value_parser = clap::value_parser!(u64).range(1..=LABELS_MAX as u64))]
    pub labels_max: u64,
    /// Write a label's text as a tag, too, `label_name`, by which Grafana can name a curve: for a store of your own, which grows by it
    #[arg(long, help_heading = "Aggregation")]
    pub label_tag: bool,
}

impl WindowOptions {
    /// Settings of windows of this length.
    #[must_use]
    pub fn settings(&self, period_s: u32) -> WindowSettings {
        WindowSettings { period_s, grace_ms: self.grace_ms }
    }
}

/// Where rollups go.
#[derive(Debug, Args)]
pub struct TimestampOptions {
    /// Key of the timestamps' offsets; the same on all nodes of a platform [default: a public constant]
    #[arg(long, env = "GRIDNODE_TIMESTAMP_KEY", value_name = "KEY", hide_env_values = true, hide = true)]
    pub timestamp_key: Option<String>,
}

impl TimestampOptions {
    /// The key's bytes.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        self.timestamp_key.as_ref().map_or_else(|| DEFAULT_KEY.to_vec(), |key| key.clone().into_bytes())
    }
}

/// Reads how long something lasts that has to last for a while.
///
/// # Errors
/// As [`duration_s`], and for 0.
pub fn positive_s(text: &str) -> Result<u32, String> {
    match duration_s(text)? {
        0 => Err("0 is no time at all: write 90, 5m or 1h".to_owned()),
        s => Ok(s),
    }
}

/// Reads a window's length: `1s`, `15`, `60s`.
///
/// # Errors
/// With the lengths that there are.
pub fn window_s(text: &str) -> Result<u32, String> {
    let seconds = duration_s(text)?;
    if WINDOW_S_ALLOWED.contains(&seconds) {
        return Ok(seconds);
    }
    let allowed: Vec<String> = WINDOW_S_ALLOWED.iter().map(|s| format!("{s}s")).collect();
    Err(format!("a window is one of {}", allowed.join(", ")))
}

/// Reads how long something takes that is shorter than a second or two: `800ms`, `2s`, `1m`; ms. A bare number is
/// refused: elsewhere it means seconds.
///
/// # Errors
/// With how to write it, and for 0.
pub fn positive_ms(text: &str) -> Result<u32, String> {
    let wrong = || format!("`{text}` is not a duration: write 800ms, 2s or 1m");
    if text.parse::<u32>().is_ok_and(|n| n > 0) {
        return Err(format!("`{text}` may be ms or s: write {text}ms or {text}s"));
    }
    let ms = match text.strip_suffix("ms") {
        Some(digits) => digits.parse().map_err(|_| wrong())?,
        None => duration_s(text).ok().and_then(|s| s.checked_mul(1_000)).ok_or_else(wrong)?,
    };
    if ms == 0 { Err("0 is no time at all: write 800ms, 2s or 1m".to_owned()) } else { Ok(ms) }
}

/// Reads a duration in whole seconds: `90`, `30s`, `5m`, `1h`, `1h30m`.
///
/// # Errors
/// With how to write one.
pub fn duration_s(text: &str) -> Result<u32, String> {
    let wrong = || format!("`{text}` is not a duration: write 90, 30s, 5m, 1h or 1h30m");
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    let mut total: u32 = 0;
    let mut digits = String::new();
    for c in text.chars() {
        let unit = match c {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            _ => return Err(wrong()),
        };
        let number: u32 = digits.parse().map_err(|_| wrong())?;
        total = number.checked_mul(unit).and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;
        digits.clear();
    }
    if digits.is_empty() && !text.is_empty() { Ok(total) } else { Err(wrong()) }
}

/// Reads a Drain's URL. The library's own words for a wrong value repeat it, password and all; these do not.
#[derive(Debug, Clone)]
pub struct DrainUrlParser;

impl TypedValueParser for DrainUrlParser {
    type Value = DrainUrl;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<DrainUrl, clap::Error> {
        let flag = arg.and_then(Arg::get_long).unwrap_or("drain");
        let wrong = |why: String| clap::Error::raw(ErrorKind::ValueValidation, why + "\n").with_cmd(cmd);
        let text = value.to_str().ok_or_else(|| wrong(format!("--{flag}: the Drain's URL is not UTF-8")))?;
        DrainUrl::parse(text, None).map_err(|error| wrong(format!("--{flag}: {error}")))
    }
}

/// Reads an address with a port: `127.0.0.1:8086`, `[::1]:8086`.
///
/// # Errors
/// With how to write one.
pub fn addr_port(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!("`{text}` is not an IP address with a port: write 127.0.0.1:8086, or 0.0.0.0:8086 for all")
    })
}

/// Reads the name of a secret.
///
/// # Errors
/// When it has neither a letter nor a digit.
pub fn secret_name(text: &str) -> Result<String, String> {
    if gridnode_core::trace::redact::is_name(text) {
        return Ok(text.to_owned());
    }
    Err(format!("`{text}` is no name: give one that has a letter or a digit"))
}

/// Reads `key=value`.
///
/// # Errors
/// When there is no `=` or no key.
pub fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not of the form key=value")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_lasts_for_more_than_nothing() {
        assert_eq!(positive_s("5m"), Ok(300));
        assert!(positive_s("0").unwrap_err().starts_with("0 is no time at all"));
    }

    #[test]
    fn a_wrong_drain_is_refused_without_its_password() {
        for text in [
            "http://me:geheim@",
            "ftp://me:geheim@x",
            "me:geheim@x:1",
            "http://me:geheim@x:99999",
            "http://x/#geheim",
        ] {
            let error = DrainUrlParser.parse_ref(&Command::new("x"), None, OsStr::new(text)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ValueValidation);
            assert!(error.to_string().contains("the Drain's URL"), "{error}");
            assert!(!format!("{error} {error:?}").contains("geheim"), "{error}");
        }
    }

    #[test]
    fn durations() {
        for (text, ms) in [("800ms", 800), ("2s", 2_000), ("1m", 60_000)] {
            assert_eq!(positive_ms(text), Ok(ms));
        }
        for wrong in ["", "0", "0s", "-1", "2 s", "1.5s", "p99", "99999999h"] {
            assert!(positive_ms(wrong).unwrap_err().contains("write 800ms, 2s or 1m"), "{wrong}");
        }
        assert_eq!(positive_ms("2").unwrap_err(), "`2` may be ms or s: write 2ms or 2s");
        assert_eq!(duration_s("90"), Ok(90));
        assert_eq!(duration_s("1h30m"), Ok(5_400));
        assert_eq!(duration_s("30s"), Ok(30));
        for wrong in ["", "m", "5 m", "-1", "1d", "99999999h"] {
            assert!(duration_s(wrong).is_err(), "{wrong}");
        }
        assert_eq!(window_s("15s"), Ok(15));
        assert!(addr_port("8086").unwrap_err().contains("127.0.0.1:8086"));
        assert!(window_s("7").unwrap_err().contains("1s, 2s, 5s"));
    }
}
