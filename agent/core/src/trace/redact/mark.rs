//! What begins a tag and what ends it: as it stands, as text of a page, in a script.

pub(super) const OPENINGS: [&[u8]; 4] = [b"<", b"&lt;", b"&#60;", b"\\u003c"];
pub(super) const CLOSINGS: [&[u8]; 4] = [b">", b"&gt;", b"&#62;", b"\\u003e"];

/// Whether one of these stands there, in whatever letters.
pub(super) fn is_at(bytes: &[u8], at: usize, texts: &[&[u8]]) -> bool {
    texts
        .iter()
        .any(|text| bytes.get(at..at + text.len()).is_some_and(|there| there.eq_ignore_ascii_case(text)))
}

/// The length of the mark there that begins a tag.
pub(super) fn opening(bytes: &[u8], at: usize) -> Option<usize> {
    mark(bytes, at, &OPENINGS)
}

/// The same of one that ends it.
pub(super) fn closing(bytes: &[u8], at: usize) -> Option<usize> {
    mark(bytes, at, &CLOSINGS)
}

fn mark(bytes: &[u8], at: usize, marks: &[&[u8]]) -> Option<usize> {
    // All begin with one of these, and most bytes are none.
    bytes.get(at).filter(|byte| matches!(byte, b'<' | b'>' | b'&' | b'\\'))?;
    marks.iter().find(|mark| is_at(bytes, at, &[mark])).map(|mark| mark.len())
}
