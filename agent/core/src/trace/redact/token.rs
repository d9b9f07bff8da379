//! Tokens of well-known services, which tell by how they begin: `ghp_…`, `xoxb-…`; and the passwords of Oracle's URLs.

use super::scan::{find, is_name};
use std::ops::{Range, RangeInclusive};

/// How a token begins, what is in it beside letters and digits, and how much.
const KINDS: [(&[&str], &str, usize); 30] = [
    (&["sk_live_", "sk_test_", "rk_live_", "rk_test_", "github_pat_"], "_", 8),
    (&["gho_", "ghp_", "ghs_", "ghu_", "ghr_"], "", 8),
    (&["glpat-"], "_-.", 8),
    (&["xoxa-", "xoxb-", "xoxc-", "xoxe-", "xoxp-", "xoxr-", "xoxs-", "xapp-"], "-", 8),
    (&["xoxd-"], "-%_/+", 8),
    (&["AIza"], "_-", 35),
    (&["sk-proj-", "sk-ant-", "sk-svcacct-", "sk-admin-", "sk-or-v1-"], "_-", 8),
    (&["sk-"], "", 20),
    (&["whsec_"], "_/+=", 8),
    (&["GOCSPX-", "1//0"], "_-", 20),
    (&["hvs.", "hvb.", "hvr."], "_-", 20),
    (&["hf_"], "", 30),
    (&["pypi-AgE"], "_-", 8),
    (&["npm_"], "", 36),
    (&["dop_v1_"], "", 64),
    (&["shpat_"], "", 32),
    (&["ya29."], "_-.", 20),
    (&[GRID], "_-.", 66),
    (&["ek_live_", "ek_test_"], "_", 8),
    (&["shpss_", "shpca_", "shppa_", "key-"], "", 32),
    (&["sq0csp-", "sq0atp-", "sq0idp-"], "_-", 20),
    (&["EAAA"], "_-", 56),
    (&["access_token$production$", "access_token$sandbox$"], "$", 16),
    (&["glptt-", "gldt-", "glrt-", "glcbt-", "glft-", "glsoat-"], "_-.", 20),
    (&["NRAK-", "PMAK-", "AGE-SECRET-KEY-"], "-", 20),
    (&["lin_api_", "rnd_"], "", 20),
    (&["sntrys_", "sntryu_"], "_/+=", 20),
    (&["ATATT3x"], "_-=", 20),
    (&["gsk_", "r8_"], "", 30),
    (&["figd_", "dckr_pat_", "tfp_"], "_-", 20),
];
/// Its first part has a length of its own.
const GRID: &str = "SG.";
const GRID_BYTES: usize = 22;
/// Keys of Amazon's have capital letters alone.
const AMAZON: [&str; 2] = ["AKIA", "ASIA"];
const AMAZON_BYTES: usize = 16;
/// Those of Stripe's that have a secret after what they are of, and bytes of that.
const CLIENTS: [&str; 4] = ["seti_", "pi_", "cs_", "src_"];
const CLIENT: &[u8] = b"_secret_";
const CLIENT_BYTES_MAX: usize = 64;
/// How one of the web begins, and bytes of its first parts.
const WEB: &[u8] = b"eyJ";
const WEB_PART_BYTES_MIN: usize = 8;
/// Bytes of a token that is cut.
const CUT_BYTES_MIN: usize = 8;
const HOOK: &str = "hooks.slack.com";
const HOOK_PART: &[u8] = b"services";
const SLASHES: [&[u8]; 4] = [b"/", b"\\/", b"%2F", b"%2f"];
/// Telegram's, in the URL of a bot; and of a web hook of Discord's. Digits before a token, and bytes of one.
const BOT: &str = "/bot";
const BOT_DIGITS: RangeInclusive<usize> = 6..=12;
const BOT_MARKS: [&[u8]; 3] = [b":", b"%3A", b"%3a"];
const DISCORD: &str = "/webhooks/";
const DISCORD_DIGITS: RangeInclusive<usize> = 6..=24;
const TOKEN_BYTES_MIN: usize = 20;
const ORACLE: &str = "jdbc:oracle:thin:";
/// Bytes of a user before a password, which no mark tells from it but the first.
const USER_BYTES_MAX: usize = 128;

/// Those of a text.
pub(super) fn tokens(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let is_first = matches!(
            bytes[at],
            b'1' | b'A' | b'E' | b'G' | b'N' | b'P' | b'S' | b'a' | b'c'..=b'h' | b'k' | b'l' | b'n' | b'p' | b'r'..=b't' | b'w'..=b'y'
        );
        match (is_first && is_beginning(bytes, at)).then(|| token(bytes, at)).flatten() {
            Some(end) => {
                found.push(at..end);
                at = end;
            }
            None => at += 1,
        }
    }
    found.extend(web_tokens(bytes));
    for (word, find) in [(HOOK, hook as fn(&[u8], usize) -> _), (BOT, bot), (DISCORD, discord)] {
        found.extend(after(text, word, find));
    }
    for password in after(text, ORACLE, oracle) {
        match bytes[password.clone()].iter().rposition(|byte| *byte == b'@') {
            Some(host) => found.push(password.start..password.start + host),
            None if password.end == bytes.len() => found.push(password),
            None => {}
        }
    }
    found
}

/// What is found after each of these words, unless it is within what was found before.
fn after(text: &str, word: &str, find: fn(&[u8], usize) -> Option<Range<usize>>) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(length) = text.get(at..).and_then(|rest| rest.find(word)) {
        at += length + word.len();
        if let Some(secret) = find(text.as_bytes(), at) {
            at = secret.end;
            found.push(secret);
        }
    }
    found
}

