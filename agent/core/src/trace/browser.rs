//! What a browser adds to a trace: its console, and what it showed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// Entries of a console that are kept.
pub(super) const CONSOLE_MAX: usize = 50;
/// Of a picture.
const PNG_BYTES_MAX: usize = 5 << 20;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What a page's console says: errors of scripts, and requests of the page that failed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsoleEntry {
    /// `SEVERE` or `WARNING`.
    pub level: String,
    /// `javascript`, `network`, `console-api`, `security`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// In the browser's words.
    pub text: String,
}

/// The picture, should it be one of a size to be kept.
pub(super) fn png(base64: &str) -> Option<Vec<u8>> {
    // Four characters are three bytes.
    let fits = base64.len() / 4 * 3 <= PNG_BYTES_MAX;
    fits.then(|| STANDARD.decode(base64).ok()).flatten().filter(|bytes| bytes.starts_with(PNG))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_picture_is_one() {
        let picture = [PNG, b"x"].concat();
        assert_eq!(png(&STANDARD.encode(&picture)), Some(picture));
        for none in ["", "iVBO", "iVBORw0KGgo", "no base64", &STANDARD.encode(b"#!/bin/sh\nrm x")] {
            assert_eq!(png(none), None, "{none}");
        }
        let large = [PNG, &vec![0; PNG_BYTES_MAX]].concat();
        assert_eq!(png(&STANDARD.encode(large)), None);
    }
}
