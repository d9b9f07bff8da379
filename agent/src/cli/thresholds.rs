//! Thresholds in a file, so that they can lie beside the plan: TOML, `fail_if = ["p95 > 800ms", "failures > 1% over 30s"]`; and
//! what came of all that were given.

use crate::console::{clean, of, write_note};
use gridnode_core::judge::{Judged, Threshold};
use std::fs::File;
use std::io::Read as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Far more than anybody writes; what is longer is another file.
const BYTES_MAX: u64 = 1 << 20;
/// The only key.
const KEY: &str = "fail_if";
/// What a file looks like.
const FORM: &str = "write fail_if = [\"p95 > 800ms\", \"failures > 1% over 30s\"]";

/// What a file has; at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdFile(pub Vec<Threshold>);

/// Reads one, for clap.
///
/// # Errors
/// When it cannot be read, or something in it is no threshold: with the line.
pub fn threshold_file(path: &str) -> Result<ThresholdFile, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut bytes));
    read.map_err(|error| format!("failed to read it: {error}"))?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(format!("it is larger than {BYTES_MAX} bytes: that is no file of thresholds"));
    }
    parse(&String::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_owned())?)
}

/// Says those that do not hold, or that all do. `summary`: where what they came to is, if it is not for a verdict.
pub(super) fn say(judged: &Judged, summary: &str) {
    if let Some(why) = &judged.refused {
        return write_note(&format!(
            "error: the thresholds are not judged: {}; what they came to is in {summary}",
            clean(why)
        ));
    }
    if let Some(why) = &judged.caveat {
        write_note(&format!("warning: the thresholds are judged although {}", clean(why)));
    }
    let broken: Vec<_> = judged.thresholds.iter().filter(|judgement| !judgement.holds).collect();
    broken.iter().for_each(|judgement| write_note(&format!("error: threshold {}", clean(&judgement.why))));
    if broken.is_empty() && !judged.thresholds.is_empty() {
        write_note(&of(judged.thresholds.len() as u64, "threshold holds", "thresholds hold"));
    }
}

fn parse(text: &str) -> Result<ThresholdFile, String> {
    let at = |offset: usize| 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    let table = DeTable::parse(text).map_err(|error| {
        let line = at(error.span().map_or(0, |span| span.start));
        format!("line {line}: this is not TOML, {}; {FORM}", error.message())
    })?;
    let mut thresholds = Vec::new();
    for (key, value) in table.get_ref() {
        let (line, name) = (at(key.span().start), key.get_ref());
        if name != KEY {
            return Err(format!("line {line}: {name} is not a key of thresholds, {KEY} is the only one"));
        }
        let DeValue::Array(items) = value.get_ref() else {
            return Err(format!("line {line}: {KEY} is a list of texts; {FORM}"));
        };
        for item in items.iter() {
            thresholds.push(threshold(item).map_err(|why| format!("line {}: {why}", at(item.span().start)))?);
        }
    }
    // Nothing to be judged would pass for something that holds.
    if thresholds.is_empty() {
        return Err(format!("it has no thresholds; {FORM}"));
    }
    Ok(ThresholdFile(thresholds))
}

fn threshold(item: &Spanned<DeValue<'_>>) -> Result<Threshold, String> {
    let DeValue::String(text) = item.get_ref() else {
        return Err(format!("a threshold is a text, in quotes; {FORM}"));
    };
    text.parse().map_err(|error| format!("{text}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<Vec<String>, String> {
        parse(text).map(|file| file.0.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn thresholds_are_read_in_their_order() {
        let text = "# of the shop\nfail_if = [\n  'p95(checkout) > 800ms',\n  \"failures > 1% over 30s\", # both\n]\n";
        assert_eq!(shown(text).unwrap(), ["p95(checkout) > 800ms", "failures > 1% over 30s"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let wrong = |text: &str| shown(text).unwrap_err();
        insta::assert_snapshot!(wrong("fail_if = [\n 'p95 > 1s',\n 'p95 > 1h']"), @"line 3: p95 > 1h: column 8: ms or s is due, and nothing after it but a time: over 30s; write it like p95(checkout) > 800ms or failures > 1% over 30s");
        insta::assert_snapshot!(wrong("\nfail_iff = ['p95 > 1s']"), @"line 2: fail_iff is not a key of thresholds, fail_if is the only one");
        insta::assert_snapshot!(wrong("fail_if = ['p95 > 1s']\n[more]\nx = 1"), @"line 2: more is not a key of thresholds, fail_if is the only one");
        insta::assert_snapshot!(wrong("fail_if = 'p95 > 1s'"), @r#"line 1: fail_if is a list of texts; write fail_if = ["p95 > 800ms", "failures > 1% over 30s"]"#);
        insta::assert_snapshot!(wrong("fail_if = [\n1]"), @r#"line 2: a threshold is a text, in quotes; write fail_if = ["p95 > 800ms", "failures > 1% over 30s"]"#);
        for nothing in ["", "# nothing\n", "fail_if = []"] {
            assert!(wrong(nothing).starts_with("it has no thresholds; "), "{nothing}");
        }
        assert!(
            wrong("fail_if = [\n'p95 > 1s").starts_with("line 2: this is not TOML, "),
            "{}",
            wrong("fail_if = [\n'p95 > 1s")
        );
    }

    #[test]
    fn a_file_that_is_not_there_or_no_text_is_a_sentence() {
        assert!(threshold_file("/nowhere/x.toml").unwrap_err().starts_with("failed to read it: "));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.toml");
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert_eq!(threshold_file(path.to_str().unwrap()).unwrap_err(), "it is no text in UTF-8");
    }
}