/// No token begins within a word, but after what is encoded or escaped.
fn is_beginning(bytes: &[u8], at: usize) -> bool {
    match &bytes[..at] {
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => true,
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., before] => !before.is_ascii_alphanumeric(),
        [] => true,
    }
}

/// The secret of what Stripe has a client pay: `seti_abc_secret_def`.
fn client(bytes: &[u8], at: usize) -> Option<usize> {
    let start = CLIENTS.iter().find(|start| bytes[at..].starts_with(start.as_bytes()))?;
    let id = at + start.len();
    let count = |at: usize, most: usize| {
        bytes[at..].iter().take(most).take_while(|byte| byte.is_ascii_alphanumeric()).count()
    };
    let length = count(id, CLIENT_BYTES_MAX + 1);
    let is_one = (CUT_BYTES_MIN..=CLIENT_BYTES_MAX).contains(&length);
    let secret = id + length + CLIENT.len();
    if !is_one || !bytes[id + length..].starts_with(CLIENT) {
        return None;
    }
    let length = count(secret, usize::MAX);
    (length >= CUT_BYTES_MIN).then_some(secret + length)
}

/// Those of the web: three parts in base64, the first of which is JSON; of five the second may be empty.
fn web_tokens(bytes: &[u8]) -> Vec<Range<usize>> {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'-');
    let part = |at: usize| at + bytes[at..].iter().take_while(is_part).count();
    let dotted = |at: usize| (bytes.get(at) == Some(&b'.')).then_some(at + 1);
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(length) = find(&bytes[at..], WEB) {
        let start = at + length;
        at = start + WEB.len();
        if !is_beginning(bytes, start) {
            continue;
        }
        // None is read again from where others might begin in it.
        at = part(at);
        if at - start < WEB_PART_BYTES_MIN || bytes.get(at) != Some(&b'.') {
            continue;
        }
        let second = part(at + 1);
        let is_empty = second == at + 1 && bytes.get(second) == Some(&b'.');
        let last =
            if is_empty { dotted(part(second + 1)).map(part).and_then(dotted) } else { dotted(second) };
        let Some(last) = last.filter(|_| is_empty || second - at > WEB_PART_BYTES_MIN) else { continue };
        at = last + bytes[last..].iter().take_while(|byte| **byte == b'.' || is_part(byte)).count();
        found.push(start..at);
    }
    found
}

/// Where the token ends that begins there.
fn token(bytes: &[u8], at: usize) -> Option<usize> {
    if let Some(end) = client(bytes, at) {
        return Some(end);
    }
    let rest = &bytes[at..];
    let is_start = |start: &&'static str| {
        let start = start.as_bytes();
        start.first() == rest.first() && rest.starts_with(start)
    };
    let begins = |starts: &[&'static str]| starts.iter().copied().find(is_start);
    let whole = |start: &str, count: usize, count_min: usize| {
        let end = at + start.len() + count;
        let is_cut = end == bytes.len() && count >= CUT_BYTES_MIN;
        (count >= count_min || is_cut).then_some(end)
    };
    if let Some(start) = begins(&AMAZON) {
        let is_part = |byte: &&u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        return whole(start, rest[start.len()..].iter().take_while(is_part).count(), AMAZON_BYTES);
    }
    let (start, marks, count_min) =
        KINDS.iter().find_map(|(starts, marks, count)| Some((begins(starts)?, marks.as_bytes(), *count)))?;
    let part = &rest[start.len()..];
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || marks.contains(byte);
    // Its first part first: others may follow that are read as often as they begin like one.
    let is_grid = || {
        let first =
            part.iter().take(GRID_BYTES + 1).take_while(|byte| **byte != b'.' && is_part(byte)).count();
        first == GRID_BYTES && part.get(first) == Some(&b'.')
    };
    if start == GRID && !is_grid() {
        return None;
    }
    whole(start, part.iter().take_while(is_part).count(), count_min)
}

/// What tells where a web hook of Slack's posts to.
fn hook(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let slash =
        |at: usize| SLASHES.iter().find(|slash| bytes[at..].starts_with(slash)).map(|slash| slash.len());
    let part = at + slash(at)?;
    let end = part + HOOK_PART.len();
    if !bytes[part..].starts_with(HOOK_PART) {
        return None;
    }
    let start = end + slash(end)?;
    let mut to = start;
    while let Some(byte) = bytes.get(to) {
        to += match slash(to) {
            Some(length) => length,
            None if byte.is_ascii_alphanumeric() => 1,
            None => break,
        };
    }
    Some(start..to)
}

fn bot(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    numbered(bytes, at, &BOT_DIGITS, &BOT_MARKS)
}

fn discord(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    numbered(bytes, at, &DISCORD_DIGITS, &[b"/"])
}

/// The token after a number and a mark.
fn numbered(bytes: &[u8], at: usize, count: &RangeInclusive<usize>, marks: &[&[u8]]) -> Option<Range<usize>> {
    let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mark = marks.iter().find(|mark| bytes[at + digits..].starts_with(mark))?;
    let start = at + digits + mark.len();
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'-');
    let length = bytes[start..].iter().take_while(is_part).count();
    (count.contains(&digits) && length >= TOKEN_BYTES_MIN).then_some(start..start + length)
}

/// What stands after a user, with the host.
fn oracle(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let is_user = |byte: &&u8| is_name(**byte) || **byte == b'#';
    let user = bytes[at..].iter().take_while(is_user).count();
    if !(1..=USER_BYTES_MAX).contains(&user) || bytes.get(at + user) != Some(&b'/') {
        return None;
    }
    let start = at + user + 1;
    let end = start + bytes[start..].iter().take_while(|byte| !b" \t\r\n\"'<>\\".contains(byte)).count();
    Some(start..end)
}
