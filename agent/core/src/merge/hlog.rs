//! HdrHistogram's interval logs (format 1.3), as its tools in many languages read them: a text a label, a line a window.
//!
//! | line | what |
//! |---|---|
//! | `#[StartTime: S (seconds since epoch), …]` | start of the flood's first window; times in lines are from there |
//! | `Tag=T,start,length,max,histogram` | seconds, seconds, ms, base64 of a compressed V2 histogram in µs |
//!
//! The histograms are the sketches themselves, with 2 significant digits: counts are exact, times within 0.8 %, and more than an hour
//! counts as one. A window without a sample has no line. What cannot stand in a tag is percent-encoded.

use super::{LabelSummary, WindowNumbers};
use crate::base::rfc3339;
use crate::base::time::{NS_PER_S, Wall};
use crate::measure::sketch::layout::highest_equivalent_us;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Bytes of a file's name, its ending and a digest left out.
const NAME_BYTES_MAX: usize = 100;
const LEGEND: &str = r#""StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram""#;

/// One label's log. `start_s`: of the first window, since the epoch.
#[must_use]
pub fn hlog(label: &LabelSummary, windows: &[WindowNumbers], start_s: i64, window_s: u64) -> String {
    let mut text = String::from("#[Histogram log format version 1.3]\n");
    let start = rfc3339::format(Wall(start_s.saturating_mul(NS_PER_S.cast_signed())));
    let tag = tag(&label.label);
    // Writing to a text does not fail.
    let _ = write!(
        text,
        "#[StartTime: {start_s}.000 (seconds since epoch), {start}]\n#[Values: microseconds, 2 significant digits]\n\
         #[MaxValueDivisor: 1000.000]\n#[Kind: {}]\n{LEGEND}\n",
        // It comes from outside as well.
        tag_of(&label.kind)
    );
    for (at, window) in windows.iter().enumerate().filter(|(_, window)| !window.sketch.is_empty()) {
        let from_s = (at as u64).saturating_mul(window_s);
        let last = window.sketch.buckets().last().map_or(0, |(index, _)| highest_equivalent_us(index));
        let (whole, rest) = (last / 1_000, last % 1_000);
        let histogram = window.sketch.to_base64();
        let _ = writeln!(text, "Tag={tag},{from_s}.000,{window_s}.000,{whole}.{rest:03},{histogram}");
    }
    text
}

/// Names of files for texts of any kind, without an ending: letters and digits of theirs, and a digest where several would have
/// one name, be it on a file system that takes `A` for `a`.
#[must_use]
pub fn file_names(texts: &[(&str, &str)]) -> Vec<String> {
    let plain: Vec<String> = texts.iter().map(|(text, kind)| plain(text, kind)).collect();
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    plain.iter().for_each(|name| *alike.entry(name.to_lowercase()).or_default() += 1);
    let mut taken = BTreeSet::new();
    let name = |(plain, text): (&String, &(&str, &str))| {
        let mut name = plain.clone();
        if alike.get(&name.to_lowercase()).is_some_and(|n| *n > 1) {
            name = format!("{plain}-{}", digest(text));
        }
        // Somebody may call a label as another one's file.
        while !taken.insert(name.to_lowercase()) {
            name.push('_');
        }
        name
    };
    plain.iter().zip(texts).map(name).collect()
}

fn plain(text: &str, kind: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        match c {
            _ if c.is_ascii_alphanumeric() || c == '_' => name.push(c),
            '.' if !name.is_empty() && !name.ends_with(['.', '-']) => name.push(c),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
        if name.len() >= NAME_BYTES_MAX {
            break;
        }
    }
    let name = name.trim_end_matches(['-', '.']);
    let name = if name.is_empty() { "label" } else { name };
    if kind == "transaction" { format!("{name}.transaction") } else { name.to_owned() }
}

fn digest((text, kind): &(&str, &str)) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, format!("{kind}\0{text}").as_bytes());
    digest.as_ref()[..4].iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A tag must not be empty.
fn tag(label: &str) -> String {
    if label.is_empty() { "%00".to_owned() } else { tag_of(label) }
}

fn tag_of(text: &str) -> String {
    let mut tag = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() || matches!(c, ',' | '%' | '"') {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(tag, "%{byte:02X}");
            }
        } else {
            tag.push(c);
        }
    }
    tag
}

#[cfg(test)]
mod tests;
