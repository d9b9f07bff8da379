//! What is shown of a body that is sent as base64: as text, where it is one; as it is, where it is a picture and the like; else
//! only where no secret can be seen in it.

use super::redact::Redactor;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How every body that is no text is written.
pub(super) const BASE64: &str = "base64";
/// Kinds of content that have no secrets in plain sight.
const MEDIA: [&str; 7] =
    ["image/", "font/", "audio/", "video/", "application/pdf", "application/zip", "application/font"];
/// What begins a body that is compressed.
const COMPRESSED: [&[u8]; 2] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd"];

/// See the module's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// Its text, without secrets.
    Text(String),
    /// As it is.
    Binary,
    /// Not at all.
    Nothing,
}

/// Whether it is what it says.
pub(super) fn is_base64(body: &str) -> bool {
    STANDARD.decode(body).is_ok()
}

/// Of a body in base64.
pub(super) fn shown(body: &str, content_type: &str, redactor: &Redactor) -> Shown {
    let Ok(bytes) = STANDARD.decode(body) else { return Shown::Nothing };
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if is_text(&kind) || kind.is_empty() && looks_like_text(&bytes) {
        return Shown::Text(redactor.text(&text(&bytes)));
    }
    if MEDIA.iter().any(|media| kind.starts_with(media)) {
        return Shown::Binary;
    }
    let is_compressed = COMPRESSED.iter().any(|mark| bytes.starts_with(mark));
    if is_compressed || redactor.may_be_in(&latin(&bytes)) { Shown::Nothing } else { Shown::Binary }
}

fn is_text(kind: &str) -> bool {
    ["text/", "multipart/"].iter().any(|start| kind.starts_with(start))
        || ["json", "xml", "javascript"].iter().any(|word| kind.contains(word))
        || kind.ends_with("form-urlencoded")
}

fn looks_like_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x20..=0x7e | 0x80..))
}

/// As UTF-8, where a cut may have taken the end of a character, or else each byte as a character.
fn text(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) if error.error_len().is_none() => {
            String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned()
        }
        Err(_) => latin(bytes),
    }
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
