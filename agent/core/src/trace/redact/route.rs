//! Secrets in paths, after a part that names them: `/api/token/a1b2c3`, `/reset-password/a1b2c3`, `\/session\/a1b2c3`.

use super::likely::{has_run, is_likely};
use super::names::{Names, plain};
use super::scan::until;
use super::weak::Kind;
use std::ops::Range;

/// Parts before which other names stand than secrets, and such as are names of other things, too: what follows must be long.
const SPACES: [&str; 8] =
    ["auth", "authentication", "authorization", "bearer", "cookie", "cookies", "credentials", "signature"];
const OTHERS: [&str; 9] = [
    "activate",
    "activation",
    "confirm",
    "confirmation",
    "invite",
    "magiclink",
    "passwordreset",
    "unsubscribe",
    "verify",
];
const LONG_BYTES_MIN: usize = 16;
const ENDS: &[u8] = b"/?#&\"'<> \t\r\n,;)]}\\`";

/// What follows the part `at..end` of a path.
pub(super) fn route(text: &str, at: usize, end: usize, names: &Names) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    if !bytes[..at].ends_with(b"/") {
        return None;
    }
    let start = match &bytes[end..] {
        [b'/', ..] => end + 1,
        [b'\\', b'/', ..] => end + 2,
        _ => return None,
    };
    let mut to = until(bytes, start, ENDS);
    while to > start && bytes[to - 1] == b'.' {
        to -= 1;
    }
    let value = &bytes[start..to];
    if !is_likely(value) {
        return None;
    }
    let name = plain(&text[at..end]);
    let is_name = names.kind(&text[at..end]) == Kind::Secret && !SPACES.contains(&name.as_str());
    let is_other = || SPACES.contains(&name.as_str()) || OTHERS.contains(&name.as_str());
    (is_name || is_other() && has_run(value, LONG_BYTES_MIN)).then_some(start..to)
}
