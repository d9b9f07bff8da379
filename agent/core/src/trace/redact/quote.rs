//! Quotation marks, however they are written: in JSON within JSON, in an attribute of HTML, in a script's text.

/// As they stand, and as references in HTML.
const MARKS: [&[u8]; 10] =
    [b"\"", b"'", b"&quot;", b"&#34;", b"&#x22;", b"&apos;", b"&#39;", b"&#039;", b"&#x27;", b"&amp;quot;"];
/// After a backslash.
const ESCAPED: [&[u8]; 4] = [b"u0022", b"u0027", b"x22", b"x27"];

/// A quotation mark, which may be escaped.
pub(super) struct Quote {
    mark: &'static [u8],
    backslashes: usize,
    /// Where the text in it begins.
    pub after: usize,
}

impl Quote {
    /// The one that begins there.
    pub fn at(bytes: &[u8], at: usize) -> Option<Self> {
        let backslashes = bytes.get(at..)?.iter().take_while(|byte| **byte == b'\\').count();
        let rest = bytes.get(at + backslashes..)?;
        let escaped: &[&[u8]] = if backslashes > 0 { &ESCAPED } else { &[] };
        let mark = MARKS.iter().chain(escaped).find(|mark| rest.starts_with(mark))?;
        Some(Self { mark, backslashes, after: at + backslashes + mark.len() })
    }

    /// A plain one before a text.
    pub fn before(after: usize) -> Self {
        Self { mark: b"\"", backslashes: 0, after }
    }

    /// Where the text ends: at a mark that is not escaped deeper than the first.
    pub fn closing(&self, bytes: &[u8]) -> usize {
        let mut backslashes = 0;
        for at in self.after..bytes.len() {
            if bytes[at..].starts_with(self.mark) {
                let is_end = match self.backslashes {
                    0 => backslashes % 2 == 0,
                    first => backslashes <= first,
                };
                if is_end {
                    return at - if self.backslashes == 0 { 0 } else { backslashes };
                }
            }
            backslashes = if bytes[at] == b'\\' { backslashes + 1 } else { 0 };
        }
        bytes.len()
    }

    /// The same in an attribute, where a backslash is a character like any other.
    pub fn closing_attribute(&self, bytes: &[u8]) -> usize {
        if self.backslashes > 0 {
            return self.closing(bytes);
        }
        let is_end = |at: &usize| bytes[*at..].starts_with(self.mark);
        (self.after..bytes.len()).find(is_end).unwrap_or(bytes.len())
    }
}
