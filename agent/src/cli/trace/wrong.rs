//! What was named instead of an error trace.

use std::path::Path;

/// How a PNG begins.
const PNG: &[u8] = b"\x89PNG";
/// Results of a run, and its document.
const DOCUMENT: &str = "summary.json";

/// What to do about a file that is no trace, where that is plain to see.
pub(super) fn advice(file: &Path, bytes: &[u8]) -> Option<String> {
    let name = file.file_name().unwrap_or_default();
    if name == DOCUMENT {
        let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return Some(format!("it is what a run came to; its traces: gridnode trace show {}", dir.display()));
    }
    if bytes.starts_with(PNG) {
        let beside = file.with_extension("json");
        return Some(format!(
            "it is a picture; the trace is beside it: gridnode trace show {}",
            beside.display()
        ));
    }
    let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
        Err(error) if error.is_eof() && begins == Some(&b'{') => Some(
            "it ends too early: what has written it did not come to its end, or the disk was full".to_owned(),
        ),
        Err(_) if bytes.is_empty() => Some("it is empty".to_owned()),
        _ => None,
    }
}

/// `s3://x/y`, of `s3:/x/y`.
pub(super) fn meant(file: &Path) -> Option<String> {
    let rest = file.to_str()?.strip_prefix("s3:")?;
    (!file.exists()).then(|| format!("s3://{}", rest.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_trace_is_called_by_its_name() {
        let said = |name: &str, bytes: &[u8]| advice(Path::new(name), bytes).unwrap_or_default();
        assert!(said("out/summary.json", b"{}").ends_with("gridnode trace show out"));
        assert!(said("summary.json", b"{}").ends_with("gridnode trace show ."));
        assert!(said("f/a.png", b"\x89PNG\r\n").ends_with("gridnode trace show f/a.json"));
        assert!(said("a.json", b" {\"label\":\"x").starts_with("it ends too early"));
        assert_eq!(said("a.json", b""), "it is empty");
        for other in [&b"[1,"[..], b"hello", b"{\"a\":1}", b"{]"] {
            assert_eq!(said("a.json", other), "", "{}", String::from_utf8_lossy(other));
        }
        assert_eq!(meant(Path::new("s3:/bucket/key")).as_deref(), Some("s3://bucket/key"));
        assert_eq!(meant(Path::new("out/s3:/x")), None);
    }
}
