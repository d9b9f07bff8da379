//! Where the value of a name stands: in a query, a form, JSON, XML, a part of a multipart body, or a line like a header's.
//! `at..end` is the name.

use std::ops::Range;

/// Bytes in which a tag ends.
const TAG_BYTES_MAX: usize = 2_048;
/// Bytes before a part's name in which its kind stands.
const DISPOSITION_BYTES_MAX: usize = 64;

/// Bytes of names. A percent sign may encode one; dots and hyphens join their words.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'%' | b'$')
}

/// The value of a name.
pub(super) fn value(bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    if let Some(content) = element(bytes, at, end, false) {
        return Some(content);
    }
    // `user[password]=`
    let mut next = end + usize::from(bytes.get(end) == Some(&b']'));
    let quoted = quote(bytes, next);
    next = quoted.as_ref().map_or(next, |quote| quote.after);
    next = skip(bytes, next, b" \t");
    let separator = match bytes.get(next..)? {
        [b'=', b'>', ..] => 2,
        [b'=' | b':', ..] => 1,
        [b'%', b'3', b'D' | b'd', ..] => 3,
        _ => return None,
    };
    let is_line = bytes[next] == b':' && quoted.is_none();
    next = skip(bytes, next + separator, if is_line { b" \t" } else { b" \t\r\n" });
    if let Some(open) = quote(bytes, next) {
        return Some(open.after..closing(bytes, &open));
    }
    let ends: &[u8] = match bytes.get(next)? {
        b'{' | b'[' if !is_line => return Some(next..balanced(bytes, next)),
        _ if is_line => b"\r\n",
        _ if quoted.is_some() => b",}] \t\r\n&\"'<>",
        _ => b"&; \t\r\n\"'<>",
    };
    let length = bytes[next..].iter().take_while(|byte| !ends.contains(byte)).count();
    Some(next..next + length)
}

/// The content of an element that the name begins; `whole`: with the elements in it, else up to the next tag.
pub(super) fn element(bytes: &[u8], at: usize, end: usize, whole: bool) -> Option<Range<usize>> {
    let before = bytes.get(..at)?;
    let prefix = match before.last()? {
        b':' => 1 + before[..at - 1].iter().rev().take_while(|byte| is_name(**byte)).count(),
        _ => 0,
    };
    if bytes.get((at - prefix).checked_sub(1)?) != Some(&b'<') {
        return None;
    }
    let tag = &bytes[end..bytes.len().min(end + TAG_BYTES_MAX)];
    let length = tag.iter().position(|byte| matches!(byte, b'>' | b'<'))?;
    if tag[length] == b'<' || tag[..length].ends_with(b"/") {
        return None;
    }
    let start = end + length + 1;
    let rest = &bytes[start..];
    let length = if whole {
        let close = [b"</", &bytes[at - prefix..end]].concat();
        find(rest, &close)
    } else if rest.starts_with(b"<![CDATA[") {
        find(rest, b"]]>").map(|at| at + 3)
    } else {
        rest.iter().position(|byte| *byte == b'<')
    };
    Some(start..start + length.unwrap_or(rest.len()))
}

/// The content of a part of a form that is sent as multipart and has a secret's name: the word is `name`.
pub(super) fn form_part(
    text: &str,
    at: usize,
    end: usize,
    is_secret: impl Fn(&str) -> bool,
) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = &bytes[at.saturating_sub(DISPOSITION_BYTES_MAX)..at];
    if &bytes[at..end] != b"name" || find(before, b"form-data").is_none() {
        return None;
    }
    let open = quote(bytes, end + usize::from(bytes.get(end) == Some(&b'=')))?;
    let close = closing(bytes, &open);
    if !is_secret(text.get(open.after..close)?) {
        return None;
    }
    let head = &bytes[close..];
    let (blank, length) = [&b"\r\n\r\n"[..], b"\n\n"]
        .iter()
        .filter_map(|blank| Some((find(head, blank)?, blank.len())))
        .min()?;
    let start = close + blank + length;
    let length = [&b"\r\n--"[..], b"\n--"].iter().filter_map(|end| find(&bytes[start..], end)).min();
    Some(start..length.map_or(bytes.len(), |length| start + length))
}

/// A quotation mark, which may be escaped: JSON within JSON.
struct Quote {
    mark: u8,
    backslashes: usize,
    after: usize,
}

fn quote(bytes: &[u8], at: usize) -> Option<Quote> {
    let backslashes = bytes.get(at..)?.iter().take_while(|byte| **byte == b'\\').count();
    let mark = *bytes.get(at + backslashes)?;
    matches!(mark, b'"' | b'\'').then_some(Quote { mark, backslashes, after: at + backslashes + 1 })
}

/// Where a quoted text ends: at a mark that is not escaped deeper than the first.
fn closing(bytes: &[u8], open: &Quote) -> usize {
    let mut backslashes = 0;
    for (at, byte) in bytes.iter().enumerate().skip(open.after) {
        if *byte == open.mark {
            let is_end =
                if open.backslashes == 0 { backslashes % 2 == 0 } else { backslashes <= open.backslashes };
            if is_end {
                return at - if open.backslashes == 0 { 0 } else { backslashes };
            }
        }
        backslashes = if *byte == b'\\' { backslashes + 1 } else { 0 };
    }
    bytes.len()
}

/// Where an object or array ends.
fn balanced(bytes: &[u8], at: usize) -> usize {
    let (mut depth, mut next) = (0_usize, at);
    while let Some(byte) = bytes.get(next) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return next + 1;
                }
            }
            b'"' => {
                next = closing(bytes, &Quote { mark: b'"', backslashes: 0, after: next + 1 });
            }
            _ => {}
        }
        next += 1;
    }
    bytes.len()
}

fn skip(bytes: &[u8], at: usize, blanks: &[u8]) -> usize {
    at + bytes.get(at..).map_or(0, |rest| rest.iter().take_while(|byte| blanks.contains(byte)).count())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
