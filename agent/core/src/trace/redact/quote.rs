//! Quotation marks, however they are written: in JSON within JSON, in an attribute of HTML, in a script's text.

/// As they stand, and as references in HTML.
const MARKS: [&[u8]; 10] =
    [b"\"", b"'", b"&quot;", b"&#34;", b"&#x22;", b"&apos;", b"&#39;", b"&#039;", b"&#x27;", b"&amp;quot;"];
/// After a backslash.
const ESCAPED: [&[u8]; 4] = [b"u0022", b"u0027", b"x22", b"x27"];

/// What may stand before a literal, as languages have it: `N'abc'`, `@"abc"`.
const PREFIXES: &[u8] = b"NnUuBbRrFf@$";
const PREFIX_BYTES_MAX: usize = 2;
/// Remarks before it, and bytes of each.
const REMARKS_MAX: usize = 4;
const REMARK_BYTES_MAX: usize = 256;
const NO_BREAK_SPACE: &[u8] = "\u{a0}".as_bytes();

/// Where the quotation mark of a literal stands, after remarks, blanks and its prefix. If none does: where a value is.
pub(super) fn literal(bytes: &[u8], at: usize) -> usize {
    let mut next = at;
    for _ in 0..REMARKS_MAX {
        next = gap(bytes, next);
        let remark = &bytes[next..bytes.len().min(next + REMARK_BYTES_MAX)];
        let end = remark.starts_with(b"/*").then(|| remark[2..].windows(2).position(|two| two == b"*/"));
        let Some(length) = end.flatten() else { break };
        next += length + 4;
    }
    next = gap(bytes, next);
    for length in 1..=PREFIX_BYTES_MAX {
        if !bytes.get(next + length - 1).is_some_and(|byte| PREFIXES.contains(byte)) {
            break;
        }
        if Quote::at(bytes, next + length).is_some() {
            return next + length;
        }
    }
    next
}

fn gap(bytes: &[u8], at: usize) -> usize {
    let mut next = at;
    while let Some(rest) = bytes.get(next..) {
        match rest.first() {
            Some(b' ' | b'\t' | b'\r' | b'\n') => next += 1,
            _ if rest.starts_with(NO_BREAK_SPACE) => next += NO_BREAK_SPACE.len(),
            _ => break,
        }
    }
    next
}

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
        // Most bytes begin none.
        rest.first().filter(|first| matches!(first, b'"' | b'\'' | b'&' | b'u' | b'x'))?;
        let escaped: &[&[u8]] = if backslashes > 0 { &ESCAPED } else { &[] };
        let mark = MARKS.iter().chain(escaped).find(|mark| rest.starts_with(mark))?;
        Some(Self { mark, backslashes, after: at + backslashes + mark.len() })
    }

    /// A plain one before a text.
    pub fn before(after: usize) -> Self {
        Self { mark: b"\"", backslashes: 0, after }
    }

    /// The same of single ones.
    pub fn single(after: usize) -> Self {
        Self { mark: b"'", backslashes: 0, after }
    }

    /// Whether both are written alike.
    pub fn is_like(&self, other: &Self) -> bool {
        self.mark == other.mark && self.backslashes == other.backslashes
    }

    /// Where the text ends: at a mark that is not escaped deeper than the first.
    pub fn closing(&self, bytes: &[u8]) -> usize {
        let mut backslashes = 0;
        for at in self.after..bytes.len() {
            if bytes[at] == self.mark[0] && bytes[at..].starts_with(self.mark) {
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
        let is_end = |at: &usize| bytes[*at] == self.mark[0] && bytes[*at..].starts_with(self.mark);
        (self.after..bytes.len()).find(is_end).unwrap_or(bytes.len())
    }
}
