//! Secrets in lists of names and values in YAML: `- name: password`, and below or above it `value: s3cret`.

use super::names::Names;
use super::pair::{LABELS, VALUES, is_word};
use super::place::value;
use super::tag::{is_any, is_label};
use super::yaml::members;
use std::ops::Range;

/// The secrets of a text, and the words that look like a secret's name and are none.
pub(super) fn lines(text: &str, names: &Names) -> (Vec<Range<usize>>, Vec<usize>) {
    let bytes = text.as_bytes();
    let (mut secrets, mut labels) = (Vec::new(), Vec::new());
    let mut read_to = 0;
    for (first, second) in members(bytes) {
        let is = |name: &Range<usize>, words: &[&str]| is_any(bytes, name.start, name.end, words);
        let (label, other) = if is(&first.name, &LABELS) { (first, second) } else { (second, first) };
        if !is(&label.name, &LABELS) || !is(&other.name, &VALUES) {
            continue;
        }
        let text = &bytes[label.text];
        let is_carrier = is_label(text, names);
        if is_carrier || is_word(text) {
            labels.push(label.name.start);
        }
        // What is within another's value is hidden with it.
        if is_carrier
            && other.name.start >= read_to
            && let Some(secret) = value(bytes, other.name.start, other.name.end)
        {
            read_to = secret.end;
            secrets.push(secret);
        }
    }
    (secrets, labels)
}
