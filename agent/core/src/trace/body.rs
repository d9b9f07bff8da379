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
/// What begins a PDF, which may have nothing but text in it.
const PDF_KIND: &str = "application/pdf";
const PDF_MARK: &[u8] = b"%PDF-";
/// What begins a body that is compressed.
const COMPRESSED: [&[u8]; 2] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd"];

/// Kinds of content that are text.
const TEXTS: [&str; 2] = ["text/", "multipart/"];
const TEXT_WORDS: [&str; 9] =
    ["json", "xml", "javascript", "ecmascript", "graphql", "yaml", "csv", "x-www-form", "form-urlencoded"];
/// Bytes at the beginning of a body that tell whether it is UTF-16, and those of the shortest.
const WIDE_BYTES: usize = 256;
const WIDE_BYTES_MIN: usize = 4;
/// Of the places where one byte in two is, in percent: so many are as they are in most languages that are written in Latin.
const WIDE_PERCENT: usize = 90;
const BOMS: [[u8; 2]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];

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
    let is_media = !is_text(&kind) && MEDIA.iter().any(|media| kind.starts_with(media));
    if is_media {
        return match readable(&bytes, &kind) {
            Some(text) => Shown::Text(redactor.text(text)),
            None => Shown::Binary,
        };
    }
    // Whatever it says: between zeros no secret is found.
    if let Some(text) = wide(&bytes, is_text(&kind)) {
        return Shown::Text(redactor.text(&text));
    }
    if is_text(&kind) || kind.is_empty() && looks_like_text(&bytes) {
        return Shown::Text(redactor.text(&text(&bytes)));
    }
    let is_compressed = COMPRESSED.iter().any(|mark| bytes.starts_with(mark));
    if is_compressed || redactor.may_be_in(&latin(&bytes)) { Shown::Nothing } else { Shown::Binary }
}

/// What says that it is a picture or the like, and can be read: an error's text under the type of what was asked for, whose secrets
/// are in plain sight. No picture, font, sound or archive is UTF-8 without control characters.
fn readable<'a>(bytes: &'a [u8], kind: &str) -> Option<&'a str> {
    if bytes.is_empty()
        || !looks_like_text(bytes)
        || kind.starts_with(PDF_KIND) && bytes.starts_with(PDF_MARK)
    {
        return None;
    }
    match str::from_utf8(bytes) {
        Ok(text) => Some(text),
        // A cut may have taken the end of a character.
        Err(error) if error.error_len().is_none() => str::from_utf8(&bytes[..error.valid_up_to()]).ok(),
        Err(_) => None,
    }
}

fn is_text(kind: &str) -> bool {
    TEXTS.iter().any(|start| kind.starts_with(start)) || TEXT_WORDS.iter().any(|word| kind.contains(word))
}

fn looks_like_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| is_of_text(*byte))
}

fn is_of_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x20..=0x7e | 0x80..)
}

/// As UTF-16, where it looks like that, or says so in its first character.
fn wide(bytes: &[u8], is_text: bool) -> Option<String> {
    let head = &bytes[..bytes.len().min(WIDE_BYTES)];
    let has_bom = |place: usize| is_text && head.starts_with(&BOMS[place]);
    let is_big = if has_bom(0) || is_wide(head, 0) {
        false
    } else if has_bom(1) || is_wide(head, 1) {
        true
    } else {
        return None;
    };
    // A cut may have taken half of the last character.
    let units = bytes.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if is_big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    });
    let text = char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(text.skip_while(|char| *char == '\u{feff}').collect())
}

/// Whether the bytes at even places, or those at odd ones, are of text, and the others zeros.
fn is_wide(head: &[u8], place: usize) -> bool {
    let pairs = head.len() / 2;
    let count = |is: fn(u8) -> bool, place: usize| {
        head.chunks_exact(2).filter(|pair| pair.get(place).is_some_and(|byte| is(*byte))).count()
    };
    let is_most = |count: usize| count * 100 >= pairs * WIDE_PERCENT;
    head.len() >= WIDE_BYTES_MIN
        && is_most(count(is_of_text, place))
        && is_most(count(|byte| byte == 0, 1 - place))
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
